//! The host's side: lifecycle, buses, latency, state; no signal processing.

mod activation;
mod connection;
mod host_calls;
mod links;
mod midi;
mod state;
mod status_log;
pub(crate) mod tail;
mod telemetry_reader;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use nice_plug::{context::PluginApi, prelude::*};
use nice_plug_egui::RepaintNotifier;

use crate::{
    chain::{CHANNELS, ChainFormat},
    editor::{self, MoodringEditor},
    engine::{Engine, Process},
    model::{ModelRegistry, Models},
    params::{Grouped, MoodringParams},
    telemetry::{Snapshot, SongPosition, Wanted},
    thread::{AudioThread, MainThread, MayBlock},
};
use activation::{Activation, ChosenModels};
use connection::{Before, Connection};
pub(crate) use host_calls::HostCalls;
use telemetry_reader::TelemetryReader;

/// One instance of the plugin.
pub struct Moodring {
    params: Arc<MoodringParams>,
    /// What the host's activation built; dropped before the engine, so that its jobs see their rings closed.
    activation: Option<Activation>,
    /// The background half; acquired with the first activation, since hosts make instances just to look at them.
    engine: Option<Arc<Engine>>,
    /// The models of all instances; acquired with the engine.
    registry: Option<Arc<ModelRegistry>>,
    /// What the editor reads.
    telemetry: Arc<Mutex<TelemetryReader>>,
    repaint: RepaintNotifier,
    /// Where this was last called.
    called_in: Process,
    /// The host's calls for sound, and how many of them are known of.
    calls: HostCalls,
    calls_known: u32,
    /// The longest block that a bounce is built for: that of the last playback, so that a project keeps its timing.
    bounced_block: usize,
}

impl Default for Moodring {
    fn default() -> Self {
        let params = Arc::default();
        Self {
            calls: HostCalls::taken(&params),
            params,
            activation: None,
            engine: None,
            registry: None,
            telemetry: Arc::default(),
            repaint: RepaintNotifier::new(),
            called_in: Process::current(),
            calls_known: 0,
            bounced_block: ChainFormat::USUAL_BLOCK,
        }
    }
}

impl Moodring {
    /// Finds out whether the process was forked since the last call. An editor that was drawing then isn't in the child, and
    /// would never give back what it had locked.
    fn notice_fork(&mut self) {
        let process = Process::current();
        if self.called_in != process {
            self.called_in = process;
            let held = matches!(self.telemetry.try_lock(), Err(TryLockError::WouldBlock));
            if held {
                self.telemetry = Arc::default();
            }
        }
    }

    fn lock_telemetry(&self) -> MutexGuard<'_, TelemetryReader> {
        self.telemetry
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Connects to the engine of this process, which it acquires if there is need: with the models that are given, or with
    /// those of the project. Loads and starts what isn't there, without keeping the editor waiting meanwhile.
    fn connect(
        &mut self,
        format: ChainFormat,
        models: Option<Arc<Models>>,
        thread: &impl MayBlock,
    ) -> (Option<Arc<Models>>, Connection) {
        self.notice_fork();
        let mut fault = None;
        let engine = match self.engine.take().filter(|engine| engine.is_here()) {
            Some(engine) => Some(engine),
            None => match Engine::acquire(thread) {
                Ok(engine) => Some(engine),
                Err(why) => {
                    fault = Some(format!(
                        "no thread for the engine ({why}): the sound passes unchanged"
                    ));
                    None
                }
            },
        };
        // The old one is let go of last: a forked child takes its parent's models over.
        let registry = match &self.registry {
            Some(registry) if registry.is_here() => registry.clone(),
            _ => ModelRegistry::acquire(thread),
        };
        self.registry = Some(registry.clone());
        let models = engine.as_ref().map(|_| {
            models.unwrap_or_else(|| {
                let (models, why) = registry.models(self.params.models.get(thread).as_ref(), thread);
                fault = why.map(|why| {
                    format!("This project's models can't be used, Moodring's own take their place: {why}")
                });
                models
            })
        });
        self.engine = engine;
        let before = {
            let telemetry = self.lock_telemetry();
            Before {
                history: telemetry.history.clone(),
                tagger: telemetry.status.tagger.clone(),
                spectrum_history: telemetry.meter.history.clone(),
            }
        };
        let mut connection = Connection::new(
            self.engine.as_deref().zip(models.as_deref()),
            &self.params,
            format,
            before,
            &self.repaint,
            thread,
        );
        if fault.is_some() {
            connection.telemetry.status.fault = fault;
        }
        (models, connection)
    }

    /// Puts an activation that was made before a fork in touch with an engine of this process.
    fn reconnect(&mut self, format: ChainFormat, thread: &impl MayBlock) {
        let models = self.activation.as_ref().and_then(Activation::models);
        let (
            _,
            Connection {
                ends, telemetry, ..
            },
        ) = self.connect(format, models, thread);
        *self.lock_telemetry() = telemetry;
        if let Some(activation) = &mut self.activation {
            activation.reconnect(ends);
        }
    }
}

impl Moodring {
    /// The parameters, by their type.
    pub(crate) fn moodring_params(&self) -> Arc<MoodringParams> {
        self.params.clone()
    }

    /// What counts the host's calls for sound.
    pub(crate) fn host_calls(&self) -> HostCalls {
        self.calls.clone()
    }

    /// What wakes the editor.
    pub(crate) fn repaint(&self) -> RepaintNotifier {
        self.repaint.clone()
    }

