//! The editor's view: the framework's, between a host and the frame that the host gives it.
//!
//! The framework registers an event handler with the host's run loop for each frame, and never takes it back: a handler,
//! two files and, since it holds the frame, the frame are left behind by each editor. It also ends the process where a
//! host refuses the handler. And what its window thread wants from the main thread goes to a worker once the frame is gone.
//! So it gets a frame of ours, and [`View::take_frame`] is what it misses.

use std::ffi::c_void;
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicPtr, Ordering},
};

use nice_plug::wrapper::vst3::vst3::{
    Class, ComPtr, ComRef, ComWrapper,
    Steinberg::{
        FIDString, FUnknown, IPlugFrame, IPlugFrameTrait, IPlugView, IPlugViewContentScaleSupport,
        IPlugViewContentScaleSupport_::ScaleFactor,
        IPlugViewContentScaleSupportTrait, IPlugViewTrait,
        Linux::{
            FileDescriptor, IEventHandler, IEventHandlerTrait, IRunLoop, IRunLoopTrait,
            ITimerHandler, TimerInterval,
        },
        TBool, ViewRect, char16, int16, kInvalidArgument, kNotImplemented, kResultFalse, kResultOk,
        tresult,
    },
};

use super::{context_menu, link::Link};
use crate::thread::MainThread;

/// What the host holds of the editor; its main thread calls it. The framework has one window for an instance, and so one view, which is that of the [`View`] that is
/// attached.
pub struct View {
    inner: ComPtr<IPlugView>,
    scale: ComPtr<IPlugViewContentScaleSupport>,
    link: Arc<Link>,
    /// The host's frame.
    host: Mutex<Option<ComPtr<IPlugFrame>>>,
    /// What the framework has of it; there is one while this view is attached.
    frame: Mutex<Option<ComWrapper<Frame>>>,
    is_attached: AtomicBool,
    /// This view as the host knows it; null before it does and once it is gone.
    own: Arc<AtomicPtr<IPlugView>>,
}

impl Class for View {
    type Interfaces = (IPlugView, IPlugViewContentScaleSupport);
}

impl View {
    /// The view to give to a host, with a reference of its own.
    pub fn around(inner: ComPtr<IPlugView>, link: Arc<Link>) -> Option<ComPtr<IPlugView>> {
        let view = ComWrapper::new(Self {
            scale: inner.cast()?,
            inner,
            link,
            host: Mutex::default(),
            frame: Mutex::default(),
            is_attached: AtomicBool::new(false),
            own: Arc::default(),
        });
        let own = view.to_com_ptr::<IPlugView>()?;
        view.own.store(own.as_ptr(), Ordering::Release);
        Some(own)
    }

    /// Gives the framework the host's frame, if there is one.
    fn give_frame(&self, main: &MainThread) {
        let host = {
            let place = self.host.lock().unwrap_or_else(PoisonError::into_inner);
            place.clone()
        };
        let Some(host) = host else {
            return;
        };
        let frame = ComWrapper::new(Frame {
            run_loop: host.cast(),
            host,
            handler: Mutex::default(),
            view: self.own.clone(),
            link: self.link.clone(),
        });
        if let Some(told) = frame.as_com_ref::<IPlugFrame>() {
            // SAFETY: a live object, which the framework holds from here on.
            unsafe { self.inner.setFrame(told.as_ptr()) };
        }
        self.link.set_run_loop(frame.is_registered(), main);
        *self.frame.lock().unwrap_or_else(PoisonError::into_inner) = Some(frame);
    }

    /// Takes the host's frame from the framework, and all that the framework has made with it.
    fn take_frame(&self, main: &MainThread) {
        let frame = {
            let mut place = self.frame.lock().unwrap_or_else(PoisonError::into_inner);
            place.take()
        };
        let Some(frame) = frame else {
            return;
        };
        // From here on the window's thread is told that there is no main thread to ask.
        self.link.set_run_loop(false, main);
        let handler = frame.unregister();
        // SAFETY: a live object's own method; the handler is held by a reference of ours until the end.
        unsafe {
            if let Some(handler) = &handler {
                // What is still to be done is done here, on the main thread, rather than by the worker.
                handler.handler.onFDIsSet(handler.file);
            }
            self.inner.setFrame(std::ptr::null_mut());
            if let Some(handler) = handler {
                release_for_good(handler.handler);
            }
        }
    }

