//! The state, to a host's stream and from it.

use std::ffi::c_void;

use clap_sys::{
    ext::state::clap_plugin_state,
    plugin::clap_plugin,
    stream::{clap_istream, clap_ostream},
};

use super::instance::Instance;
use crate::thread::MainThread;

pub const TABLE: clap_plugin_state = clap_plugin_state {
    save: Some(save),
    load: Some(load),
};

/// The longest state that is read, in bytes: what claims to be longer is none.
const LONGEST: u64 = 1 << 28;

/// Read at a time, in bytes.
const PIECE: usize = 1 << 16;

unsafe extern "C" fn save(plugin: *const clap_plugin, stream: *const clap_ostream) -> bool {
    // SAFETY: the host's own pointers, one to an instance.
    let (instance, whole) = unsafe { (Instance::of(plugin), stream.as_ref()) };
    let original = instance.and_then(|instance| instance.theirs.state.save);
    match (original, whole.and_then(|stream| stream.write)) {
        // SAFETY: the host's own call.
        (Some(original), Some(_)) => unsafe { original(plugin, stream) },
        _ => false,
    }
}

unsafe extern "C" fn load(plugin: *const clap_plugin, stream: *const clap_istream) -> bool {
    // SAFETY: the host's own pointers, one to an instance.
    unsafe {
        let Some(instance) = Instance::of(plugin) else {
            return false;
        };
        let state = whole(stream).and_then(|json| serde_json::from_slice(&json).ok());
        state.is_some_and(|state| instance.load(state, &MainThread::assume()))
    }
}

/// The JSON of a state, which has its length in front, 8 bytes, little-endian.
///
/// # Safety
/// The stream is a host's or null.
unsafe fn whole(stream: *const clap_istream) -> Option<Vec<u8>> {
    let mut length = [0; 8];
    // SAFETY: the caller's promise.
    unsafe { fill(stream, &mut length)? };
    let length = u64::from_le_bytes(length);
    if length > LONGEST {
        return None;
    }
    let length = length as usize;
    let mut json = Vec::new();
    // It grows as bytes come, not as they are announced.
    while json.len() < length {
        let start = json.len();
        json.resize(length.min(start + PIECE), 0);
        // SAFETY: as above.
        unsafe { fill(stream, json.get_mut(start..)?)? };
    }
    Some(json)
}

/// Reads as many bytes as there is room for, in as many parts as the host likes; `None` if there aren't so many.
///
/// # Safety
/// The stream is a host's or null.
unsafe fn fill(stream: *const clap_istream, mut room: &mut [u8]) -> Option<()> {
    // SAFETY: the caller's promise.
    let read = unsafe { stream.as_ref()? }.read?;
    while !room.is_empty() {
        let start = room.as_mut_ptr().cast::<c_void>();
        // SAFETY: there is room for so many bytes.
        let got = unsafe { read(stream, start, room.len() as u64) };
        let got = usize::try_from(got).ok().filter(|got| *got > 0)?;
        // More than there is room for is a broken stream.
        room = room.get_mut(got..)?;
    }
    Some(())
}
