//! Cards that differ from the shipped ones in one field.

use serde_json::{Value, json};

use super::*;
use crate::model::{LATENTS, ModelError};

const TAGGER: &[u8] = include_bytes!("../../../models/tagger/card.json");
const TIMBRE: &[u8] = include_bytes!("../../../models/timbre/card.json");
const ANCHORS: &[u8] = include_bytes!("../../../models/timbre/anchors.json");

/// The card with `value` at a JSON pointer, which must be there.
fn changed(card: &[u8], pointer: &str, value: Value) -> Vec<u8> {
    let mut card: Value = serde_json::from_slice(card).unwrap();
    *card.pointer_mut(pointer).expect(pointer) = value;
    card.to_string().into_bytes()
}

fn timbre(card: &[u8], anchors: &[u8]) -> Result<TimbreCard, ModelError> {
    let anchors = anchors.to_vec();
    TimbreCard::parse("card", card, |_| Ok(("anchors".to_owned(), anchors.into())))
}

/// The file and the field that an error names.
fn named<T>(parsed: Result<T, ModelError>) -> Option<(String, String)> {
    match parsed {
        Err(ModelError::Field { file, field, .. }) => Some((file, field)),
        _ => None,
    }
}

#[test]
fn a_tagger_s_card_is_refused_by_the_field_that_is_wrong() {
    assert!(TaggerCard::parse("card", TAGGER).is_ok());
    for (pointer, value, field) in [
        ("/schema", json!(2), "schema"),
        ("/kind", json!("timbre"), "kind"),
        ("/frontend/window", json!("hann"), "frontend.window"),
        ("/frontend/mel_scale", json!("slaney"), "frontend.mel_scale"),
        (
            "/frontend/sample_rate",
            json!(7_999),
            "frontend.sample_rate",
        ),
        ("/frontend/n_fft", json!(1_000), "frontend.n_fft"),
        ("/frontend/n_fft", json!(16_384), "frontend.n_fft"),
        ("/frontend/hop", json!(0), "frontend.hop"),
        ("/frontend/f_max", json!(1e6), "frontend.f_max"),
        ("/frontend/f_min", json!(-1), "frontend.f_min"),
        ("/frontend/bands", json!(7), "frontend.bands"),
        ("/frontend/frames", json!(5_000), "frontend.frames"),
        ("/frontend/floor", json!(0), "frontend.floor"),
        ("/tags", json!([]), "tags (their number)"),
        ("/input/shape/2", json!(5), "input.shape"),
        ("/output/shape/1", json!(5), "output.shape"),
    ] {
        let parsed = TaggerCard::parse("card", &changed(TAGGER, pointer, value));
        assert_eq!(
            named(parsed),
            Some(("card".into(), field.into())),
            "{pointer}"
        );
    }
}

#[test]
fn a_timbre_model_s_card_is_refused_by_the_field_that_is_wrong() {
    assert!(timbre(TIMBRE, ANCHORS).is_ok());
    for (pointer, value, field) in [
        ("/kind", json!("tagger"), "kind"),
        ("/frontend/padding", json!("reflect"), "frontend.padding"),
        ("/frontend/hop", json!(1_024), "frontend.hop"),
        ("/frontend/bands", json!(64), "frontend.bands"),
        ("/frontend/range_db", json!(9), "frontend.range_db"),
        ("/frontend/unit_db", json!(0), "frontend.unit_db"),
        ("/latents", json!([]), "latents (their number)"),
        ("/latents/3/std", json!(0), "latents[3].std"),
        ("/encoder/input/shape/1", json!(5), "encoder.input.shape"),
        ("/encoder/output/shape/1", json!(5), "encoder.output.shape"),
        ("/decoder/input/shape/1", json!(5), "decoder.input.shape"),
        ("/decoder/output/shape/1", json!(5), "decoder.output.shape"),
        ("/map/matrix/1/7", json!(2_000), "map"),
        ("/map/offset/0", json!(-2_000), "map"),
    ] {
        let parsed = timbre(&changed(TIMBRE, pointer, value), ANCHORS);
        assert_eq!(
            named(parsed),
            Some(("card".into(), field.into())),
            "{pointer}"
        );
    }
    for (pointer, value, field) in [
        ("/schema", json!(0), "schema"),
        ("/anchors", json!([]), "anchors (their number)"),
    ] {
        let parsed = timbre(TIMBRE, &changed(ANCHORS, pointer, value));
        assert_eq!(
            named(parsed),
            Some(("anchors".into(), field.into())),
            "{pointer}"
        );
    }
}

#[test]
fn what_is_missing_or_no_number_is_told_by_the_parser() {
    for value in [json!("a word"), json!(null)] {
        let card = changed(TIMBRE, "/frontend/n_fft", value);
        assert!(
            matches!(timbre(&card, ANCHORS), Err(ModelError::BadJson { file, .. }) if file == "card")
        );
    }
    let parsed = timbre(TIMBRE, b"{}");
    assert!(matches!(parsed, Err(ModelError::BadJson { file, .. }) if file == "anchors"));
}

#[test]
fn without_a_map_the_first_two_latents_are_the_plane() {
    let card = timbre(&changed(TIMBRE, "/map", json!(null)), ANCHORS).unwrap();
    let latent = |deviations: [f32; 2]| {
        std::array::from_fn::<f32, LATENTS, _>(|index| {
            let deviation = deviations.get(index).copied().unwrap_or(7.0);
            card.latents[index].mean + deviation * card.latents[index].std
        })
    };
    for (deviations, wanted) in [
        ([0.0, 0.0], [0.0, 0.0]),
        ([2.5, 0.0], [1.0, 0.0]),
        ([0.0, -2.5], [0.0, -1.0]),
    ] {
        let at = card.projection.at(&latent(deviations));
        let off = at
            .iter()
            .zip(wanted)
            .any(|(at, wanted)| (at - wanted).abs() > 1e-5);
        assert!(!off, "{deviations:?}: {at:?}");
    }
}