    /// How long the output goes on after the input has ended, in samples; 0 before the first activation.
    pub(crate) fn tail(&self) -> u32 {
        self.activation.as_ref().map_or(0, Activation::tail)
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
    const URL: &'static str = links::REPOSITORY;
    const EMAIL: &'static str = "";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = &[
        // Those without a sidechain are for hosts that can't route one.
        layout(2, &[new_nonzero_u32(2)]),
        layout(1, &[new_nonzero_u32(1)]),
        layout(2, &[]),
        layout(1, &[]),
    ];

    const MIDI_OUTPUT: MidiConfig = MidiConfig::MidiCCs;

    // Renders must not depend on the host's block size.
    const SAMPLE_ACCURATE_AUTOMATION: bool = true;

    type Editor = MoodringEditor;
    type SysExMessage = ();
    type BackgroundTask = ();

    fn params(&self) -> Arc<dyn Params> {
        Arc::new(Grouped(self.params.clone()))
    }

    fn editor(&mut self, _: AsyncExecutor<Self>) -> Option<Self::Editor> {
        let telemetry = self.telemetry.clone();
        editor::create(
            self.params.clone(),
            self.repaint.clone(),
            self.calls.host().clone(),
            move |snapshot, wanted| {
                telemetry
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .fill(snapshot, wanted);
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
        // CLAP's `activate` and VST3's `setActive` are the main thread's.
        let main = MainThread::assume();
        let channels = layout
            .main_output_channels
            .map_or(2, |channels| channels.get() as usize)
            .clamp(1, CHANNELS);
        // A host's rate is its business; below this nothing of ours would make sense.
        if !(config.sample_rate.is_finite() && config.sample_rate >= 1_000.0) {
            return false;
        }
        // The old jobs' rings close before the new ones open.
        self.activation = None;
        let choice = self.params.activation_changes();
        // A host that computes ahead at its own pace (`Buffered`) is known by that, whatever it says.
        let offline = config.process_mode == ProcessMode::Offline;
        if !offline {
            self.bounced_block = config.max_buffer_size as usize;
        }
        let format = ChainFormat {
            sample_rate: config.sample_rate,
            channels,
            longest_block: self.bounced_block,
            latency_mode: self.params.latency.get(),
            offline,
        };
        let (models, connection) = self.connect(format, None, &main);
        let Connection {
            front_end,
            ends,
            telemetry,
        } = connection;
        let activation = Activation::new(
            self.engine.as_deref(),
            ChosenModels { models, choice },
            &self.params,
            format,
            &front_end,
            ends,
        );
        *self.lock_telemetry() = telemetry;
        self.repaint.request_repaint();
        context.set_latency_samples(activation.latency());
        tail::tell(activation.tail());
        self.activation = Some(activation);
        true
    }

    fn deactivate(&mut self) {
        self.notice_fork();
        let mut telemetry = self.lock_telemetry();
        let mut snapshot = Snapshot::default();
        telemetry.fill(&mut snapshot, Wanted::default());
        if let Err(why) = status_log::append(&snapshot.status) {
            telemetry.set_fault(format!("{}: {why}", status_log::STATUS_VARIABLE));
        }
    }

    fn reset(&mut self) {
        if let Some(activation) = &mut self.activation {
            activation.reset();
        }
    }

    fn process(
        &mut self,
        buffer: &mut Buffer,
        aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        let audio = AudioThread::assume();
        let orphaned = self
            .activation
            .as_ref()
            .filter(|activation| activation.is_orphaned());
        if let Some(format) = orphaned.map(Activation::format)
            && let Some(offline) = audio.if_offline(format.offline)
        {
            // A bounce goes on in a forked child: without threads, but with all the time that it takes to start them.
            self.reconnect(format, &offline);
        }
        let Some(activation) = &mut self.activation else {
            return ProcessStatus::Error("processed before it was activated");
        };
        if self.calls.is_new(&mut self.calls_known) {
            activation.begin_call(&audio);
        }
        activation.note_song(song_position(context.transport()));
        let sidechain = aux.inputs.first_mut().map(Buffer::as_slice);
        activation.process(buffer.as_slice(), sidechain.unwrap_or_default());
        for event in activation.midi() {
            // A host that takes no more loses what comes last. There is nobody to tell.
            let _ = context.try_send_event(midi::note_event(event));
        }
        if activation.needs_restart() {
            // CLAP lets any thread ask for this. VST3 doesn't: there it is done where the models are chosen.
            context.request_restart();
        }
        // `entry::clap` tells the host that the track may sleep. In VST3 this would say that there is no tail.
        if activation.is_silent() && context.plugin_api() == PluginApi::Clap {
            ProcessStatus::Normal
        } else {
            ProcessStatus::Tail(activation.tail())
        }
    }
}

/// Where the song is, if the host tells it.
fn song_position(transport: &Transport) -> Option<SongPosition> {
    Some(SongPosition {
        seconds: transport.pos_seconds()?,
        beats: transport.pos_beats(),
        tempo: transport.tempo,
        playing: transport.playing,
    })
}

impl ClapPlugin for Moodring {
    const CLAP_ID: &'static str = "org.moodring.moodring";
    const CLAP_DESCRIPTION: Option<&'static str> =
        Some("Names what it hears (genre, instrument, mood) and morphs its timbre");
    const CLAP_MANUAL_URL: Option<&'static str> = links::MANUAL;
    const CLAP_SUPPORT_URL: Option<&'static str> = links::SUPPORT;
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
mod tests;
