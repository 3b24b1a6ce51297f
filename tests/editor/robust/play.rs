//! The bundled plugin in real hosts of both formats that play in real time and show its editor: what a test does to one it does to the other.
#![allow(unsafe_code, reason = "a VST3 host is asked for a latency")]

use std::time::{Duration, Instant};

use crate::common::{
    dice::Dice,
    mouse::click_at,
    rms_dbfs,
    vst3::{Changes, Vst3 as Instance, view::OpenView},
};
use moodring_host::{Block, ParamEvent, Plugin, Processor};
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::IAudioProcessorTrait;

pub const RATE: f64 = 48_000.0;
pub const FRAMES: usize = 480;
/// Of [`noise`], in dBFS.
pub const LEVEL: f64 = -20.8;

/// So many seconds of noise, the same each time.
pub fn noise(seconds: f64) -> Vec<f32> {
    let mut dice = Dice(5);
    let length = (seconds * RATE) as usize / FRAMES * FRAMES;
    (0..length)
        .map(|_| 0.316 * (dice.roll(1 << 16) as f32 / 2.0_f32.powi(16) - 0.5))
        .collect()
}

/// Something that plays, and serves its host's main loop.
pub trait Play {
    /// One block, the same on both sides.
    fn block(&mut self, input: &[f32]) -> Vec<f32>;

    fn window(&self) -> u32;

    /// Of the sound, in samples.
    fn latency(&mut self) -> usize;

    /// Gives a parameter a value from 0 to 1 with the next block, as the host's automation does.
    fn set(&mut self, name: &str, normalized: f64);

    /// The present value of a parameter, from 0 to 1.
    fn value(&mut self, name: &str) -> f64;

    /// Plays a sound in real time; what is heard is as long, and late.
    fn play_sound(&mut self, sound: &[f32]) -> Vec<f32> {
        let begun = Instant::now();
        let mut heard = Vec::new();
        for (index, block) in sound.chunks(FRAMES).enumerate() {
            heard.extend(self.block(block));
            let due = Duration::from_secs_f64((index + 1) as f64 * FRAMES as f64 / RATE);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
        }
        heard
    }

    /// Plays noise for a while: the level of the last half second, in dBFS.
    fn play(&mut self, time: Duration) -> f64 {
        let mut heard = self.play_sound(&noise(time.as_secs_f64()));
        let last = heard.len().saturating_sub(RATE as usize / 2);
        rms_dbfs(&[heard.split_off(last)])
    }

    /// Clicks until what is heard is as it should be: a click may come before there is anything to click.
    fn click_until(&mut self, at: [i32; 2], is_so: impl Fn(f64) -> bool, what: &str)
    where
        Self: Sized,
    {
        for _ in 0..10 {
            click_at(self.window(), at);
            for _ in 0..4 {
                if is_so(self.play(Duration::from_millis(700))) {
                    return;
                }
            }
        }
        panic!("{what}: {}", self.play(Duration::from_secs(1)));
    }
}

/// A CLAP host.
pub struct Clap<'a> {
    plugin: &'a mut Plugin,
    /// There is one until it is stopped.
    processor: Option<Processor>,
    changes: Vec<ParamEvent>,
}

impl<'a> Clap<'a> {
    /// Activates it. The editor is open already.
    pub fn start(plugin: &'a mut Plugin) -> Self {
        let processor = plugin.activate(RATE, 1, FRAMES).unwrap();
        Self {
            plugin,
            processor: Some(processor),
            changes: Vec::new(),
        }
    }
}

impl Drop for Clap<'_> {
    fn drop(&mut self) {
        if let Some(processor) = self.processor.take() {
            self.plugin.deactivate(processor);
        }
    }
}

impl Play for Clap<'_> {
    fn block(&mut self, input: &[f32]) -> Vec<f32> {
        let changes = std::mem::take(&mut self.changes);
        let processor = self.processor.as_mut().unwrap();
        let block = Block {
            frames: input.len(),
            input: &[input, input],
            events: &changes,
            ..Block::default()
        };
        processor.process(&block).unwrap();
        self.plugin.pump().unwrap();
        processor.output().next().unwrap().to_vec()
    }

    fn window(&self) -> u32 {
        self.plugin.editor().unwrap().id()
    }

    fn latency(&mut self) -> usize {
        self.plugin.latency().unwrap() as usize
    }

    fn set(&mut self, name: &str, normalized: f64) {
        let param = self.plugin.param(name).unwrap();
        self.changes.push(ParamEvent {
            frame: 0,
            id: param.id,
            value: param.min + normalized * (param.max - param.min),
        });
    }

    fn value(&mut self, name: &str) -> f64 {
        let param = self.plugin.param(name).unwrap();
        let value = self.plugin.value(param.id).unwrap();
        (value - param.min) / (param.max - param.min)
    }
}

/// A VST3 host. What the editor sets it brings to the processor with the next block, as hosts do.
pub struct Vst3<'a> {
    vst3: &'a Instance,
    view: &'a OpenView,
    changes: Vec<(u32, f64)>,
}

impl<'a> Vst3<'a> {
    /// Of an instance that plays, with its view.
    pub fn new(vst3: &'a Instance, view: &'a OpenView) -> Self {
        let changes = Vec::new();
        Self {
            vst3,
            view,
            changes,
        }
    }
}

impl Play for Vst3<'_> {
    fn block(&mut self, input: &[f32]) -> Vec<f32> {
        self.changes
            .append(&mut self.vst3.handler.edits.lock().unwrap());
        let changes = std::mem::take(&mut self.changes);
        let changes = changes
            .into_iter()
            .map(|(id, value)| (id, vec![(0, value)]));
        let block = crate::common::vst3::Block {
            frames: input.len(),
            input: &[input, input],
            changes: Some(&Changes::of(changes)),
            ..Default::default()
        };
        let output = self.vst3.process(&block);
        self.view.pump();
        output.channels.into_iter().next().unwrap()
    }

    fn window(&self) -> u32 {
        self.view.window()
    }

    fn latency(&mut self) -> usize {
        // SAFETY: as the standard says.
        unsafe { self.vst3.processor.getLatencySamples() as usize }
    }

    fn set(&mut self, name: &str, normalized: f64) {
        self.changes.push((self.vst3.id(name), normalized));
    }

    fn value(&mut self, name: &str) -> f64 {
        self.vst3.get(self.vst3.id(name))
    }
}
