//! Tells whether a graphics card draws the window, or the processor in its place.
#![allow(unsafe_code, reason = "OpenGL is asked")]

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
