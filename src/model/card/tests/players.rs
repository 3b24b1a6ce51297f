//! Names in cards, and the players' card.

use super::*;

const NOTES: &[u8] = include_bytes!("../../../../models/notes/card.json");

/// The card without what a JSON pointer leads to, which must be there.
fn without(card: &[u8], section: &str, key: &str) -> Vec<u8> {
    let mut card: Value = serde_json::from_slice(card).unwrap();
    let section = card.pointer_mut(section).unwrap().as_object_mut().unwrap();
    assert!(section.remove(key).is_some(), "{key}");
    card.to_string().into_bytes()
}

#[test]
fn a_players_card_is_refused_by_the_field_that_is_wrong() {
    assert!(NotesCard::parse("card", NOTES).is_ok());
    let twice = serde_json::from_slice::<Value>(NOTES).unwrap()["players"][0]["id"].clone();
    for (pointer, value, field) in [
        ("/name", json!(""), "name"),
        ("/version", json!("1\n2"), "version"),
        ("/players/1/id", twice, "players[1].id"),
        ("/players/2/id", json!("a\u{202e}b"), "players[2].id"),
        ("/players/2/id", json!("x".repeat(300)), "players[2].id"),
        ("/players/0/way", json!(1e30), "players[0].way"),
        ("/pitches/2", json!(0), "pitches[2]"),
        ("/lines/pitches/1", json!(0), "lines.pitches[1]"),
        ("/frames/at_hops/3", json!(2), "frames.at_hops[3]"),
    ] {
        let parsed = NotesCard::parse("card", &changed(NOTES, pointer, value));
        assert_eq!(
            named(parsed),
            Some(("card".into(), field.into())),
            "{pointer}"
        );
    }
}

#[test]
fn of_one_version_that_is_known_no_range_is_told() {
    let parsed = NotesCard::parse("card", &changed(NOTES, "/table/version", json!(1)));
    let why = parsed.err().unwrap().to_string();
    assert!(why.contains("is 1, expected 2: "), "{why}");
}

#[test]
fn a_part_without_its_file_and_a_file_without_its_part_are_missed() {
    for part in ["ear", "colours", "lines"] {
        let file = format!("files.{part}");
        for (section, missed) in [("", part), ("/files", &file)] {
            let parsed = NotesCard::parse("card", &without(NOTES, section, part));
            assert_eq!(named(parsed), Some(("card".into(), missed.into())));
        }
        let neither = without(&without(NOTES, "", part), "/files", part);
        assert!(NotesCard::parse("card", &neither).is_ok(), "{part}");
    }
}

#[test]
fn a_timbre_model_s_names_are_names_and_its_latents_numbers() {
    for (pointer, value, field) in [
        ("/name", json!(" "), "name"),
        ("/version", json!("\u{7}"), "version"),
        ("/latents/1/name", json!(""), "latents[1].name"),
        ("/latents/1/mean", json!(1e30), "latents[1].mean"),
    ] {
        let parsed = timbre(&changed(TIMBRE, pointer, value), ANCHORS);
        assert_eq!(
            named(parsed),
            Some(("card".into(), field.into())),
            "{pointer}"
        );
    }
    let first = serde_json::from_slice::<Value>(ANCHORS).unwrap()["anchors"][0].clone();
    let twice = first["id"].clone();
    let name = json!(first["name"].as_str().unwrap().to_uppercase());
    for (pointer, value, field) in [
        ("/anchors/0/name", json!("a\u{200b}"), "anchors[0].name"),
        ("/anchors/3/id", twice, "anchors[3].id"),
        ("/anchors/3/name", name, "anchors[3].name"),
        ("/anchors/2/mean/7", json!(-2e3), "anchors[2].mean"),
        ("/anchors/2/std/0", json!(-1), "anchors[2].std"),
    ] {
        let parsed = timbre(TIMBRE, &changed(ANCHORS, pointer, value));
        assert_eq!(
            named(parsed),
            Some(("anchors".into(), field.into())),
            "{pointer}"
        );
    }
}
