//! What a file's values come to, value by value.

use super::*;
use crate::thread::MainThread;

const MAIN: MainThread = MainThread::assume();

/// What a preset of one value comes to: that value normalized, or what is expected in its place.
fn comes_to(id: &str, value: Value) -> Result<f32, String> {
    let preset = Preset {
        values: BTreeMap::from([(id.to_owned(), value)]),
        ..neutral()
    };
    match preset.settings() {
        Ok(settings) => Ok(settings.values[id]),
        Err(LibraryError::Field {
            field, expected, ..
        }) => {
            assert_eq!(field, format!("values.{id}"));
            Err(expected)
        }
        Err(why) => panic!("{why}"),
    }
}

#[test]
fn each_kind_of_parameter_takes_its_own_values_and_says_which() {
    let text = |text: &str| Value::Text(text.to_owned());
    for (id, value, expected) in [
        ("mix", Value::Number(0.0), Ok(0.0)),
        ("mix", Value::Number(1.0), Ok(1.0)),
        ("mix", text("25 %"), Ok(0.25)),
        ("mix", Value::Number(1.01), Err("0 to 1")),
        ("mix", Value::Number(f32::NAN), Err("0 to 1")),
        ("mix", text("much"), Err("a number")),
        ("mix", Value::Switch(true), Err("a number")),
        ("bypass", Value::Switch(true), Ok(1.0)),
        ("bypass", text("on"), Ok(1.0)),
        ("bypass", text("perhaps"), Err("true or false")),
        ("bypass", Value::Number(1.0), Err("true or false")),
        (
            "target",
            text("no such timbre"),
            Err("the id of one of its values"),
        ),
        (
            "target",
            Value::Number(0.0),
            Err("the id of one of its values"),
        ),
    ] {
        let found = comes_to(id, value.clone());
        assert_eq!(
            found.as_ref().map_err(String::as_str),
            expected.as_ref().map_err(|why| &**why),
            "{id}: {value}"
        );
    }
}

#[test]
fn a_parameter_that_there_is_not_is_told_with_those_that_there_are() {
    let preset = Preset {
        values: BTreeMap::from([("warmth".to_owned(), Value::Number(1.0))]),
        ..neutral()
    };
    let why = preset.settings().unwrap_err().to_string();
    assert!(why.contains("`warmth`") && why.contains("resynth"), "{why}");
}

#[test]
fn what_is_not_named_has_its_default_but_for_what_belongs_to_the_track() {
    let values = neutral().settings().unwrap().values;
    let params = MoodringParams::default();
    let ids: Vec<String> = params.param_map().into_iter().map(|(id, ..)| id).collect();
    for id in &ids {
        assert_eq!(
            values.contains_key(id),
            !LEFT_ALONE.contains(&id.as_str()),
            "{id}"
        );
    }
    assert!(
        Settings {
            values,
            captures: [None, None]
        }
        .hold(&params, &MAIN)
    );
    for left_alone in LEFT_ALONE {
        assert!(ids.iter().any(|id| id == left_alone), "{left_alone}");
    }
}

#[test]
fn settings_are_held_to_a_rounding_and_no_further() {
    let params = MoodringParams::default();
    let mut settings = Settings::of(&params, &MAIN);
    settings.values.insert("mix".to_owned(), 0.5);
    assert!(!settings.hold(&params, &MAIN));
    settings.put(&params, &MAIN);
    assert!(settings.hold(&params, &MAIN));
    settings.values.insert("mix".to_owned(), 0.5 + 0.5 * SAME);
    assert!(
        settings.hold(&params, &MAIN),
        "a host may keep it in another form"
    );
    settings.values.insert("mix".to_owned(), 0.5 + 2.0 * SAME);
    assert!(!settings.hold(&params, &MAIN));
}

#[test]
fn a_preset_comes_back_from_its_file_as_it_was() {
    let params = MoodringParams::default();
    neutral().settings().unwrap().put(&params, &MAIN);
    let mut settings = Settings::of(&params, &MAIN);
    settings.values.insert("morph".to_owned(), 0.25);
    settings.put(&params, &MAIN);
    let preset = Preset::of("Quarter", &params, &MAIN);
    assert_eq!(preset.values["morph"], Value::Number(0.25));
    assert!(!preset.values.contains_key("bypass"));
    assert_eq!(
        Preset::parse("file", preset.to_json().as_bytes()),
        Ok(preset)
    );
}

#[test]
fn what_is_wrong_in_a_file_is_told_by_its_field() {
    for (values, captures, told) in [
        (
            r#"{"mix": 1, "resynth": 0, "mix": 0}"#,
            "{}",
            "`mix` stands there twice",
        ),
        (
            r#"{"mix": 1}"#,
            r#"{"a": {"name": 5}}"#,
            "field `captures.a.name`",
        ),
        (r#"[1]"#, "{}", "field `values`"),
        (r#"{"mix": []}"#, "{}", "field `values"),
    ] {
        let text =
            format!(r#"{{"schema": 1, "name": "N", "values": {values}, "captures": {captures}}}"#);
        let why = Preset::parse("N.json", text.as_bytes())
            .unwrap_err()
            .to_string();
        assert!(why.contains(told), "{why}");
    }
}

#[test]
fn a_preset_is_an_object_with_a_name() {
    let parse = |text: &str| Preset::parse("a.json", text.as_bytes());
    parse(r#"{"schema": 1, "name": "A", "values": {}, "captures": {}}"#).unwrap();
    let long = "n".repeat(257);
    for (text, told) in [
        (r#"[1, "A", "", {}]"#, "sequence"),
        (
            r#"{"schema": 1, "name": "A", "values": {}, "captures": []}"#,
            "field `captures`",
        ),
        (
            r#"{"schema": 1, "name": "A", "values": {}, "captures": [null, null]}"#,
            "field `captures`",
        ),
        (r#"{"schema": 1, "name": "", "values": {}}"#, "field `name`"),
        (
            r#"{"schema": 1, "name": " ", "values": {}}"#,
            "field `name`",
        ),
        (
            r#"{"schema": 1, "name": "a\u0000b", "values": {}}"#,
            "field `name`",
        ),
        (
            &format!(r#"{{"schema": 1, "name": "{long}", "values": {{}}}}"#),
            "257 characters long",
        ),
    ] {
        let why = parse(text).unwrap_err().to_string();
        assert!(why.contains(told), "{text}: {why}");
    }
}
