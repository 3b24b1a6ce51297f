//! A bounce is exact: a minute of music equals the single-threaded reference bit for bit, whatever the blocks.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod common;

use std::process::Command;

use common::{excerpt, plugin};
use moodring::audio_file::AudioFile;
use moodring_host::{Plugin, Render, RenderMode};

/// Settings that use every part of Morph, and that their texts name exactly.
const SETTINGS: [(&str, &str); 5] = [
    ("Brightness", "+1.5"),
    ("Body", "-0.75"),
    ("Target", "Cello"),
    ("Morph", "50 %"),
    ("Resynthesis", "25 %"),
];

/// A minute of music: the excerpt again and again.
fn minute() -> AudioFile {
    let mut audio = excerpt(25.0);
    let frames = 60 * audio.sample_rate as usize;
    for channel in &mut audio.channels {
        *channel = channel.iter().copied().cycle().take(frames).collect();
    }
    audio
}

/// What `moodring morph` makes of it, on one thread.
fn reference(audio: &AudioFile) -> Vec<Vec<f32>> {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in.wav"), folder.path().join("out.wav"));
    audio.write_wav(&input).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
    command
        .arg("morph")
        .arg(&input)
        .arg("--output")
        .arg(&output);
    for (name, text) in SETTINGS {
        command.arg("--set").arg(format!("{name}={text}"));
    }
    let run = command.output().unwrap();
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    AudioFile::read(&output).unwrap().channels
}

fn set_up(plugin: &mut Plugin) {
    let settings = SETTINGS.map(|(name, text)| plugin.set_at(0, name, text).unwrap());
    plugin.flush(&settings).unwrap();
}

/// Fails at the first sample that differs.
fn assert_equal(output: &[Vec<f32>], latency: u32, reference: &[Vec<f32>], what: &str) {
    for (output, reference) in output.iter().zip(reference) {
        let aligned = &output[latency as usize..];
        let different = aligned
            .iter()
            .zip(reference)
            .position(|(a, b)| a.to_bits() != b.to_bits());
        assert_eq!(different, None, "{what}: first difference at this sample");
    }
}

#[test]
fn a_bounce_equals_the_reference_at_every_block_size() {
    let audio = minute();
    let reference = reference(&audio);
    // Sizes that repeat after 1009 blocks, from a generator whose seed is this constant.
    let mut state = 20_261_121_u64;
    let random: Vec<usize> = (0..1_009)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 40) as usize % 3_000
        })
        .collect();
    for blocks in [vec![1], vec![32], vec![441], vec![4096], random] {
        let mut plugin = plugin();
        set_up(&mut plugin);
        let what = format!("{} block sizes from {}", blocks.len(), blocks[0]);
        let rendered = Render {
            block_sizes: blocks,
            ..Render::offline(44_100.0)
        }
        .run(&mut plugin, &audio.channels, &[])
        .unwrap();
        assert_equal(&rendered.output, rendered.latency, &reference, &what);
        println!("{what}: {} samples equal", rendered.output[0].len());
    }
}

#[test]
fn going_to_real_time_and_back_leaves_a_bounce_exact() {
    let mut audio = minute();
    for channel in &mut audio.channels {
        channel.truncate(5 * 44_100);
    }
    let reference = reference(&audio);
    let mut plugin = plugin();
    set_up(&mut plugin);
    for turn in 0..3 {
        for mode in [RenderMode::Realtime, RenderMode::Offline] {
            let rendered = Render {
                mode,
                ..Render::offline(44_100.0)
            }
            .run(&mut plugin, &audio.channels, &[])
            .unwrap();
            if mode == RenderMode::Offline {
                let what = format!("bounce {turn}");
                assert_equal(&rendered.output, rendered.latency, &reference, &what);
            }
        }
    }
}
