//! What a host's project keeps.

mod models;

use std::path::{Path, PathBuf};

use crate::common::{
    MAIN, cases, edited, excerpt, framed, models_copy, plugin, rms_dbfs, set, with_latency,
    with_models, with_outputs,
};
use moodring::{
    model::{BANDS, LATENTS, ModelReference},
    params::{Captured, KeptPlace, MidiSettings, MoodringParams, OutputSettings, PresetName, Slot},
};
use moodring_host::{Plugin, Render};
use nice_plug::prelude::Params;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A state with some settings in it.
fn settled(plugin: &mut Plugin) -> Vec<u8> {
    let settings = [
        plugin.set_at(0, "Brightness", "-1.5").unwrap(),
        plugin.set_at(0, "Target", "Cello").unwrap(),
        plugin.set_at(0, "Morph", "50 %").unwrap(),
        plugin.set_at(0, "Output", "3.5 dB").unwrap(),
    ];
    plugin.flush(&settings).unwrap();
    plugin.save_state().unwrap()
}

fn render(plugin: &mut Plugin) -> Vec<Vec<f32>> {
    Render::offline(44_100.0)
        .run(plugin, &excerpt(2.0).channels, &[])
        .unwrap()
        .output
}

#[test]
fn a_state_of_an_earlier_version_loads_with_its_settings_and_nothing_of_what_was_there_before() {
    let folder = models_copy();
    for version in [1, 2] {
        let mut plugin = plugin();
        // A project that refers to models and has captured timbres was open before.
        let present = plugin.save_state().unwrap();
        let live = with_latency(&present, "live");
        let chosen = edited(&with_models(&live, folder.path()), |json| {
            json["fields"]["captures"] = json!(serde_json::to_string(&captures()).unwrap());
            json["fields"]["locks"] = json!("[\"mix\"]");
        });
        plugin.load_state(&chosen).unwrap();
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("tests/state/version_{version}.clap_state"));
        plugin.load_state(&std::fs::read(path).unwrap()).unwrap();
        for (name, text) in [
            ("Brightness", "-1.50 σ"),
            ("Target", "Cello"),
            ("Morph To", "Named Timbre"),
            ("Morph", "50 %"),
            ("Output", "3.5 dB"),
            ("Averaging", "7.0 s"),
            ("Keep Loudness", "Off"),
            ("Mix", "100 %"),
            ("Steer 1 Source", "Off"),
            ("Steer 2 Target", "Morph"),
            ("Steer 2 Amount", "+50 %"),
        ] {
            let param = plugin.param(name).unwrap();
            let value = plugin.value(param.id).unwrap();
            assert_eq!(
                plugin.value_to_text(param.id, value).unwrap(),
                text,
                "version {version}: {name}"
            );
        }
        let json: Value = serde_json::from_slice(&plugin.save_state().unwrap()[8..]).unwrap();
        assert_eq!(json["fields"]["schema"], "3");
        assert_eq!(json["fields"]["captures"], "[null,null]");
        assert_eq!(json["fields"]["latency"], "\"studio\"");
        let outputs = json["fields"]["outputs"].as_str().unwrap();
        let outputs: OutputSettings = serde_json::from_str(outputs).unwrap();
        assert_eq!(
            outputs,
            OutputSettings::default(),
            "none of the state before"
        );
        assert_eq!(json["fields"]["locks"], "[]", "nothing is locked");
        let models = json["fields"]["models"].as_str().unwrap();
        match version {
            1 => assert_eq!(models, "null", "the models of its time"),
            _ => assert!(models.contains("/models/that/are/away"), "{models}"),
        }
    }
}

/// A captured timbre, and an empty slot.
fn captures() -> [Option<Captured>; 2] {
    let captured = Captured {
        name: "Dusk".to_owned(),
        latent: [0.5; LATENTS],
        levels: vec![-3.0; BANDS],
        model: "test 1".to_owned(),
    };
    [Some(captured), None]
}

