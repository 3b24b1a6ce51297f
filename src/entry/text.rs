//! Texts that a host hands over.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

use std::ffi::{CStr, c_char};

/// A text in UTF-16 that ends in 0, or where there is no more. What is no UTF-16 is U+FFFD.
pub fn utf16(units: impl IntoIterator<Item = u16>) -> String {
    let units: Vec<u16> = units.into_iter().take_while(|unit| *unit != 0).collect();
    String::from_utf16_lossy(&units)
}

/// Reads a host's text; `None` if there is none or it isn't UTF-8.
///
/// # Safety
/// `text` is null or points to a text that ends in 0 and lives for `'a`.
pub unsafe fn utf8<'a>(text: *const c_char) -> Option<&'a str> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_str().ok()
}
