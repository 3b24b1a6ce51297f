//! The state as hosts save it: the framework's JSON, with what the host has set and no block has carried.

use std::collections::BTreeMap;
use std::ffi::c_void;

use nice_plug::{
    plugin::PluginState,
    prelude::{ParamPtr, Params, Plugin},
    wrapper::vst3::vst3::{
        ComRef,
        Steinberg::{
            IBStream, IBStreamTrait, int32, kInvalidArgument, kResultFalse, kResultOk, tresult,
        },
    },
};

use super::link::Link;
use crate::{
    params::{MoodringParams, pointer},
    plugin::Moodring,
    thread::{MainThread, MayBlock},
};

/// The longest state that is read, in bytes; one of ours has a few thousand, and a captured timbre some hundred.
const LONGEST: usize = 64 << 20;

/// Bytes that are read at a time.
const PIECE: usize = 16 << 10;

/// Writes the state into the host's stream.
///
/// # Safety
/// `stream` is the host's, or null.
pub unsafe fn save(link: &Link, stream: *mut IBStream, main: &MainThread) -> tresult {
    // SAFETY: the caller's promise.
    let Some(stream) = (unsafe { ComRef::from_raw(stream) }) else {
        return kInvalidArgument;
    };
    let Ok(bytes) = serde_json::to_vec(&of(link, main)) else {
        return kResultFalse;
    };
    let mut left = &bytes[..];
    while !left.is_empty() {
        let mut written: int32 = 0;
        let length = int32::try_from(left.len()).unwrap_or(int32::MAX);
        // SAFETY: so many bytes there are, which a stream only reads.
        let told = unsafe {
            stream.write(
                left.as_ptr().cast_mut().cast::<c_void>(),
                length,
                &mut written,
            )
        };
        let written = usize::try_from(written).unwrap_or(0);
        match left.get(written..) {
            Some(rest) if told == kResultOk && written > 0 => left = rest,
            _ => return kResultFalse,
        }
    }
    kResultOk
}

/// Reads the host's stream to its end, and loads what it holds if that is a state.
///
/// # Safety
/// `stream` is the host's, or null.
pub unsafe fn load(link: &Link, stream: *mut IBStream, main: &MainThread) -> tresult {
    // SAFETY: the caller's promise.
    let Some(stream) = (unsafe { ComRef::from_raw(stream) }) else {
        return kInvalidArgument;
    };
    let mut bytes = Vec::new();
    let mut piece = [0u8; PIECE];
    loop {
        let mut read: int32 = 0;
        // SAFETY: so much room there is. What the host returns at the end differs; how much it read tells.
        unsafe { stream.read(piece.as_mut_ptr().cast(), PIECE as int32, &mut read) };
        match usize::try_from(read)
            .ok()
            .and_then(|read| piece.get(..read))
        {
            Some([]) => break,
            Some(more) if bytes.len() + more.len() <= LONGEST => bytes.extend_from_slice(more),
            _ => return kResultFalse,
        }
    }
    match serde_json::from_slice::<PluginState>(&bytes) {
        Ok(state) => {
            if put(link, state, main) {
                link.tell_texts(main);
                kResultOk
            } else {
                kResultFalse
            }
        }
        Err(_) => kResultFalse,
    }
}

/// The present state. Locks and allocates.
pub fn of(link: &Link, thread: &impl MayBlock) -> PluginState {
    // Where what waits is put, to be read in the parameter's own terms.
    let scratch = MoodringParams::default();
    let aside: BTreeMap<String, ParamPtr> = scratch
        .param_map()
        .into_iter()
        .map(|(id, param, _)| (id, param))
        .collect();
    let mut params = BTreeMap::new();
    for (id, param, waiting) in link.values.iter() {
        // SAFETY: the pointers are those of the link's parameters and of `scratch`, which both are here.
        let value = unsafe {
            match (waiting, aside.get(id)) {
                (Some(value), Some(aside)) => {
                    pointer::set_normalized(*aside, value);
                    pointer::saved(*aside, thread)
                }
                _ => pointer::saved(param, thread),
            }
        };
        params.insert(id.to_owned(), value);
    }
    PluginState {
        version: Moodring::VERSION.to_owned(),
        params,
        fields: link.params.serialize_fields(),
    }
}

/// Loads a state, at once. `false` if it isn't one of ours: then nothing has changed. Locks and allocates.
pub fn put(link: &Link, mut state: PluginState, thread: &impl MayBlock) -> bool {
    Moodring::filter_state(&mut state);
    if state.params.is_empty() {
        return false;
    }
    link.values.forget();
    for (id, param, _) in link.values.iter() {
        let Some(value) = state.params.get(id) else {
            continue;
        };
        // The state has been brought to the parameters' own kinds of values.
        // SAFETY: the pointers are those of the link's parameters.
        unsafe { pointer::set_saved(param, value) };
    }
    link.params.deserialize_fields(&state.fields);
    link.repaint.request_repaint();
    link.ask_for_activation(thread);
    true
}