#[test]
fn captured_timbres_are_kept_and_those_that_make_no_sense_are_not() {
    let mut plugin = plugin();
    let state = plugin.save_state().unwrap();
    let with =
        |captures: String| edited(&state, |json| json["fields"]["captures"] = json!(captures));
    let kept = |plugin: &mut Plugin| {
        let json: Value = serde_json::from_slice(&plugin.save_state().unwrap()[8..]).unwrap();
        json["fields"]["captures"].as_str().unwrap().to_owned()
    };
    let good = serde_json::to_string(&captures()).unwrap();
    plugin.load_state(&with(good.clone())).unwrap();
    assert_eq!(kept(&mut plugin), good);
    let [captured, _] = captures();
    let captured = captured.unwrap();
    for bad in [
        "no JSON".to_owned(),
        "[null]".to_owned(),
        serde_json::to_string(&[
            None,
            Some(Captured {
                levels: vec![0.0; 3],
                ..captured.clone()
            }),
        ])
        .unwrap(),
        serde_json::to_string(&[
            Some(Captured {
                name: "x".repeat(10_000),
                ..captured
            }),
            None,
        ])
        .unwrap(),
    ] {
        plugin.load_state(&with(good.clone())).unwrap();
        plugin.load_state(&with(bad.clone())).unwrap();
        assert_eq!(kept(&mut plugin), "[null,null]", "{bad:.80}");
    }
}

