//! What a block brings the host beside sound: MIDI, and what is heard as parameters that can only be read.
//!
//! VST3 has events for notes. For control and program changes there is one of its own kind, which hosts turn into MIDI
//! (`LegacyMIDICCOutEvent`). Nothing here allocates, locks or waits; what the host makes of a call is its business.

use nice_plug::{
    midi::{NoteEvent, PluginNoteEvent},
    wrapper::vst3::vst3::{
        ComRef,
        Steinberg::{
            Vst::{
                ControllerNumbers_::kCtrlProgramChange, Event, Event_::EventTypes_, Event__type0,
                IEventList, IEventListTrait, IParamValueQueueTrait, IParameterChanges,
                IParameterChangesTrait, LegacyMIDICCOutEvent, NoteOffEvent, NoteOnEvent,
            },
            kResultOk,
        },
    },
};

use crate::{entry::readings::Told, params::NewestReadings, plugin::Moodring};

/// Adds a message to the host's list, with a frame of its block. `false` if the list doesn't take it, or VST3 has no word for it.
///
/// # Safety
/// The list is a host's or null.
pub unsafe fn send(list: *mut IEventList, event: &PluginNoteEvent<Moodring>, frame: usize) -> bool {
    // SAFETY: the caller's promise.
    let (Some(list), Some((kind, content))) = (unsafe { ComRef::from_raw(list) }, content(event))
    else {
        return false;
    };
    let mut event = Event {
        busIndex: 0,
        sampleOffset: frame as i32,
        ppqPosition: 0.0,
        flags: 0,
        r#type: kind,
        __field0: content,
    };
    // SAFETY: the host's own function, with an event that is whole.
    unsafe { list.addEvent(&mut event) == kResultOk }
}

fn content(event: &PluginNoteEvent<Moodring>) -> Option<(u16, Event__type0)> {
    #[allow(clippy::unnecessary_cast, reason = "signed on Windows")]
    let legacy = |channel: u8, number: u8, value: u8| {
        (
            EventTypes_::kLegacyMIDICCOutEvent as u16,
            Event__type0 {
                midiCCOut: LegacyMIDICCOutEvent {
                    controlNumber: number,
                    channel: channel as i8,
                    value: value as i8,
                    value2: 0,
                },
            },
        )
    };
    #[allow(clippy::unnecessary_cast, reason = "signed on Windows")]
    match *event {
        NoteEvent::NoteOn {
            channel,
            key,
            velocity,
            ..
        } => Some((
            EventTypes_::kNoteOnEvent as u16,
            Event__type0 {
                noteOn: NoteOnEvent {
                    channel: channel.number()?.into(),
                    pitch: key.number()?.into(),
                    tuning: 0.0,
                    velocity,
                    length: 0,
                    noteId: -1,
                },
            },
        )),
        NoteEvent::NoteOff {
            channel,
            key,
            velocity,
            ..
        } => Some((
            EventTypes_::kNoteOffEvent as u16,
            Event__type0 {
                noteOff: NoteOffEvent {
                    channel: channel.number()?.into(),
                    pitch: key.number()?.into(),
                    velocity,
                    noteId: -1,
                    tuning: 0.0,
                },
            },
        )),
        NoteEvent::MidiCC {
            channel, cc, value, ..
        } => Some(legacy(channel, cc, (127.0 * value).round() as u8)),
        NoteEvent::MidiProgramChange {
            channel, program, ..
        } => Some(legacy(channel, kCtrlProgramChange as u8, program)),
        _ => None,
    }
}

/// Tells the host what it doesn't know yet of the readings, up to and with the frame `last` of its block.
///
/// # Safety
/// The list is a host's or null.
pub unsafe fn tell(
    list: *mut IParameterChanges,
    readings: &NewestReadings,
    told: &mut Told,
    last: usize,
) {
    // SAFETY: the caller's promise.
    let Some(list) = (unsafe { ComRef::from_raw(list) }) else {
        return;
    };
    told.catch_up(readings, last as u32, |number, _, normalized, frame| {
        let (mut index, mut point) = (0, 0);
        // SAFETY: the host's own list and queue, which live for this call.
        unsafe {
            let queue = ComRef::from_raw(list.addParameterData(&number, &mut index));
            if let Some(queue) = queue {
                // What the host doesn't take is lost: it has a newer one soon.
                let _ = queue.addPoint(frame as i32, normalized.into(), &mut point);
            }
        }
    });
}
