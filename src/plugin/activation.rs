//! What one activation builds, and what the audio thread has until the next.

use std::{sync::Arc, time::Instant};

use crate::{
    chain::{Chain, ChainControls, ChainEnds, ChainFormat, MidiEvent},
    engine::{Engine, HopStagger, Lead, Process},
    listen::ListenMonitor,
    model::{Models, TimbreFrontEnd},
    morph::WorkerCurves,
    params::MoodringParams,
    telemetry::SongPosition,
    thread::AudioThread,
};

/// The models of an activation, as they were chosen.
pub(super) struct ChosenModels {
    /// Held so that another instance finds them loaded, and a forked child too; `None` without an engine.
    pub models: Option<Arc<Models>>,
    /// [`MoodringParams::activation_changes`] that they were chosen by.
    pub choice: u32,
}

/// One activation; made on the main thread, owned by the audio thread. Nothing in it allocates after construction.
pub(super) struct Activation {
    params: Arc<MoodringParams>,
    chain: Chain<WorkerCurves>,
    models: ChosenModels,
    /// What Listen's thread is told of the song by.
    listen: Arc<ListenMonitor>,
    /// How far the host computes ahead, which it doesn't tell. No matter in a bounce.
    lead: Lead,
    /// Kept so that no other instance that plays has the same turn; `None` without an engine, and in a bounce.
    _hop_stagger: Option<HopStagger>,
    /// Where the engine's threads are that it is connected to.
    process: Process,
    /// Whether the host has been asked for a new activation in this process.
    restart_requested: bool,
    /// How many samples of the host's present call have been processed.
    done: usize,
}

impl Activation {
    /// Builds everything. `front_end` is what the timbre model's frames are made with.
    pub fn new(
        engine: Option<&Engine>,
        models: ChosenModels,
        params: &Arc<MoodringParams>,
        format: ChainFormat,
        front_end: &TimbreFrontEnd,
        ends: ChainEnds<WorkerCurves>,
    ) -> Self {
        // In real time the instances' work is spread over the hop, so that it doesn't all fall due in one block of the host. A bounce has no
        // deadline. Nobody hears the difference.
        let hop_stagger = engine.filter(|_| !format.offline).map(Engine::hop_stagger);
        let share = hop_stagger.as_ref().map_or(0.0, HopStagger::fraction);
        let controls = ChainControls::read(params, format.offline);
        Self {
            params: params.clone(),
            listen: ends.listen.clone(),
            chain: Chain::new(front_end, format, ends, &controls).staggered(share),
            models,
            lead: Lead::new(format.sample_rate as f64),
            _hop_stagger: hop_stagger,
            process: Process::current(),
            restart_requested: false,
            done: 0,
        }
    }

    /// What it was built for.
    pub fn format(&self) -> ChainFormat {
        self.chain.format()
    }

    /// The models in use; `None` without an engine.
    pub fn models(&self) -> Option<Arc<Models>> {
        self.models.models.clone()
    }

    /// Whether its engine's threads were left behind by a fork. Wait-free.
    pub fn is_orphaned(&self) -> bool {
        !self.process.is_current()
    }

    /// Takes the place of the connection that a fork has cut: goes on with the sound where it was. Allocates.
    pub fn reconnect(&mut self, ends: ChainEnds<WorkerCurves>) {
        self.listen = ends.listen.clone();
        self.chain.reconnect(ends);
        self.process = Process::current();
    }

    /// Delay from input to output, in samples.
    pub fn latency(&self) -> u32 {
        self.chain.latency()
    }

    /// How long the output goes on after the input has ended, in samples.
    pub fn tail(&self) -> u32 {
        self.chain.tail()
    }

    /// Whether other models or another latency have been chosen since, or the engine was left behind by a fork: said once. Wait-free.
    pub fn needs_restart(&mut self) -> bool {
        let choice = self.params.activation_changes();
        let chosen = std::mem::replace(&mut self.models.choice, choice) != choice;
        let orphaned = self.is_orphaned() && !std::mem::replace(&mut self.restart_requested, true);
        chosen || orphaned
    }

    /// Whether the track may sleep: see [`Chain::is_silent`]. Wait-free.
    pub fn is_silent(&self) -> bool {
        self.chain.is_silent()
    }

    /// The parameters' present values. Wait-free.
    fn controls(&self) -> ChainControls {
        ChainControls::read(&self.params, self.format().offline)
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        self.lead.restart();
        self.chain.reset(&self.controls());
    }

    /// The host calls for a block, which comes in one piece or several: until the next call curves and answers are waited for if the host computes ahead of the clock. Reads
    /// the clock, for which no system of ours enters the kernel.
    pub fn begin_call(&mut self, audio: &AudioThread) {
        self.done = 0;
        let ahead = audio.if_ahead(self.lead.call(Instant::now()));
        if let Some(curves) = self.chain.curves() {
            curves.set_ahead(ahead.as_ref());
        }
        if let Some(tap) = self.chain.tap() {
            tap.set_ahead(ahead.as_ref());
        }
    }

    /// Notes where the song is as a block begins; `None` where the host doesn't tell. Wait-free.
    pub fn note_song(&self, position: Option<SongPosition>) {
        let heard = self.chain.position() as f64 / f64::from(self.chain.format().sample_rate);
        self.listen.song.set(position, heard);
    }

