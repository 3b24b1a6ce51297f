//! Parameter events, into the plugin and out of it, and MIDI out of it.

use clack_host::events::Match;
use clack_host::events::event_types::ParamValueEvent;
use clack_host::events::spaces::CoreEventSpace;
use clack_host::prelude::*;

/// A parameter is set to a value at a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParamEvent {
    /// When: counted from the start of the block in [`Processor::process`](crate::Processor::process), from the start
    /// of the input in [`Render`](crate::Render).
    pub frame: usize,
    /// Which parameter.
    pub id: ClapId,
    /// The value in the plugin's own units, i.e. within [`Param::min`](crate::Param::min) and
    /// [`Param::max`](crate::Param::max). nice-plug normalises these, so get it from
    /// [`Plugin::text_to_value`](crate::Plugin::text_to_value).
    pub value: f64,
}

/// What the plugin reports back: the edits that a user makes in the editor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutputEvent {
    /// When, counted like [`ParamEvent::frame`].
    pub frame: usize,
    /// Which parameter.
    pub id: ClapId,
    /// What happened to it.
    pub edit: Edit,
}

/// A message of MIDI 1.0 that the plugin sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MidiEvent {
    /// When, counted like [`ParamEvent::frame`].
    pub frame: usize,
    /// Status and data; the third byte of a program change is 0.
    pub bytes: [u8; 3],
}

/// One step of an edit: a knob is grabbed, turned (any number of times) and let go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Edit {
    /// The knob is grabbed.
    Begin,
    /// The parameter has this value now.
    Value(f64),
    /// The knob is let go.
    End,
}

/// Replaces the content of `buffer` by `events`, ordered by time as CLAP demands.
pub(crate) fn encode(events: &[ParamEvent], buffer: &mut EventBuffer) {
    buffer.clear();
    for event in events {
        let frame = u32::try_from(event.frame).unwrap_or(u32::MAX);
        buffer.push(&ParamValueEvent::new(
            frame,
            event.id,
            Pckn::match_all(),
            event.value,
        ));
    }
    buffer.sort();
}

/// The MIDI in `buffer`, whether the plugin says it as MIDI or in CLAP's own words for notes.
pub(crate) fn decode_midi(buffer: &EventBuffer) -> impl Iterator<Item = MidiEvent> {
    buffer.iter().filter_map(|event| {
        let note = |status: u8, channel: Match<u16>, key: Match<u16>, velocity: f64| {
            let channel = u8::try_from(*channel.as_specific()?).ok()?;
            let key = u8::try_from(*key.as_specific()?).ok()?;
            Some([status | channel, key, (127.0 * velocity).round() as u8])
        };
        let bytes = match event.as_core_event()? {
            CoreEventSpace::Midi(event) => event.data(),
            CoreEventSpace::NoteOn(event) => {
                note(0x90, event.channel(), event.key(), event.velocity())?
            }
            CoreEventSpace::NoteOff(event) => {
                note(0x80, event.channel(), event.key(), event.velocity())?
            }
            _ => return None,
        };
        Some(MidiEvent {
            frame: event.header().time() as usize,
            bytes,
        })
    })
}

/// The parameter events in `buffer`; others are of no interest here.
pub(crate) fn decode(buffer: &EventBuffer) -> impl Iterator<Item = OutputEvent> {
    buffer.iter().filter_map(|event| {
        let (id, edit) = match event.as_core_event()? {
            CoreEventSpace::ParamValue(event) => (event.param_id()?, Edit::Value(event.value())),
            CoreEventSpace::ParamGestureBegin(event) => (event.param_id()?, Edit::Begin),
            CoreEventSpace::ParamGestureEnd(event) => (event.param_id()?, Edit::End),
            _ => return None,
        };
        Some(OutputEvent {
            frame: event.header().time() as usize,
            id,
            edit,
        })
    })
}
