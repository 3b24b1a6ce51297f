//! The plugin as nice-plug's VST3 half sees it: its parameters and its editor. The sound goes another way, see [`super::processor`].
//!
//! The editor gets a context and a window of our own making, which queue nothing at the framework's worker.

use std::cell::RefCell;
use std::error::Error;
use std::sync::{Arc, PoisonError};

use nice_plug::{
    context::{
        PluginApi,
        gui::{AsyncExecutor, GuiContext, GuiContextInner},
    },
    editor::{HostMainThreadCaller, HostMethods, SpawnedEditor, dpi::NativeSize},
    plugin::{PluginState, TrackInfo},
    prelude::*,
    wrapper::vst3::vst3::{
        ComPtr,
        Steinberg::Vst::{IComponentHandler, IComponentHandlerTrait, RestartFlags_},
    },
};

use super::{link::Link, state};
use crate::{
    editor::MoodringEditor,
    engine::Process,
    entry::background_thread,
    params::Grouped,
    plugin::Moodring,
    thread::{EditorThread, MainThread},
};

thread_local! {
    /// The link of the instance that this thread has made last: the framework makes it and doesn't hand it out.
    static MADE: RefCell<Option<Arc<Link>>> = const { RefCell::new(None) };
}

/// The link of the [`Hosted`] that this thread has just made.
pub fn take_made() -> Option<Arc<Link>> {
    MADE.take()
}

/// The plugin as the framework owns it, on the main thread.
pub struct Hosted {
    link: Arc<Link>,
    /// Where this was made.
    home: Process,
}

impl Default for Hosted {
    fn default() -> Self {
        let link = Arc::new(Link::new(Moodring::default()));
        MADE.set(Some(link.clone()));
        Self {
            link,
            home: Process::current(),
        }
    }
}

impl Drop for Hosted {
    fn drop(&mut self) {
        if !self.home.is_current() {
            background_thread::outlive();
        }
    }
}

impl Plugin for Hosted {
    const NAME: &'static str = Moodring::NAME;
    const VENDOR: &'static str = Moodring::VENDOR;
    const URL: &'static str = Moodring::URL;
    const EMAIL: &'static str = Moodring::EMAIL;
    const VERSION: &'static str = Moodring::VERSION;
    /// The buses are [`super::buses`]'.
    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = Moodring::AUDIO_IO_LAYOUTS;

    type Editor = HostedEditor;
    type SysExMessage = ();
    type BackgroundTask = ();

    fn params(&self) -> Arc<dyn Params> {
        Arc::new(Grouped(self.link.params.clone()))
    }

    fn editor(&mut self, _: AsyncExecutor<Self>) -> Option<HostedEditor> {
        let nothing = || -> Arc<dyn Fn(()) + Send + Sync> { Arc::new(|()| ()) };
        let mut plugin = self
            .link
            .plugin
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Some(HostedEditor {
            editor: plugin.editor(AsyncExecutor::new(nothing(), nothing()))?,
            link: self.link.clone(),
        })
    }

    fn process(
        &mut self,
        _: &mut Buffer,
        _: &mut AuxiliaryBuffers,
        _: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        ProcessStatus::Error("the sound goes another way")
    }
}

impl Vst3Plugin for Hosted {
    const VST3_CLASS_ID: [u8; 16] = *b"MoodringMorphTag";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] = &[
        Vst3SubCategory::Fx,
        Vst3SubCategory::Analyzer,
        Vst3SubCategory::Filter,
    ];
}

/// The editor, with [`EditorContext`] in the place of the framework's.
pub struct HostedEditor {
    editor: MoodringEditor,
    link: Arc<Link>,
}

impl Editor for HostedEditor {
    type Handle = <MoodringEditor as Editor>::Handle;

    fn spawn(
        &self,
        parent: Option<ParentWindowHandle>,
        wait_for_parent: bool,
        fallback_scale_factor: Option<f64>,
        _: GuiContext,
        host: Option<HostMethods>,
    ) -> Result<SpawnedEditor<Self::Handle>, Box<dyn Error>> {
        let context = GuiContext::new(Arc::new(EditorContext(self.link.clone())));
        let host = host.map(|host| HostMethods {
            main_thread_caller: Box::new(RunLoopOnly {
                caller: host.main_thread_caller,
                link: self.link.clone(),
            }),
            ..host
        });
        self.editor.spawn(
            parent,
            wait_for_parent,
            fallback_scale_factor,
            context,
            host,
        )
    }

    fn size(&self) -> NativeSize<u32> {
        self.editor.size()
    }

    fn resize_hint(&self) -> ResizeHint {
        self.editor.resize_hint()
    }

    fn track_info_updated(&self, info: TrackInfo) {
        self.editor.track_info_updated(info);
    }
}

/// The way to the host's main thread, taken only if there is one: the framework's worker thread is none, and ends of a
/// window's call. Elsewhere than on X11 a window lives on the main thread anyway.
struct RunLoopOnly {
    caller: Box<dyn HostMainThreadCaller>,
    link: Arc<Link>,
}

impl HostMainThreadCaller for RunLoopOnly {
    fn call_main_thread(&mut self) {
        if cfg!(all(unix, not(target_os = "macos"))) {
            let caller = &mut self.caller;
            self.link
                .in_run_loop(|| caller.call_main_thread(), &EditorThread::assume());
        } else {
            self.caller.call_main_thread();
            self.link.tell_texts(&MainThread::assume());
        }
    }
}

