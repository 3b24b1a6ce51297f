//! The frames of a native flac, and those that are missing: the decoding library passes over what has a wrong checksum.

use symphonia::core::{packet::Packet, units::Timestamp};

/// Follows the frames of a stream.
#[derive(Default)]
pub(super) struct FlacFrames {
    bytes: u64,
    /// Where the next one should begin, in frames of sound.
    next: Option<Timestamp>,
    is_behind_gap: bool,
}

impl FlacFrames {
    /// The next one has come.
    pub fn add(&mut self, packet: &Packet) {
        self.bytes += packet.data.len() as u64;
        self.is_behind_gap = self.next.is_some_and(|next| packet.pts > next);
        self.next = packet.pts.checked_add(packet.dur);
    }

    /// How many bytes have come.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether there should be another one in front of the newest.
    pub fn is_behind_gap(&self) -> bool {
        self.is_behind_gap
    }
}
