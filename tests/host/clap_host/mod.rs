//! The bundled `.clap`, hosted by clack-host; and the plugin in hosts of less.

mod extensions;
mod menus;
mod sleep;
mod values;

use crate::common::process::{alone, this_test, threads, wait_for_threads};
use crate::common::{excerpt, null_dbfs, plugin, sha256};
use moodring_host::{Render, RenderMode};

fn hash(channels: &[Vec<f32>]) -> String {
    let bytes: Vec<u8> = channels
        .iter()
        .flatten()
        .flat_map(|sample| sample.to_le_bytes())
        .collect();
    sha256(&bytes)
}

#[test]
fn parameters_have_names_and_text_both_ways() {
    let mut plugin = plugin();
    let params = plugin.params().unwrap();
    // The last ten can only be read.
    assert_eq!(params.len(), 31 + 10, "{params:?}");
    for (name, text) in [
        ("Output", "3.5 dB"),
        ("Mix", "40 %"),
        ("Target", "Cello"),
        ("Brightness", "+2.00 σ"),
        ("Articulation", "75 %"),
        ("Smoothing", "60 ms"),
        ("Averaging", "4.0 s"),
        ("Keep Loudness", "On"),
        ("Morph To", "A to B"),
        ("Map X", "-0.25"),
        ("A to B", "75 %"),
        ("Steer 1 Source", "Arousal"),
        ("Steer 2 Target", "Map X"),
        ("Steer 2 Amount", "-80 %"),
        ("Valence", "-1.50 σ"),
    ] {
        let param = plugin.param(name).unwrap();
        let value = plugin.text_to_value(&param, text).unwrap();
        assert_eq!(
            plugin.value_to_text(param.id, value).unwrap(),
            text,
            "{name}"
        );
    }
    for param in params {
        let text = plugin.value_to_text(param.id, param.default).unwrap();
        let value = plugin.text_to_value(&param, &text).unwrap();
        assert!(
            (value - param.default).abs() < 1e-3,
            "{}: {text}",
            param.name
        );
    }
}

#[test]
fn parameters_are_in_folders_that_have_a_name() {
    let mut folders = std::collections::BTreeMap::<String, Vec<String>>::new();
    for param in plugin().params().unwrap() {
        folders.entry(param.module).or_default().push(param.name);
    }
    let names: Vec<_> = folders.keys().map(String::as_str).collect();
    let expected = ["Listen", "Morph", "Output", "Shaping", "Steer", "Timbre"];
    assert_eq!(names, expected);
    assert_eq!(folders["Timbre"].len(), 8);
    assert_eq!(
        folders["Output"],
        ["Bypass", "Mix", "Output", "Keep Loudness"]
    );
}

#[test]
fn neutral_settings_null_against_the_delayed_input() {
    let audio = excerpt(8.0);
    for channels in [2, 1] {
        let mut plugin = plugin();
        plugin.select_channels(channels).unwrap();
        let input = &audio.channels[..channels];
        let rendered = Render::offline(audio.sample_rate as f64)
            .run(&mut plugin, input, &[])
            .unwrap();
        let null = null_dbfs(&rendered.output, input, rendered.latency as usize);
        println!("{channels} channels: null {null:.1} dBFS");
        assert!(null <= -100.0, "{channels} channels: {null} dBFS");
    }
}

#[test]
fn latency_is_the_measured_delay_to_the_sample() {
    for rate in [44_100.0, 48_000.0, 96_000.0, 192_000.0] {
        let mut plugin = plugin();
        let at = 1_000;
        let mut impulse = vec![0.0; 60_000];
        impulse[at] = 1.0;
        let input = vec![impulse.clone(), impulse];
        let rendered = Render::offline(rate).run(&mut plugin, &input, &[]).unwrap();
        for channel in &rendered.output {
            let (found, level) = channel
                .iter()
                .enumerate()
                .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
                .unwrap();
            println!(
                "{rate} Hz: reported {}, measured {}",
                rendered.latency,
                found - at
            );
            assert_eq!(found - at, rendered.latency as usize);
            assert!((level - 1.0).abs() < 1e-4);
        }
    }
}

#[test]
fn offline_renders_are_the_same_to_the_bit_at_every_block_size() {
    let audio = excerpt(6.0);
    let mut hashes = Vec::new();
    for blocks in [vec![64], vec![441], vec![4096], vec![1, 0, 700, 33]] {
        for _ in 0..2 {
            let mut plugin = plugin();
            let events = [
                plugin.set_at(0, "Brightness", "+1").unwrap(),
                plugin.set_at(50_001, "Morph", "70 %").unwrap(),
                plugin.set_at(90_003, "Mix", "60 %").unwrap(),
                plugin.set_at(120_007, "Follow", "0 %").unwrap(),
                plugin.set_at(150_011, "Bypass", "On").unwrap(),
                plugin.set_at(170_000, "Bypass", "Off").unwrap(),
            ];
            let rendered = Render {
                block_sizes: blocks.clone(),
                ..Render::offline(audio.sample_rate as f64)
            }
            .run(&mut plugin, &audio.channels, &events)
            .unwrap();
            hashes.push(hash(&rendered.output));
        }
        println!("blocks {blocks:?}: {}", hashes.last().unwrap());
    }
    assert!(
        hashes.windows(2).all(|pair| pair[0] == pair[1]),
        "{hashes:#?}"
    );
}

