//! The host's side: lifecycle, buses, latency, state; no signal processing.

mod connection;
mod session;
mod silence;
mod sources;
mod state;
mod status_log;
pub(crate) mod tail;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use nice_plug::{context::PluginApi, prelude::*};
use nice_plug_egui::RepaintNotifier;

use crate::{
    editor::{self, MoodringEditor},
    engine::{Engine, Models, Process},
    framework_thread,
    params::MoodringParams,
    telemetry::Snapshot,
};
use connection::{Connection, Setup};
use session::Session;
use sources::Sources;

/// One instance of the plugin.
pub struct Moodring {
    params: Arc<MoodringParams>,
    /// What the host's activation built; dropped before the engine, so that its jobs see their rings closed.
    session: Option<Session>,
    /// The background half; acquired with the first activation, since hosts make instances just to look at them.
    engine: Option<Arc<Engine>>,
    sources: Arc<Mutex<Sources>>,
    repaint: RepaintNotifier,
    /// Where this was made.
    home: Process,
    /// Where this was last called.
    process: Process,
}

impl Default for Moodring {
    fn default() -> Self {
        Self {
            params: Arc::default(),
            session: None,
            engine: None,
            sources: Arc::default(),
            repaint: RepaintNotifier::new(),
            home: Process::current(),
            process: Process::current(),
        }
    }
}

impl Drop for Moodring {
    fn drop(&mut self) {
        if !self.home.is_current() {
            framework_thread::outlive();
        }
    }
}

impl Moodring {
    /// Finds out whether the process was forked since the last call. An editor that was drawing then isn't in the child, and
    /// would never give back what it had locked.
    fn settle(&mut self) {
        let process = Process::current();
        if self.process != process {
            self.process = process;
            let held = matches!(self.sources.try_lock(), Err(TryLockError::WouldBlock));
            if held {
                self.sources = Arc::default();
            }
        }
    }

    fn lock_sources(&self) -> MutexGuard<'_, Sources> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Connects to the engine of this process, which it acquires if there is need: with the models that are given, or with
    /// those of the project. Loads and starts what isn't there, without keeping the editor waiting meanwhile.
    fn connect(
        &mut self,
        setup: Setup,
        models: Option<Arc<Models>>,
    ) -> (Option<Arc<Models>>, Connection) {
        self.settle();
        let mut fault = None;
        let engine = match self.engine.take().filter(|engine| engine.is_here()) {
            Some(engine) => Some(engine),
            None => match Engine::acquire() {
                Ok(engine) => Some(engine),
                Err(why) => {
                    fault = Some(format!(
                        "no thread for the engine ({why}): the sound passes unchanged"
                    ));
                    None
                }
            },
        };
        let models = engine.as_ref().map(|engine| {
            models.unwrap_or_else(|| {
                let (models, why) = engine.models(self.params.models.get().as_ref());
                fault = why.map(|why| {
                    format!("This project's models can't be used, Moodring's own take their place: {why}")
                });
                models
            })
        });
        self.engine = engine;
        let (history, tagger) = {
            let before = self.lock_sources();
            (before.history.clone(), before.status.tagger.clone())
        };
        let mut connection = Connection::new(
            self.engine.as_deref().zip(models.as_deref()),
            &self.params,
            setup,
            history,
            &tagger,
            &self.repaint,
        );
        if fault.is_some() {
            connection.sources.status.fault = fault;
        }
        (models, connection)
    }

    /// Puts an activation that was made before a fork in touch with an engine of this process.
    fn reconnect(&mut self, setup: Setup) {
        let models = self.session.as_ref().and_then(Session::models);
        let (_, Connection { ends, sources }) = self.connect(setup, models);
        *self.lock_sources() = sources;
        if let Some(session) = &mut self.session {
            session.reconnect(ends);
        }
    }
}

impl Moodring {
    /// The parameters, by their type.
    pub(crate) fn moodring_params(&self) -> Arc<MoodringParams> {
        self.params.clone()
    }

    /// What wakes the editor.
    pub(crate) fn repaint(&self) -> RepaintNotifier {
        self.repaint.clone()
    }

    /// How long the output goes on after the input has ended, in samples; 0 before the first activation.
    pub(crate) fn tail(&self) -> u32 {
        self.session.as_ref().map_or(0, Session::tail)
    }
}

/// As many channels out as in, and what plays beside them.
const fn layout(channels: u32, aux_input_ports: &'static [NonZeroU32]) -> AudioIOLayout {
    AudioIOLayout {
        main_input_channels: NonZeroU32::new(channels),
        main_output_channels: NonZeroU32::new(channels),
        aux_input_ports,
        names: PortNames {
            aux_inputs: &["Sidechain"],
            ..PortNames::const_default()
        },
        ..AudioIOLayout::const_default()
    }
}

