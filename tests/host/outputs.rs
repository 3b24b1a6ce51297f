//! What is heard leaves the plugin as MIDI and as parameters that a host reads, and steers Morph: at the same samples whatever the blocks, in a
//! bounce and in playback.
#![allow(unsafe_code, reason = "VST3 is a C interface")]

use std::{collections::HashMap, process::Command};

use crate::common::{
    OUTPUT_TAGS, excerpt, plugin,
    process::{alone, this_test},
    set, set_latency, switch_outputs_on,
    vst3::{self, Vst3},
    vst3_with_outputs,
};
use moodring::audio_file::AudioFile;
use moodring_host::{Edit, MidiEvent, ParamInfoFlags, Render, Rendered};
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::IEditControllerTrait;
use nice_plug::wrapper::vst3::vst3::{
    ComWrapper,
    Steinberg::{
        Vst::{BusDirections_, BusInfo, IComponentTrait, MediaTypes_, ParameterInfo},
        kResultOk,
    },
};
use serde_json::Value;

/// The excerpts' own.
const RATE: f64 = 44_100.0;

/// A tenth of a second for the tagger, and a block of 512: see `ChainFormat::answer_delay`.
const DELAY: usize = 4_410 + 512;

/// From one answer to the next.
const HALF_A_SECOND: usize = 22_050;

/// The channels of [`crate::common::with_outputs`], counted from 0.
const CONTROLS: u8 = 0xb0 | 2;
const NOTES: [u8; 3] = [9, 10, 11];

/// One of Morph's knobs and Morph itself follow what is heard.
const STEERS: [(&str, &str); 8] = [
    ("Steer 1 Source", "Arousal"),
    ("Steer 1 Target", "Brightness"),
    ("Steer 1 Amount", "100 %"),
    ("Steer 1 Smoothing", "300 ms"),
    ("Steer 2 Source", "Valence"),
    ("Steer 2 Target", "Morph"),
    ("Steer 2 Amount", "-80 %"),
    ("Morph", "50 %"),
];

/// A bounce with the outputs on.
fn bounce(audio: &AudioFile, blocks: &[usize], settings: &[(&str, &str)], mode: &str) -> Rendered {
    let mut plugin = plugin();
    switch_outputs_on(&mut plugin);
    set_latency(&mut plugin, mode);
    set(&mut plugin, settings);
    Render {
        block_sizes: blocks.to_vec(),
        ..Render::offline(RATE)
    }
    .run(&mut plugin, &audio.channels, &[])
    .unwrap()
}

/// What `moodring` prints with these arguments, with the sound in front of what is `behind`.
fn command(audio: &AudioFile, arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in.wav");
    audio.write_wav(&input).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
    let done = command.args(arguments).arg(&input).output().unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).unwrap()
}

