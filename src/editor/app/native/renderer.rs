//! What the window is drawn with: whether by a graphics card, or the processor in its place, and on which colour.
#![allow(unsafe_code, reason = "OpenGL is asked")]

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

/// Has `frame`'s window cleared with `color`. egui-baseview 0.9.0 takes linear light and gives it to OpenGL as it is,
/// while egui paints gamma-encoded values: so these are given in the place of linear light.
pub fn clear_with(frame: &mut Frame, color: Color32) {
    let [red, green, blue, alpha] = color.to_normalized_gamma_f32();
    frame.set_clear_color(Rgba::from_rgba_premultiplied(red, green, blue, alpha));
}