#[test]
fn outputs_are_kept_and_those_of_an_earlier_version_or_that_make_no_sense_are_off() {
    let mut plugin = plugin();
    let kept = |plugin: &mut Plugin| -> OutputSettings {
        let json: Value = serde_json::from_slice(&plugin.save_state().unwrap()[8..]).unwrap();
        serde_json::from_str(json["fields"]["outputs"].as_str().unwrap()).unwrap()
    };
    let state = plugin.save_state().unwrap();
    let on = with_outputs(&state);
    plugin.load_state(&on).unwrap();
    let settings = kept(&mut plugin);
    assert!(settings.midi.on && settings.midi.channel == 3);
    assert_eq!(settings.tags.iter().flatten().count(), 3);
    for (outputs, osc) in [
        // Before there was MIDI.
        (
            r#"{"osc": true, "address": "127.0.0.1:7000", "name": "", "log": false}"#,
            true,
        ),
        (r#"{"midi": 1}"#, false),
        (r#"{"tags": [null]}"#, false),
        ("no JSON", false),
    ] {
        plugin.load_state(&on).unwrap();
        let earlier = edited(&state, |json| json["fields"]["outputs"] = json!(outputs));
        plugin.load_state(&earlier).unwrap();
        let settings = kept(&mut plugin);
        assert_eq!(settings.osc, osc, "{outputs}");
        assert_eq!(settings.midi, MidiSettings::default(), "{outputs}");
        assert!(settings.tags.iter().all(Option::is_none), "{outputs}");
    }
}

#[test]
fn a_parameter_that_the_state_does_not_know_gets_its_default() {
    let mut plugin = plugin();
    let state = settled(&mut plugin);
    let without = edited(&state, |json| {
        json["params"].as_object_mut().unwrap().remove("output");
    });
    plugin.load_state(&without).unwrap();
    let output = plugin.param("Output").unwrap();
    assert_eq!(plugin.value(output.id).unwrap(), output.default);
}

#[test]
fn save_load_save_gives_the_same_bytes() {
    let folder = models_copy();
    let mut first = plugin();
    let plain = settled(&mut first);
    for state in [plain.clone(), with_models(&plain, folder.path())] {
        let mut second = plugin();
        second.load_state(&state).unwrap();
        let again = second.save_state().unwrap();
        let json = |bytes: &[u8]| serde_json::from_slice::<Value>(&bytes[8..]).unwrap();
        assert_eq!(json(&again), json(&state));
        let mut third = plugin();
        third.load_state(&again).unwrap();
        assert_eq!(third.save_state().unwrap(), again);
    }
}

#[test]
fn what_is_not_a_state_is_refused_and_the_present_one_stays() {
    let mut plugin = plugin();
    let present = settled(&mut plugin);
    let mut refused = 0;
    let mut refuse = |bytes: &[u8]| {
        assert!(plugin.load_state(bytes).is_err(), "{bytes:?}");
        assert_eq!(plugin.save_state().unwrap(), present, "{bytes:?}");
        refused += 1;
    };
    refuse(b"");
    refuse(&[0; 7]);
    refuse(&[0; 8]);
    refuse(&[0xff; 64]);
    refuse(&u64::MAX.to_le_bytes());
    refuse(&framed(b"null"));
    refuse(&framed(b"[]"));
    refuse(&framed(b"{\"params\":7,\"fields\":{}}"));
    refuse(&framed(
        "{\"params\":{\"mix\":{\"f32\":\"é\"}},\"fields\":{}}".as_bytes(),
    ));
    refuse(&framed("[".repeat(100_000).as_bytes()));
    for length in 0..present.len() {
        refuse(&present[..length]);
    }
    println!("{refused} refused");
}

#[test]
fn hostile_values_are_brought_into_range() {
    let mut plugin = plugin();
    let state = settled(&mut plugin);
    for value in [
        json!({"f32": 1e38}),
        json!({"f32": -1e300}),
        json!({"i32": i32::MAX}),
        json!({"bool": true}),
        json!({"string": "no such thing"}),
    ] {
        let hostile = edited(&state, |json| {
            for param in json["params"].as_object_mut().unwrap().values_mut() {
                *param = value.clone();
            }
            json["fields"]["schema"] = json!("-7");
            json["fields"]["models"] = json!("{\"folder\": 3}");
        });
        // Accepted or not, what comes out is a state in which every value is one.
        let _ = plugin.load_state(&hostile);
        for param in plugin.params().unwrap() {
            let value = plugin.value(param.id).unwrap();
            assert!((param.min..=param.max).contains(&value), "{}", param.name);
        }
        let output = render(&mut plugin);
        assert!(output.iter().flatten().all(|sample| sample.is_finite()));
        let saved = plugin.save_state().unwrap();
        plugin.load_state(&saved).unwrap();
        assert_eq!(plugin.save_state().unwrap(), saved);
    }
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn a_damaged_state_is_refused_or_gives_a_sound_one(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut plugin = plugin();
        let present = settled(&mut plugin);
        let mut bytes = present.clone();
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if plugin.load_state(&bytes).is_err() {
            prop_assert_eq!(plugin.save_state().unwrap(), present);
        }
        let saved = plugin.save_state().unwrap();
        plugin.load_state(&saved).unwrap();
        prop_assert_eq!(plugin.save_state().unwrap(), saved);
    }

    #[test]
    fn noise_is_refused(noise in prop::collection::vec(any::<u8>(), 0..512)) {
        let mut plugin = plugin();
        let present = plugin.save_state().unwrap();
        prop_assert!(plugin.load_state(&noise).is_err());
        prop_assert!(plugin.load_state(&framed(&noise)).is_err());
        prop_assert_eq!(plugin.save_state().unwrap(), present);
    }
}

#[test]
fn a_preset_loaded_while_playing_does_not_click() {
    let rate = 48_000.0;
    let tone: Vec<f32> = (0..96_000)
        .map(|n| 0.5 * (std::f32::consts::TAU * 220.0 * n as f32 / rate as f32).sin())
        .collect();
    let mut plugin = plugin();
    let before = plugin.save_state().unwrap();
    let loud = edited(&before, |json| {
        json["params"]["output"] = json!({"f32": 6.0});
        json["params"]["latent_1"] = json!({"f32": 2.0});
        json["params"]["mix"] = json!({"f32": 0.5});
    });
    let mut loads = 0;
    let output = Render::offline(rate)
        .run_with(&mut plugin, &[tone.clone(), tone], &[], |plugin, done| {
            if done > 20_000 * (loads + 1) && loads < 4 {
                loads += 1;
                plugin.load_state(if loads % 2 == 1 { &loud } else { &before })?;
            }
            Ok(())
        })
        .unwrap()
        .output;
    // The steepest that a 220 Hz tone of this level gets is 0.03 a sample; a jump of the gain would be ten times that.
    let steepest = output[0][4_000..]
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs())
        .fold(0.0, f32::max);
    println!("{loads} loads, steepest step {steepest}");
    assert!(loads > 0);
    assert!(steepest < 0.06, "{steepest}");
}

#[test]
fn locks_are_kept_and_hold_against_the_hosts_presets() {
    let mut plugin = plugin();
    set(&mut plugin, &[("Brightness", "+2.5 σ"), ("Mix", "70 %")]);
    let state = plugin.save_state().unwrap();
    for (saved, expected) in [
        ("[\"latent_1\",\"mix\"]", "[\"latent_1\",\"mix\"]"),
        ("{\"mix\":true}", "[]"),
        ("[7]", "[]"),
    ] {
        let state = edited(&state, |json| json["fields"]["locks"] = json!(saved));
        plugin.load_state(&state).unwrap();
        let json: Value = serde_json::from_slice(&plugin.save_state().unwrap()[8..]).unwrap();
        assert_eq!(json["fields"]["locks"], expected, "{saved}");
    }
    let text = |plugin: &mut Plugin, name: &str| {
        let param = plugin.param(name).unwrap();
        let value = plugin.value(param.id).unwrap();
        plugin.value_to_text(param.id, value).unwrap()
    };
    for (saved, stays) in [("[\"latent_1\"]", true), ("[]", false)] {
        let state = edited(&state, |json| json["fields"]["locks"] = json!(saved));
        plugin.load_state(&state).unwrap();
        plugin.load_preset("darker").unwrap();
        assert_eq!(
            text(&mut plugin, "Brightness") == "+2.50 σ",
            stays,
            "{saved}"
        );
        assert_eq!(text(&mut plugin, "Mix"), "100 %", "what isn't locked");
    }
}

#[test]
fn places_on_the_map_of_music_are_kept_and_what_is_none_is_none() {
    let mut plugin = plugin();
    let state = settled(&mut plugin);
    let kept = json!([{"name": "verse", "at": [0.5, -0.25], "map": "a map"}]).to_string();
    // What makes no sense on either side of it takes nothing along.
    let among = [
        "{\"name\":5,\"at\":[0,0],\"map\":\"\"}",
        "{\"name\":\"far\",\"at\":[1e39,null],\"map\":\"\"}",
        "7",
    ]
    .map(|other| format!("[{other},{},{other}]", kept.trim_matches(['[', ']'])));
    let among = among
        .iter()
        .map(|saved| (Some(saved.as_str()), kept.as_str()));
    for (saved, expected) in among.chain([
        (Some(kept.as_str()), kept.as_str()),
        (Some("[{\"name\":\"\",\"at\":[0,0],\"map\":\"\"}]"), "[]"),
        (Some("7"), "[]"),
        (Some("[{\"name\":\"verse\"}]"), "[]"),
        (None, "[]"),
    ]) {
        let state = edited(&state, |json| {
            let fields = json["fields"].as_object_mut().unwrap();
            match saved {
                Some(saved) => fields.insert("places".to_owned(), json!(saved)),
                None => fields.remove("places"),
            };
        });
        plugin.load_state(&state).unwrap();
        let json: Value = serde_json::from_slice(&plugin.save_state().unwrap()[8..]).unwrap();
        let found: Value =
            serde_json::from_str(json["fields"]["places"].as_str().unwrap()).unwrap();
        let expected: Value = serde_json::from_str(expected).unwrap();
        assert_eq!(found, expected, "{saved:?}");
    }
}

#[test]
fn a_presets_name_is_kept_and_what_is_none_is_none() {
    let mut plugin = plugin();
    let state = settled(&mut plugin);
    let kept = json!({ "user": "Mine" }).to_string();
    for (saved, expected) in [
        (Some(kept.as_str()), kept.as_str()),
        (Some("7"), "null"),
        (Some("{"), "null"),
        (None, "null"),
    ] {
        let state = edited(&state, |json| {
            let fields = json["fields"].as_object_mut().unwrap();
            match saved {
                Some(saved) => fields.insert("preset".to_owned(), json!(saved)),
                None => fields.remove("preset"),
            };
        });
        plugin.load_state(&state).unwrap();
        let json: Value = serde_json::from_slice(&plugin.save_state().unwrap()[8..]).unwrap();
        assert_eq!(json["fields"]["preset"], expected, "{saved:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_child_forked_while_settings_change_saves_its_state() {
    use crate::common::process::{alone, in_a_fork_within, this_test};
    use std::sync::atomic::{AtomicBool, Ordering};

    if !alone(this_test!()) {
        return;
    }
    let params = MoodringParams::default();
    let [captured, _] = captures();
    let models = models_copy();
    let reference = ModelReference::to(models.path()).unwrap();
    let place = KeptPlace {
        name: "verse".to_owned(),
        at: [0.5, -0.5],
        map: "a map".to_owned(),
    };
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut turn = 0;
            while !over.load(Ordering::Relaxed) {
                turn += 1;
                params.captures.set(Slot::A, captured.clone(), &MAIN);
                params.captures.both(&MAIN);
                params
                    .models
                    .choose((turn % 2 == 0).then(|| reference.clone()), &MAIN);
                params.models.get(&MAIN);
                params
                    .preset
                    .choose(Some(PresetName::User("x".repeat(64))), &MAIN);
                params.preset.get(&MAIN);
                params.view.hide_below(0.5, &MAIN);
                params.view.get(&MAIN);
                params.outputs.choose(OutputSettings::default(), &MAIN);
                params.outputs.get(&MAIN);
                params.locks.toggle("mix", &MAIN);
                params.places.keep(place.clone(), &MAIN);
                params.places.remove(0, &MAIN);
            }
        });
        let mut children = Vec::new();
        for _ in 0..50 {
            children.push(in_a_fork_within(1, || {
                let fields = params.serialize_fields();
                let kept = [
                    "captures", "locks", "models", "outputs", "places", "preset", "view",
                ];
                kept.iter().all(|field| fields.contains_key(*field))
            }));
        }
        over.store(true, Ordering::Relaxed);
        let stuck = children.iter().filter(|child| **child != Ok(true)).count();
        println!("{stuck} of {} children failed", children.len());
        assert_eq!(stuck, 0, "{children:?}");
    });
}
