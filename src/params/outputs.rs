//! Where the answers go beside the editor: kept with the project, no part of the sound.

mod midi;
mod readings;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
};

use nice_plug::params::persist::PersistentField;
use serde::{Deserialize, Serialize};

use super::saving::saving_thread;
use crate::{engine::ForkSafeMutex, thread::MayBlock};
use midi::LearnWish;

pub use midi::{HeadlineMidi, LAST_CONTROLLER, MIDI_CHANNELS, MidiSettings};
pub use readings::{AFFECT_RANGE, NewestReadings, OUTPUT_TAGS, OutputTag, READINGS, Reading};

/// The most characters of an address or a name that are kept.
const LONGEST_TEXT: usize = 64;

/// What goes out, and where to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OutputSettings {
    /// Whether each answer is sent by OSC.
    pub osc: bool,
    /// Where to, as it was typed: see [`OutputSettings::receiver`].
    pub address: String,
    /// What receivers tell this instance by; may be empty.
    pub name: String,
    /// Whether each answer is appended to the session's log.
    pub log: bool,
    /// The tags that MIDI, the host's output parameters and the closed loop know by their number.
    pub tags: [Option<OutputTag>; OUTPUT_TAGS],
    /// What goes out as MIDI.
    pub midi: MidiSettings,
}

impl Default for OutputSettings {
    fn default() -> Self {
        Self {
            osc: false,
            address: "127.0.0.1:9000".to_owned(),
            name: String::new(),
            log: false,
            tags: Default::default(),
            midi: MidiSettings::default(),
        }
    }
}

impl OutputSettings {
    /// Where OSC is sent to: a number and a port, `127.0.0.1:9000`, or `localhost:9000`. A name would have to be looked up, which can
    /// take seconds; `None` for that and whatever else isn't one.
    pub fn receiver(&self) -> Option<SocketAddr> {
        let text = self.address.trim();
        if let Some(port) = text.strip_prefix("localhost:") {
            return Some((Ipv4Addr::LOCALHOST, port.parse().ok()?).into());
        }
        text.parse()
            .ok()
            .filter(|address: &SocketAddr| address.port() > 0)
    }

    /// The nearest that makes sense.
    fn sound(mut self) -> Self {
        let texts = [&mut self.address, &mut self.name].into_iter();
        let tags = self.tags.iter_mut().flatten();
        for text in texts.chain(tags.map(|tag| &mut tag.name)) {
            if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
                text.truncate(end);
            }
        }
        self.midi = self.midi.sound();
        self
    }
}

/// The present [`OutputSettings`]. The editor, the main thread and Listen's thread share it; what takes a thread's marker locks.
#[derive(Debug, Default)]
pub struct OutputChoice {
    settings: ForkSafeMutex<OutputSettings>,
    /// Counts the changes.
    changes: AtomicU32,
    /// Counts those of the chosen tags.
    tag_changes: AtomicU32,
    /// Whether MIDI is on.
    midi: AtomicBool,
    /// A controller that is to be sent now.
    pub learn: LearnWish,
}

impl OutputChoice {
    /// A copy of the settings.
    pub fn get(&self, _: &impl MayBlock) -> OutputSettings {
        self.settings.lock().clone()
    }

    /// Chooses others. Takes effect with the next answer.
    pub fn choose(&self, settings: OutputSettings, _: &impl MayBlock) {
        let settings = settings.sound();
        self.midi.store(settings.midi.on, Ordering::Release);
        let are_others = {
            let mut present = self.settings.lock();
            let are_others = present.tags != settings.tags;
            *present = settings;
            are_others
        };
        if are_others {
            self.tag_changes.fetch_add(1, Ordering::Release);
        }
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// Whether anything goes out as MIDI. Wait-free.
    pub fn sends_midi(&self) -> bool {
        self.midi.load(Ordering::Acquire)
    }

    /// How often they have changed. Wait-free.
    pub fn changes(&self) -> u32 {
        self.changes.load(Ordering::Acquire)
    }

    /// How often other tags were chosen, by which the texts of what a host reads have changed. Wait-free.
    pub fn tag_changes(&self) -> u32 {
        self.tag_changes.load(Ordering::Acquire)
    }
}

impl PersistentField<'_, OutputSettings> for OutputChoice {
    fn set(&self, settings: OutputSettings) {
        self.choose(settings, &saving_thread());
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&OutputSettings) -> R,
    {
        f(&self.get(&saving_thread()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_number_and_a_port() {
        let receiver = |address: &str| {
            let settings = OutputSettings {
                address: address.to_owned(),
                ..OutputSettings::default()
            };
            settings.receiver().map(|address| address.to_string())
        };
        for (text, address) in [
            ("127.0.0.1:9000", "127.0.0.1:9000"),
            (" localhost:57120 ", "127.0.0.1:57120"),
            ("[::1]:9000", "[::1]:9000"),
        ] {
            assert_eq!(receiver(text).as_deref(), Some(address));
        }
        for text in [
            "",
            "127.0.0.1",
            "9000",
            "studio.local:9000",
            "127.0.0.1:0",
            "127.0.0.1:99999",
        ] {
            assert_eq!(receiver(text), None, "{text}");
        }
    }

    #[test]
    fn what_a_project_says_at_length_is_cut_between_letters() {
        let choice = OutputChoice::default();
        choice.set(OutputSettings {
            name: "é".repeat(1_000),
            ..OutputSettings::default()
        });
        assert_eq!(
            choice.map(|settings| settings.name.chars().count()),
            LONGEST_TEXT
        );
        assert_eq!((choice.changes(), choice.tag_changes()), (1, 0));
    }
}