#[test]
fn bypass_is_the_delayed_input_to_the_bit() {
    let audio = excerpt(3.0);
    let mut plugin = plugin();
    let events = [
        plugin.set_at(0, "Bypass", "On").unwrap(),
        plugin.set_at(0, "Brightness", "+3").unwrap(),
        plugin.set_at(0, "Output", "-12 dB").unwrap(),
    ];
    let rendered = Render::offline(44_100.0)
        .run(&mut plugin, &audio.channels, &events)
        .unwrap();
    let latency = rendered.latency as usize;
    for (output, input) in rendered.output.iter().zip(&audio.channels) {
        // The switch itself fades for 20 ms.
        assert_eq!(
            output[latency + 1_000..],
            input[1_000..input.len() - latency]
        );
    }
}

#[test]
fn state_survives_into_a_fresh_instance_which_renders_the_same() {
    let audio = excerpt(3.0);
    let mut first = plugin();
    let settings = [
        first.set_at(0, "Brightness", "-1.5").unwrap(),
        first.set_at(0, "Target", "Cello").unwrap(),
        first.set_at(0, "Morph", "50 %").unwrap(),
        first.set_at(0, "Output", "3.5 dB").unwrap(),
        first.set_at(0, "Averaging", "7 s").unwrap(),
    ];
    first.flush(&settings).unwrap();
    let state = first.save_state().unwrap();
    let mut second = plugin();
    second.load_state(&state).unwrap();
    assert_eq!(
        second.save_state().unwrap(),
        state,
        "state after load and save"
    );
    for name in ["Brightness", "Target", "Morph", "Output", "Averaging"] {
        let param = first.param(name).unwrap();
        assert_eq!(
            first.value(param.id).unwrap(),
            second.value(param.id).unwrap(),
            "{name}"
        );
    }
    let render = Render::offline(44_100.0);
    let one = render.run(&mut first, &audio.channels, &[]).unwrap();
    let two = render.run(&mut second, &audio.channels, &[]).unwrap();
    assert_eq!(hash(&one.output), hash(&two.output));
}

#[test]
fn nan_and_infinity_never_reach_the_output() {
    let mut audio = excerpt(2.0);
    let poison = [
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        1e30,
        -1e30,
        1e-40,
    ];
    for (at, value) in poison.into_iter().enumerate() {
        audio.channels[at % 2][10_000 + 7_001 * at] = value;
    }
    let mut plugin = plugin();
    let events = [
        plugin.set_at(0, "Brightness", "+2").unwrap(),
        plugin.set_at(0, "Resynthesis", "50 %").unwrap(),
    ];
    let rendered = Render::offline(44_100.0)
        .run(&mut plugin, &audio.channels, &events)
        .unwrap();
    assert!(
        rendered
            .output
            .iter()
            .flatten()
            .all(|sample| sample.is_finite())
    );
}

#[test]
fn any_rate_is_processed_and_finite() {
    for rate in [
        8_000.0, 11_025.0, 22_050.5, 48_000.0, 176_400.0, 384_000.0, 768_000.0,
    ] {
        let audio = excerpt(1.5);
        let mut plugin = plugin();
        let events = [plugin.set_at(0, "Brightness", "+1").unwrap()];
        for mode in [RenderMode::Offline, RenderMode::Realtime] {
            let rendered = Render {
                mode,
                ..Render::offline(rate)
            }
            .run(&mut plugin, &audio.channels, &events)
            .unwrap();
            assert!(
                rendered
                    .output
                    .iter()
                    .flatten()
                    .all(|sample| sample.is_finite()),
                "{rate}"
            );
        }
    }
}

#[test]
fn no_engine_thread_survives_the_last_instance() {
    if !alone(this_test!()) {
        return;
    }
    let mut many: Vec<_> = (0..8).map(|_| plugin()).collect();
    assert_eq!(threads("moodring-"), 0, "before activation");
    let processors: Vec<_> = many
        .iter_mut()
        .map(|plugin| plugin.activate(48_000.0, 1, 512).unwrap())
        .collect();
    // One of each kind for all eight.
    wait_for_threads("moodring-", 2);
    for (plugin, processor) in many.iter_mut().zip(processors) {
        plugin.deactivate(processor);
    }
    drop(many);
    assert_eq!(threads("moodring-"), 0, "after the last");
}

#[test]
fn a_host_thread_may_end_after_the_plugin_is_unloaded() {
    if !alone(this_test!()) {
        return;
    }
    // The second thread finds the engine running, so it isn't the one that starts it.
    let (first_is_up, wait_for_first) = std::sync::mpsc::channel();
    let (second_is_up, wait_for_second) = std::sync::mpsc::channel();
    let first = std::thread::spawn(move || {
        let mut plugin = plugin();
        let processor = plugin.activate(48_000.0, 1, 512).unwrap();
        first_is_up.send(()).unwrap();
        wait_for_second.recv().unwrap();
        plugin.deactivate(processor);
    });
    let second = std::thread::spawn(move || {
        wait_for_first.recv().unwrap();
        let mut plugin = plugin();
        Render::offline(44_100.0)
            .run(&mut plugin, &excerpt(0.5).channels, &[])
            .unwrap();
        second_is_up.send(()).unwrap();
        first.join().unwrap();
    });
    second.join().unwrap();
}
