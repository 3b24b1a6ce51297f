//! A host's rhythm: blocks of any length, each when it is due, in bursts, or as fast as can be. In real time no curve is late by it, and what is heard is the bounce, bit
//! for bit.
#![allow(
    unsafe_code,
    reason = "VST3 is a C interface, and an environment variable is set"
)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    IAudioProcessorTrait, IComponentTrait, ProcessModes_, ProcessSetup,
    SymbolicSampleSizes_::kSample32,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::common::{
    dice::Dice,
    excerpt, plugin,
    process::{alone, this_test},
    set_latency, vst3,
};
use moodring_host::{Block, Plugin, RenderMode};

const RATE: f64 = 48_000.0;

/// Settings that make a curve of their own of each frame.
const SETTINGS: [(&str, &str); 3] = [
    ("Brightness", "+2"),
    ("Resynthesis", "40 %"),
    ("Smoothing", "0 ms"),
];

/// When a host calls for its blocks.
#[derive(Debug, Clone, Copy)]
enum Pace {
    /// As fast as it can.
    Free,
    /// As soon as its input has been recorded, as a host with a sound card does.
    Recorded,
    /// As soon as the block before has been played.
    Played,
    /// So many blocks at once, as soon as those of the burst before have been played.
    Bursts(usize),
}

impl Pace {
    /// The time in samples at which a block is due.
    fn due(self, number: usize, block: &std::ops::Range<usize>, burst: &mut usize) -> usize {
        match self {
            Self::Free => 0,
            Self::Recorded => block.end,
            Self::Played => block.start,
            Self::Bursts(blocks) => {
                if number.is_multiple_of(blocks) {
                    *burst = block.start;
                }
                *burst
            }
        }
    }
}

/// The blocks of a signal of so many samples: their lengths come from `sizes`, again and again.
fn blocks(samples: usize, sizes: &[usize]) -> Vec<std::ops::Range<usize>> {
    let mut blocks = Vec::new();
    let mut start = 0;
    for size in sizes.iter().cycle() {
        if start >= samples {
            break;
        }
        let end = (start + size).min(samples);
        blocks.push(start..end);
        start = end;
    }
    blocks
}

/// Calls for all blocks of a signal at a pace, and collects what comes out.
fn play(
    input: &[Vec<f32>],
    sizes: &[usize],
    pace: Pace,
    mut process: impl FnMut(&[&[f32]]) -> Vec<Vec<f32>>,
) -> Vec<Vec<f32>> {
    let mut output = vec![Vec::new(); input.len()];
    let mut burst = 0;
    let begun = Instant::now();
    for (number, block) in blocks(input[0].len(), sizes).into_iter().enumerate() {
        let due = pace.due(number, &block, &mut burst) as f64 / RATE;
        std::thread::sleep(Duration::from_secs_f64(due).saturating_sub(begun.elapsed()));
        let part: Vec<&[f32]> = input
            .iter()
            .map(|channel| &channel[block.clone()])
            .collect();
        for (whole, block) in output.iter_mut().zip(process(&part)) {
            whole.extend_from_slice(&block);
        }
    }
    output
}

/// What came of one activation.
struct Take {
    output: Vec<Vec<f32>>,
    latency: u32,
    late: u64,
}

/// Where the plugin says how an activation went.
struct StatusFile(TempDir);

impl StatusFile {
    /// Makes the plugin write it from here on.
    ///
    /// # Safety
    /// No other thread of this process looks at its environment.
    unsafe fn new() -> Self {
        let status = Self(tempfile::tempdir().unwrap());
        // SAFETY: the caller's promise.
        unsafe { std::env::set_var("MOODRING_STATUS", status.path()) };
        status
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("status.jsonl")
    }

    /// Late curves of the last activation.
    fn late(&self) -> u64 {
        self.late_of_the_last(1)
    }

    /// Late curves of so many activations together.
    fn late_of_the_last(&self, activations: usize) -> u64 {
        let text = std::fs::read_to_string(self.path()).unwrap();
        let late = text.lines().rev().take(activations).map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["fault"], Value::Null);
            line["late_curves"].as_u64().unwrap()
        });
        late.sum()
    }
}

/// What a host sends through in one activation.
#[derive(Clone, Copy)]
struct Sent<'a> {
    /// The longest block that it announces.
    longest: usize,
    input: &'a [Vec<f32>],
    /// Lengths of its blocks, again and again.
    sizes: &'a [usize],
    pace: Pace,
}

