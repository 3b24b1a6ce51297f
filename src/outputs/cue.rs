//! An answer as the audio thread uses it: what steers and what the host reads as numbers, and what goes out as MIDI.

use crate::{
    model::{TagInfo, TagKind},
    params::{AFFECT_RANGE, HeadlineMidi, MIDI_CHANNELS, OutputSettings, READINGS, Reading},
    telemetry::{HeadlineChange, Readout},
};

/// The most messages of one answer: a controller for each reading, and each kind's large word.
pub const MOST_MESSAGES: usize = READINGS + TagKind::COLUMNS.len();

/// The key of the first tag of each kind.
const FIRST_KEY: u8 = 36;

/// The highest of MIDI's values.
const HIGHEST: f32 = 127.0;

/// One answer, on its way to the audio thread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cue {
    /// Counts the resets: what belongs to an earlier one is stale.
    pub generation: u32,
    /// End of the sound that it describes, in frames since the reset, at the host's rate.
    pub position: u64,
    /// What is heard, in the order of [`Reading::all`]; `None` for what isn't known.
    pub readings: [Option<f32>; READINGS],
    /// What goes out, unless it has gone out already.
    pub messages: [Option<MidiMessage>; MOST_MESSAGES],
}

/// A message of MIDI 1.0. Channels are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MidiMessage {
    /// A control change.
    Control {
        /// 0 to 15.
        channel: u8,
        /// 0 to 119.
        controller: u8,
        /// 0 to 127.
        value: u8,
    },
    /// A key is struck.
    NoteOn {
        /// 0 to 15.
        channel: u8,
        /// 0 to 127.
        key: u8,
        /// 1 to 127.
        velocity: u8,
    },
    /// A key is let go.
    NoteOff {
        /// 0 to 15.
        channel: u8,
        /// 0 to 127.
        key: u8,
    },
    /// A program change.
    Program {
        /// 0 to 15.
        channel: u8,
        /// 0 to 127.
        program: u8,
    },
}

impl Cue {
    /// What comes before any answer.
    pub fn blank() -> Self {
        Self {
            generation: 0,
            position: 0,
            readings: [None; READINGS],
            messages: [None; MOST_MESSAGES],
        }
    }

    /// The cue that an answer is, at its place in the stream. `tags` are the tagger's.
    pub fn of(
        readout: &Readout,
        tags: &[TagInfo],
        settings: &OutputSettings,
        (generation, position): (u32, u64),
    ) -> Self {
        let readings = readings(readout, tags, settings);
        let mut messages = [None; MOST_MESSAGES];
        if settings.midi.on {
            let controls = controls(&readings, settings);
            let changes = readout.headline_changes.iter();
            let words = changes.map(|change| word(change, readout, tags, settings));
            for (place, message) in messages.iter_mut().zip(controls.chain(words).flatten()) {
                *place = Some(message);
            }
        }
        Self {
            generation,
            position,
            readings,
            messages,
        }
    }
}

fn readings(
    readout: &Readout,
    tags: &[TagInfo],
    settings: &OutputSettings,
) -> [Option<f32>; READINGS] {
    let tag = |chosen: usize| {
        let chosen = settings.tags.get(chosen)?.as_ref()?;
        readout.average.get(chosen.find(tags)?).copied()
    };
    Reading::all().map(|reading| {
        let value = match reading {
            Reading::Valence => readout.affect.map(|affect| affect.valence),
            Reading::Arousal => readout.affect.map(|affect| affect.arousal),
            Reading::Tag(chosen) => tag(chosen),
        };
        value
            .filter(|value| value.is_finite())
            .map(|value| value.clamp(-AFFECT_RANGE, AFFECT_RANGE))
    })
}

/// The control changes of what is known and carried by a controller.
fn controls(
    readings: &[Option<f32>; READINGS],
    settings: &OutputSettings,
) -> impl Iterator<Item = Option<MidiMessage>> {
    let kinds = Reading::all().into_iter();
    let controllers = settings.midi.controllers;
    let channel = channel(settings.midi.channel, 0);
    kinds
        .zip(*readings)
        .zip(controllers)
        .map(move |((kind, value), controller)| {
            Some(MidiMessage::Control {
                channel,
                controller: controller?,
                value: (HIGHEST * kind.normalized(value?)).round() as u8,
            })
        })
}

