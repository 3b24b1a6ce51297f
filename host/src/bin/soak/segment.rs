//! One stretch of the soak: a few instances that come and go, each played to in turn.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use moodring::audio_file::AudioFile;
use moodring::dsp::clean;
use moodring_host::{
    Block, Bundle, HostError, Param, ParamEvent, ParamInfoFlags, Plugin, Processor, RenderMode,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::random::Random;
use crate::record::{Segment, Tally, hex};
use crate::sound::Sound;

/// The output's peak is at most this far above the highest peak of the input, in dB: the most that a curve boosts (24),
/// the most that Output does (24), and 6 for what a filter does to a peak.
pub const BOUND_DB: f64 = 54.0;

/// What is below this is silence, whatever went in.
const SILENCE: f64 = 1e-6;

/// Most instances at a time.
const INSTANCES: usize = 4;

/// What the host's projects run at, in Hz, the usual ones more often.
const RATES: [f64; 14] = [
    44_100.0, 48_000.0, 44_100.0, 48_000.0, 44_100.0, 48_000.0, 88_200.0, 96_000.0, 32_000.0,
    22_050.0, 16_000.0, 8_000.0, 11_025.5, 192_000.0,
];

/// Largest blocks that a host announces, in frames.
const LARGEST_BLOCKS: [usize; 8] = [32, 64, 128, 480, 512, 1_024, 4_096, 16_384];

/// Automation events per second, by scene.
const DENSITIES: [f64; 4] = [0.0, 2.0, 30.0, 400.0];

/// No more failures than this are told of a segment.
const MOST_FAILURES: usize = 20;

/// What every segment is made of.
pub struct Setup<'a> {
    pub plugin: &'a Path,
    pub music: &'a AudioFile,
    pub seed: u64,
    /// The file that the plugin appends its status to.
    pub status: &'a Path,
    /// Set when the user wants to end it.
    pub stop: &'a AtomicBool,
}

impl Setup<'_> {
    /// Plays `seconds` of sound. Calls `progress` with the seconds so far; `None` if it was stopped.
    ///
    /// # Errors
    /// If the plugin can't be loaded or refuses something that it has to do.
    pub fn run(
        &self,
        index: u64,
        seconds: f64,
        progress: impl FnMut(f64),
    ) -> Result<Option<Segment>, HostError> {
        let mut play = Play {
            setup: self,
            bundle: Bundle::load(self.plugin)?,
            random: Random::new(self.seed, index),
            hash: Sha256::new(),
            tally: Tally::default(),
            failures: Vec::new(),
            progress,
        };
        self.discard_status()?;
        let ended = play.all(seconds)?;
        play.read_status()?;
        Ok(ended.then(|| Segment {
            index,
            output_sha256: hex(&play.hash.finalize()),
            tally: play.tally,
            failures: play.failures,
        }))
    }

    fn discard_status(&self) -> Result<(), HostError> {
        match std::fs::remove_file(self.status) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(HostError::Write {
                path: self.status.to_owned(),
                found: error.to_string(),
            }),
            _ => Ok(()),
        }
    }
}

/// An instance.
struct Slot {
    plugin: Plugin,
    params: Vec<Param>,
    active: Option<Active>,
}

struct Active {
    processor: Processor,
    /// Largest block, in frames.
    max_frames: usize,
    channels: usize,
    /// Highest peak of the input since the last reset.
    loudest: f32,
}

/// How long the blocks of a scene are.
enum Blocks {
    /// All alike.
    Even(usize),
    /// From nothing up to so many frames.
    Any(usize),
}

/// What the plugin writes when it is deactivated, as far as it matters here.
#[derive(Deserialize)]
struct Status {
    late_curves: u64,
    fault: Option<String>,
}

struct Play<'a, F> {
    setup: &'a Setup<'a>,
    bundle: Bundle,
    random: Random,
    hash: Sha256,
    tally: Tally,
    failures: Vec<String>,
    progress: F,
}