/// A new instance, whose latency is `studio` or `live`.
fn instance(latency: &str) -> Plugin {
    let mut plugin = plugin();
    set_latency(&mut plugin, latency);
    let settings = SETTINGS.map(|(name, text)| plugin.set_at(0, name, text).unwrap());
    plugin.flush(&settings).unwrap();
    plugin
}

/// One activation.
fn take(status: &StatusFile, plugin: &mut Plugin, mode: RenderMode, sent: Sent) -> Take {
    plugin.set_render_mode(mode).unwrap();
    let most = sent.sizes.iter().copied().max().unwrap().max(sent.longest);
    let mut processor = plugin.activate_lying(RATE, 1, sent.longest, most).unwrap();
    let latency = plugin.latency().unwrap();
    let output = play(sent.input, sent.sizes, sent.pace, |part| {
        let block = Block {
            frames: part[0].len(),
            input: part,
            ..Block::default()
        };
        processor.process(&block).unwrap();
        processor.output().map(<[f32]>::to_vec).collect()
    });
    plugin.deactivate(processor);
    Take {
        output,
        latency,
        late: status.late(),
    }
}

fn music(seconds: f64) -> Vec<Vec<f32>> {
    excerpt(seconds).channels
}

fn random_sizes(seed: u32, count: usize, longest: usize) -> Vec<usize> {
    let mut dice = Dice(seed);
    (0..count).map(|_| 1 + dice.roll(longest)).collect()
}

/// Whether a take in real time had all of its curves in time, and then equals the bounce that follows it; tells about it. The machine may stand still for
/// longer than any wait, so that it is tried up to five times, but each take without a late curve must be the bounce.
fn equals_the_bounce(what: &str, mut takes: impl FnMut() -> [Take; 2]) -> bool {
    for _ in 0..5 {
        let [played, bounced] = takes();
        println!("{what}: {} late, latency {}", played.late, played.latency);
        assert_eq!(bounced.late, 0, "{what}");
        assert_eq!(played.latency, bounced.latency, "{what}");
        if played.late == 0 {
            assert!(played.output == bounced.output, "{what}: other bits");
            return true;
        }
    }
    false
}

/// A longest block, and lengths of blocks.
fn fixed(size: usize) -> (usize, Vec<usize>) {
    (size, vec![size])
}

fn random(seed: u32) -> (usize, Vec<usize>) {
    (4_096, random_sizes(seed, 500, 4_096))
}

/// Plays in real time in each of these rhythms.
fn assert_no_curve_is_late(
    latency: &str,
    rhythms: impl IntoIterator<Item = ((usize, Vec<usize>), Pace)>,
) {
    // SAFETY: no other thread has been started.
    let status = unsafe { StatusFile::new() };
    let input = music(2.0);
    for ((longest, sizes), pace) in rhythms {
        let what = format!("{latency}, up to {longest} samples, {pace:?}");
        let takes = || {
            let mut plugin = instance(latency);
            [
                (RenderMode::Realtime, pace),
                (RenderMode::Offline, Pace::Free),
            ]
            .map(|(mode, pace)| {
                let sent = Sent {
                    longest,
                    input: &input,
                    sizes: &sizes,
                    pace,
                };
                take(&status, &mut plugin, mode, sent)
            })
        };
        assert!(equals_the_bounce(&what, takes), "{what}");
    }
}

#[test]
fn in_any_rhythm_no_curve_is_late_and_the_sound_is_the_bounce_bit_for_bit() {
    if !alone(this_test!()) {
        return;
    }
    assert_no_curve_is_late(
        "studio",
        [
            (fixed(64), Pace::Played),
            (fixed(512), Pace::Recorded),
            (fixed(1_024), Pace::Played),
            (fixed(4_096), Pace::Played),
            (random(1), Pace::Recorded),
            (random(2), Pace::Free),
            (random(3), Pace::Bursts(10)),
            (fixed(64), Pace::Free),
            (fixed(4_096), Pace::Free),
            (fixed(32), Pace::Bursts(50)),
            (fixed(64), Pace::Bursts(10)),
            (fixed(512), Pace::Bursts(10)),
            (fixed(512), Pace::Bursts(50)),
            (fixed(1_024), Pace::Bursts(25)),
            (fixed(2_048), Pace::Bursts(10)),
        ],
    );
}

