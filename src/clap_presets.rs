//! Presets in a CLAP host's browser: nice-plug 0.4.2 knows neither the factory that lists them nor the extension that loads
//! them.
//!
//! - `discovery`: what there is: Moodring's own, and the files in the user's folder
//! - `load`: one of them into a plugin
//!
//! VST3 has no such thing for plugins without program lists, which nice-plug doesn't offer either.

mod discovery;
mod load;

use std::ffi::{CStr, c_char, c_void};

use clap_sys::{
    ext::preset_load::{CLAP_EXT_PRESET_LOAD, CLAP_EXT_PRESET_LOAD_COMPAT},
    factory::preset_discovery::{
        CLAP_PRESET_DISCOVERY_FACTORY_ID, CLAP_PRESET_DISCOVERY_FACTORY_ID_COMPAT,
    },
};

/// The factory of that name, if it is about presets; else null.
pub fn factory(id: &CStr) -> *const c_void {
    if id == CLAP_PRESET_DISCOVERY_FACTORY_ID || id == CLAP_PRESET_DISCOVERY_FACTORY_ID_COMPAT {
        (&raw const discovery::FACTORY).cast()
    } else {
        std::ptr::null()
    }
}

/// The plugin's extension of that name, if it is about presets; else null.
pub fn extension(id: &CStr) -> *const c_void {
    if id == CLAP_EXT_PRESET_LOAD || id == CLAP_EXT_PRESET_LOAD_COMPAT {
        (&raw const load::EXTENSION).cast()
    } else {
        std::ptr::null()
    }
}

/// A host's text; `None` if there is none or it isn't UTF-8.
///
/// # Safety
/// It ends in 0, or is null.
#[allow(unsafe_code, reason = "CLAP is a C interface")]
unsafe fn text<'a>(text: *const c_char) -> Option<&'a str> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_str().ok()
}
