//! What the window is drawn with: whether by a graphics card, or the processor in its place, on which colour; and that it stays
//! loaded.
#![allow(unsafe_code, reason = "OpenGL is asked, and kept")]

#[cfg(target_os = "linux")]
use std::{
    ffi::{CStr, CString, OsStr, c_int, c_void},
    os::unix::ffi::OsStrExt as _,
    path::Path,
};

use egui::{Color32, Rgba};
use glow::HasContext as _;
use nice_plug_egui::Frame;

/// What OpenGL calls itself where the processor computes the pixels: Mesa, Windows without a driver, ANGLE.
const BY_SOFTWARE: [&str; 5] = [
    "llvmpipe",
    "softpipe",
    "swrast",
    "GDI Generic",
    "SwiftShader",
];

/// Whether the processor computes the pixels of `frame`'s window.
pub fn is_software(frame: &Frame) -> bool {
    let Some(context) = frame.baseview_window().gl_context() else {
        return false;
    };
    // SAFETY: this is the window's thread, on which the context is current for this one question only.
    let name = unsafe {
        if context.make_current().is_err() {
            return false;
        }
        let name = frame.gl().get_parameter_string(glow::RENDERER);
        let _ = context.make_not_current();
        name
    };
    BY_SOFTWARE.iter().any(|software| name.contains(software))
}

/// Keeps what draws windows loaded for good, now that a window has it. baseview lets go of it with the last window, and Mesa leaves memory behind each
/// time that it goes: the names of its functions, about 10 kB, and its driver a mapping for code, some 40 kB of 10 MB. The next window would have to load
/// all of it anew.
#[cfg(target_os = "linux")]
pub fn keep_loaded() {
    let mut drivers: Vec<CString> = Vec::new();
    // SAFETY: the function has the type that the system calls, and what it is handed is this list, which outlives the call.
    unsafe { libc::dl_iterate_phdr(Some(note_driver), (&raw mut drivers).cast()) };
    let libraries = [c"libEGL.so.1", c"libGL.so.1"].into_iter();
    for name in libraries.chain(drivers.iter().map(CString::as_c_str)) {
        let flags = libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE;
        // SAFETY: a name that ends in 0. With these flags nothing is loaded that isn't there, and what is there stays.
        unsafe { libc::dlopen(name.as_ptr(), flags) };
    }
}

/// Adds the path of a loaded library to `drivers`, a list of paths, if it is a driver of Mesa's.
#[cfg(target_os = "linux")]
unsafe extern "C" fn note_driver(
    library: *mut libc::dl_phdr_info,
    _: libc::size_t,
    drivers: *mut c_void,
) -> c_int {
    // SAFETY: the system hands on what `keep_loaded` has, and describes a library that stays for the time of the call.
    let (drivers, name) = unsafe {
        let name = (*library).dlpi_name;
        if name.is_null() {
            return 0;
        }
        (&mut *drivers.cast::<Vec<CString>>(), CStr::from_ptr(name))
    };
    let file = Path::new(OsStr::from_bytes(name.to_bytes())).file_name();
    let file = file.map(OsStr::as_bytes).unwrap_or_default();
    if file.ends_with(b"_dri.so") || file.starts_with(b"libgallium") {
        drivers.push(name.to_owned());
    }
    0
}

/// Elsewhere the system's libraries are never unloaded.
#[cfg(not(target_os = "linux"))]
pub fn keep_loaded() {}

/// Has `frame`'s window cleared with `color`. egui-baseview 0.9.0 takes linear light and gives it to OpenGL as it is,
/// while egui paints gamma-encoded values: so these are given in the place of linear light.
pub fn clear_with(frame: &mut Frame, color: Color32) {
    let [red, green, blue, alpha] = color.to_normalized_gamma_f32();
    frame.set_clear_color(Rgba::from_rgba_premultiplied(red, green, blue, alpha));
}
