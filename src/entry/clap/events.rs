//! Lists of events between the host and the framework: whole, within the block, and with each value under the modulation
//! that lies on it.

use std::cell::{Cell, RefCell, UnsafeCell};
use std::mem::size_of;
use std::ptr;

use clap_sys::events::{
    CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_PARAM_GESTURE_BEGIN, CLAP_EVENT_PARAM_GESTURE_END,
    CLAP_EVENT_PARAM_MOD, CLAP_EVENT_PARAM_VALUE, clap_event_header, clap_event_param_gesture,
    clap_event_param_mod, clap_event_param_value, clap_input_events, clap_output_events,
};

use super::{
    instance::{Instance, Param},
    readings,
};
use crate::entry::readings::Told;

/// An event of nobody's, which the framework passes over.
static NOTHING: clap_event_header = clap_event_header {
    size: size_of::<clap_event_header>() as u32,
    time: 0,
    space_id: u16::MAX,
    type_: u16::MAX,
    flags: 0,
};

/// A host's events, as the framework gets them. One call of the host's owns it: on the audio thread or, in a flush, on the main one.
///
/// A value that arrives while modulation holds its parameter at an end of the range changes nothing that is heard, and the
/// framework then forgets it. So while there is modulation, each event of the host's is three here: one that lifts the modulation
/// of the value's parameter, the event itself, one that puts the modulation back.
pub struct Events<'a> {
    instance: &'a Instance,
    list: *const clap_input_events,
    /// The host's events that count.
    count: u32,
    /// Whether each of them is three.
    threefold: bool,
    /// The event that was given out last, if it is none of the host's.
    made: UnsafeCell<clap_event_param_mod>,
}

impl<'a> Events<'a> {
    /// Those of a list, without those behind the end of a block of so many frames: events come in the order of their times, by
    /// the standard.
    ///
    /// # Safety
    /// The list is a host's or null.
    pub unsafe fn new(instance: &'a Instance, list: *const clap_input_events, frames: u32) -> Self {
        let mut events = Self {
            instance,
            list,
            count: 0,
            threefold: instance
                .params
                .iter()
                .any(|param| param.modulation() != 0.0),
            made: UnsafeCell::new(modulation(0, 0, 0.0)),
        };
        // SAFETY: the host's list or null, asked as the standard has it.
        unsafe {
            let Some(size) = list.as_ref().and_then(|list| list.size) else {
                return events;
            };
            for index in 0..size(list) {
                let event = &*events.of_host(index);
                if event.time >= frames.max(1) {
                    break;
                }
                events.threefold |= is(event, CLAP_EVENT_PARAM_MOD);
                events.count = index + 1;
            }
        }
        events
    }

    /// What the framework gets, for as long as this is there.
    pub fn list(&self) -> clap_input_events {
        clap_input_events {
            ctx: (&raw const *self).cast_mut().cast(),
            size: Some(size),
            get: Some(get),
        }
    }

    /// One of the host's; never null.
    unsafe fn of_host(&self, index: u32) -> *const clap_event_header {
        // SAFETY: the host's own list, asked as the standard has it.
        let event = unsafe {
            match self.list.as_ref().and_then(|list| list.get) {
                Some(get) => get(self.list, index),
                None => ptr::null(),
            }
        };
        if event.is_null() { &NOTHING } else { event }
    }

    /// The parameter that an event sets, and what lies on it.
    unsafe fn covered(&self, event: *const clap_event_header) -> Option<(&Param, f64)> {
        // SAFETY: an event of that type begins so, by the standard.
        unsafe {
            if !is(&*event, CLAP_EVENT_PARAM_VALUE) {
                return None;
            }
            let param = self
                .instance
                .param((*event.cast::<clap_event_param_value>()).param_id)?;
            Some((param, param.modulation())).filter(|(_, amount)| *amount != 0.0)
        }
    }

    /// Makes an event that lasts until the next is made.
    fn make(&self, param: &Param, time: u32, amount: f64) -> *const clap_event_header {
        let made = self.made.get();
        // SAFETY: the framework is done with one event before it asks for the next, and asks from one thread.
        unsafe {
            *made = modulation(param.id, time, amount);
            &raw const (*made).header
        }
    }
}

fn is(event: &clap_event_header, of_type: u16) -> bool {
    event.space_id == CLAP_CORE_EVENT_SPACE_ID && event.type_ == of_type
}

fn modulation(param_id: u32, time: u32, amount: f64) -> clap_event_param_mod {
    clap_event_param_mod {
        header: clap_event_header {
            size: size_of::<clap_event_param_mod>() as u32,
            time,
            space_id: CLAP_CORE_EVENT_SPACE_ID,
            type_: CLAP_EVENT_PARAM_MOD,
            flags: 0,
        },
        param_id,
        cookie: ptr::null_mut(),
        note_id: -1,
        port_index: -1,
        channel: -1,
        key: -1,
        amount,
    }
}

