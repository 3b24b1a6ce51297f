//! What the plugin may call in the host: every call only leaves a note, which [`Plugin::pump`](crate::Plugin::pump)
//! acts on. Nothing here calls back into the plugin, so no call can be re-entrant.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::ThreadId;

use clack_extensions::gui::{GuiSize, HostGui, HostGuiImpl};
use clack_extensions::latency::{HostLatency, HostLatencyImpl};
use clack_extensions::params::{
    HostParams, HostParamsImplMainThread, HostParamsImplShared, ParamClearFlags, ParamRescanFlags,
};
use clack_extensions::state::{HostState, HostStateImpl};
use clack_extensions::thread_check::{HostThreadCheck, HostThreadCheckImpl};
use clack_host::prelude::*;

thread_local! {
    /// Whether this thread is inside a call that belongs to the audio thread.
    static IN_AUDIO_CALL: Cell<bool> = const { Cell::new(false) };
}

/// Runs `call` as the audio thread. CLAP's audio thread is a role, not a system thread: a test may process on its main
/// thread, and the plugin must still be told that it is not on the main thread then.
pub(crate) fn as_audio_thread<T>(call: impl FnOnce() -> T) -> T {
    let before = IN_AUDIO_CALL.replace(true);
    let result = call();
    IN_AUDIO_CALL.set(before);
    result
}

/// The notes that the plugin left.
#[derive(Default)]
pub(crate) struct Requests {
    pub(crate) callback: AtomicBool,
    pub(crate) restart: AtomicBool,
    pub(crate) flush: AtomicBool,
    pub(crate) values_changed: AtomicBool,
    pub(crate) latency_changed: AtomicBool,
    pub(crate) state_dirty: AtomicBool,
    pub(crate) editor_closed: AtomicBool,
    /// The wanted window size, packed; 0 when there is no request.
    resize: AtomicU64,
}

impl Requests {
    /// The size that the editor wants its window to have, once.
    pub(crate) fn take_resize(&self) -> Option<GuiSize> {
        match self.resize.swap(0, Ordering::AcqRel) {
            0 => None,
            packed => Some(GuiSize::unpack_from_u64(packed)),
        }
    }
}

pub(crate) struct Handlers;

impl HostHandlers for Handlers {
    type Shared<'a> = Shared;
    type MainThread<'a> = MainThread;
    type AudioProcessor<'a> = ();

    fn declare_extensions(builder: &mut HostExtensions<Self>, _shared: &Self::Shared<'_>) {
        builder
            .register::<HostGui>()
            .register::<HostLatency>()
            .register::<HostParams>()
            .register::<HostState>()
            .register::<HostThreadCheck>();
    }
}

pub(crate) struct Shared {
    pub(crate) requests: Arc<Requests>,
    pub(crate) main_thread: ThreadId,
}

impl SharedHandler<'_> for Shared {
    fn request_restart(&self) {
        self.requests.restart.store(true, Ordering::Release);
    }

    // A host that renders on demand has nothing to wake up.
    fn request_process(&self) {}

    fn request_callback(&self) {
        self.requests.callback.store(true, Ordering::Release);
    }
}

impl HostThreadCheckImpl for Shared {
    fn is_main_thread(&self) -> bool {
        std::thread::current().id() == self.main_thread && !IN_AUDIO_CALL.get()
    }

    fn is_audio_thread(&self) -> bool {
        IN_AUDIO_CALL.get()
    }
}

impl HostParamsImplShared for Shared {
    fn request_flush(&self) {
        self.requests.flush.store(true, Ordering::Release);
    }
}

impl HostGuiImpl for Shared {
    // The window is not resizable by a user, so there are no hints to ask for.
    fn resize_hints_changed(&self) {}

    fn request_resize(&self, new_size: GuiSize) -> Result<(), HostError> {
        self.requests
            .resize
            .store(new_size.pack_to_u64(), Ordering::Release);
        Ok(())
    }

    fn request_show(&self) -> Result<(), HostError> {
        Ok(())
    }

    fn request_hide(&self) -> Result<(), HostError> {
        Ok(())
    }

    fn closed(&self, _was_destroyed: bool) {
        self.requests.editor_closed.store(true, Ordering::Release);
    }
}

pub(crate) struct MainThread {
    pub(crate) requests: Arc<Requests>,
}

impl MainThreadHandler<'_> for MainThread {}

impl HostLatencyImpl for MainThread {
    fn changed(&self) {
        self.requests.latency_changed.store(true, Ordering::Release);
    }
}

impl HostParamsImplMainThread for MainThread {
    fn rescan(&self, _flags: ParamRescanFlags) {
        self.requests.values_changed.store(true, Ordering::Release);
    }

    fn clear(&self, _param_id: ClapId, _flags: ParamClearFlags) {}
}

impl HostStateImpl for MainThread {
    fn mark_dirty(&self) {
        self.requests.state_dirty.store(true, Ordering::Release);
    }
}
