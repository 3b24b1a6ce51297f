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
    vst3,
};
use moodring_host::{Block, RenderMode};

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

impl Take {
    /// Whether it sounds like another to the bit, but for their delays.
    fn sounds_like(&self, other: &Take) -> bool {
        self.output
            .iter()
            .zip(&other.output)
            .all(|(one, other_one)| {
                let (one, other_one) = (
                    &one[self.latency as usize..],
                    &other_one[other.latency as usize..],
                );
                let len = one.len().min(other_one.len());
                len > 0 && one[..len] == other_one[..len]
            })
    }
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
        let text = std::fs::read_to_string(self.path()).unwrap();
        let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(last["fault"], Value::Null);
        last["late_curves"].as_u64().unwrap()
    }
}

/// An activation of a new instance, announced as of blocks up to `longest`.
fn take(
    status: &StatusFile,
    mode: RenderMode,
    longest: usize,
    input: &[Vec<f32>],
    sizes: &[usize],
    pace: Pace,
) -> Take {
    let mut plugin = plugin();
    let settings = SETTINGS.map(|(name, text)| plugin.set_at(0, name, text).unwrap());
    plugin.flush(&settings).unwrap();
    plugin.set_render_mode(mode).unwrap();
    let most = sizes.iter().copied().max().unwrap().max(longest);
    let mut processor = plugin.activate_lying(RATE, 1, longest, most).unwrap();
    let latency = plugin.latency().unwrap();
    let output = play(input, sizes, pace, |part| {
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

/// Whether a take in real time had all of its curves in time, and so equals the bounce; tells about it. The machine may stand still for longer than any wait, so that it is tried up to five
/// times, but each take without a late curve must be the bounce.
fn equals_the_bounce(what: &str, bounce: &Take, mut take: impl FnMut() -> Take) -> bool {
    for _ in 0..5 {
        let take = take();
        println!("{what}: {} late, latency {}", take.late, take.latency);
        if take.late == 0 {
            assert!(take.sounds_like(bounce), "{what}: other bits");
            return true;
        }
    }
    false
}

#[test]
fn in_any_rhythm_no_curve_is_late_and_the_sound_is_the_bounce_bit_for_bit() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: no other thread has been started.
    let status = unsafe { StatusFile::new() };
    let input = music(2.5);
    let fixed = |size: usize| (size, vec![size]);
    let random = |seed: u32| (4_096, random_sizes(seed, 500, 4_096));
    for ((longest, sizes), pace) in [
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
    ] {
        let what = format!("up to {longest} samples, {pace:?}");
        let sent = |mode, pace| take(&status, mode, longest, &input, &sizes, pace);
        let bounce = sent(RenderMode::Offline, Pace::Free);
        assert_eq!(bounce.late, 0);
        let in_real_time = || sent(RenderMode::Realtime, pace);
        assert!(equals_the_bounce(&what, &bounce, in_real_time), "{what}");
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
        let latency = plugin.latency().unwrap();
        plugin.deactivate(processor);
        // By the standard only an activation may tell it: it asks for another.
        let asked = plugin.take_restart_request();
        let processor = plugin.activate(RATE, 1, longest).unwrap();
        assert_eq!(plugin.latency().unwrap(), latency);
        plugin.deactivate(processor);
        (asked, plugin.take_latency_changed())
    };
    told(512);
    assert_eq!(told(2_048), (true, true));
    assert_eq!(told(2_048), (false, false));
    assert_eq!(told(256), (true, true));
}

#[test]
fn blocks_longer_than_announced_have_late_curves_which_are_counted_and_the_sound_goes_on() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: as above.
    let status = unsafe { StatusFile::new() };
    let input = music(1.5);
    let take = take(
        &status,
        RenderMode::Realtime,
        64,
        &input,
        &[8_192],
        Pace::Played,
    );
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
    let take = |mode: u32, pace: Pace| {
        let instance = library.create();
        instance.set(instance.id("Brightness"), 0.8);
        let mut setup = ProcessSetup {
            processMode: mode as i32,
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
    let bounce = take(ProcessModes_::kOffline as u32, Pace::Free);
    for mode in [ProcessModes_::kPrefetch, ProcessModes_::kRealtime] {
        for pace in [Pace::Bursts(20), Pace::Free, Pace::Played] {
            let what = format!("mode {mode}, {pace:?}");
            let take = || take(mode as u32, pace);
            assert!(equals_the_bounce(&what, &bounce, take), "{what}");
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
