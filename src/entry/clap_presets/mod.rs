//! The presets as a CLAP host's browser asks for them: the framework knows neither the factory that lists them nor the extension
//! that loads them.
//!
//! - `discovery`: the factory lists Moodring's own presets, and the files in the user's folder
//! - `load`: finds the preset that a host names, and writes it into a state; `clap::preset_load` is the extension
//!
//! VST3 has no such thing for plugins without program lists, which nice-plug doesn't offer either.

mod discovery;
mod load;

use std::ffi::{CStr, c_void};

use clap_sys::factory::preset_discovery::{
    CLAP_PRESET_DISCOVERY_FACTORY_ID, CLAP_PRESET_DISCOVERY_FACTORY_ID_COMPAT,
};

pub use load::{PresetPlace, apply, find};

/// Returns the factory of that name if it is about presets, else null.
pub fn factory(id: &CStr) -> *const c_void {
    if id == CLAP_PRESET_DISCOVERY_FACTORY_ID || id == CLAP_PRESET_DISCOVERY_FACTORY_ID_COMPAT {
        (&raw const discovery::FACTORY).cast()
    } else {
        std::ptr::null()
    }
}