/// What a list is of.
///
/// # Safety
/// It is one that [`Events::list`] made, and the events are still there.
unsafe fn of<'a>(list: *const clap_input_events) -> &'a Events<'a> {
    // SAFETY: the caller's promise.
    unsafe { &*(*list).ctx.cast() }
}

unsafe extern "C" fn size(list: *const clap_input_events) -> u32 {
    // SAFETY: the framework's own call, within the host's.
    let events = unsafe { of(list) };
    if events.threefold {
        events.count.saturating_mul(3)
    } else {
        events.count
    }
}

unsafe extern "C" fn get(list: *const clap_input_events, index: u32) -> *const clap_event_header {
    // SAFETY: as above.
    unsafe {
        let events = of(list);
        if !events.threefold {
            return events.of_host(index);
        }
        let event = events.of_host(index / 3);
        match (index % 3, events.covered(event)) {
            (0, Some((param, _))) => events.make(param, (*event).time, 0.0),
            (2, Some((param, amount))) => events.make(param, (*event).time, amount),
            (1, _) => {
                if is(&*event, CLAP_EVENT_PARAM_MOD) {
                    let event = &*event.cast::<clap_event_param_mod>();
                    if let Some(param) = events.instance.param(event.param_id)
                        && event.amount.is_finite()
                    {
                        param.note_modulation(event.amount);
                    }
                }
                event
            }
            _ => &NOTHING,
        }
    }
}

/// The host's list for the plugin's own events, as the framework gets it. The framework takes the editor's changes over only as
/// it hands them out, so that a host without such a list gets one that takes everything. What is heard goes to the host's list, too, in the
/// order of time.
///
/// The framework sends MIDI as the block is processed, and the editor's changes behind it with the block's first frame: these get the time of
/// what went out last, since events go out in the order of their times, by the standard.
pub struct Output<'a> {
    instance: &'a Instance,
    list: *const clap_output_events,
    /// The time of what went out last.
    latest: Cell<u32>,
    /// What the host knows of what is heard; `None` where it isn't told.
    told: Option<RefCell<&'a mut Told>>,
}

impl<'a> Output<'a> {
    /// In front of a list.
    ///
    /// # Safety
    /// The list is a host's or null.
    pub unsafe fn new(
        instance: &'a Instance,
        list: *const clap_output_events,
        told: Option<&'a mut Told>,
    ) -> Self {
        Self {
            instance,
            list,
            latest: Cell::new(0),
            told: told.map(RefCell::new),
        }
    }

    /// Tells the host what is heard up to and with the frame `last` of its block. Wait-free but for the host's own part.
    pub fn tell_readings(&self, last: u32) {
        if let Some(mut told) = self
            .told
            .as_ref()
            .and_then(|told| told.try_borrow_mut().ok())
        {
            // SAFETY: the host's list or null, by the promise of `Output::new`.
            unsafe { readings::tell(self.instance, &mut told, self.list, last) };
        }
    }

    /// Hands an event to the host; `false` if it takes no more.
    ///
    /// # Safety
    /// The event is whole.
    unsafe fn push(&self, event: *const clap_event_header) -> bool {
        // SAFETY: the host's list or null, by the promise of `Output::new`.
        unsafe {
            match self.list.as_ref().and_then(|list| list.try_push) {
                Some(try_push) => try_push(self.list, event),
                None => true,
            }
        }
    }

    /// What the framework gets, for as long as this is there.
    pub fn list(&self) -> clap_output_events {
        clap_output_events {
            ctx: (&raw const *self).cast_mut().cast(),
            try_push: Some(try_push),
        }
    }
}

/// Passes an event on, no earlier than the one before. A value that the editor has set is set once more if modulation lies on it: see [`Events`].
unsafe extern "C" fn try_push(
    list: *const clap_output_events,
    event: *const clap_event_header,
) -> bool {
    // SAFETY: a list that `Output::list` made, and the framework's own event, which begins as its type says by the standard.
    unsafe {
        let output = &*(*list).ctx.cast::<Output>();
        let time = (*event).time.max(output.latest.get());
        output.latest.set(time);
        output.tell_readings(time);
        if is(&*event, CLAP_EVENT_PARAM_VALUE) {
            let mut event = *event.cast::<clap_event_param_value>();
            if let Some(param) = output.instance.param(event.param_id) {
                param.keep_under_modulation(event.value);
            }
            event.header.time = time;
            return output.push(&event.header);
        }
        let is_gesture = [CLAP_EVENT_PARAM_GESTURE_BEGIN, CLAP_EVENT_PARAM_GESTURE_END]
            .into_iter()
            .any(|of_type| is(&*event, of_type));
        if is_gesture {
            let mut event = *event.cast::<clap_event_param_gesture>();
            event.header.time = time;
            return output.push(&event.header);
        }
        output.push(event)
    }
}
