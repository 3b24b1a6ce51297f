//! Opus, which the decoding library knows how to find in a file but not how to decode.

use ruopus::{
    MultistreamDecoder, OpusDecoder, PacketError,
    ogg::{ChannelMapping, OpusHead},
};
use symphonia::core::{errors::Error, packet::Packet};

/// What Opus is decoded to, in Hz, whatever was encoded.
pub(super) const RATE: u32 = 48_000;

/// Decodes the packets of a stream.
pub(super) struct Opus {
    streams: Streams,
    channels: usize,
    /// What the header says that the decoder's output is to be multiplied by.
    gain: f32,
    /// Frames still to be dropped: what the encoder has added in front, which the library doesn't trim.
    skip: usize,
}

enum Streams {
    One(Box<OpusDecoder>),
    Several(Box<MultistreamDecoder>),
}

impl Opus {
    /// For a stream with that identification header (RFC 7845, section 5.1).
    ///
    /// # Errors
    /// When it is damaged or of a later version.
    pub fn new(header: &[u8]) -> Result<Self, Error> {
        let head = OpusHead::parse(header)
            .map_err(|_| Error::Unsupported("an Opus header of another version, or damaged"))?;
        let channels = usize::from(head.channel_count);
        let streams = match &head.channel_mapping {
            ChannelMapping::Family0 => Streams::One(Box::new(OpusDecoder::new(channels))),
            ChannelMapping::Table {
                stream_count,
                coupled_count,
                mapping,
                ..
            } => Streams::Several(Box::new(MultistreamDecoder::with_rate(
                RATE,
                usize::from(*stream_count),
                usize::from(*coupled_count),
                mapping,
            ))),
        };
        Ok(Self {
            streams,
            channels,
            skip: usize::from(head.pre_skip),
            gain: 10_f32.powf(f32::from(head.output_gain_q8) / 256.0 / 20.0),
        })
    }

    /// For a track of an MP4, which has the same header in the other byte order ("Encapsulation of Opus in ISO Base Media File Format",
    /// section 4.3.2). Where the track has an edit, that says what is cut off in front, the encoder's addition included.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn in_mp4(header: &[u8], has_edit: bool) -> Result<Self, Error> {
        let mut header = header.to_vec();
        // What is to be skipped, the rate, the gain.
        for place in [10..12, 12..16, 16..18] {
            if let Some(number) = header.get_mut(place) {
                number.reverse();
            }
        }
        let mut opus = Self::new(&header)?;
        if has_edit {
            opus.skip = 0;
        }
        Ok(opus)
    }

    /// Decodes a packet into `block`, indexed by `[channel_idx][frame_idx]`.
    ///
    /// # Errors
    /// When the packet is damaged.
    pub fn decode(&mut self, packet: &Packet, block: &mut Vec<Vec<f32>>) -> Result<(), Error> {
        let damaged = |_: PacketError| Error::DecodeError("opus: a damaged packet");
        let interleaved = match &mut self.streams {
            Streams::One(decoder) => decoder.decode_packet(&packet.data),
            Streams::Several(decoder) => decoder.decode_packet(&packet.data),
        }
        .map_err(damaged)?;
        let frames = interleaved.len() / self.channels;
        let trimmed = |duration: u64| usize::try_from(duration).unwrap_or(usize::MAX);
        let end = frames.saturating_sub(trimmed(packet.trim_end.get()));
        let start = self.skip.min(end);
        self.skip -= start;
        block.resize_with(self.channels, Vec::new);
        for (index, channel) in block.iter_mut().enumerate() {
            channel.clear();
            let samples = interleaved.iter().skip(index).step_by(self.channels);
            let kept = samples.take(end).skip(start);
            channel.extend(kept.map(|sample| sample * self.gain));
        }
        Ok(())
    }
}