/// The answers to a sound, as the command line gives them.
fn answers(audio: &AudioFile) -> Vec<Value> {
    command(audio, &["tag", "--every", "--format", "jsonl"])
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn assert_same(one: &[Vec<f32>], other: &[Vec<f32>], what: &str) {
    for (one, other) in one.iter().zip(other) {
        let differs = one
            .iter()
            .zip(other)
            .position(|(a, b)| a.to_bits() != b.to_bits());
        assert_eq!(differs, None, "{what}: first difference at this sample");
    }
}

#[test]
fn midi_goes_out_a_fixed_time_behind_the_answer_with_its_values_and_nothing_twice() {
    let audio = excerpt(12.0);
    let rendered = bounce(&audio, &[512], &[], "studio");
    let controls: Vec<_> = rendered
        .midi
        .iter()
        .filter(|event| event.bytes[0] == CONTROLS)
        .collect();
    println!("{} control changes in 12 s", controls.len());
    assert!(controls.len() > 20, "{controls:?}");

    let answers = answers(&audio);
    assert_eq!(answers.len(), 24, "one every half second");
    // The last takes effect behind the end.
    let answers = &answers[..23];
    let mut seen: HashMap<u8, u8> = HashMap::new();
    for (index, answer) in answers.iter().enumerate() {
        let frame = (index + 1) * HALF_A_SECOND + DELAY;
        let told = answer["seconds"].as_f64().unwrap() * RATE;
        assert!((told - (frame - DELAY) as f64).abs() < 3.0, "{told}");
        for event in controls.iter().filter(|event| event.frame == frame) {
            let [_, controller, value] = event.bytes;
            let before = seen.insert(controller, value);
            assert_ne!(before, Some(value), "sent twice: {event:?}");
        }
        // As the guide says: 0 to 127 for -3 to 3 standard deviations, and for 0 to 100 %.
        let affect = |name: &str| (answer[name].as_f64().unwrap() + 3.0) / 6.0;
        let tag = |(kind, name): (&str, &str)| answer["tags"][kind][name].as_f64().unwrap();
        let values = [affect("valence"), affect("arousal")]
            .into_iter()
            .chain(OUTPUT_TAGS.map(tag));
        for (controller, value) in (20..).zip(values) {
            // The command line rounds to four places.
            let meant = 127.0 * value.clamp(0.0, 1.0);
            let sent = f64::from(seen[&controller]);
            assert!(
                (meant - sent).abs() < 0.51,
                "{controller} at {frame}: {sent} for {meant}"
            );
        }
        assert_eq!(seen.len(), 2 + OUTPUT_TAGS.len());
    }
    let behind = controls.iter().filter(|event| {
        event.frame < DELAY || !(event.frame - DELAY).is_multiple_of(HALF_A_SECOND)
    });
    assert_eq!(behind.count(), 0);
}

#[test]
fn a_large_words_note_is_struck_when_it_changes_and_ends_after_a_quarter_of_a_second() {
    let audio = excerpt(12.0);
    let rendered = bounce(&audio, &[512], &[], "studio");
    let notes = |status: u8| {
        let of = rendered.midi.iter().filter(|event| {
            event.bytes[0] & 0xf0 == status && NOTES.contains(&(event.bytes[0] & 0x0f))
        });
        of.collect::<Vec<_>>()
    };
    let (on, off) = (notes(0x90), notes(0x80));
    assert!(!on.is_empty());
    assert_eq!(on.len(), off.len());
    for (on, off) in on.iter().zip(&off) {
        assert_eq!(off.frame - on.frame, 11_025);
        assert_eq!(on.bytes[1], off.bytes[1]);
    }
    let mut before = Value::Null;
    let mut changes = 0;
    for answer in answers(&audio) {
        for kind in ["genre", "instrument", "mood"] {
            let word = &answer["headlines"][kind];
            changes += usize::from(!word.is_null() && *word != before[kind]);
        }
        before = answer["headlines"].clone();
    }
    assert_eq!(on.len(), changes);
}

#[test]
fn midi_and_what_the_host_reads_are_the_same_at_every_block_size_and_in_playback() {
    if !alone(this_test!()) {
        return;
    }
    let audio = excerpt(5.0);
    let told = |rendered: &Rendered| -> Vec<(usize, u32, u64)> {
        let events = rendered.events.iter();
        events
            .map(|event| match event.edit {
                Edit::Value(value) => (event.frame, event.id.get(), value.to_bits()),
                other => panic!("{other:?}"),
            })
            .collect()
    };
    let reference = bounce(&audio, &[512], &[], "studio");
    assert!(!reference.midi.is_empty() && !told(&reference).is_empty());
    let same = |rendered: &Rendered| -> bool {
        rendered.midi == reference.midi && told(rendered) == told(&reference)
    };
    for blocks in [&[1][..], &[64], &[441, 3, 700], &[4_096], &[8_192]] {
        let rendered = bounce(&audio, blocks, &[], "studio");
        assert!(same(&rendered), "{blocks:?}");
    }
    assert!(same(&bounce(&audio, &[512], &[], "live")), "live");

    // An answer that a busy machine makes late goes out late, so that one of three plays has to be in time.
    let mut played: Vec<MidiEvent> = Vec::new();
    let in_time = (0..3).any(|_| {
        let mut plugin = plugin();
        switch_outputs_on(&mut plugin);
        let rendered = Render::playback(RATE)
            .run(&mut plugin, &audio.channels, &[])
            .unwrap();
        played.clone_from(&rendered.midi);
        same(&rendered)
    });
    assert!(in_time, "{played:?} for {:?}", reference.midi);
}

#[test]
fn what_is_heard_steers_a_bounce_the_same_way_at_every_block_size_in_both_modes_and_on_the_command_line()
 {
    let audio = excerpt(8.0);
    for (mode, option) in [("studio", None), ("live", Some("--live"))] {
        let reference = bounce(&audio, &[512], &STEERS, mode);
        let without = bounce(&audio, &[512], &STEERS[7..], mode);
        let differs = |at: usize| {
            let channels = reference.output.iter().zip(&without.output);
            let mut samples = channels.map(|(a, b)| a[..at] != b[..at]);
            samples.any(|differs| differs)
        };
        assert!(
            !differs(HALF_A_SECOND),
            "before the first answer nothing steers"
        );
        assert!(differs(8 * 44_100), "it steers");
        for blocks in [&[1][..], &[64], &[441, 3, 700], &[4_096]] {
            let rendered = bounce(&audio, blocks, &STEERS, mode);
            let what = format!("{mode}, blocks of {blocks:?}");
            assert_same(&rendered.output, &reference.output, &what);
        }

        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("out.wav");
        let mut arguments = vec!["morph", "--output", output.to_str().unwrap()];
        arguments.extend(option);
        let settings = STEERS.map(|(name, text)| format!("{name}={text}"));
        for setting in &settings {
            arguments.extend(["--set", setting]);
        }
        command(&audio, &arguments);
        let own = AudioFile::read(&output).unwrap().channels;
        let aligned: Vec<_> = reference
            .output
            .iter()
            .map(|channel| channel[reference.latency as usize..].to_vec())
            .collect();
        assert_same(&aligned, &own, "the command line");
    }
}

#[test]
fn a_playback_that_is_steered_is_the_bounce() {
    if !alone(this_test!()) {
        return;
    }
    let audio = excerpt(5.0);
    let reference = bounce(&audio, &[512], &STEERS, "studio");
    // An answer that a busy machine makes late steers late, so that one of three plays has to be in time.
    let in_time = (0..3).any(|_| {
        let mut plugin = plugin();
        switch_outputs_on(&mut plugin);
        set(&mut plugin, &STEERS);
        let rendered = Render::playback(RATE)
            .run(&mut plugin, &audio.channels, &[])
            .unwrap();
        rendered.output == reference.output
    });
    assert!(in_time);
}

#[test]
fn a_tag_that_only_a_project_knows_steers_nothing_on_the_command_line_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in.wav");
    excerpt(1.0).write_wav(&input).unwrap();
    let done = Command::new(env!("CARGO_BIN_EXE_moodring"))
        .args(["morph", "--set", "Steer 2 Source=Tag 3", "--output"])
        .args([&folder.path().join("out.wav"), &input])
        .output()
        .unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(!done.status.success());
    assert!(
        said.contains("Steer 2 Source") && said.lines().count() == 1,
        "{said}"
    );
}

