//! Parameters' changes as lists of events.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

use std::mem::size_of;
use std::ptr;

use clap_sys::{
    events::{
        CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_PARAM_MOD, CLAP_EVENT_PARAM_VALUE, clap_event_header,
        clap_event_param_value, clap_input_events, clap_output_events,
    },
    id::clap_id,
};

/// What happens to a parameter at a frame.
#[derive(Debug, Clone, Copy)]
pub enum Change {
    Value(f64),
    Modulation(f64),
}

pub(super) fn events(changes: &[(u32, clap_id, Change)]) -> Vec<clap_event_param_value> {
    changes
        .iter()
        .map(|(time, param_id, change)| {
            let (type_, value) = match change {
                Change::Value(value) => (CLAP_EVENT_PARAM_VALUE, *value),
                // The same but for the name of the last field.
                Change::Modulation(amount) => (CLAP_EVENT_PARAM_MOD, *amount),
            };
            clap_event_param_value {
                header: clap_event_header {
                    size: size_of::<clap_event_param_value>() as u32,
                    time: *time,
                    space_id: CLAP_CORE_EVENT_SPACE_ID,
                    type_,
                    flags: 0,
                },
                param_id: *param_id,
                cookie: ptr::null_mut(),
                note_id: -1,
                port_index: -1,
                channel: -1,
                key: -1,
                value,
            }
        })
        .collect()
}

pub(super) fn list(events: &Vec<clap_event_param_value>) -> clap_input_events {
    unsafe extern "C" fn size(list: *const clap_input_events) -> u32 {
        // SAFETY: the list's own events.
        unsafe { (*(*list).ctx.cast::<Vec<clap_event_param_value>>()).len() as u32 }
    }
    unsafe extern "C" fn get(
        list: *const clap_input_events,
        index: u32,
    ) -> *const clap_event_header {
        // SAFETY: as above.
        unsafe { &(&*(*list).ctx.cast::<Vec<clap_event_param_value>>())[index as usize].header }
    }
    clap_input_events {
        ctx: (&raw const *events).cast_mut().cast(),
        size: Some(size),
        get: Some(get),
    }
}

/// A list that takes what it is given.
pub(super) const TAKEN: clap_output_events = clap_output_events {
    ctx: ptr::null_mut(),
    try_push: Some(take),
};

unsafe extern "C" fn take(_: *const clap_output_events, _: *const clap_event_header) -> bool {
    true
}
