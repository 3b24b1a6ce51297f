//! A bounce is exact: a minute of music equals the single-threaded reference bit for bit, whatever the blocks, and in a
//! forked child as well.

use std::process::Command;

use crate::common::{
    excerpt, plugin,
    process::{alone, in_a_fork, this_test, threads, wait_for_threads},
    rms_dbfs, set, set_latency, solo,
};
use moodring::audio_file::AudioFile;
use moodring_host::{Block, Plugin, Processor, Render, RenderMode};

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
    reference_with(audio, &[], &SETTINGS)
}

/// The same with these options and settings.
fn reference_with(audio: &AudioFile, options: &[&str], settings: &[(&str, &str)]) -> Vec<Vec<f32>> {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in.wav"), folder.path().join("out.wav"));
    audio.write_wav(&input).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
    command
        .arg("morph")
        .args(options)
        .arg(&input)
        .arg("--output")
        .arg(&output);
    for (name, text) in settings {
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
    set(plugin, &SETTINGS);
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

/// The moment at which a filter takes over is fixed, however soon or late its curve has come.
#[test]
fn a_bounce_in_live_equals_the_reference_at_every_block_size() {
    let audio = excerpt(8.0);
    let reference = reference_with(&audio, &["--live"], &SETTINGS);
    assert_ne!(reference, self::reference(&audio));
    for blocks in [
        vec![1],
        vec![64],
        vec![441],
        vec![4096],
        vec![1, 0, 3_000, 33],
    ] {
        let mut plugin = plugin();
        set_up(&mut plugin);
        set_latency(&mut plugin, "live");
        let what = format!("Live, {} block sizes from {}", blocks.len(), blocks[0]);
        let rendered = Render {
            block_sizes: blocks,
            ..Render::offline(RATE)
        }
        .run(&mut plugin, &audio.channels, &[])
        .unwrap();
        assert_eq!(rendered.latency, 0);
        assert_equal(&rendered.output, 0, &reference, &what);
    }
}

/// Notes that a player plays: oscillators, drawn noise, and all that is remembered of a note.
#[test]
fn a_bounce_of_a_solo_that_is_played_anew_equals_the_reference() {
    let settings = [
        ("Target", "Trumpet"),
        ("Morph", "100 %"),
        ("Resynthesis", "100 %"),
        ("Articulation", "75 %"),
    ];
    let audio = solo();
    let modes: [(&str, &[&str], u32); 2] = [("studio", &[], 4_352), ("live", &["--live"], 0)];
    for (mode, options, latency) in modes {
        let reference = reference_with(&audio, options, &settings);
        let level = rms_dbfs(&reference);
        assert!(
            level > rms_dbfs(&audio.channels) - 6.0,
            "it sounds: {level} dBFS"
        );
        for blocks in [vec![1], vec![64], vec![441, 3, 700], vec![4_096]] {
            let mut plugin = plugin();
            set(&mut plugin, &settings);
            set_latency(&mut plugin, mode);
            let what = format!("{mode}, blocks of {blocks:?}");
            let rendered = Render {
                block_sizes: blocks,
                ..Render::offline(f64::from(audio.sample_rate))
            }
            .run(&mut plugin, &audio.channels, &[])
            .unwrap();
            assert_eq!(rendered.latency, latency, "{what}");
            assert_equal(&rendered.output, latency, &reference, &what);
        }
    }
}

#[test]
fn a_bounce_equals_the_reference_where_the_sound_fades_to_nothing() {
    let mut audio = excerpt(4.0);
    for channel in &mut audio.channels {
        // 240 dB a second: past the smallest numbers that are no denormals.
        for (n, sample) in channel.iter_mut().enumerate() {
            *sample *= 10.0_f32.powf(-12.0 * n as f32 / RATE as f32);
        }
    }
    let reference = reference(&audio);
    let rendered = Render::offline(RATE)
        .run(&mut turned(), &audio.channels, &[])
        .unwrap();
    assert_equal(&rendered.output, rendered.latency, &reference, "a fade");
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

const RATE: f64 = 44_100.0;

/// An instance with [`SETTINGS`].
fn turned() -> Plugin {
    let mut plugin = plugin();
    set_up(&mut plugin);
    plugin
}

/// One more that waits in the middle of an activation, for a bounce or in real time.
fn active(mode: RenderMode) -> (Plugin, Processor) {
    let mut plugin = turned();
    plugin.set_render_mode(mode).unwrap();
    let processor = plugin.activate(RATE, 1, 512).unwrap();
    (plugin, processor)
}

fn bounce(plugin: &mut Plugin, input: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let rendered = Render::offline(RATE).run(plugin, input, &[]).unwrap();
    rendered.output
}

/// Sends a signal through what is active already.
fn stream(processor: &mut Processor, input: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let mut output = vec![Vec::new(); input.len()];
    for start in (0..input[0].len()).step_by(512) {
        let end = (start + 512).min(input[0].len());
        let block: Vec<&[f32]> = input.iter().map(|channel| &channel[start..end]).collect();
        processor
            .process(&Block {
                frames: end - start,
                input: &block,
                ..Block::default()
            })
            .unwrap();
        for (whole, block) in output.iter_mut().zip(processor.output()) {
            whole.extend_from_slice(block);
        }
    }
    output
}

/// As far as both go: a render has the latency's silence behind it.
fn same(a: &[Vec<f32>], b: &[Vec<f32>]) -> bool {
    a.iter().zip(b).all(|(a, b)| {
        let len = a.len().min(b.len());
        len > 0 && a[..len] == b[..len]
    })
}

/// Python's multiprocessing forks the process that holds the plugin: the child has the instance, and none of its threads.
#[test]
fn a_forked_child_bounces_to_the_same_bits() {
    if !alone(this_test!()) {
        return;
    }
    let input = excerpt(4.0).channels;
    let mut used = turned();
    let expected = bounce(&mut used, &input);
    assert_ne!(expected, input);
    let (mut waiting, mut processor) = active(RenderMode::Offline);
    let ended = in_a_fork(|| {
        let check = |what: &str, output: &[Vec<f32>]| {
            let same = same(output, &expected);
            println!("{what}: {}", if same { "the same" } else { "other bits" });
            same
        };
        let streamed = check("made and active before", &stream(&mut processor, &input));
        let again = check("made and used before", &bounce(&mut used, &input));
        let own = check("made in the child", &bounce(&mut turned(), &input));
        let grandchild = in_a_fork(|| check("grandchild", &bounce(&mut used, &input)));
        streamed && again && own && grandchild == Ok(true)
    });
    assert_eq!(ended, Ok(true));
    // And the parent hasn't noticed.
    assert!(same(&stream(&mut processor, &input), &expected));
    assert!(same(&bounce(&mut used, &input), &expected));
    waiting.deactivate(processor);
    drop((used, waiting));
    assert_eq!(threads("moodring-"), 0);
}

#[test]
fn what_was_made_before_a_fork_can_be_destroyed_behind_it() {
    if !alone(this_test!()) {
        return;
    }
    let input = excerpt(1.0).channels;
    let mut used = turned();
    let expected = bounce(&mut used, &input);
    for mode in [RenderMode::Offline, RenderMode::Realtime] {
        let (waiting, processor) = active(mode);
        wait_for_threads("moodring-", 2);
        let mut all = Some((used, plugin(), waiting, processor));
        let ended = in_a_fork(|| {
            let (used, untouched, mut waiting, processor) = all.take().unwrap();
            waiting.deactivate(processor);
            drop((used, untouched, waiting));
            let mut own = turned();
            let after = same(&bounce(&mut own, &input), &expected);
            drop(own);
            after && threads("moodring-") == 0
        });
        assert_eq!(ended, Ok(true), "{mode:?}");
        let (parents, untouched, mut waiting, processor) = all.unwrap();
        used = parents;
        waiting.deactivate(processor);
        assert!(same(&bounce(&mut used, &input), &expected));
        drop((untouched, waiting));
    }
    drop(used);
    assert_eq!(threads("moodring-"), 0);
}

/// The audio thread can't start threads: it asks for an activation and passes the sound on meanwhile.
#[test]
fn in_real_time_a_forked_child_passes_the_sound_and_asks_to_be_restarted() {
    if !alone(this_test!()) {
        return;
    }
    let input = excerpt(2.0).channels;
    let (mut plugin, mut processor) = active(RenderMode::Realtime);
    stream(&mut processor, &input);
    let ended = in_a_fork(|| {
        stream(&mut processor, &input);
        let latency = plugin.latency().unwrap() as usize;
        let settled = 20_000;
        let dry: Vec<Vec<f32>> = input
            .iter()
            .map(|channel| channel[settled - latency..channel.len() - latency].to_vec())
            .collect();
        let output: Vec<Vec<f32>> = stream(&mut processor, &input)
            .iter()
            .map(|channel| channel[settled..].to_vec())
            .collect();
        let null = crate::common::null_dbfs(&output, &dry, 0);
        println!("{null:.1} dBFS");
        let asked = plugin.take_restart_request();
        plugin.deactivate(processor);
        let processor = plugin.activate(RATE, 1, 512).unwrap();
        plugin.deactivate(processor);
        null <= -100.0 && asked && threads("moodring-") == 2
    });
    assert_eq!(ended, Ok(true));
}