    /// Replaces a block by what the chain makes of it: see [`Chain::process`]. Tells the host's readings of the newest answer.
    pub fn process(&mut self, block: &mut [&mut [f32]], sidechain: &[&mut [f32]]) {
        let controls = self.controls();
        if let Some((channel, controller)) = self.params.outputs.learn.take() {
            self.chain.teach((channel - 1, controller));
        }
        self.chain.process(block, sidechain, &controls);
        if let Some(heard) = self.chain.heard() {
            let frame = (self.done + heard.frame) as u32;
            self.params.readings.set(&heard.readings, frame);
        }
        let samples = block.first().map_or(0, |channel| channel.len());
        self.done += samples;
        self.lead.computed(samples);
    }

    /// What goes out as MIDI with the block that was processed last.
    pub fn midi(&self) -> &[MidiEvent] {
        self.chain.midi()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use nice_plug_egui::RepaintNotifier;

    use super::{
        super::{
            connection::{Before, Connection},
            telemetry_reader::TelemetryReader,
        },
        *,
    };
    use crate::{
        model::ModelRegistry,
        params::LatencyMode,
        telemetry::{ListenState, Readout},
        thread::MainThread,
    };

    const RATE: f32 = 48_000.0;
    const FRAMES: usize = 480;

    const MAIN: MainThread = MainThread::assume();

    /// A stereo activation that plays, with all that it hands out.
    struct Stream {
        activation: Activation,
        telemetry: TelemetryReader,
        _engine: Arc<Engine>,
        _registry: Arc<ModelRegistry>,
        /// Samples so far.
        position: usize,
    }

    impl Stream {
        fn new(offline: bool) -> Self {
            let engine = Engine::acquire(&MAIN).unwrap();
            let registry = ModelRegistry::acquire(&MAIN);
            let (models, _) = registry.models(None, &MAIN);
            let params = Arc::new(MoodringParams::default());
            let format = ChainFormat {
                sample_rate: RATE,
                channels: 2,
                longest_block: FRAMES,
                latency_mode: LatencyMode::Studio,
                offline,
            };
            let Connection {
                front_end,
                ends,
                telemetry,
            } = Connection::new(
                Some((&*engine, &*models)),
                &params,
                format,
                Before::default(),
                &RepaintNotifier::new(),
                &MAIN,
            );
            let models = ChosenModels {
                models: Some(models),
                choice: 0,
            };
            let activation =
                Activation::new(Some(&*engine), models, &params, format, &front_end, ends);
            Self {
                activation,
                telemetry,
                _engine: engine,
                _registry: registry,
                position: 0,
            }
        }

        fn readout(&mut self) -> Readout {
            self.telemetry.readout.as_mut().unwrap().read().clone()
        }

        /// Processes a block of a tone of this level, with one beside it.
        fn send(&mut self, level: f32, beside: f32) {
            let tone = |level: f32| -> Vec<f32> {
                (self.position..self.position + FRAMES)
                    .map(|n| level * (n as f32 * 0.05).sin())
                    .collect()
            };
            let (mut left, mut right, mut side) = (tone(level), tone(level), tone(beside));
            self.activation
                .process(&mut [&mut left, &mut right], &[&mut side]);
            self.position += FRAMES;
            // The readout is made elsewhere: it gets some time, though not that of the clock.
            std::thread::sleep(Duration::from_millis(1));
        }

        fn seconds(&mut self, seconds: f32, level: f32, beside: f32) {
            for _ in 0..(seconds * RATE) as usize / FRAMES {
                self.send(level, beside);
                assert!(!self.activation.is_silent());
            }
        }

        /// Sends silence until it is known; returns how many seconds that took.
        fn wait(&mut self) -> f32 {
            let (begun, position) = (Instant::now(), self.position);
            while !self.activation.is_silent() {
                assert!(begun.elapsed() < Duration::from_secs(60));
                self.send(0.0, 0.0);
            }
            (self.position - position) as f32 / RATE
        }
    }

    #[test]
    fn silence_is_known_once_the_readout_says_so_and_over_with_the_first_sound() {
        let mut stream = Stream::new(false);
        for _ in 0..2 {
            stream.seconds(2.0, 0.2, 0.0);
            let waited = stream.wait();
            assert!(waited >= 1.0, "{waited} s");
            assert_eq!(stream.readout().state, ListenState::Silence);
        }
        // However little it is, and wherever.
        stream.send(1e-6, 0.0);
        assert!(!stream.activation.is_silent());
        stream.wait();
        stream.send(0.0, 1e-3);
        assert!(!stream.activation.is_silent());
        stream.wait();
        // What has been silent is heard anew.
        let begun = Instant::now();
        while !matches!(
            stream.readout().state,
            ListenState::WarmingUp | ListenState::Live
        ) {
            assert!(begun.elapsed() < Duration::from_secs(60));
            stream.send(0.2, 0.0);
        }
        stream.activation.reset();
        assert!(!stream.activation.is_silent(), "not before its tail");
        stream.wait();
    }

    #[test]
    fn a_bounce_knows_no_silence() {
        let mut stream = Stream::new(true);
        stream.seconds(4.0, 0.0, 0.0);
    }
}