#[test]
fn in_live_no_curve_is_late_either_and_the_sound_is_the_bounce_bit_for_bit() {
    if !alone(this_test!()) {
        return;
    }
    assert_no_curve_is_late(
        "live",
        [
            (fixed(64), Pace::Played),
            (fixed(1_024), Pace::Played),
            (random(4), Pace::Recorded),
            (random(5), Pace::Free),
            (fixed(64), Pace::Bursts(50)),
            (fixed(512), Pace::Bursts(10)),
        ],
    );
}

/// Their work is spread over the hop, each at a place of its own.
#[test]
fn instances_that_play_together_are_the_same_bit_for_bit_and_the_bounce() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: no other thread has been started.
    let status = unsafe { StatusFile::new() };
    let input = music(1.5);
    for latency in ["studio", "live"] {
        for size in [64, 300] {
            let what = format!("{latency}, blocks of {size}");
            let sent = Sent {
                longest: size,
                input: &input,
                sizes: &[size],
                pace: Pace::Free,
            };
            let mut bounced = instance(latency);
            take(&status, &mut bounced, RenderMode::Realtime, sent);
            let bounce = take(&status, &mut bounced, RenderMode::Offline, sent).output;
            let played_in_time = (0..5).any(|_| {
                let (outputs, late) = played_together(&status, latency, sent);
                println!("{what}: {late} late");
                // Each take without a late curve must be the bounce.
                let same = || outputs.iter().all(|output| *output == bounce);
                assert!(late > 0 || same(), "{what}: other bits");
                late == 0
            });
            assert!(played_in_time, "{what}");
        }
    }
}

/// What three instances make of the same sound at the same time, each block as soon as the one before has been played; and how many curves were late.
fn played_together(status: &StatusFile, latency: &str, sent: Sent) -> (Vec<Vec<Vec<f32>>>, u64) {
    let mut plugins: Vec<Plugin> = (0..3).map(|_| instance(latency)).collect();
    let mut processors: Vec<_> = plugins
        .iter_mut()
        .map(|plugin| {
            plugin.set_render_mode(RenderMode::Realtime).unwrap();
            plugin.activate(RATE, 1, sent.longest).unwrap()
        })
        .collect();
    let channels = sent.input.len();
    let mut outputs = vec![vec![Vec::new(); channels]; processors.len()];
    play(sent.input, sent.sizes, Pace::Played, |part| {
        let block = Block {
            frames: part[0].len(),
            input: part,
            ..Block::default()
        };
        for (output, processor) in outputs.iter_mut().zip(&mut processors) {
            processor.process(&block).unwrap();
            for (whole, block) in output.iter_mut().zip(processor.output()) {
                whole.extend_from_slice(block);
            }
        }
        Vec::new()
    });
    let instances = processors.len();
    for (plugin, processor) in plugins.iter_mut().zip(processors) {
        plugin.deactivate(processor);
    }
    (outputs, status.late_of_the_last(instances))
}

/// Other blocks make another delay in Studio, and in Live another lag of the curves, which is no delay.
#[test]
fn in_studio_the_sound_is_the_same_but_for_its_delay_whatever_blocks_were_announced() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: no other thread has been started.
    let status = unsafe { StatusFile::new() };
    let input = music(2.0);
    let [short, long] = [256, 4_096].map(|longest| {
        let sent = Sent {
            longest,
            input: &input,
            sizes: &[longest],
            pace: Pace::Free,
        };
        let mut plugin = instance("studio");
        take(&status, &mut plugin, RenderMode::Realtime, sent);
        take(&status, &mut plugin, RenderMode::Offline, sent)
    });
    assert!(short.latency < long.latency);
    for (short_of, long_of) in short.output.iter().zip(&long.output) {
        let early = &short_of[short.latency as usize..];
        let late = &long_of[long.latency as usize..];
        assert!(early[..late.len()] == *late);
    }
}

#[test]
fn a_bounce_is_as_late_as_playback_was_whatever_block_it_announces() {
    let mut plugin = plugin();
    let mut latency = |mode: RenderMode, longest: usize| {
        plugin.set_render_mode(mode).unwrap();
        let processor = plugin.activate(RATE, 1, longest).unwrap();
        let latency = plugin.latency().unwrap();
        plugin.deactivate(processor);
        latency
    };
    let unplayed = [32, 512, 8_192].map(|longest| latency(RenderMode::Offline, longest));
    let usual = latency(RenderMode::Realtime, 512);
    assert_eq!(unplayed, [usual; 3], "before any playback");
    let large = latency(RenderMode::Realtime, 8_192);
    assert!(large > usual);
    assert_eq!(latency(RenderMode::Offline, 128), large);
    assert_eq!(latency(RenderMode::Realtime, 512), usual);
    assert_eq!(latency(RenderMode::Offline, 8_192), usual);
}

