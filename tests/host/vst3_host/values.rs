//! What the host sets is what it reads and saves, and what its blocks carry is what is heard.

use std::sync::atomic::{AtomicBool, Ordering};

use nice_plug::wrapper::vst3::vst3::Steinberg::{
    Vst::{IEditControllerTrait, RestartFlags_::kParamTitlesChanged},
    kResultOk,
};
use serde_json::Value;

use super::{RATE, at_start, music, slices, vst3};
use crate::common::dice::Dice;
use crate::common::{
    vst3::{Block, Changes, Vst3},
    vst3_with_outputs,
};

/// An instance that plays.
fn playing() -> Vst3 {
    let vst3 = vst3();
    vst3.play(RATE, 512, true);
    vst3
}

/// What a saved state has for a parameter, by its permanent id.
fn saved(vst3: &Vst3, id: &str) -> f64 {
    let state: Value = serde_json::from_slice(&vst3.save()).unwrap();
    state["params"][id]["f32"].as_f64().unwrap()
}

fn silence(vst3: &Vst3, changes: Option<&nice_plug::wrapper::vst3::vst3::ComWrapper<Changes>>) {
    let sound = [[0.0; 512]; 2];
    let block = Block {
        frames: 512,
        input: &[&sound[0], &sound[1]],
        changes,
        ..Block::default()
    };
    assert_eq!(vst3.process(&block).result, kResultOk);
}

#[test]
fn what_is_set_while_it_plays_is_read_and_saved_before_any_block() {
    let vst3 = playing();
    let mix = vst3.id("Mix");
    // Before the first block, and after some.
    for value in [0.25, 0.75] {
        assert_eq!(vst3.set(mix, value), kResultOk);
        assert_eq!(vst3.get(mix), value);
        assert_eq!(saved(&vst3, "mix"), value);
        silence(&vst3, None);
        assert_eq!(vst3.get(mix), value);
        assert_eq!(saved(&vst3, "mix"), value);
    }
}

#[test]
fn every_parameter_that_is_set_while_it_plays_comes_back_in_a_fresh_instance() {
    let mut dice = Dice(1);
    let (vst3, fresh) = (playing(), playing());
    for round in 0..20 {
        let mut taken = 0;
        for (title, id) in vst3.params() {
            let value = dice.value();
            assert_eq!(vst3.set(id, value), kResultOk, "{title}");
            taken += usize::from((vst3.get(id) - value).abs() < 1e-3);
        }
        // All but those with steps.
        assert!(taken >= 15, "{taken}");
        assert_eq!(fresh.load(&vst3.save()), kResultOk);
        for (title, id) in vst3.params() {
            assert_eq!(fresh.get(id), vst3.get(id), "{title}, round {round}");
        }
        if round % 3 == 0 {
            silence(&vst3, None);
        }
    }
}

#[test]
fn set_saved_set_and_played_the_last_is_there() {
    let vst3 = playing();
    let mix = vst3.id("Mix");
    vst3.set(mix, 0.25);
    assert_eq!(saved(&vst3, "mix"), 0.25);
    vst3.set(mix, 0.5);
    silence(&vst3, Some(&at_start(mix, 0.5)));
    assert_eq!(saved(&vst3, "mix"), 0.5);
    assert_eq!(vst3.get(mix), 0.5);
}

#[test]
fn automation_that_comes_after_a_set_is_what_is_read_and_saved() {
    let vst3 = playing();
    let (mix, morph) = (vst3.id("Mix"), vst3.id("Morph"));
    vst3.set(mix, 0.25);
    vst3.set(morph, 0.125);
    silence(
        &vst3,
        Some(&Changes::of([(mix, vec![(0, 0.5), (300, 0.625)])])),
    );
    assert_eq!(vst3.get(mix), 0.625);
    assert_eq!(saved(&vst3, "mix"), 0.625);
    // The other one still waits for its block.
    assert_eq!(vst3.get(morph), 0.125);
    assert_eq!(saved(&vst3, "morph"), 0.125);
}

#[test]
fn a_state_that_is_loaded_after_a_set_is_what_is_there() {
    let vst3 = playing();
    let mix = vst3.id("Mix");
    let state = vst3.save();
    vst3.set(mix, 0.25);
    assert_eq!(vst3.load(&state), kResultOk);
    assert_eq!(vst3.get(mix), 1.0);
    vst3.stop();
    assert_eq!(saved(&vst3, "mix"), 1.0);
}

#[test]
fn what_is_set_while_it_plays_is_heard_from_the_next_start_on() {
    let input = music(1.0);
    let render = |before: &dyn Fn(&Vst3, u32)| {
        let vst3 = vst3();
        before(&vst3, vst3.id("Brightness"));
        vst3.render(&slices(&input), &[], 512, |_, _| None)
    };
    let at_rest = render(&|vst3, id| {
        vst3.set(id, 0.8);
        vst3.play(RATE, 512, true);
    });
    let stopped = render(&|vst3, id| {
        vst3.play(RATE, 512, true);
        vst3.set(id, 0.8);
        vst3.stop();
        vst3.play(RATE, 512, true);
    });
    let neutral = render(&|vst3, _| vst3.play(RATE, 512, true));
    assert!(at_rest == stopped);
    assert!(at_rest != neutral);
}

/// Hosts tell the controller of automation as well, later and coarser than the blocks: for what is drawn.
#[test]
fn what_the_controller_hears_late_never_reaches_the_sound() {
    let input = music(2.0);
    let render = |is_told: bool| {
        let vst3 = playing();
        let ids = ["Brightness", "Mix", "Output", "Morph"].map(|title| vst3.id(title));
        let ramp = |frame: usize| (frame % 20_000) as f64 / 20_000.0;
        vst3.render(&slices(&input), &[], 512, |start, length| {
            if is_told && start > 5_000 {
                for id in ids {
                    vst3.set(id, ramp(start - 5_000));
                    vst3.save();
                }
            }
            let points: Vec<(i32, f64)> = (0..length)
                .step_by(37)
                .map(|frame| (frame as i32, ramp(start + frame)))
                .collect();
            Some(Changes::of(ids.map(|id| (id, points.clone()))))
        })
    };
    assert!(render(true) == render(false));
}

