//! What is heard, as parameters that a CLAP host can read.

use std::ffi::c_char;

use clap_sys::{
    events::{
        CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_PARAM_VALUE, clap_event_header,
        clap_event_param_value, clap_output_events,
    },
    ext::params::{CLAP_PARAM_IS_READONLY, clap_param_info},
    id::clap_id,
};

use super::instance::Instance;
use crate::{
    entry::readings::{self, Told},
    params::Reading,
    thread::MainThread,
};

/// Describes the reading of that index; `None` if there is none.
pub fn info(index: usize) -> Option<clap_param_info> {
    let (id, reading) = readings::at(index)?;
    // SAFETY: numbers, a pointer that may be null, and texts that may be empty.
    let mut info: clap_param_info = unsafe { std::mem::zeroed() };
    let (least, highest) = reading.range();
    info.id = id;
    info.flags = CLAP_PARAM_IS_READONLY;
    info.min_value = least.into();
    info.max_value = highest.into();
    info.default_value = 0.0;
    copy(&reading.name(), &mut info.name);
    copy("Listen", &mut info.module);
    Some(info)
}

/// The newest value of a reading, in its own unit; `None` if the parameter is none.
pub fn value(instance: &Instance, id: clap_id) -> Option<f64> {
    let (index, reading) = readings::find(id)?;
    let params = instance.calls.params()?;
    Some(reading.value(params.readings.normalized(index)).into())
}

/// A reading's value as it is read; `None` if the parameter is none.
pub fn text(instance: &Instance, id: clap_id, value: f64, main: &MainThread) -> Option<String> {
    let (_, reading) = readings::find(id)?;
    let params = instance.calls.params()?;
    let normalized = reading.normalized(value as f32);
    Some(readings::text(reading, normalized, params, main))
}

/// The value that a text means for a reading; `None` if the parameter is none, or the text no value.
pub fn meant(id: clap_id, text: &str) -> Option<f64> {
    let (_, reading) = readings::find(id)?;
    reading.meant(text).map(Into::into)
}

/// Tells a host what it doesn't know yet of the readings, up to and with the frame `last` of its block.
///
/// # Safety
/// The list is a host's.
pub unsafe fn tell(
    instance: &Instance,
    told: &mut Told,
    list: *const clap_output_events,
    last: u32,
) {
    let Some(params) = instance.calls.params() else {
        return;
    };
    // SAFETY: the caller's promise.
    let Some(try_push) = (unsafe { list.as_ref() }).and_then(|list| list.try_push) else {
        return;
    };
    told.catch_up(&params.readings, last, |id, reading, normalized, frame| {
        let event = event(id, reading, normalized, frame);
        // SAFETY: the host's own function. What it doesn't take is lost: it has a newer one soon.
        unsafe { try_push(list, &event.header) };
    });
}

fn event(id: u32, reading: Reading, normalized: f32, frame: u32) -> clap_event_param_value {
    clap_event_param_value {
        header: clap_event_header {
            size: size_of::<clap_event_param_value>() as u32,
            time: frame,
            space_id: CLAP_CORE_EVENT_SPACE_ID,
            type_: CLAP_EVENT_PARAM_VALUE,
            flags: 0,
        },
        param_id: id,
        cookie: std::ptr::null_mut(),
        note_id: -1,
        port_index: -1,
        channel: -1,
        key: -1,
        value: reading.value(normalized).into(),
    }
}

/// Copies a text as far as there is room, and ends it with 0. A letter is copied whole or not at all.
pub fn copy(text: &str, room: &mut [c_char]) {
    let most = room.len().saturating_sub(1);
    let end = (0..=most.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(0);
    let bytes = text.bytes().take(end).chain(std::iter::once(0));
    for (place, byte) in room.iter_mut().zip(bytes) {
        *place = byte as c_char;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_letters_and_ended() {
        let mut room = [1; 4];
        copy("aé\u{e9}", &mut room);
        assert_eq!(room.map(|byte| byte as u8), [b'a', 0xc3, 0xa9, 0]);
        copy("", &mut room);
        assert_eq!(room[0], 0);
        copy("x", &mut []);
    }
}
