//! OpenGL's side of it: a window that keeps its picture, and a painter that doesn't clear it.
#![allow(unsafe_code, reason = "OpenGL and EGL are called")]

use std::ffi::{CStr, c_int, c_uint, c_void};

use egui::Color32;
use glow::HasContext as _;
use nice_plug_egui::{Frame, baseview::gl::GlContext};

/// EGL 1.4, section 3.5.6: what becomes of a window's picture when it is shown.
const DRAW: c_int = 0x3059;
const SWAP_BEHAVIOR: c_int = 0x3093;
const BUFFER_PRESERVED: c_int = 0x3094;

type GetCurrentDisplay = unsafe extern "system" fn() -> *mut c_void;
type GetCurrentSurface = unsafe extern "system" fn(c_int) -> *mut c_void;
type SurfaceAttrib = unsafe extern "system" fn(*mut c_void, *mut c_void, c_int, c_int) -> c_uint;

/// Has the window keep its picture from one frame to the next. Returns whether it does: EGL's software renderer can, others don't.
pub fn keep_picture(frame: &Frame) -> bool {
    let Some(context) = frame.baseview_window().gl_context() else {
        return false;
    };
    // SAFETY: this is the window's thread, on which the context is current for this one question only.
    unsafe {
        if context.make_current().is_err() {
            return false;
        }
        let keeps = preserve(&context).unwrap_or(false);
        let _ = context.make_not_current();
        keeps
    }
}

/// Asks EGL for it; `None` if it was another that made the context.
///
/// # Safety
/// `context` must be current.
unsafe fn preserve(context: &GlContext) -> Option<bool> {
    let function = |name: &CStr| {
        let address = context.get_proc_address(name);
        (!address.is_null()).then_some(address)
    };
    let display = function(c"eglGetCurrentDisplay")?;
    let surface = function(c"eglGetCurrentSurface")?;
    let attrib = function(c"eglSurfaceAttrib")?;
    // SAFETY: EGL 1.4 has these functions with these types; what they return belongs to the context that is current.
    unsafe {
        let display = std::mem::transmute::<*const c_void, GetCurrentDisplay>(display)();
        let surface = std::mem::transmute::<*const c_void, GetCurrentSurface>(surface)(DRAW);
        let attrib = std::mem::transmute::<*const c_void, SurfaceAttrib>(attrib);
        (!display.is_null() && !surface.is_null())
            .then(|| attrib(display, surface, SWAP_BEHAVIOR, BUFFER_PRESERVED) != 0)
    }
}

/// Turns painting off: egui-baseview clears the whole window before each frame, and has no other way to be kept from it.
pub fn end_picture(painter: &egui_glow::Painter) {
    // SAFETY: the painter calls this with its context current.
    unsafe { painter.gl().enable(glow::RASTERIZER_DISCARD) };
}

/// Turns painting on again.
pub fn begin_picture(painter: &egui_glow::Painter) {
    // SAFETY: as above.
    unsafe { painter.gl().disable(glow::RASTERIZER_DISCARD) };
}

/// Fills an area, which is as OpenGL counts, with `color`: at a fraction of what a rectangle costs.
pub fn clear(painter: &egui_glow::Painter, area: [i32; 4], color: Color32) {
    let [red, green, blue, alpha] = color.to_normalized_gamma_f32();
    let [left, bottom, width, height] = area;
    let gl = painter.gl();
    // SAFETY: as above. The painter sets its own scissors behind this.
    unsafe {
        gl.enable(glow::SCISSOR_TEST);
        gl.scissor(left, bottom, width, height);
        gl.clear_color(red, green, blue, alpha);
        gl.clear(glow::COLOR_BUFFER_BIT);
    }
}
