//! What the host says of parameters: mapped to a controller, automated. The framework has no such extension (nice-plug 0.4.2).

use std::ffi::c_char;

use clap_sys::{
    color::clap_color,
    ext::param_indication::{
        CLAP_PARAM_INDICATION_AUTOMATION_OVERRIDING, CLAP_PARAM_INDICATION_AUTOMATION_PLAYING,
        CLAP_PARAM_INDICATION_AUTOMATION_PRESENT, CLAP_PARAM_INDICATION_AUTOMATION_RECORDING,
        clap_plugin_param_indication,
    },
    id::clap_id,
    plugin::clap_plugin,
};

use super::instance::Instance;
use crate::{
    editor::{Automation, Mapping},
    entry::text::utf8,
};

pub static TABLE: clap_plugin_param_indication = clap_plugin_param_indication {
    set_mapping: Some(set_mapping),
    set_automation: Some(set_automation),
};

/// Red, green and blue of the host's colour; `None` if it gives none.
///
/// # Safety
/// The pointer is null or one to a colour.
unsafe fn rgb(color: *const clap_color) -> Option<[u8; 3]> {
    // SAFETY: the caller's promise.
    let color = unsafe { color.as_ref() }?;
    Some([color.red, color.green, color.blue])
}

unsafe extern "C" fn set_mapping(
    plugin: *const clap_plugin,
    id: clap_id,
    has_mapping: bool,
    color: *const clap_color,
    label: *const c_char,
    description: *const c_char,
) {
    // SAFETY: the host's own pointer to an instance.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else {
        return;
    };
    let Some(param) = instance.param(id) else {
        return;
    };
    // SAFETY: texts that end in 0, by the standard, and a colour; each may be null.
    let mapping = has_mapping.then(|| unsafe {
        Mapping {
            label: shortened(utf8(label)),
            words: shortened(utf8(description)),
            color: rgb(color),
        }
    });
    let host = instance.calls.host();
    host.indicate(param.pointer, |told| told.mapping = mapping);
}

/// A host's text, in one line of a bearable length.
fn shortened(text: Option<&str>) -> String {
    const LONGEST: usize = 100;
    let line = text.unwrap_or_default().split_whitespace();
    let line = line.collect::<Vec<_>>().join(" ");
    line.chars().take(LONGEST).collect()
}

unsafe extern "C" fn set_automation(
    plugin: *const clap_plugin,
    id: clap_id,
    state: u32,
    color: *const clap_color,
) {
    // SAFETY: the host's own pointer to an instance.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else {
        return;
    };
    let Some(param) = instance.param(id) else {
        return;
    };
    let automation = match state {
        CLAP_PARAM_INDICATION_AUTOMATION_PRESENT => Automation::Present,
        CLAP_PARAM_INDICATION_AUTOMATION_PLAYING => Automation::Playing,
        CLAP_PARAM_INDICATION_AUTOMATION_RECORDING => Automation::Recording,
        CLAP_PARAM_INDICATION_AUTOMATION_OVERRIDING => Automation::Overriding,
        _ => Automation::None,
    };
    // SAFETY: as above.
    let color = unsafe { rgb(color) }.filter(|_| automation != Automation::None);
    instance.calls.host().indicate(param.pointer, |told| {
        told.automation = automation;
        told.automation_color = color;
    });
}