#[test]
fn the_host_is_told_when_another_block_makes_another_latency() {
    let mut plugin = plugin();
    let mut told = |longest: usize| {
        let processor = plugin.activate(RATE, 1, longest).unwrap();
        plugin.deactivate(processor);
        assert!(!plugin.take_restart_request());
        plugin.take_latency_changed()
    };
    assert!(told(512));
    assert!(told(2_048));
    assert!(!told(2_048));
    assert!(told(256));
}

#[test]
fn blocks_longer_than_announced_have_late_curves_which_are_counted_and_the_sound_goes_on() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: as above.
    let status = unsafe { StatusFile::new() };
    let input = music(1.5);
    let sent = Sent {
        longest: 64,
        input: &input,
        sizes: &[8_192],
        pace: Pace::Played,
    };
    let take = take(&status, &mut instance("studio"), RenderMode::Realtime, sent);
    println!("{} late", take.late);
    assert!(take.late > 0);
    assert!(
        take.output
            .iter()
            .flatten()
            .all(|sample| sample.is_finite())
    );
    assert_eq!(take.output[0].len(), input[0].len());
}

#[test]
fn a_vst3_that_prefetches_is_the_bounce_bit_for_bit() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: as above.
    let status = unsafe { StatusFile::new() };
    let input = music(2.5);
    let library = vst3::Library::open(&vst3::library());
    let take = |instance: &vst3::Vst3, mode: i32, pace: Pace| {
        let mut setup = ProcessSetup {
            processMode: mode,
            symbolicSampleSize: kSample32 as i32,
            maxSamplesPerBlock: 512,
            sampleRate: RATE,
        };
        // SAFETY: a whole setup; and as the standard says.
        let latency = unsafe {
            assert_eq!(instance.processor.setupProcessing(&mut setup), 0);
            assert_eq!(instance.component.setActive(1), 0);
            assert_eq!(instance.processor.setProcessing(1), 0);
            instance.processor.getLatencySamples()
        };
        let output = play(&input, &[512], pace, |part| {
            let block = vst3::Block {
                frames: part[0].len(),
                input: part,
                ..vst3::Block::default()
            };
            instance.process(&block).channels
        });
        instance.stop();
        let late = status.late();
        Take {
            output,
            latency,
            late,
        }
    };
    for mode in [ProcessModes_::kPrefetch, ProcessModes_::kRealtime] {
        for pace in [Pace::Bursts(20), Pace::Free, Pace::Played] {
            let what = format!("mode {mode}, {pace:?}");
            let takes = || {
                let instance = library.create();
                instance.set(instance.id("Brightness"), 0.8);
                [(mode, pace), (ProcessModes_::kOffline, Pace::Free)]
                    .map(|(mode, pace)| take(&instance, mode as i32, pace))
            };
            assert!(equals_the_bounce(&what, takes), "{what}");
        }
    }
}

/// How often the plugin's threads have given their core up of their own accord.
#[cfg(target_os = "linux")]
fn naps() -> u64 {
    let field = |status: &str, name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.map(|value| value.trim().to_owned()).unwrap()
    };
    std::fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("status")).ok())
        .filter(|status| field(status, "Name:").starts_with("moodring-"))
        .map(|status| {
            field(&status, "voluntary_ctxt_switches:")
                .parse::<u64>()
                .unwrap()
        })
        .sum()
}

#[test]
#[cfg(target_os = "linux")]
fn while_the_host_stands_still_the_threads_hardly_wake() {
    if !alone(this_test!()) {
        return;
    }
    let mut plugin = plugin();
    let processor = plugin.activate(RATE, 1, 512).unwrap();
    std::thread::sleep(Duration::from_secs(1));
    let before = naps();
    let begun = Instant::now();
    std::thread::sleep(Duration::from_secs(2));
    let a_second = (naps() - before) as f64 / begun.elapsed().as_secs_f64();
    plugin.deactivate(processor);
    println!("{a_second:.0} naps a second");
    // At 48 kHz, half of a curve's 10.7 ms and Listen's 10 ms: on a slow machine it is fewer.
    assert!(a_second < 300.0, "{a_second}");
    assert!(a_second > 0.0, "nobody is there");
}