    /// Takes the window away, if it is this view's.
    fn detach(&self, main: &MainThread) -> tresult {
        if !self.is_attached.swap(false, Ordering::AcqRel) {
            return kResultFalse;
        }
        self.link
            .view
            .store(std::ptr::null_mut(), Ordering::Release);
        // SAFETY: the framework says no if there is no window.
        let result = unsafe { self.inner.removed() };
        self.take_frame(main);
        self.link.has_window.store(false, Ordering::Release);
        result
    }
}

impl Drop for View {
    fn drop(&mut self) {
        self.own.store(std::ptr::null_mut(), Ordering::Release);
        self.detach(&MainThread::assume());
    }
}

/// Gives a handler back, and the reference to it that the framework has forgotten, if it has.
///
/// # Safety
/// The framework has no use for it any more.
unsafe fn release_for_good(handler: ComPtr<IEventHandler>) {
    let handler = handler.into_raw().cast::<FUnknown>();
    // SAFETY: the reference is ours; the other one is nobody's, see the caller's promise.
    unsafe {
        let release = (*(*handler).vtbl).release;
        if release(handler) == 1 {
            release(handler);
        }
    }
}

/// The framework's event handler.
struct Handler {
    handler: ComPtr<IEventHandler>,
    file: FileDescriptor,
    /// What the host has of it, if it has taken it.
    registered: Option<ComPtr<IEventHandler>>,
}

/// What the framework takes for the host's frame and run loop.
struct Frame {
    host: ComPtr<IPlugFrame>,
    run_loop: Option<ComPtr<IRunLoop>>,
    /// What the framework has registered.
    handler: Mutex<Option<Handler>>,
    view: Arc<AtomicPtr<IPlugView>>,
    link: Arc<Link>,
}

/// What the host calls in the place of the framework's handler: behind that it grants what the editor waits for, while no lock of the
/// framework's is held, since a host's menu may stay for as long as the user likes.
struct Relay {
    handler: ComPtr<IEventHandler>,
    link: Arc<Link>,
}

impl Class for Relay {
    type Interfaces = (IEventHandler,);
}

impl IEventHandlerTrait for Relay {
    unsafe fn onFDIsSet(&self, file: FileDescriptor) {
        // SAFETY: the framework's own handler, and what it has registered.
        unsafe { self.handler.onFDIsSet(file) };
        let main = MainThread::assume();
        context_menu::serve(&self.link, &main);
        self.link.tell_texts(&main);
    }
}

impl Class for Frame {
    type Interfaces = (IPlugFrame, IRunLoop);
}

impl Frame {
    /// Takes the handler from the host.
    fn unregister(&self) -> Option<Handler> {
        let mut handler = {
            let mut place = self.handler.lock().unwrap_or_else(PoisonError::into_inner);
            place.take()?
        };
        if let (Some(run_loop), Some(registered)) = (&self.run_loop, handler.registered.take()) {
            // SAFETY: the host's own object, and what it was given.
            unsafe { run_loop.unregisterEventHandler(registered.as_ptr()) };
        }
        Some(handler)
    }

    /// Whether the host calls the handler.
    fn is_registered(&self) -> bool {
        let place = self.handler.lock().unwrap_or_else(PoisonError::into_inner);
        place
            .as_ref()
            .is_some_and(|handler| handler.registered.is_some())
    }
}

impl IPlugFrameTrait for Frame {
    unsafe fn resizeView(&self, _view: *mut IPlugView, size: *mut ViewRect) -> tresult {
        let view = self.view.load(Ordering::Acquire);
        if view.is_null() || size.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: the host's own object; the view is there as long as the pointer is.
        unsafe { self.host.resizeView(view, size) }
    }
}

impl IRunLoopTrait for Frame {
    /// The framework ends the process if it is refused.
    unsafe fn registerEventHandler(
        &self,
        handler: *mut IEventHandler,
        file: FileDescriptor,
    ) -> tresult {
        // SAFETY: the framework's own.
        let Some(held) = (unsafe { ComRef::from_raw(handler) }) else {
            return kInvalidArgument;
        };
        let relay = ComWrapper::new(Relay {
            handler: held.to_com_ptr(),
            link: self.link.clone(),
        });
        let relay = relay.to_com_ptr::<IEventHandler>();
        let registered = self.run_loop.as_ref().zip(relay);
        // SAFETY: the host's own object.
        let registered = registered.filter(|(run_loop, relay)| unsafe {
            run_loop.registerEventHandler(relay.as_ptr(), file) == kResultOk
        });
        let mut place = self.handler.lock().unwrap_or_else(PoisonError::into_inner);
        *place = Some(Handler {
            handler: held.to_com_ptr(),
            file,
            registered: registered.map(|(_, relay)| relay),
        });
        kResultOk
    }

