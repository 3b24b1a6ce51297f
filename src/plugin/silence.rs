//! When a track may sleep.

use std::sync::Arc;

use crate::listen::{Feed, ListenMonitor};

/// Watches one activation's sound for silence: every sample 0, so that not processing it makes no difference.
pub(super) struct Silence {
    /// Samples of silence that leave nothing of the sound before them.
    tail: u32,
    /// Samples of input since the last that wasn't 0.
    lasts: u32,
    /// Whether the newest output is 0 as well.
    output: bool,
    /// Where the last sound was among the chunks that are listened to.
    heard_at: u64,
    /// A bounce must not depend on what its host makes of silence: it has none.
    offline: bool,
    monitor: Arc<ListenMonitor>,
}

impl Silence {
    /// Before any sound. `tail` is how long the output goes on after the input, in samples.
    pub fn new(tail: u32, offline: bool, monitor: Arc<ListenMonitor>) -> Self {
        Self {
            tail,
            lasts: 0,
            output: false,
            heard_at: 0,
            offline,
            monitor,
        }
    }

    /// Starts anew; `feed` has been reset already.
    pub fn reset(&mut self, feed: Option<&Feed>) {
        self.lasts = 0;
        self.output = false;
        self.heard_at = feed.map_or(0, Feed::place);
    }

    /// Takes in what was processed: so many samples, and whether all that came in and went out was 0. `feed` has had them.
    pub fn note(&mut self, samples: usize, input: bool, output: bool, feed: Option<&Feed>) {
        if input {
            self.lasts = self.lasts.saturating_add(samples as u32);
        } else {
            self.lasts = 0;
            self.heard_at = feed.map_or(0, Feed::place);
        }
        self.output = output;
    }

    /// Whether there is silence in and out, nothing is under way, and the readout has said so. Wait-free.
    pub fn is_known(&self, feed: Option<&Feed>) -> bool {
        let is_told = feed
            .is_none_or(|feed| feed.is_closed() || self.monitor.says_silence_after(self.heard_at));
        !self.offline && self.lasts >= self.tail && self.output && is_told
    }
}

/// Whether every sample is 0.
pub(super) fn is_silent(samples: &[f32]) -> bool {
    samples.iter().all(|sample| *sample == 0.0)
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Arc,
        time::{Duration, Instant},
    };

    use nice_plug_egui::RepaintNotifier;

    use super::super::{
        connection::{Before, Connection, Setup},
        session::Session,
        sources::Sources,
    };
    use crate::{
        engine::Engine,
        listen::{ListenState, Readout},
        params::MoodringParams,
        thread::MainThread,
    };

    const RATE: f32 = 48_000.0;
    const FRAMES: usize = 480;

    /// A stereo session that plays, with all that it hands out.
    struct Stream {
        session: Session,
        sources: Sources,
        _engine: Arc<Engine>,
        /// Samples so far.
        position: usize,
    }

    impl Stream {
        fn new(offline: bool) -> Self {
            let main = MainThread::assume();
            let engine = Engine::acquire(&main).unwrap();
            let (models, _) = engine.models(None, &main);
            let params = Arc::new(MoodringParams::default());
            let setup = Setup {
                sample_rate: RATE,
                channels: 2,
                offline,
            };
            let Connection { ends, sources } = Connection::new(
                Some((&*engine, &*models)),
                &params,
                setup,
                Before::default(),
                &RepaintNotifier::new(),
                &main,
            );
            let session = Session::new(Some(&*engine), Some(models), 0, &params, setup, ends);
            Self {
                session,
                sources,
                _engine: engine,
                position: 0,
            }
        }

        fn readout(&mut self) -> Readout {
            self.sources.readout.as_mut().unwrap().read().clone()
        }

        /// Processes a block of a tone of this level, with one beside it.
        fn send(&mut self, level: f32, beside: f32) {
            let tone = |level: f32| -> Vec<f32> {
                (self.position..self.position + FRAMES)
                    .map(|n| level * (n as f32 * 0.05).sin())
                    .collect()
            };
            let (mut left, mut right, mut side) = (tone(level), tone(level), tone(beside));
            self.session
                .process(&mut [&mut left, &mut right], &[&mut side]);
            self.position += FRAMES;
            // The readout is made elsewhere: it gets some time, though not that of the clock.
            std::thread::sleep(Duration::from_millis(1));
        }

        fn seconds(&mut self, seconds: f32, level: f32, beside: f32) {
            for _ in 0..(seconds * RATE) as usize / FRAMES {
                self.send(level, beside);
                assert!(!self.session.is_silent());
            }
        }

        /// Sends silence until it is known; returns how many seconds that took.
        fn wait(&mut self) -> f32 {
            let (begun, position) = (Instant::now(), self.position);
            while !self.session.is_silent() {
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
            assert!(waited > 1.0, "{waited} s");
            assert_eq!(stream.readout().state, ListenState::Silence);
        }
        // However little it is, and wherever.
        stream.send(1e-6, 0.0);
        assert!(!stream.session.is_silent());
        stream.wait();
        stream.send(0.0, 1e-3);
        assert!(!stream.session.is_silent());
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
        stream.session.reset();
        assert!(!stream.session.is_silent(), "not before its tail");
        stream.wait();
    }

    #[test]
    fn a_bounce_knows_no_silence() {
        let mut stream = Stream::new(true);
        stream.seconds(4.0, 0.0, 0.0);
    }
}
