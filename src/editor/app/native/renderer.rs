//! What the window is drawn with: whether by a graphics card, or the processor in its place, on which colour; and that it stays
//! loaded.
#![allow(unsafe_code, reason = "OpenGL is asked, and kept")]

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

/// Keeps the library that draws windows loaded for good, now that a window has it. baseview lets go of it with each window, and Mesa leaves
/// the names of its functions behind each time that it goes, about 10 kB; the next window would have to load it anew.
#[cfg(target_os = "linux")]
pub fn keep_loaded() {
    for name in [c"libEGL.so.1", c"libGL.so.1"] {
        let flags = libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE;
        // SAFETY: a name that ends in 0. With these flags nothing is loaded that isn't there, and what is there stays.
        unsafe { libc::dlopen(name.as_ptr(), flags) };
    }
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
