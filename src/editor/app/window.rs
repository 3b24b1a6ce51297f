//! The window that the editor lives in: nice-plug's and baseview's, with what they get wrong put right here.
//!
//! - **Closing.** baseview 0.4.2 tells its window thread to end but doesn't join it: it first asks the thread, which is
//!   already on its way out, to show the window, and gives up when no answer comes. A host that opens the next editor
//!   right away then has OpenGL opened and closed at the same time, which can crash in Mesa, and one that unloads the
//!   plugin has a thread left over in it. So [`Window`] waits until the system has that thread no more.
//! - **A gesture in the middle.** nice-plug-egui 0.6.0 never calls `editor_closed`: a host would hold on to a parameter
//!   whose knob was being dragged. [`Window`] calls it.
//! - **Scale.** baseview opens a window at scale 1 and yet believes that it has the scale that the host named before: on a
//!   screen of scale 2 the editor would come back half as large each time. So a window is opened without a scale, and then
//!   told.
//! - **A window that is never drawn**, on X11: see [`early_map`](super::native::early_map).
//! - **A refused size**: see [`host_size`](super::native::host_size).
//! - **The way to the main thread** is baseview's alone; the host's menu is asked for on that thread, too: see
//!   [`HostSide`].
//! - **Keys** on X11: see [`keys`](crate::editor::input::keys).
//!
//! With versions that have these right, this file goes and `EguiEditor` is the plugin's editor.
#![allow(unsafe_code, reason = "a host hands its window over as a pointer")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nice_plug::{
    context::gui::GuiContext,
    editor::{EditorHandle, HostMethods, SpawnedEditor, dpi::NativeSize},
    plugin::TrackInfo,
    prelude::{Editor, Modifiers, ParentWindowHandle, ResizeHint, VirtualKeyCode},
};
use nice_plug_egui::{
    EguiEditor, EguiEditorHandle, EguiEditorState, EguiNiceSettings, Frame, NiceEguiApp,
    RepaintNotifier,
    baseview::{self, HandlerError},
    create_egui_editor,
};

use super::{content::EditorApp, native::host_size::HostSize};
use crate::{editor::input::HostSide, engine::wait_until};

/// How long a window's thread may take to end. It takes a few milliseconds; a host isn't kept waiting for more than this.
const CLOSING: Duration = Duration::from_secs(2);

/// The window's content. The window's thread has it while the window is open; the host's main thread closes the window, and has it
/// then.
#[derive(Clone)]
struct Shared {
    app: Arc<Mutex<EditorApp>>,
    /// Where Linux shows the window's thread while it has it; elsewhere windows live on the host's thread.
    thread: Arc<Mutex<Option<PathBuf>>>,
    host_size: HostSize,
    host: Arc<HostSide>,
}

impl Shared {
    /// Notes that this thread is the window's.
    fn enter_thread(&self) {
        let own = std::fs::read_link("/proc/thread-self");
        *self.thread.lock().unwrap_or_else(PoisonError::into_inner) =
            own.ok().map(|own| Path::new("/proc").join(own));
    }

    fn thread_is_gone(&self) -> bool {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        thread.as_ref().is_none_or(|thread| !thread.exists())
    }
}

impl NiceEguiApp for Shared {
    fn build(
        &mut self,
        egui_ctx: egui::Context,
        context: GuiContext,
        frame: &mut Frame,
    ) -> Result<(), HandlerError> {
        self.enter_thread();
        let mut app = self.app.lock().unwrap_or_else(PoisonError::into_inner);
        app.build(egui_ctx, context, frame)
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut Frame) {
        let mut app = self.app.lock().unwrap_or_else(PoisonError::into_inner);
        app.ui(ui, frame);
    }
}

/// The plugin's editor, on the host's main thread.
pub struct MoodringEditor {
    inner: EguiEditor<Shared>,
    shared: Shared,
    repaint: RepaintNotifier,
}

impl MoodringEditor {
    /// Makes an editor that shows `app`.
    pub fn new(
        state: Arc<EguiEditorState>,
        repaint: RepaintNotifier,
        settings: EguiNiceSettings,
        app: EditorApp,
    ) -> Option<Self> {
        let shared = Shared {
            host_size: app.host_size(),
            host: app.host(),
            app: Arc::new(Mutex::new(app)),
            thread: Arc::default(),
        };
        Some(Self {
            inner: create_egui_editor(state, repaint.clone(), settings, shared.clone())?,
            shared,
            repaint,
        })
    }
}

impl MoodringEditor {
    /// The host, besides its parameters.
    pub fn host(&self) -> &Arc<HostSide> {
        &self.shared.host
    }
}

impl Editor for MoodringEditor {
    type Handle = Handle;

