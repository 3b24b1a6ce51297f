//! Delta and Match, pressed in real windows of real hosts: what is heard then, in CLAP and VST3.
#![allow(unsafe_code, reason = "environment variables are set")]

use std::time::{Duration, Instant};

use crate::common::mouse::{click_at, place_of};
use crate::common::process::{alone, nobodys_files, this_test};
use crate::common::vst3::{Changes, Library, library, view::OpenView};
use crate::common::{dice::Dice, plugin, rms_dbfs, set};
use egui::Role;
use moodring_host::{Block, Display, Plugin, Processor, Render};

const RATE: f64 = 48_000.0;
const FRAMES: usize = 480;
/// Of the noise, in dBFS.
const LEVEL: f64 = -20.8;
const SILENCE: f64 = -100.0;

/// Something that plays noise a block at a time, and serves its host's main loop.
trait Play {
    fn block(&mut self, noise: &[f32]) -> Vec<f32>;

    fn window(&self) -> u32;

    /// Plays for a while in real time: the level of the last half second, in dBFS.
    fn play(&mut self, time: Duration) -> f64 {
        let mut dice = Dice(5);
        let begun = Instant::now();
        let mut heard: Vec<f32> = Vec::new();
        let mut blocks = 0;
        while begun.elapsed() < time {
            let noise = [(); FRAMES].map(|()| dice.roll(1 << 16) as f32 / 2.0_f32.powi(16) - 0.5);
            heard.extend(self.block(&noise.map(|sample| 0.316 * sample)));
            blocks += 1;
            let due = Duration::from_secs_f64(f64::from(blocks) * FRAMES as f64 / RATE);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
        }
        let last = heard.len().saturating_sub(RATE as usize / 2);
        rms_dbfs(&[heard.split_off(last)])
    }

    /// Clicks until what is heard is as it should be: a click may come before there is anything to click.
    fn click_until(&mut self, at: [i32; 2], is_so: impl Fn(f64) -> bool, what: &str) {
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

struct Clap<'a> {
    plugin: &'a mut Plugin,
    processor: Processor,
}

impl Play for Clap<'_> {
    fn block(&mut self, noise: &[f32]) -> Vec<f32> {
        let block = Block {
            frames: noise.len(),
            input: &[noise, noise],
            ..Block::default()
        };
        self.processor.process(&block).unwrap();
        self.plugin.pump().unwrap();
        self.processor.output().next().unwrap().to_vec()
    }

    fn window(&self) -> u32 {
        self.plugin.editor().unwrap().id()
    }
}

struct Vst3<'a> {
    vst3: &'a crate::common::vst3::Vst3,
    view: &'a OpenView,
    changes: Option<(u32, f64)>,
}

impl Play for Vst3<'_> {
    fn block(&mut self, noise: &[f32]) -> Vec<f32> {
        let changes = self.changes.take();
        let changes = changes.map(|(id, value)| Changes::of([(id, vec![(0, value)])]));
        let block = crate::common::vst3::Block {
            frames: noise.len(),
            input: &[noise, noise],
            changes: changes.as_ref(),
            ..Default::default()
        };
        let output = self.vst3.process(&block);
        self.view.pump();
        output.channels.into_iter().next().unwrap()
    }

    fn window(&self) -> u32 {
        self.view.window()
    }
}

fn is_near(level: f64) -> impl Fn(f64) -> bool {
    move |heard| (heard - level).abs() < 0.4
}

/// Presses Delta on and off; what is heard of neutral settings is nothing, and then everything again.
fn try_delta(host: &mut impl Play) {
    let delta = place_of(&[(Role::CheckBox, "Delta")]);
    let plain = host.play(Duration::from_secs(2));
    assert!(is_near(LEVEL)(plain), "{plain}");
    host.click_until(delta, |heard| heard < SILENCE, "Delta on");
    host.click_until(delta, is_near(LEVEL), "Delta off");
}

#[test]
fn delta_and_match_in_a_clap_host() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let (_files, display) = unsafe { (nobodys_files(), Display::open().unwrap()) };
    let mut plugin = plugin();
    plugin.open_editor(&display).unwrap();
    let processor = plugin.activate(RATE, 1, FRAMES).unwrap();
    let mut host = Clap {
        plugin: &mut plugin,
        processor,
    };
    try_delta(&mut host);

    // The processed sound is 6 dB louder; with Match the bypassed one is, too.
    let Clap { processor, .. } = host;
    plugin.deactivate(processor);
    set(&mut plugin, &[("Output", "6 dB")]);
    let processor = plugin.activate(RATE, 1, FRAMES).unwrap();
    let mut host = Clap {
        plugin: &mut plugin,
        processor,
    };
    let [matched, bypass] =
        [(Role::CheckBox, "Match"), (Role::CheckBox, "Bypass")].map(|control| place_of(&[control]));
    host.click_until(bypass, is_near(LEVEL), "Bypass without Match");
    host.click_until(matched, is_near(LEVEL + 6.0), "Bypass with Match");
    host.click_until(matched, is_near(LEVEL), "without Match again");
    host.click_until(matched, is_near(LEVEL + 6.0), "with Match once more");

    // Neither is kept, and a bypassed bounce is the input to the bit.
    let state = String::from_utf8_lossy(&host.plugin.save_state().unwrap()).into_owned();
    assert!(
        !state.contains("delta") && !state.contains("match"),
        "{state}"
    );
    let Clap { processor, .. } = host;
    plugin.deactivate(processor);
    let mut dice = Dice(9);
    let noise: Vec<f32> = (0..RATE as usize)
        .map(|_| dice.roll(1 << 16) as f32 / 2.0_f32.powi(18))
        .collect();
    let input = vec![noise; 2];
    let rendered = Render::offline(RATE).run(&mut plugin, &input, &[]).unwrap();
    let late = rendered.latency as usize;
    for (output, input) in rendered.output.iter().zip(&input) {
        let len = output.len().min(input.len() + late) - late;
        assert!(output[late..late + len] == input[..len]);
    }
}

#[test]
fn delta_in_a_vst3_host() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: as above.
    let (_files, display) = unsafe { (nobodys_files(), Display::open().unwrap()) };
    let library = Library::open(&library());
    let vst3 = library.create();
    vst3.play(RATE, FRAMES as i32, false);
    let view = OpenView::open(&vst3, &display, true);
    let mut host = Vst3 {
        vst3: &vst3,
        view: &view,
        changes: None,
    };
    try_delta(&mut host);
    // What is changed is heard: the output is 6 dB louder than the input, so that their difference is as loud as the input.
    host.changes = Some((vst3.id("Output"), 0.625));
    host.click_until(
        place_of(&[(Role::CheckBox, "Delta")]),
        is_near(LEVEL),
        "Delta of 6 dB",
    );
    view.close();
}