impl Plugin for Moodring {
    const NAME: &'static str = "Moodring";
    const VENDOR: &'static str = "Moodring";
    const URL: &'static str = "";
    const EMAIL: &'static str = "";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = &[
        // Those without a sidechain are for hosts that can't route one.
        layout(2, &[new_nonzero_u32(2)]),
        layout(1, &[new_nonzero_u32(1)]),
        layout(2, &[]),
        layout(1, &[]),
    ];

    // Renders must not depend on the host's block size.
    const SAMPLE_ACCURATE_AUTOMATION: bool = true;

    type Editor = MoodringEditor;
    type SysExMessage = ();
    type BackgroundTask = ();

    fn params(&self) -> Arc<dyn Params> {
        self.params.clone()
    }

    fn editor(&mut self, _: AsyncExecutor<Self>) -> Option<Self::Editor> {
        let sources = self.sources.clone();
        editor::create(
            self.params.clone(),
            self.repaint.clone(),
            move |snapshot, motion| {
                sources
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .fill(snapshot, motion);
            },
        )
    }

    fn filter_state(state: &mut PluginState) {
        state::migrate(state);
    }

    fn activate(
        &mut self,
        layout: &AudioIOLayout,
        config: &BufferConfig,
        context: &mut impl ActivateContext<Self>,
    ) -> bool {
        let channels = layout
            .main_output_channels
            .map_or(2, |channels| channels.get() as usize)
            .clamp(1, session::CHANNELS);
        // A host's rate is its business; below this nothing of ours would make sense.
        if !(config.sample_rate.is_finite() && config.sample_rate >= 1_000.0) {
            return false;
        }
        // The old jobs' rings close before the new ones open.
        self.session = None;
        let setup = Setup {
            sample_rate: config.sample_rate,
            channels,
            offline: config.process_mode == ProcessMode::Offline,
        };
        let choice = self.params.models.changes();
        let (models, Connection { ends, sources }) = self.connect(setup, None);
        let session = Session::new(
            self.engine.as_deref(),
            models,
            choice,
            &self.params,
            setup,
            ends,
        );
        *self.lock_sources() = sources;
        self.repaint.request_repaint();
        context.set_latency_samples(session.latency());
        tail::tell(session.tail());
        self.session = Some(session);
        true
    }

    fn deactivate(&mut self) {
        self.settle();
        let mut sources = self.lock_sources();
        let mut snapshot = Snapshot::default();
        sources.fill(&mut snapshot, None);
        if let Err(why) = status_log::append(&snapshot.status) {
            sources.set_fault(format!("{}: {why}", status_log::STATUS_VARIABLE));
        }
    }

    fn reset(&mut self) {
        if let Some(session) = &mut self.session {
            session.reset();
        }
    }

    fn process(
        &mut self,
        buffer: &mut Buffer,
        aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        let left = self.session.as_ref().filter(|session| session.is_left());
        if let Some(setup) = left.map(Session::setup).filter(|setup| setup.offline) {
            // A bounce goes on in a forked child: without threads, but with all the time that it takes to start them.
            self.reconnect(setup);
        }
        let Some(session) = &mut self.session else {
            return ProcessStatus::Error("processed before it was activated");
        };
        let sidechain = aux.inputs.first_mut().map(Buffer::as_slice);
        session.process(buffer.as_slice(), sidechain.unwrap_or_default());
        if session.is_outdated() {
            // CLAP lets any thread ask for this. VST3 doesn't: there it is done where the models are chosen.
            context.request_restart();
        }
        // `clap_factory` tells the host that the track may sleep. In VST3 this would say that there is no tail.
        if session.is_silent() && context.plugin_api() == PluginApi::Clap {
            ProcessStatus::Normal
        } else {
            ProcessStatus::Tail(session.tail())
        }
    }
}

impl ClapPlugin for Moodring {
    const CLAP_ID: &'static str = "org.moodring.moodring";
    const CLAP_DESCRIPTION: Option<&'static str> =
        Some("Names what it hears (genre, instrument, mood) and morphs its timbre");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] = &[
        ClapFeature::AudioEffect,
        ClapFeature::Stereo,
        ClapFeature::Mono,
        ClapFeature::Analyzer,
        // Features that aren't CLAP's own have a namespace.
        ClapFeature::Custom("moodring:spectral"),
    ];
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use nice_plug::params::persist::PersistentField;

    use super::*;
    use crate::engine::tests::SlowModels;

    /// A host that listens to nothing.
    struct Deaf;

    impl ActivateContext<Moodring> for Deaf {
        fn plugin_api(&self) -> PluginApi {
            PluginApi::Clap
        }
        fn execute(&self, (): ()) {}
        fn set_latency_samples(&self, _: u32) {}
        fn set_current_voice_capacity(&self, _: u32) {}
    }

    #[test]
    fn the_editor_is_served_while_models_are_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let slow = SlowModels::new(folder.path());
        let mut plugin = Moodring::default();
        plugin.params.models.set(Some(slow.reference.clone()));
        let sources = plugin.sources.clone();
        let waits = slow.hold();
        std::thread::scope(|scope| {
            let activation = scope.spawn(|| {
                let config = BufferConfig {
                    sample_rate: 48_000.0,
                    min_buffer_size: None,
                    max_buffer_size: 512,
                    process_mode: ProcessMode::Realtime,
                };
                plugin.activate(&Moodring::AUDIO_IO_LAYOUTS[0], &config, &mut Deaf)
            });
            slow.wait_for_who_waits();
            let free = sources.try_lock().is_ok();
            drop(waits);
            assert!(activation.join().unwrap());
            assert!(free, "what the editor draws from is locked");
        });
    }
}
