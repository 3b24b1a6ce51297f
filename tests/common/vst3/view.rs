//! An editor's view in a window of X11.

use std::ffi::c_void;
use std::sync::Mutex;

use moodring_host::Display;
use nice_plug::wrapper::vst3::vst3::Steinberg::Linux::{
    FileDescriptor, IEventHandler, IEventHandlerTrait, IRunLoop, IRunLoopTrait, ITimerHandler,
    TimerInterval,
};
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::IEditControllerTrait;
use nice_plug::wrapper::vst3::vst3::Steinberg::{
    IPlugFrame, IPlugFrameTrait, IPlugView, IPlugViewTrait, ViewRect, kNotImplemented, kResultOk,
    tresult,
};
use nice_plug::wrapper::vst3::vst3::{Class, ComPtr, ComRef, ComWrapper};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt as _, CreateWindowAux, WindowClass};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use super::Vst3;

/// Removed and given back when dropped.
pub struct OpenView {
    view: ComPtr<IPlugView>,
    frame: Frame,
    connection: RustConnection,
    window: u32,
}

/// With the run loop that Linux hosts have to offer, or without.
enum Frame {
    Whole(ComWrapper<FrameWithLoop>),
    Bare(ComWrapper<BareFrame>),
}

impl OpenView {
    /// Shows the editor. `has_run_loop`: whether its frame has one.
    pub fn open(vst3: &Vst3, display: &Display, has_run_loop: bool) -> Self {
        let (connection, screen) = RustConnection::connect(Some(display.name())).unwrap();
        let root = connection.setup().roots[screen].root;
        let window = connection.generate_id().unwrap();
        connection
            .create_window(
                x11rb::COPY_DEPTH_FROM_PARENT,
                window,
                root,
                0,
                0,
                960,
                620,
                0,
                WindowClass::INPUT_OUTPUT,
                0,
                &CreateWindowAux::new(),
            )
            .unwrap();
        connection.map_window(window).unwrap();
        connection.sync().unwrap();
        let frame = if has_run_loop {
            Frame::Whole(ComWrapper::new(FrameWithLoop::default()))
        } else {
            Frame::Bare(ComWrapper::new(BareFrame))
        };
        // SAFETY: as the standard says.
        let view = unsafe {
            let view = vst3.controller.createView(c"editor".as_ptr());
            let view = ComPtr::from_raw(view).unwrap();
            let told = match &frame {
                Frame::Whole(frame) => frame.as_com_ref::<IPlugFrame>(),
                Frame::Bare(frame) => frame.as_com_ref::<IPlugFrame>(),
            };
            assert_eq!(view.setFrame(told.unwrap().as_ptr()), kResultOk);
            let parent = window as usize as *mut c_void;
            let attached = view.attached(parent, c"X11EmbedWindowID".as_ptr());
            assert_eq!(attached, kResultOk);
            view
        };
        Self {
            view,
            frame,
            connection,
            window,
        }
    }

    /// The window's number.
    pub fn window(&self) -> u32 {
        self.window
    }

    /// The view, as the host holds it.
    pub fn view(&self) -> *mut IPlugView {
        self.view.as_ptr()
    }

    /// Does what the plugin wants from the main thread.
    pub fn pump(&self) {
        if let Frame::Whole(frame) = &self.frame {
            let handlers: Vec<_> = frame.handlers.lock().unwrap().clone();
            for (handler, file) in handlers {
                // SAFETY: registered, and so alive. It reads what is there, and never waits.
                unsafe { handler.onFDIsSet(file) };
            }
        }
    }

    /// How many handlers the plugin has registered and not taken back.
    pub fn handlers(&self) -> usize {
        match &self.frame {
            Frame::Whole(frame) => frame.handlers.lock().unwrap().len(),
            Frame::Bare(_) => 0,
        }
    }

    /// Removes the view, without giving it back. How many handlers the plugin has left behind.
    pub fn close(self) -> usize {
        // SAFETY: as the standard says.
        unsafe {
            assert_eq!(self.view.removed(), kResultOk);
            assert_eq!(self.view.setFrame(std::ptr::null_mut()), kResultOk);
        }
        self.handlers()
    }
}

impl Drop for OpenView {
    fn drop(&mut self) {
        // SAFETY: as the standard says; a second time does no harm.
        unsafe {
            self.view.removed();
            self.view.setFrame(std::ptr::null_mut());
        }
        let _ = self.connection.destroy_window(self.window);
        let _ = self.connection.sync();
    }
}

struct BareFrame;

impl Class for BareFrame {
    type Interfaces = (IPlugFrame,);
}

impl IPlugFrameTrait for BareFrame {
    unsafe fn resizeView(&self, view: *mut IPlugView, size: *mut ViewRect) -> tresult {
        // SAFETY: the view's own call.
        unsafe { ComRef::from_raw(view).unwrap().onSize(size) }
    }
}

#[derive(Default)]
struct FrameWithLoop {
    handlers: Mutex<Vec<(ComPtr<IEventHandler>, FileDescriptor)>>,
}

impl Class for FrameWithLoop {
    type Interfaces = (IPlugFrame, IRunLoop);
}

impl IPlugFrameTrait for FrameWithLoop {
    unsafe fn resizeView(&self, view: *mut IPlugView, size: *mut ViewRect) -> tresult {
        // SAFETY: the view's own call.
        unsafe { ComRef::from_raw(view).unwrap().onSize(size) }
    }
}

impl IRunLoopTrait for FrameWithLoop {
    unsafe fn registerEventHandler(
        &self,
        handler: *mut IEventHandler,
        file: FileDescriptor,
    ) -> tresult {
        // SAFETY: the plugin's own.
        let handler = unsafe { ComRef::from_raw(handler) }.unwrap().to_com_ptr();
        self.handlers.lock().unwrap().push((handler, file));
        kResultOk
    }

    unsafe fn unregisterEventHandler(&self, handler: *mut IEventHandler) -> tresult {
        let mut handlers = self.handlers.lock().unwrap();
        handlers.retain(|(there, _)| there.as_ptr() != handler);
        kResultOk
    }

    unsafe fn registerTimer(&self, _: *mut ITimerHandler, _: TimerInterval) -> tresult {
        kNotImplemented
    }

    unsafe fn unregisterTimer(&self, _: *mut ITimerHandler) -> tresult {
        kNotImplemented
    }
}
