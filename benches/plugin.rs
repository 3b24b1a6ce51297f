//! What the plugin costs: audio thread, curves, answers, loading, size. Run it by `cargo xtask bench`.
//!
//! Times are medians over many calls on this machine; shares are of real time at the block's own length.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may fail")]

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use moodring::{
    audio_file::AudioFile,
    listen::Listener,
    model::{ModelSource, TaggerModel, TimbreModel},
    morph::{FrameMessage, MorphControls, Shaper},
};
use moodring_host::{Block, Bundle};

const RATE: f64 = 48_000.0;

/// Settings, by name and text.
type Settings = &'static [(&'static str, &'static str)];

/// Latency's id, and settings.
type Setup = (&'static str, Settings);

/// Knobs turned so that nothing is skipped.
const KNOBS: Settings = &[("Brightness", "+1"), ("Resynthesis", "50 %")];

/// A named timbre's player at work.
const PLAYED: Settings = &[
    ("Target", "Trumpet"),
    ("Morph", "100 %"),
    ("Resynthesis", "100 %"),
];

fn main() {
    let bundled = std::env::var_os("MOODRING_BUNDLED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bundled/Moodring.clap"),
        PathBuf::from,
    );
    let excerpt = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/music/war_of_freedom.ogg");
    let audio = AudioFile::read(&excerpt).unwrap();

    // First of all, while nothing of the plugin is in this process yet.
    load(&bundled);
    for latency in ["studio", "live"] {
        for block in [64, 128, 512] {
            audio_thread(&bundled, &audio.channels, block, (latency, KNOBS));
        }
    }
    let solo = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/music/notes.ogg");
    let mut solo = AudioFile::read(&solo).unwrap().channels;
    solo.extend_from_within(..);
    println!("a solo that a player plays anew:");
    audio_thread(&bundled, &solo, 128, ("studio", PLAYED));
    denormals(&bundled, &audio);
    curve();
    hearing(&audio);
    tagging(&excerpt);
    answer("tag answer", &ModelSource::Embedded);
    // Another tagger in the same run: machines are noisy.
    if let Some(folder) = std::env::var_os("MOODRING_BESIDE") {
        answer("tag answer, beside it", &ModelSource::Folder(folder.into()));
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn load(bundled: &Path) {
    let size = std::fs::metadata(bundled).unwrap().len();
    println!(
        "plugin file                      {:8.1} MB",
        size as f64 / 1e6
    );
    let started = Instant::now();
    let mut plugin = Bundle::load(bundled).unwrap().create_first().unwrap();
    println!(
        "load: library and instance       {:8.1} ms",
        ms(started.elapsed())
    );
    let processor = plugin.activate(RATE, 1, 512).unwrap();
    println!(
        "load: until the first block      {:8.1} ms",
        ms(started.elapsed())
    );
    plugin.deactivate(processor);
}

/// Blocks as a real-time host sends them, each when it is due.
fn audio_thread(bundled: &Path, channels: &[Vec<f32>], frames: usize, setup: Setup) {
    let (latency, _) = setup;
    let mut times = paced(bundled, channels, (frames, 6.0), setup);
    let total: Duration = times.iter().sum();
    let mean = total / times.len() as u32;
    let period = Duration::from_secs_f64(frames as f64 / RATE);
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "audio thread, {latency:6}, block {frames:4}  {:8.4} ms mean, {:.4} ms at 99 %, {:.4} ms worst: {:.2} % of a core",
        ms(mean),
        ms(at(0.99)),
        ms(at(1.0)),
        100.0 * mean.as_secs_f64() / period.as_secs_f64()
    );
}

/// How much longer a block takes that is so quiet that its powers, or itself, are denormal numbers: sound that has faded
/// out, with the shape that it left behind still there.
fn denormals(bundled: &Path, audio: &AudioFile) {
    const FRAMES: usize = 512;
    let quiet_from = (RATE * 0.7) as usize;
    let cost = |level: f32| {
        let channels: Vec<Vec<f32>> = audio
            .channels
            .iter()
            .map(|channel| {
                let quieter =
                    |(n, sample): (usize, &f32)| sample * if n < quiet_from { 1.0 } else { level };
                channel.iter().enumerate().map(quieter).collect()
            })
            .collect();
        let times = paced(bundled, &channels, (FRAMES, 2.5), ("studio", KNOBS));
        median(times[(RATE * 1.0) as usize / FRAMES..].to_vec())
    };
    let normal = cost(1.0);
    let ratio = |level: f32| cost(level).as_secs_f64() / normal.as_secs_f64();
    let worst = [
        1e-12, 1e-14, 1e-15, 1e-16, 1e-17, 1e-18, 1e-19, 1e-20, 1e-30, 1e-38,
    ]
    .map(|level| (level, ratio(level)))
    .into_iter()
    .max_by(|a, b| a.1.total_cmp(&b.1));
    if let Some((level, ratio)) = worst {
        println!(
            "denormals, worst at {:4.0} dBFS      {ratio:8.2} times the cost of music",
            20.0 * level.log10()
        );
    }
}

/// How long each block took, of so many frames, for so many seconds.
fn paced(
    bundled: &Path,
    channels: &[Vec<f32>],
    (frames, seconds): (usize, f64),
    (latency, settings): Setup,
) -> Vec<Duration> {
    let mut plugin = Bundle::load(bundled).unwrap().create_first().unwrap();
    // A state is JSON behind its length, 8 bytes.
    let state = plugin.save_state().unwrap();
    let mut json: serde_json::Value = serde_json::from_slice(&state[8..]).unwrap();
    json["fields"]["latency"] = serde_json::json!(format!("\"{latency}\""));
    let json = json.to_string();
    let length = (json.len() as u64).to_le_bytes();
    let state = [&length[..], json.as_bytes()].concat();
    plugin.load_state(&state).unwrap();
    let events: Vec<_> = settings
        .iter()
        .map(|(name, text)| plugin.set_at(0, name, text).unwrap())
        .collect();
    let mut processor = plugin.activate(RATE, 1, frames).unwrap();
    let period = Duration::from_secs_f64(frames as f64 / RATE);
    let started = Instant::now();
    let mut times = Vec::new();
    for index in 0..(seconds * RATE) as usize / frames {
        let due = period * index as u32;
        std::thread::sleep(due.saturating_sub(started.elapsed()));
        let input: Vec<&[f32]> = channels
            .iter()
            .map(|channel| &channel[index * frames..][..frames])
            .collect();
        let block = Block {
            frames,
            input: &input,
            events: if index == 0 { &events } else { &[] },
            ..Block::default()
        };
        let called = Instant::now();
        processor.process(&block).unwrap();
        times.push(called.elapsed());
    }
    plugin.deactivate(processor);
    times
}

fn curve() {
    let timbre = TimbreModel::load(&ModelSource::Embedded).unwrap();
    let mut shaper = Shaper::new(timbre);
    let mut controls = MorphControls::neutral();
    controls.knobs[0] = 1.0;
    let times = (0..2_000)
        .map(|index| {
            let levels = std::array::from_fn(|band| -20.0 - ((band * 7 + index) % 40) as f32);
            let frame = FrameMessage {
                generation: 0,
                index: index as u64,
                hop_seconds: 512.0 / RATE as f32,
                levels,
                controls,
                ..FrameMessage::blank()
            };
            let started = Instant::now();
            shaper.shape(&frame).unwrap();
            started.elapsed()
        })
        .collect();
    println!(
        "curve (encoder, two decoders)    {:8.3} ms",
        ms(median(times))
    );
}

/// What Listen's thread spends on a second of stereo, its two answers included.
fn hearing(audio: &AudioFile) {
    let tagger = TaggerModel::load(&ModelSource::Embedded).unwrap();
    let mut listener = Listener::new(tagger, RATE, 2).unwrap();
    let second = RATE as usize;
    let [left, right] = [&audio.channels[0], &audio.channels[1]];
    let interleaved: Vec<f32> = left
        .iter()
        .zip(right)
        .flat_map(|(left, right)| [*left, *right])
        .collect();
    let times = interleaved
        .chunks_exact(2 * second)
        .take(20)
        .map(|second| {
            let started = Instant::now();
            for chunk in second.chunks(256) {
                listener.push(chunk, 4.0, 30.0).unwrap();
            }
            started.elapsed()
        })
        .collect();
    println!(
        "listening, a second of sound     {:8.2} ms",
        ms(median(times))
    );
}

/// How much faster than it plays `moodring tag` hears a file, decoding and all, by the processor time that one core spends on it.
fn tagging(excerpt: &Path) {
    // Five minutes: an ogg may be one behind the other.
    let song = std::fs::read(excerpt).unwrap().repeat(12);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("song.ogg");
    std::fs::write(&file, song).unwrap();
    let best = (0..3)
        .map(|_| {
            // The shell tells what its children have cost.
            let output = std::process::Command::new("sh")
                .args(["-c", "\"$@\" || exit 1; times", "sh"])
                .arg(env!("CARGO_BIN_EXE_moodring"))
                .args(["tag", "--format", "jsonl"])
                .arg(&file)
                .output()
                .unwrap();
            assert!(output.status.success(), "{output:?}");
            let said = String::from_utf8(output.stdout).unwrap();
            let mut lines = said.lines();
            let summary: serde_json::Value = serde_json::from_str(lines.next().unwrap()).unwrap();
            let cost: f64 = lines.nth(1).unwrap().split(' ').map(seconds).sum();
            summary["seconds"].as_f64().unwrap() / cost
        })
        .fold(0.0, f64::max);
    println!("moodring tag                     {best:8.0} times real time a core");
}

/// `1m2.5s` in seconds.
fn seconds(said: &str) -> f64 {
    let (minutes, seconds) = said.trim_end_matches('s').split_once('m').unwrap();
    60.0 * minutes.parse::<f64>().unwrap() + seconds.parse::<f64>().unwrap()
}

fn answer(what: &str, source: &ModelSource) {
    let tagger = TaggerModel::load(source).unwrap();
    let front_end = &tagger.card().front_end;
    let window: Vec<f32> = (0..front_end.width() * front_end.frames())
        .map(|n| -40.0 + (n % 37) as f32)
        .collect();
    let mut probabilities = vec![0.0; tagger.card().tags.len()];
    let times = (0..200)
        .map(|_| {
            let started = Instant::now();
            tagger.run(&window, &mut probabilities).unwrap();
            started.elapsed()
        })
        .collect();
    println!("{what:32} {:8.2} ms", ms(median(times)));
}
