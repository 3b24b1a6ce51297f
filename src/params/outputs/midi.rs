//! What of the answers goes out as MIDI: kept with the project, no part of the sound.

use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};

use super::readings::READINGS;

/// The highest controller that is one: those above are channel mode messages.
pub const LAST_CONTROLLER: u8 = 119;

/// Channels, as users count them.
pub const MIDI_CHANNELS: std::ops::RangeInclusive<u8> = 1..=16;

/// The controller that carries the first reading to begin with, and so on: the first that MIDI leaves to anybody.
const FIRST_CONTROLLER: u8 = 20;

/// What of the answers goes out as MIDI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MidiSettings {
    /// Whether anything does.
    pub on: bool,
    /// The channel of all controllers, 1 to 16.
    pub channel: u8,
    /// The controller that carries each reading, 0 to [`LAST_CONTROLLER`]; `None` carries it nowhere.
    pub controllers: [Option<u8>; READINGS],
    /// What a change of a large word is told by.
    pub headlines: HeadlineMidi,
    /// The channel that genres are told on, 1 to 16; instruments and moods have the two that follow, and 1 follows 16.
    pub headline_channel: u8,
}

/// What a change of a large word is told by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HeadlineMidi {
    /// It is not.
    #[default]
    Off,
    /// A note whose key is the word's.
    Notes,
    /// A program change whose program is the word's.
    Programs,
}

impl HeadlineMidi {
    /// All of them, and what users know them by.
    pub const ALL: [(Self, &str); 3] = [
        (Self::Off, "Off"),
        (Self::Notes, "Notes"),
        (Self::Programs, "Program changes"),
    ];
}

impl Default for MidiSettings {
    fn default() -> Self {
        Self {
            on: false,
            channel: 1,
            controllers: std::array::from_fn(|index| Some(FIRST_CONTROLLER + index as u8)),
            headlines: HeadlineMidi::Off,
            headline_channel: 14,
        }
    }
}

impl MidiSettings {
    /// The nearest that there is.
    pub(super) fn sound(mut self) -> Self {
        let (first, last) = MIDI_CHANNELS.into_inner();
        for channel in [&mut self.channel, &mut self.headline_channel] {
            *channel = (*channel).clamp(first, last);
        }
        for controller in self.controllers.iter_mut().flatten() {
            *controller = (*controller).min(LAST_CONTROLLER);
        }
        self
    }
}

/// A controller that is to be sent now, so that a host or synthesizer that learns catches it. The editor leaves the wish, the audio
/// thread fulfils it; wait-free for both. A wish that comes while another waits takes its place.
#[derive(Debug, Default)]
pub struct LearnWish(AtomicU32);

impl LearnWish {
    /// Wishes for a controller of a channel, 1 to 16.
    pub fn ask(&self, channel: u8, controller: u8) {
        let wish = u32::from(channel) << 8 | u32::from(controller);
        self.0.store(wish, Ordering::Release);
    }

    /// Channel, 1 to 16, and controller that are wished for, once.
    pub fn take(&self) -> Option<(u8, u8)> {
        if self.0.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let [_, _, channel, controller] = self.0.swap(0, Ordering::Acquire).to_be_bytes();
        (channel > 0).then_some((channel, controller))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_may_name_any_number_and_gets_the_nearest_that_there_is() {
        let text = r#"{"on": true, "channel": 99, "headline_channel": 0,
            "controllers": [200, 7, null, 1, 2, 3, 4, 5, 6, 8]}"#;
        let settings: MidiSettings = serde_json::from_str(text).unwrap();
        let settings = settings.sound();
        assert_eq!((settings.channel, settings.headline_channel), (16, 1));
        assert_eq!(settings.controllers[..3], [Some(119), Some(7), None]);
        assert_eq!(settings.headlines, HeadlineMidi::Off);
    }

    #[test]
    fn a_wish_is_fulfilled_once() {
        let wish = LearnWish::default();
        assert_eq!(wish.take(), None);
        wish.ask(16, 0);
        assert_eq!(wish.take(), Some((16, 0)));
        assert_eq!(wish.take(), None);
    }
}