impl<F: FnMut(f64)> Play<'_, F> {
    /// Whether it came to its end.
    fn all(&mut self, seconds: f64) -> Result<bool, HostError> {
        let mut slots: Vec<Slot> = Vec::new();
        let mut ended = true;
        while ended && self.tally.seconds < seconds {
            if slots.is_empty() || (slots.len() < INSTANCES && self.random.chance(0.2)) {
                slots.push(self.create()?);
            } else if slots.len() > 1 && self.random.chance(0.15) {
                let index = self.random.below(slots.len());
                close(slots.swap_remove(index));
            }
            let index = self.random.below(slots.len());
            if let Some(slot) = slots.get_mut(index) {
                ended = self.scene(slot, seconds - self.tally.seconds)?;
            }
        }
        slots.into_iter().for_each(close);
        Ok(ended)
    }

    fn create(&mut self) -> Result<Slot, HostError> {
        let mut plugin = self.bundle.create_first()?;
        plugin.set_render_mode(RenderMode::Offline)?;
        self.tally.instances += 1;
        Ok(Slot {
            params: plugin.params()?,
            plugin,
            active: None,
        })
    }

    /// Plays up to 12 s to an instance, but no longer than `longest` seconds. Whether it came to its end.
    fn scene(&mut self, slot: &mut Slot, longest: f64) -> Result<bool, HostError> {
        if self.random.chance(0.3)
            && let Some(active) = slot.active.take()
        {
            slot.plugin.deactivate(active.processor);
            let changes = self.events(&slot.params, 8, 1);
            slot.plugin.flush(&changes)?;
            self.states(&mut slot.plugin)?;
        }
        let mut active = match slot.active.take() {
            Some(mut active) => {
                if self.random.chance(0.2) {
                    active.processor.stop();
                }
                active
            }
            None => self.activate(&mut slot.plugin)?,
        };
        let outcome = self.play(slot, &mut active, longest);
        slot.active = Some(active);
        slot.plugin.pump()?;
        outcome
    }

    fn activate(&mut self, plugin: &mut Plugin) -> Result<Active, HostError> {
        let channels = 1 + usize::from(self.random.chance(0.75));
        let rate = self.random.pick(&RATES).copied().unwrap_or(48_000.0);
        let max_frames = self.random.pick(&LARGEST_BLOCKS).copied().unwrap_or(512);
        plugin.select_channels(channels)?;
        self.tally.activations += 1;
        Ok(Active {
            processor: plugin.activate(rate, 1, max_frames)?,
            max_frames,
            channels,
            loudest: 0.0,
        })
    }

    fn play(
        &mut self,
        slot: &mut Slot,
        active: &mut Active,
        longest: f64,
    ) -> Result<bool, HostError> {
        let rate = active.processor.sample_rate();
        let frames = (self.random.between(0.5, 12.0).min(longest) * rate).ceil() as usize;
        let density = self.random.pick(&DENSITIES).copied().unwrap_or_default();
        let blocks = match self.random.below(8) {
            0..=3 => Blocks::Even(active.max_frames),
            4..=6 => Blocks::Any(active.max_frames),
            _ => Blocks::Any(active.max_frames.min(24)),
        };
        let in_place = self.random.chance(0.5);
        let mut sound = Sound::any(&mut self.random, self.setup.music, rate);
        let mut input = vec![vec![0.0; active.max_frames]; active.channels];
        let before = self.tally.seconds;
        let mut done = 0;
        while done < frames {
            if self.setup.stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let size = match blocks {
                Blocks::Even(size) => size,
                Blocks::Any(most) => self.random.below(most + 1),
            }
            .min(frames - done);
            let seconds = size as f64 / rate;
            // Every ten seconds, and every twenty.
            if self.random.chance(seconds / 10.0) {
                active.processor.reset();
                active.loudest = 0.0;
                self.tally.resets += 1;
            }
            if self.random.chance(seconds / 20.0) {
                self.states(&mut slot.plugin)?;
                slot.plugin.pump()?;
            }
            let events = (density * seconds + self.random.unit()) as usize;
            let events = self.events(&slot.params, events, size);
            self.tally.poisoned += sound.fill(&mut self.random, &mut input, size);
            let parts: Vec<&[f32]> = input
                .iter()
                .map(|channel| channel.get(..size).unwrap_or_default())
                .collect();
            active.loudest = parts
                .iter()
                .flat_map(|channel| channel.iter())
                .map(|sample| clean(*sample).abs())
                .fold(active.loudest, f32::max);
            active.processor.process(&Block {
                frames: size,
                input: &parts,
                events: &events,
                in_place,
                ..Block::default()
            })?;
            self.check(active);
            done += size;
            self.tally.blocks += 1;
            self.tally.frames += size as u64;
            self.tally.seconds = before + done as f64 / rate;
            (self.progress)(self.tally.seconds);
        }
        Ok(true)
    }

    /// Some changes of some parameters within a block.
    fn events(&mut self, params: &[Param], count: usize, frames: usize) -> Vec<ParamEvent> {
        let random = &mut self.random;
        let events: Vec<ParamEvent> = (0..count)
            .filter_map(|_| {
                let param = random.pick(params)?;
                let mut value = match random.below(8) {
                    0 => param.min,
                    1 => param.max,
                    2 => param.default,
                    _ => random.between(param.min, param.max),
                };
                if param.flags.contains(ParamInfoFlags::IS_BYPASS) {
                    // Most of the time there should be something to hear.
                    value = if random.chance(0.15) {
                        param.max
                    } else {
                        param.min
                    };
                } else if param.flags.contains(ParamInfoFlags::IS_STEPPED) {
                    value = value.round();
                }
                Some(ParamEvent {
                    frame: random.below(frames.max(1)),
                    id: param.id,
                    value,
                })
            })
            .collect();
        self.tally.events += events.len() as u64;
        events
    }

    /// Save, load, save: the same bytes.
    fn states(&mut self, plugin: &mut Plugin) -> Result<(), HostError> {
        let saved = plugin.save_state()?;
        plugin.load_state(&saved)?;
        if plugin.save_state()? != saved {
            self.fail("a state differs after it was saved and loaded");
        }
        self.tally.states += 1;
        Ok(())
    }

    /// Looks at the last block's output, and hashes it.
    fn check(&mut self, active: &Active) {
        let mut peak = 0.0_f32;
        let mut finite = true;
        let mut bytes = Vec::with_capacity(4 * active.max_frames);
        for channel in active.processor.output() {
            bytes.clear();
            for sample in channel {
                finite &= sample.is_finite();
                peak = peak.max(sample.abs());
                bytes.extend_from_slice(&sample.to_le_bytes());
            }
            self.hash.update(&bytes);
        }
        if !finite {
            self.fail("the output is not finite");
            return;
        }
        let (peak, loudest) = (f64::from(peak), f64::from(active.loudest));
        if peak <= SILENCE {
            return;
        }
        let gain_db = 20.0 * (peak / loudest.max(SILENCE)).log10();
        if gain_db > BOUND_DB {
            self.fail(&format!(
                "the output's peak is {gain_db:.1} dB above the input's"
            ));
        }
        let worst = self
            .tally
            .worst_gain_db
            .map_or(gain_db, |worst| worst.max(gain_db));
        self.tally.worst_gain_db = Some(worst);
    }

    /// Adds up what the plugin said of itself at each deactivation.
    fn read_status(&mut self) -> Result<(), HostError> {
        let path = self.setup.status;
        let text = std::fs::read_to_string(path).map_err(|error| HostError::Write {
            path: path.to_owned(),
            found: error.to_string(),
        })?;
        for line in text.lines() {
            match serde_json::from_str::<Status>(line) {
                Ok(status) => {
                    self.tally.late_curves += status.late_curves;
                    if let Some(fault) = status.fault {
                        self.fail(&format!("fault: {fault}"));
                    }
                }
                Err(why) => self.fail(&format!("a status that can't be read ({why}): {line}")),
            }
        }
        if self.tally.late_curves > 0 {
            self.fail("curves were late, though nothing was due in real time");
        }
        self.setup.discard_status()
    }

    fn fail(&mut self, what: &str) {
        if self.failures.len() < MOST_FAILURES {
            self.failures
                .push(format!("{:.3} s: {what}", self.tally.seconds));
        }
    }
}

/// Ends an instance as hosts do.
fn close(mut slot: Slot) {
    if let Some(active) = slot.active.take() {
        slot.plugin.deactivate(active.processor);
    }
}
