//! Studio or Live: what the host is told, and when the sound comes out.
#![allow(unsafe_code, reason = "VST3 has no other way in")]

use nice_plug::wrapper::vst3::vst3::Steinberg::{
    Vst::{IAudioProcessorTrait, RestartFlags_},
    kResultOk,
};
use serde_json::{Value, json};

use crate::common::{
    edited, excerpt, plugin, set_latency,
    vst3::{self, Vst3},
};
use moodring_host::{Block, Plugin, Render};

const RATES: [f64; 4] = [44_100.0, 48_000.0, 96_000.0, 192_000.0];

/// An impulse, with music some time behind it.
fn impulse_and_music(at: usize) -> Vec<Vec<f32>> {
    let mut sound = excerpt(1.0).channels;
    for channel in &mut sound {
        let silence = vec![0.0; 50_000];
        channel.splice(0..0, silence);
        channel[at] = 1.0;
    }
    sound
}

fn state_of(plugin: &mut Plugin) -> Value {
    serde_json::from_slice(&plugin.save_state().unwrap()[8..]).unwrap()
}

#[test]
fn live_at_rest_passes_the_sound_to_the_bit_without_delay_in_clap() {
    let sound = impulse_and_music(1_000);
    for rate in RATES {
        for blocks in [vec![64], vec![512], vec![1, 0, 700, 33]] {
            let mut plugin = plugin();
            set_latency(&mut plugin, "live");
            let render = Render {
                block_sizes: blocks,
                ..Render::offline(rate)
            };
            let rendered = render.run(&mut plugin, &sound, &[]).unwrap();
            assert_eq!(rendered.latency, 0, "{rate} Hz");
            assert!(rendered.output == sound, "{rate} Hz");
        }
    }
}

/// With a timbre turned the sound changes, and still nothing of it comes late.
#[test]
fn live_turned_begins_with_the_sample_that_it_is_given() {
    let sound = impulse_and_music(40_000);
    for rate in RATES {
        let mut plugin = plugin();
        set_latency(&mut plugin, "live");
        let turned = plugin.set_at(0, "Brightness", "+2").unwrap();
        let rendered = Render::offline(rate)
            .run(&mut plugin, &sound, &[turned])
            .unwrap();
        let first = rendered.output[0].iter().position(|x| x.abs() > 1e-6);
        assert_eq!(first, Some(40_000), "{rate} Hz");
        assert_ne!(rendered.output, sound, "{rate} Hz");
    }
}

fn latency_of(vst3: &Vst3) -> u32 {
    // SAFETY: nothing is handed over.
    unsafe { vst3.processor.getLatencySamples() }
}

/// Loads the instance's own state with another latency.
fn choose(vst3: &Vst3, mode: &str) {
    let mut json: Value = serde_json::from_slice(&vst3.save()).unwrap();
    json["fields"]["latency"] = json!(format!("\"{mode}\""));
    assert_eq!(vst3.load(json.to_string().as_bytes()), kResultOk);
}

#[test]
fn live_at_rest_passes_the_sound_to_the_bit_without_delay_in_vst3() {
    let library = vst3::Library::open(&vst3::library());
    let sound = impulse_and_music(1_000);
    let input: Vec<&[f32]> = sound.iter().map(Vec::as_slice).collect();
    for rate in RATES {
        let vst3 = library.create();
        choose(&vst3, "live");
        vst3.play(rate, 512, true);
        assert_eq!(latency_of(&vst3), 0, "{rate} Hz");
        assert!(
            vst3.render(&input, &[], 512, |_, _| None) == sound,
            "{rate} Hz"
        );
        vst3.stop();
    }
}

#[test]
fn a_change_of_latency_asks_a_clap_host_for_an_activation_and_takes_effect_with_it() {
    let mut plugin = plugin();
    let mut processor = plugin.activate(48_000.0, 1, 512).unwrap();
    plugin.pump().unwrap();
    let studio = plugin.latency().unwrap();
    assert!(studio > 0);
    assert!(plugin.take_latency_changed(), "in the first activation");
    assert!(!plugin.take_restart_request());
    let sound = [0.1; 512];
    for (mode, before, after) in [("live", studio, 0), ("studio", 0, studio)] {
        set_latency(&mut plugin, mode);
        let block = Block {
            frames: 512,
            input: &[&sound, &sound],
            ..Block::default()
        };
        for _ in 0..2 {
            processor.process(&block).unwrap();
        }
        plugin.pump().unwrap();
        assert!(plugin.take_restart_request(), "{mode}");
        assert_eq!(plugin.latency().unwrap(), before, "{mode}: while active");
        plugin.deactivate(processor);
        processor = plugin.activate(48_000.0, 1, 512).unwrap();
        assert!(plugin.take_latency_changed(), "{mode}");
        for _ in 0..2 {
            processor.process(&block).unwrap();
        }
        plugin.pump().unwrap();
        assert_eq!(plugin.latency().unwrap(), after, "{mode}");
        assert!(!plugin.take_restart_request(), "{mode}: once is enough");
    }
    plugin.deactivate(processor);
}

#[test]
fn a_change_of_latency_is_told_to_a_vst3_host() {
    const LATENCY: i32 = RestartFlags_::kLatencyChanged;
    let vst3 = vst3::Library::open(&vst3::library()).create();
    vst3.play(48_000.0, 512, false);
    let studio = latency_of(&vst3);
    assert!(studio > 0);
    for (mode, before, after) in [("live", studio, 0), ("studio", 0, studio)] {
        vst3.handler.restarts.lock().unwrap().clear();
        choose(&vst3, mode);
        let told = vst3.handler.restarts.lock().unwrap().clone();
        assert!(told.contains(&LATENCY), "{mode}: {told:?}");
        assert_eq!(latency_of(&vst3), before, "{mode}: while active");
        vst3.stop();
        vst3.play(48_000.0, 512, false);
        assert_eq!(latency_of(&vst3), after, "{mode}");
    }
}

#[test]
fn the_choice_is_kept_and_what_has_none_is_of_the_studio() {
    let mut plugin = plugin();
    assert_eq!(state_of(&mut plugin)["fields"]["latency"], "\"studio\"");
    set_latency(&mut plugin, "live");
    let live = plugin.save_state().unwrap();
    for none in [json!("\"sometimes\""), json!("7"), json!(""), Value::Null] {
        plugin.load_state(&live).unwrap();
        assert_eq!(state_of(&mut plugin)["fields"]["latency"], "\"live\"");
        let without = edited(&live, |json| {
            let fields = json["fields"].as_object_mut().unwrap();
            if none.is_null() {
                fields.remove("latency");
            } else {
                fields["latency"] = none.clone();
            }
        });
        plugin.load_state(&without).unwrap();
        assert_eq!(
            state_of(&mut plugin)["fields"]["latency"],
            "\"studio\"",
            "{none}"
        );
    }
}