/// What tells that a large word has taken another's place; `None` where none has.
fn word(
    change: &HeadlineChange,
    readout: &Readout,
    tags: &[TagInfo],
    settings: &OutputSettings,
) -> Option<MidiMessage> {
    let index = change.to?;
    let place = place_in_kind(index, tags)?;
    let kind = TagKind::COLUMNS
        .iter()
        .position(|kind| *kind == change.kind)?;
    let channel = channel(settings.midi.headline_channel, kind as u8);
    let probability = readout.average.get(index).copied().unwrap_or(0.0);
    match settings.midi.headlines {
        HeadlineMidi::Off => None,
        HeadlineMidi::Notes => Some(MidiMessage::NoteOn {
            channel,
            key: FIRST_KEY.checked_add(place).filter(|key| *key < 128)?,
            velocity: (HIGHEST * probability).round().clamp(1.0, HIGHEST) as u8,
        }),
        HeadlineMidi::Programs => Some(MidiMessage::Program {
            channel,
            program: Some(place).filter(|program| *program < 128)?,
        }),
    }
}

/// How many tags of the same kind come before one; `None` of one that isn't there, and beyond what MIDI can count.
fn place_in_kind(index: usize, tags: &[TagInfo]) -> Option<u8> {
    let kind = tags.get(index)?.kind;
    let before = tags.iter().take(index).filter(|tag| tag.kind == kind);
    u8::try_from(before.count()).ok()
}

/// A channel as it is sent, `further` behind one that users count from 1.
fn channel(users: u8, further: u8) -> u8 {
    (users.saturating_sub(1) + further) % MIDI_CHANNELS.end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Affect, params::OutputTag};

    fn tags() -> Vec<TagInfo> {
        let tag = |kind, name: &str| TagInfo {
            name: name.to_owned(),
            kind,
            parent: None,
        };
        vec![
            tag(TagKind::Genre, "jazz"),
            tag(TagKind::Mood, "dark"),
            tag(TagKind::Genre, "rock"),
            tag(TagKind::Mood, "calm"),
        ]
    }

    fn readout() -> Readout {
        Readout {
            average: vec![0.1, 0.2, 0.6, 1.0],
            affect: Some(Affect {
                valence: -3.5,
                arousal: 0.0,
            }),
            headline_changes: vec![HeadlineChange {
                seconds: 1.0,
                kind: TagKind::Mood,
                from: None,
                to: Some(3),
            }],
            ..Readout::default()
        }
    }

    fn settings() -> OutputSettings {
        let mut settings = OutputSettings::default();
        settings.tags[2] = Some(OutputTag::of(&tags()[3]));
        // Another tagger's.
        settings.tags[3] = Some(OutputTag {
            kind: TagKind::Genre,
            name: "calm".to_owned(),
        });
        settings.midi.on = true;
        settings.midi.channel = 2;
        settings
    }

    fn sent(settings: &OutputSettings) -> Vec<MidiMessage> {
        let cue = Cue::of(&readout(), &tags(), settings, (7, 24_000));
        assert_eq!((cue.generation, cue.position), (7, 24_000));
        cue.messages.into_iter().flatten().collect()
    }

    fn control(controller: u8, value: u8) -> MidiMessage {
        MidiMessage::Control {
            channel: 1,
            controller,
            value,
        }
    }

    #[test]
    fn what_is_known_and_has_a_controller_is_sent() {
        let mut settings = settings();
        let all = [control(20, 0), control(21, 64), control(24, 127)];
        assert_eq!(sent(&settings), all);
        settings.midi.controllers[1] = None;
        assert_eq!(sent(&settings), [all[0], all[2]]);
        settings.midi.on = false;
        assert_eq!(sent(&settings), []);
        let cue = Cue::of(&readout(), &tags(), &settings, (0, 0));
        assert_eq!(cue.readings[..2], [Some(-3.0), Some(0.0)]);
        assert_eq!(cue.readings[2..6], [None, None, Some(1.0), None]);
    }

    #[test]
    fn a_new_word_is_a_note_or_a_program_on_its_kinds_channel() {
        let mut settings = settings();
        settings.midi.controllers = [None; READINGS];
        settings.midi.headline_channel = 15;
        settings.midi.headlines = HeadlineMidi::Notes;
        // Moods have the third channel, and channel 1 follows 16. Calm is the second mood.
        let note = MidiMessage::NoteOn {
            channel: 0,
            key: 37,
            velocity: 127,
        };
        assert_eq!(sent(&settings), [note]);
        settings.midi.headlines = HeadlineMidi::Programs;
        let program = MidiMessage::Program {
            channel: 0,
            program: 1,
        };
        assert_eq!(sent(&settings), [program]);
    }
}
