//! The host's side: lifecycle, buses, latency, state; no signal processing.

mod session;
mod sources;
mod state;
mod status_log;

use std::sync::{Arc, Mutex, PoisonError};

use nice_plug::prelude::*;
use nice_plug_egui::RepaintNotifier;

use crate::{
    editor::{self, MoodringEditor, Snapshot},
    engine::Engine,
    params::MoodringParams,
};
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
}

impl Default for Moodring {
    fn default() -> Self {
        Self {
            params: Arc::default(),
            session: None,
            engine: None,
            sources: Arc::default(),
            repaint: RepaintNotifier::new(),
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
            .map_or(2, |channels| channels.get() as usize);
        // A host's rate is its business; below this nothing of ours would make sense.
        if !(config.sample_rate.is_finite() && config.sample_rate >= 1_000.0) {
            return false;
        }
        // The old jobs' rings close before the new ones open.
        self.session = None;
        let engine = match &self.engine {
            Some(engine) => Ok(engine.clone()),
            None => Engine::acquire(),
        };
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(why) = &engine {
            sources.set_fault(format!(
                "no thread for the engine ({why}): the sound passes unchanged"
            ));
        }
        self.engine = engine.ok();
        let session = Session::new(
            self.engine.as_deref(),
            &self.params,
            config.sample_rate,
            channels,
            config.process_mode == ProcessMode::Offline,
            &mut sources,
            &self.repaint,
        );
        context.set_latency_samples(session.latency());
        self.session = Some(session);
        true
    }

    fn deactivate(&mut self) {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
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
        let Some(session) = &mut self.session else {
            return ProcessStatus::Error("processed before it was activated");
        };
        let sidechain = aux.inputs.first_mut().map(Buffer::as_slice);
        session.process(buffer.as_slice(), sidechain.unwrap_or_default());
        if session.is_outdated() {
            // CLAP lets any thread ask for this. VST3 doesn't: there it is done where the models are chosen.
            context.request_restart();
        }
        ProcessStatus::Tail(session.tail())
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