#[test]
fn what_is_heard_is_ten_parameters_that_a_clap_host_can_read_and_nobody_can_set() {
    let audio = excerpt(4.0);
    let mut plugin = plugin();
    switch_outputs_on(&mut plugin);
    let before = plugin.save_state().unwrap();
    let rendered = Render::offline(RATE)
        .run(&mut plugin, &audio.channels, &[])
        .unwrap();
    let names: Vec<_> = ["Valence", "Arousal"]
        .into_iter()
        .map(str::to_owned)
        .chain((1..=8).map(|number| format!("Tag {number}")))
        .collect();
    let params = plugin.params().unwrap();
    let heard = &params[params.len() - 10..];
    assert_eq!(
        heard.iter().map(|param| &param.name).collect::<Vec<_>>(),
        names.iter().collect::<Vec<_>>()
    );
    for param in heard {
        assert_eq!(param.flags, ParamInfoFlags::IS_READONLY, "{}", param.name);
        let value = plugin.value(param.id).unwrap();
        let last = rendered
            .events
            .iter()
            .rev()
            .find(|event| event.id == param.id);
        if let Some(last) = last {
            assert_eq!(last.edit, Edit::Value(value), "{}", param.name);
        }
        let text = plugin.value_to_text(param.id, value).unwrap();
        println!("{}: {text}", param.name);
        match param.name.as_str() {
            "Valence" | "Arousal" => assert!(text.ends_with(" σ"), "{text}"),
            "Tag 1" => assert!(text.starts_with("rock ") && text.ends_with(" %"), "{text}"),
            "Tag 8" => assert_eq!(text, "none"),
            _ => {}
        }
        // What a host sets is passed over.
        let event = moodring_host::ParamEvent {
            frame: 0,
            id: param.id,
            value: param.max,
        };
        plugin.flush(&[event]).unwrap();
        assert_eq!(plugin.value(param.id).unwrap(), value, "{}", param.name);
    }
    assert_eq!(plugin.save_state().unwrap(), before, "no state knows them");
}