    /// The host has given it back already.
    unsafe fn unregisterEventHandler(&self, _handler: *mut IEventHandler) -> tresult {
        kResultOk
    }

    unsafe fn registerTimer(&self, _: *mut ITimerHandler, _: TimerInterval) -> tresult {
        kNotImplemented
    }

    unsafe fn unregisterTimer(&self, _: *mut ITimerHandler) -> tresult {
        kNotImplemented
    }
}

impl IPlugViewTrait for View {
    unsafe fn isPlatformTypeSupported(&self, platform: FIDString) -> tresult {
        if platform.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: a text that ends in 0, by the standard.
        unsafe { self.inner.isPlatformTypeSupported(platform) }
    }

    unsafe fn attached(&self, parent: *mut c_void, platform: FIDString) -> tresult {
        if parent.is_null() || platform.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: as above. The framework takes other platforms' windows for its own.
        if unsafe { self.inner.isPlatformTypeSupported(platform) } != kResultOk
            || self.link.has_window.swap(true, Ordering::AcqRel)
        {
            return kResultFalse;
        }
        self.is_attached.store(true, Ordering::Release);
        let own = self.own.load(Ordering::Acquire);
        self.link.view.store(own, Ordering::Release);
        let main = MainThread::assume();
        self.give_frame(&main);
        // SAFETY: as above.
        let result = unsafe { self.inner.attached(parent, platform) };
        if result != kResultOk {
            self.detach(&main);
        }
        result
    }

    unsafe fn removed(&self) -> tresult {
        self.detach(&MainThread::assume())
    }

    unsafe fn onWheel(&self, distance: f32) -> tresult {
        // SAFETY: the host's own call; so below.
        unsafe { self.inner.onWheel(distance) }
    }

    unsafe fn onKeyDown(&self, key: char16, code: int16, modifiers: int16) -> tresult {
        // SAFETY: as above.
        unsafe { self.inner.onKeyDown(key, code, modifiers) }
    }

    unsafe fn onKeyUp(&self, key: char16, code: int16, modifiers: int16) -> tresult {
        // SAFETY: as above.
        unsafe { self.inner.onKeyUp(key, code, modifiers) }
    }

    unsafe fn getSize(&self, size: *mut ViewRect) -> tresult {
        // SAFETY: as above; the framework refuses null, here and below.
        unsafe { self.inner.getSize(size) }
    }

    unsafe fn onSize(&self, size: *mut ViewRect) -> tresult {
        // SAFETY: as above.
        unsafe { self.inner.onSize(size) }
    }

    unsafe fn onFocus(&self, state: TBool) -> tresult {
        // SAFETY: as above.
        unsafe { self.inner.onFocus(state) }
    }

    unsafe fn setFrame(&self, host: *mut IPlugFrame) -> tresult {
        let main = MainThread::assume();
        self.take_frame(&main);
        // SAFETY: the host's own object, or null.
        let host = unsafe { ComRef::from_raw(host) }.map(|host| host.to_com_ptr());
        let before = {
            let mut place = self.host.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *place, host)
        };
        drop(before);
        if self.is_attached.load(Ordering::Acquire) {
            self.give_frame(&main);
        }
        kResultOk
    }

    unsafe fn canResize(&self) -> tresult {
        // SAFETY: as above.
        unsafe { self.inner.canResize() }
    }

    unsafe fn checkSizeConstraint(&self, rectangle: *mut ViewRect) -> tresult {
        // SAFETY: as above.
        unsafe { self.inner.checkSizeConstraint(rectangle) }
    }
}

impl IPlugViewContentScaleSupportTrait for View {
    unsafe fn setContentScaleFactor(&self, factor: ScaleFactor) -> tresult {
        // SAFETY: as above.
        unsafe { self.scale.setContentScaleFactor(factor) }
    }
}
