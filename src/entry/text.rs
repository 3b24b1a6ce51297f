//! Texts that a host hands over.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

use std::ffi::{CStr, c_char};

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
