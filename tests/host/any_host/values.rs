//! Values and states: when they are set, how they are written, what is refused.

use crate::common::dice::Dice;
use crate::common::plugin;
use moodring_host::{ParamEvent, Render};

use super::{RATE, music, reference, turn, turned};

#[test]
fn parameters_set_before_or_between_activations_are_there_from_the_first_sample() {
    let input = music(2.0);
    let expected = reference(&input);
    // By state, as projects do.
    let state = turned().save_state().unwrap();
    let mut by_state = plugin();
    by_state.load_state(&state).unwrap();
    // Between two activations, after another setting was in use.
    let mut between = plugin();
    let dark = [between.set_at(0, "Brightness", "-3").unwrap()];
    Render::offline(RATE)
        .run(&mut between, &input, &dark)
        .unwrap();
    let events = turn(&mut between);
    between.flush(&events).unwrap();
    for (way, mut plugin) in [("state", by_state), ("flush between", between)] {
        let output = Render::offline(RATE)
            .run(&mut plugin, &input, &[])
            .unwrap()
            .output;
        assert!(output == expected, "{way}");
    }
}

#[test]
fn of_many_changes_at_one_sample_the_last_counts() {
    let input = music(2.0);
    let mut dice = Dice(9);
    let mut plugin_of_many = plugin();
    let params = plugin_of_many.params().unwrap();
    let (mut many, mut last) = (Vec::new(), Vec::new());
    for frame in (1_000..80_000).step_by(3_001) {
        for param in &params {
            let values: Vec<ParamEvent> = (0..5)
                .map(|_| ParamEvent {
                    frame,
                    id: param.id,
                    value: (param.max * dice.roll(9) as f64 / 8.0).round(),
                })
                .collect();
            last.push(values[4]);
            many.extend(values);
        }
    }
    let render = Render::offline(RATE);
    let many = render
        .run(&mut plugin_of_many, &input, &many)
        .unwrap()
        .output;
    let last = render.run(&mut plugin(), &input, &last).unwrap().output;
    assert!(many == last);
}

#[test]
fn changes_at_every_sample_are_taken() {
    let input = music(0.3);
    let [mix, output] = ["Mix", "Output"].map(|name| plugin().param(name).unwrap());
    let storm: Vec<ParamEvent> = (0..input[0].len())
        .flat_map(|frame| {
            let value = frame as f64 % 100.0 / 99.0;
            [&mix, &output].map(|param| ParamEvent {
                frame,
                id: param.id,
                value,
            })
        })
        .collect();
    let outputs = [512, 64].map(|size| {
        let render = Render {
            block_sizes: vec![size],
            ..Render::offline(RATE)
        };
        render.run(&mut plugin(), &input, &storm).unwrap().output
    });
    assert!(outputs[0] == outputs[1]);
    assert!(outputs[0].iter().flatten().all(|x| x.is_finite()));
}

#[test]
fn values_beyond_a_parameters_range_are_held_within_it() {
    let mut plugin = plugin();
    for param in plugin.params().unwrap() {
        for value in [-1e9, 1e9, f64::NAN, f64::INFINITY] {
            let event = ParamEvent {
                frame: 0,
                id: param.id,
                value,
            };
            plugin.flush(&[event]).unwrap();
            let now = plugin.value(param.id).unwrap();
            assert!(
                (param.min..=param.max).contains(&now),
                "{}: {now}",
                param.name
            );
        }
    }
}

#[test]
fn every_value_of_every_parameter_survives_as_text() {
    let mut plugin = plugin();
    for param in plugin.params().unwrap() {
        for step in 0..=200 {
            let value = param.min + (param.max - param.min) * step as f64 / 200.0;
            let text = plugin.value_to_text(param.id, value).unwrap();
            let read = plugin.text_to_value(&param, &text).unwrap();
            assert!(
                (param.min..=param.max).contains(&read),
                "{}: {text}: {read}",
                param.name
            );
            let again = plugin.value_to_text(param.id, read).unwrap();
            assert_eq!(again, text, "{}", param.name);
            assert_eq!(
                plugin.text_to_value(&param, &again).unwrap(),
                read,
                "{}",
                param.name
            );
        }
    }
}

#[test]
fn nonsense_is_no_value() {
    let mut plugin = plugin();
    for param in plugin.params().unwrap() {
        for text in [
            "",
            " ",
            "%",
            "dB",
            "NaN",
            "nan %",
            "1e999",
            "inf",
            "-inf dB",
            "\u{1f3b5}",
            "++1",
        ] {
            if let Ok(value) = plugin.text_to_value(&param, text) {
                assert!(
                    (param.min..=param.max).contains(&value),
                    "{}: `{text}` became {value}",
                    param.name
                );
            }
        }
    }
}

#[test]
fn choices_are_taken_as_people_write_them() {
    let mut plugin = plugin();
    let mut choices = 0;
    for param in plugin.params().unwrap() {
        for step in 0..=(param.max - param.min) as usize {
            let value = param.min + step as f64;
            let name = plugin.value_to_text(param.id, value).unwrap();
            // What is counted and has a name, not what is measured.
            if param.max - param.min < 2.0 || name.chars().any(|letter| letter.is_ascii_digit()) {
                continue;
            }
            choices += 1;
            for text in [
                name.to_lowercase(),
                name.to_uppercase(),
                name.replace(' ', "-"),
            ] {
                assert_eq!(
                    plugin.text_to_value(&param, &text).ok(),
                    Some(value),
                    "{}: {text}",
                    param.name
                );
            }
        }
    }
    assert!(choices > 20, "{choices}");
}

#[test]
fn what_is_no_state_is_refused_and_changes_nothing() {
    let mut plugin = turned();
    let state = plugin.save_state().unwrap();
    let mut dice = Dice(7);
    let mut refused = |bytes: &[u8]| {
        assert!(plugin.load_state(bytes).is_err(), "{bytes:?} was taken");
        assert!(
            plugin.save_state().unwrap() == state,
            "{bytes:?} changed something"
        );
    };
    refused(&[]);
    for len in 1..300 {
        let bytes: Vec<u8> = (0..len).map(|_| dice.roll(256) as u8).collect();
        refused(&bytes);
    }
    for len in (0..state.len()).step_by(7) {
        refused(&state[..len]);
    }
}
