//! Answers as bundles of Open Sound Control 1.0; `docs/osc.md` has the addresses, which are permanent.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    time::{SystemTime, UNIX_EPOCH},
};

use rosc::{OscBundle, OscMessage, OscPacket, OscTime, OscType, encoder};

use crate::{
    model::{Affect, TagInfo, TagKind},
    params::ViewSettings,
    telemetry::{Readout, SongPosition},
};

/// How many tags of each kind are sent, the likeliest first.
pub const TOP_TAGS: usize = 5;

/// Sends one instance's answers.
pub(super) struct OscSender {
    socket: UdpSocket,
    to: SocketAddr,
    name: String,
    /// What all addresses begin with.
    prefix: String,
}

impl OscSender {
    /// Sends to an address. It never waits: what the system can't take at once is lost, as anything may be by UDP.
    ///
    /// # Errors
    /// When the system gives no socket.
    pub fn new(to: SocketAddr, name: &str) -> io::Result<Self> {
        let any: SocketAddr = match to {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any)?;
        socket.set_nonblocking(true)?;
        if to.is_ipv4() {
            socket.set_broadcast(true)?;
        }
        let name = name.trim();
        let prefix = match name {
            "" => "/moodring".to_owned(),
            name => format!("/moodring/{}", address_part(name)),
        };
        Ok(Self {
            socket,
            to,
            name: name.to_owned(),
            prefix,
        })
    }

    /// Sends an answer as one bundle. Nobody need be there to receive it.
    pub fn send(&self, readout: &Readout, tags: &[TagInfo], view: &ViewSettings) {
        let packet = OscPacket::Bundle(OscBundle {
            timetag: now(),
            content: self.messages(readout, tags, view),
        });
        if let Ok(bytes) = encoder::encode(&packet) {
            // Not even an error that is told, such as that nobody listens, is worth a word twice a second.
            let _ = self.socket.send_to(&bytes, self.to);
        }
    }

    fn messages(&self, readout: &Readout, tags: &[TagInfo], view: &ViewSettings) -> Vec<OscPacket> {
        let mut messages = Messages {
            prefix: &self.prefix,
            packets: Vec::new(),
        };
        messages.add("instance", [text(&self.name)]);
        messages.add("state", [text(readout.state.id())]);
        messages.add("seconds", [number(readout.seconds as f32)]);
        if let Some(Affect { valence, arousal }) = readout.affect {
            messages.add("valence", [number(valence)]);
            messages.add("arousal", [number(arousal)]);
        }
        for kind in TagKind::ALL {
            messages.add_kind(kind, readout, tags);
        }
        let name = |tag: Option<usize>| {
            let tag = tag.and_then(|tag| tags.get(tag));
            text(tag.map_or("", |tag| &tag.name))
        };
        for kind in TagKind::COLUMNS {
            let headline = readout.headlines.get(kind);
            let average = headline.and_then(|tag| readout.average.get(tag).copied());
            let place = format!("headline/{}", kind.id());
            messages.add(&place, [name(headline), number(average.unwrap_or(0.0))]);
        }
        for change in &readout.headline_changes {
            let place = format!("change/{}", change.kind.id());
            messages.add(&place, [name(change.to), name(change.from)]);
        }
        for (tag, average) in tags.iter().zip(&readout.average) {
            if view.is_pinned(tag) {
                let place = format!("tag/{}/{}", tag.kind.id(), address_part(&tag.name));
                messages.add(&place, [number(*average)]);
            }
        }
        if let Some(song) = readout.song {
            messages.add_song(song);
        }
        messages.packets
    }
}

/// A bundle in the making.
struct Messages<'a> {
    prefix: &'a str,
    packets: Vec<OscPacket>,
}

impl Messages<'_> {
    fn add(&mut self, place: &str, args: impl Into<Vec<OscType>>) {
        self.packets.push(OscPacket::Message(OscMessage {
            addr: format!("{}/{place}", self.prefix),
            args: args.into(),
        }));
    }

    /// The likeliest tags of a kind.
    fn add_kind(&mut self, kind: TagKind, readout: &Readout, tags: &[TagInfo]) {
        let values = tags.iter().zip(&readout.average);
        let mut best: Vec<_> = values.filter(|(tag, _)| tag.kind == kind).collect();
        best.sort_by(|one, other| other.1.total_cmp(one.1));
        for (place, (tag, average)) in best.into_iter().take(TOP_TAGS).enumerate() {
            let place = format!("top/{}/{}", kind.id(), place + 1);
            self.add(&place, [text(&tag.name), number(*average)]);
        }
    }

    fn add_song(&mut self, song: SongPosition) {
        self.add("song/seconds", [number(song.seconds as f32)]);
        if let Some(beats) = song.beats {
            self.add("song/beats", [number(beats as f32)]);
        }
        if let Some(tempo) = song.tempo {
            self.add("song/tempo", [number(tempo as f32)]);
        }
        self.add("song/playing", [OscType::Int(i32::from(song.playing))]);
    }
}

fn text(text: &str) -> OscType {
    OscType::String(text.to_owned())
}

/// Receivers know nothing of numbers that are none.
fn number(value: f32) -> OscType {
    OscType::Float(if value.is_finite() { value } else { 0.0 })
}

/// A name as a part of an address, where some characters mean something: those become `_`.
fn address_part(name: &str) -> String {
    let sound = |letter: char| letter.is_ascii_graphic() && !"#*,/?[]{}".contains(letter);
    name.chars()
        .map(|letter| if sound(letter) { letter } else { '_' })
        .collect()
}

fn now() -> OscTime {
    let now = SystemTime::now();
    // "Immediately", as the standard calls it, where the clock stands before 1970.
    OscTime::try_from(now.max(UNIX_EPOCH)).unwrap_or(OscTime {
        seconds: 0,
        fractional: 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_an_address_is_no_part_of_a_name() {
        assert_eq!(address_part("hip hop"), "hip_hop");
        assert_eq!(address_part("drum & bass/[x]*"), "drum_&_bass__x__");
        assert_eq!(address_part("Café"), "Caf_");
    }
}