#[test]
fn what_the_main_thread_sets_while_blocks_run_is_never_lost() {
    let vst3 = playing();
    let params = vst3.settable_params();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut dice = Dice(7);
            while !is_over.load(Ordering::Relaxed) {
                let (_, id) = &params[dice.roll(params.len())];
                let changes = at_start(*id, dice.value());
                silence(&vst3, (dice.roll(2) == 0).then_some(&changes));
            }
        });
        let mut dice = Dice(8);
        // Those that the blocks leave alone would show a loss at once; these may be overtaken by a block.
        for _ in 0..3_000 {
            let (_, id) = &params[dice.roll(params.len())];
            assert_eq!(vst3.set(*id, dice.value()), kResultOk);
            vst3.get(*id);
            if dice.roll(10) == 0 {
                vst3.save();
            }
        }
        is_over.store(true, Ordering::Relaxed);
    });
    for (title, id) in &params {
        vst3.set(*id, 1.0);
        assert_eq!(vst3.get(*id), 1.0, "{title}");
    }
    // Blocks that carry other parameters' changes take nothing away.
    let mix = vst3.id("Mix");
    vst3.set(mix, 0.375);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let output = vst3.id("Output");
            while !done.load(Ordering::Relaxed) {
                silence(&vst3, Some(&at_start(output, 0.5)));
            }
        });
        for step in 0..2_000 {
            let value = f64::from(step % 64) / 64.0;
            vst3.set(mix, value);
            assert_eq!(vst3.get(mix), value);
            if step % 50 == 0 {
                assert_eq!(saved(&vst3, "mix"), value);
            }
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn no_number_and_no_parameter_are_refused() {
    let vst3 = playing();
    let mix = vst3.id("Mix");
    assert_ne!(vst3.set(mix, f64::NAN), kResultOk);
    assert_ne!(vst3.set(12_345, 0.5), kResultOk);
    for (value, held) in [(-1e9, 0.0), (1e9, 1.0), (f64::INFINITY, 1.0)] {
        assert_eq!(vst3.set(mix, value), kResultOk);
        assert_eq!(vst3.get(mix), held);
        silence(&vst3, Some(&at_start(mix, value)));
        assert_eq!(vst3.get(mix), held);
    }
}

#[test]
fn a_state_with_other_models_asks_for_a_restart() {
    let models = crate::common::models_copy();
    let reference = moodring::model::ModelReference::to(models.path()).unwrap();
    let vst3 = playing();
    let mut state: Value = serde_json::from_slice(&vst3.save()).unwrap();
    state["fields"]["models"] = serde_json::json!(serde_json::to_string(&reference).unwrap());
    vst3.handler.restarts.lock().unwrap().clear();
    assert_eq!(vst3.load(state.to_string().as_bytes()), kResultOk);
    assert!(!vst3.handler.restarts.lock().unwrap().is_empty());
    vst3.handler.restarts.lock().unwrap().clear();
    assert_eq!(vst3.load(state.to_string().as_bytes()), kResultOk);
    assert!(vst3.handler.restarts.lock().unwrap().is_empty());
}

#[test]
fn what_is_no_state_is_refused_and_changes_nothing() {
    let vst3 = playing();
    vst3.set(vst3.id("Mix"), 0.25);
    let state = vst3.save();
    let mut dice = Dice(3);
    let mut bad: Vec<Vec<u8>> = (0..200)
        .map(|length| (0..length).map(|_| dice.roll(256) as u8).collect())
        .collect();
    bad.extend(
        (0..state.len())
            .step_by(97)
            .map(|length| state[..length].to_vec()),
    );
    bad.push(br#"{"version":"","params":{},"fields":{}}"#.to_vec());
    for bytes in bad {
        assert_ne!(vst3.load(&bytes), kResultOk, "{bytes:?}");
        assert!(vst3.save() == state, "{bytes:?}");
    }
}

#[test]
fn choices_are_taken_as_people_write_them() {
    let vst3 = vst3();
    let target = vst3.id("Target");
    let meant = |text: &str| {
        let mut units: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let mut value = -1.0;
        // SAFETY: a text that ends in 0, and a place for a number.
        let told = unsafe {
            vst3.controller
                .getParamValueByString(target, units.as_mut_ptr().cast(), &mut value)
        };
        (told == kResultOk).then_some(value)
    };
    let cello = meant("Cello");
    assert!(cello.is_some_and(|value| value > 0.0), "{cello:?}");
    assert_eq!(meant("cello"), cello);
    assert_eq!(meant(" CELLO "), cello);
    assert_eq!(meant("no such instrument"), None);
}

#[test]
fn a_host_is_told_once_that_the_texts_of_what_is_heard_are_of_other_tags() {
    let vst3 = playing();
    let state = vst3.save();
    let told = |state: &[u8]| {
        vst3.handler.restarts.lock().unwrap().clear();
        assert_eq!(vst3.load(state), kResultOk);
        let restarts = vst3.handler.restarts.lock().unwrap();
        let titles = restarts
            .iter()
            .filter(|flags| **flags & kParamTitlesChanged != 0);
        titles.count()
    };
    let others = vst3_with_outputs(&state);
    let found = [&state, &others, &others, &state].map(|state| told(state));
    assert_eq!(found, [0, 1, 0, 1]);
}