#[test]
fn a_vst3_host_gets_the_same_midi_and_reads_the_same_numbers() {
    let audio = excerpt(5.0);
    let reference = bounce(&audio, &[512], &[], "studio");
    let vst3 = Vst3::open(&vst3::library(), RATE, 512);
    let state = vst3.save();
    vst3.stop();
    assert_eq!(vst3.load(&vst3_with_outputs(&state)), kResultOk);
    vst3.play(RATE, 512, true);
    // SAFETY: places for one.
    unsafe {
        let (events, output) = (MediaTypes_::kEvent as i32, BusDirections_::kOutput as i32);
        assert_eq!(vst3.component.getBusCount(events, output), 1);
        let mut info: BusInfo = std::mem::zeroed();
        assert_eq!(
            vst3.component.getBusInfo(events, output, 0, &mut info),
            kResultOk
        );
        assert_eq!(info.channelCount, 16);
        assert_eq!(vst3.component.activateBus(events, output, 0, 1), kResultOk);
    }
    let (events, told) = (
        ComWrapper::new(vst3::Events::default()),
        ComWrapper::new(vst3::Told::default()),
    );
    let (mut midi, mut numbers) = (Vec::new(), Vec::new());
    let total = audio.channels[0].len();
    for start in (0..total).step_by(500) {
        let end = (start + 500).min(total);
        let input: Vec<_> = audio
            .channels
            .iter()
            .map(|channel| &channel[start..end])
            .collect();
        let output = vst3.process(&vst3::Block {
            frames: end - start,
            input: &input,
            events: Some(&events),
            told: Some(&told),
            ..vst3::Block::default()
        });
        assert_eq!(output.result, kResultOk);
        midi.extend(events.take().into_iter().map(|(frame, bytes)| MidiEvent {
            frame: start + frame as usize,
            bytes,
        }));
        let came = told.take().into_iter();
        numbers.extend(came.map(|(id, frame, value)| (start + frame as usize, id, value)));
    }
    println!(
        "{} messages, {} changes of parameters",
        midi.len(),
        numbers.len()
    );
    assert_eq!(midi, reference.midi);

    let clap: Vec<_> = reference
        .events
        .iter()
        .map(|event| (event.frame, event.id.get()))
        .collect();
    let ids: Vec<_> = numbers.iter().map(|(frame, id, _)| (*frame, *id)).collect();
    assert_eq!(
        ids, clap,
        "the same numbers of parameters at the same samples"
    );
    let (_, id, value) = *numbers.last().unwrap();
    assert_eq!(vst3.get(id), value);
    assert_eq!(vst3.set(id, 0.123), kResultOk, "as hosts hand it on");
    assert_eq!(vst3.get(id), value);
    // SAFETY: a place for one.
    unsafe {
        let count = vst3.controller.getParameterCount();
        for index in count - 10..count {
            let mut info: ParameterInfo = std::mem::zeroed();
            assert_eq!(
                vst3.controller.getParameterInfo(index, &mut info),
                kResultOk
            );
            assert_eq!(info.flags, 2, "kIsReadOnly, and not kCanAutomate");
        }
    }
}