/// How the editor reaches the host. The editor's thread calls it.
struct EditorContext(Arc<Link>);

impl EditorContext {
    fn tell(&self, param: ParamPtr, what: impl FnOnce(&ComPtr<IComponentHandler>, u32)) {
        if let Some(number) = self.0.values.number_of(param) {
            self.0
                .tell(|handler| what(handler, number), &EditorThread::assume());
        }
    }
}

impl GuiContextInner for EditorContext {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Vst3
    }

    unsafe fn raw_begin_set_parameter(&self, param: ParamPtr) {
        self.tell(param, |handler, number| {
            // SAFETY: the host's own object, which it keeps until it takes the handler back; so below.
            unsafe { handler.beginEdit(number) };
        });
    }

    unsafe fn raw_set_parameter_normalized(&self, param: ParamPtr, normalized: f32) {
        if let Some(number) = self.0.values.number_of(param) {
            self.0.set(number, normalized.into());
        }
        self.tell(param, |handler, number| {
            // SAFETY: as above.
            unsafe { handler.performEdit(number, normalized.into()) };
        });
    }

    unsafe fn raw_end_set_parameter(&self, param: ParamPtr) {
        self.tell(param, |handler, number| {
            // SAFETY: as above.
            unsafe { handler.endEdit(number) };
        });
    }

    fn get_state(&self) -> PluginState {
        state::of(&self.0, &EditorThread::assume())
    }

    fn set_state(&self, state: PluginState) {
        let thread = EditorThread::assume();
        state::put(&self.0, state, &thread);
        self.0.restart(RestartFlags_::kParamValuesChanged, &thread);
    }

    fn request_restart(&self) {
        self.0.ask_for_activation(&EditorThread::assume());
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use std::sync::Mutex;

    use nice_plug::wrapper::vst3::vst3::{
        Class, ComWrapper,
        Steinberg::{Vst::ParamID, int32, kResultOk, tresult},
    };

    use nice_plug::plugin::ParamValue;

    use super::*;

    #[derive(Default)]
    struct Ear {
        edits: Mutex<Vec<(ParamID, f64)>>,
        restarts: Mutex<Vec<int32>>,
    }

    impl Class for Ear {
        type Interfaces = (IComponentHandler,);
    }

    impl IComponentHandlerTrait for Ear {
        unsafe fn beginEdit(&self, _: ParamID) -> tresult {
            kResultOk
        }

        unsafe fn performEdit(&self, id: ParamID, value: f64) -> tresult {
            self.edits.lock().unwrap().push((id, value));
            kResultOk
        }

        unsafe fn endEdit(&self, _: ParamID) -> tresult {
            kResultOk
        }

        unsafe fn restartComponent(&self, flags: int32) -> tresult {
            self.restarts.lock().unwrap().push(flags);
            kResultOk
        }
    }

    /// A link with somebody who listens, and the editor's way to both.
    fn heard() -> (Arc<Link>, ComWrapper<Ear>, EditorContext) {
        let link = Arc::new(Link::new(Moodring::default()));
        let ear = ComWrapper::new(Ear::default());
        link.set_handler(ear.to_com_ptr(), &MainThread::assume());
        (link.clone(), ear, EditorContext(link))
    }

    #[test]
    fn an_edit_in_the_editor_is_told_saved_and_left_to_the_blocks_while_it_plays() {
        let (link, ear, context) = heard();
        let mix = link.params.mix.as_ptr();
        let number = link.values.number_of(mix).unwrap();
        for (is_playing, value) in [(false, 0.25), (true, 0.75)] {
            link.set_playing(is_playing);
            // SAFETY: one of the link's own parameters.
            unsafe {
                context.raw_begin_set_parameter(mix);
                context.raw_set_parameter_normalized(mix, value);
                context.raw_end_set_parameter(mix);
            }
            assert_eq!(link.values.get(number), Some(value));
            let state = context.get_state();
            assert!(matches!(state.params["mix"], ParamValue::F32(saved) if saved == value));
        }
        assert_eq!(link.params.mix.value(), 0.25, "a block is to bring it");
        let edits = ear.edits.lock().unwrap().clone();
        assert_eq!(edits, [(number, 0.25), (number, 0.75)]);
        link.set_playing(false);
        assert_eq!(link.params.mix.value(), 0.75);
    }

    #[test]
    fn a_state_from_the_editor_is_loaded_at_once_and_the_host_is_told() {
        let (link, ear, context) = heard();
        link.set_playing(true);
        let mut state = context.get_state();
        state.params.insert("mix".to_owned(), ParamValue::F32(0.5));
        context.set_state(state);
        assert_eq!(link.params.mix.value(), 0.5);
        let restarts = ear.restarts.lock().unwrap().clone();
        assert_eq!(restarts, [RestartFlags_::kParamValuesChanged as int32]);
    }

    #[test]
    fn other_models_are_told_of_once() {
        let main = MainThread::assume();
        let (link, ear, context) = heard();
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        let reference = crate::model::ModelReference::to(&folder).unwrap();
        link.params.models.choose(Some(reference), &main);
        // The first activation takes them as they are.
        context.request_restart();
        link.set_active(true);
        context.request_restart();
        assert!(ear.restarts.lock().unwrap().is_empty());
        link.params.models.choose(None, &main);
        context.request_restart();
        context.request_restart();
        let restarts = ear.restarts.lock().unwrap().clone();
        assert_eq!(restarts, [RestartFlags_::kLatencyChanged as int32]);
    }
}