    fn spawn(
        &self,
        parent: Option<ParentWindowHandle>,
        wait_for_parent: bool,
        fallback_scale_factor: Option<f64>,
        gui_context: GuiContext,
        host: Option<HostMethods>,
    ) -> Result<SpawnedEditor<Handle>, Box<dyn Error>> {
        let host_size = &self.shared.host_size;
        host_size.forget();
        let host = host.map(|host| HostMethods {
            callbacks: host_size.heard_from(host.callbacks, self.repaint.clone()),
            main_thread_caller: self.shared.host.open(host.main_thread_caller),
        });
        let SpawnedEditor { handle, window } =
            self.inner
                .spawn(parent, wait_for_parent, None, gui_context, host)?;
        if let Some(scale) = fallback_scale_factor {
            handle.set_fallback_scale_factor(scale, &window)?;
        }
        host_size.agree(window.size().physical);
        Ok(SpawnedEditor {
            handle: Handle { inner: handle },
            window: Window {
                inner: Some(window),
                shared: self.shared.clone(),
            },
        })
    }

    fn size(&self) -> NativeSize<u32> {
        self.inner.size()
    }

    fn resize_hint(&self) -> ResizeHint {
        self.inner.resize_hint()
    }

    fn track_info_updated(&self, info: TrackInfo) {
        self.inner.track_info_updated(info);
    }

    unsafe fn assume_standalone_in_process(&self) {
        // SAFETY: the caller's promise is the same.
        unsafe { self.inner.assume_standalone_in_process() }
    }
}

/// An open window, on the host's main thread. Dropping it closes the window and waits until its thread is gone.
pub struct Window {
    /// Present until it is closed.
    inner: Option<baseview::Window>,
    shared: Shared,
}

impl Drop for Window {
    fn drop(&mut self) {
        drop(self.inner.take());
        self.shared.host.close();
        wait_until(CLOSING, || self.shared.thread_is_gone());
        // A thread that doesn't end may hold the app.
        if let Ok(mut app) = self.shared.app.try_lock() {
            app.editor_closed();
        }
    }
}

/// Carries the host's wishes to an open window, on the host's main thread.
pub struct Handle {
    inner: EguiEditorHandle,
}

/// Carries a wish out, unless the window is closed already.
fn with<T: Default>(
    window: &Window,
    wish: impl FnOnce(&baseview::Window) -> Result<T, baseview::Error>,
) -> Result<T, baseview::Error> {
    window.inner.as_ref().map_or(Ok(T::default()), wish)
}

impl EditorHandle for Handle {
    type Window = Window;
    type Error = baseview::Error;

    fn run_until_closed(mut window: Window) -> Result<(), baseview::Error> {
        match window.inner.take() {
            Some(inner) => inner.run_until_closed(),
            None => Ok(()),
        }
    }

    fn set_parent(
        &self,
        parent: ParentWindowHandle,
        window: &Window,
    ) -> Result<(), baseview::Error> {
        with(window, |window| self.inner.set_parent(parent, window))
    }

    fn show(&self, window: &Window) -> Result<(), baseview::Error> {
        with(window, |window| self.inner.show(window))
    }

    fn hide(&self, window: &Window) -> Result<(), baseview::Error> {
        with(window, |window| self.inner.hide(window))
    }

    fn set_size(&self, size: NativeSize<u32>, window: &Window) -> Result<(), baseview::Error> {
        with(window, |inner| {
            self.inner.set_size(size, inner)?;
            let scale = inner.size().scale_factor;
            window.shared.host_size.agree(size.to_physical(scale));
            Ok(())
        })
    }

    fn host_main_thread_callback(&self, window: &Window) {
        if let Some(window) = &window.inner {
            self.inner.host_main_thread_callback(window);
        }
    }

    fn adjust_size(&self, size: NativeSize<u32>, window: &Window) -> Option<NativeSize<u32>> {
        self.inner.adjust_size(size, window.inner.as_ref()?)
    }

    fn set_fallback_scale_factor(
        &self,
        scale: f64,
        window: &Window,
    ) -> Result<(), baseview::Error> {
        with(window, |inner| {
            self.inner.set_fallback_scale_factor(scale, inner)?;
            window.shared.host_size.agree(inner.size().physical);
            Ok(())
        })
    }

    fn on_virtual_key_from_host(
        &self,
        key: VirtualKeyCode,
        is_down: bool,
        modifiers: Modifiers,
    ) -> bool {
        self.inner.on_virtual_key_from_host(key, is_down, modifiers)
    }

    fn state_changed(&self) {
        self.inner.state_changed();
    }

    fn param_value_changed(&self, id: &str, normalized: f32) {
        self.inner.param_value_changed(id, normalized);
    }

    fn param_modulation_changed(&self, id: &str, offset: f32) {
        self.inner.param_modulation_changed(id, offset);
    }
}
