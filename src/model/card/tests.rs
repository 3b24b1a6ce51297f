//! Cards that differ from the shipped ones in one field.

mod players;

use serde_json::{Value, json};

use super::*;
use crate::{
    dsp::{BandSides, BandsLayout, Compression, CosineWindow, FrameEdges, MelScale, Spectrum},
    model::{LATENTS, ModelError},
};

const TAGGER: &[u8] = include_bytes!("../../../models/tagger/card.json");
const TIMBRE: &[u8] = include_bytes!("../../../models/timbre/card.json");
/// Others' cards, and the fields that are refused in some.
const CASES: &[u8] = include_bytes!("../../../tests/fixtures/cards/cases.json");
const ANCHORS: &[u8] = include_bytes!("../../../models/timbre/anchors.json");

/// The card with `value` at a JSON pointer, which must be there.
fn changed(card: &[u8], pointer: &str, value: Value) -> Vec<u8> {
    let mut card: Value = serde_json::from_slice(card).unwrap();
    *card.pointer_mut(pointer).expect(pointer) = value;
    card.to_string().into_bytes()
}

fn timbre(card: &[u8], anchors: &[u8]) -> Result<TimbreCard, ModelError> {
    TimbreCard::parse("card", card, |_| {
        Ok(("anchors".to_owned(), anchors.to_vec()))
    })
}

/// The file and the field that an error names.
fn named<T>(parsed: Result<T, ModelError>) -> Option<(String, String)> {
    match parsed {
        Err(ModelError::Field { file, field, .. }) => Some((file, field)),
        _ => None,
    }
}

/// The front-end of the taggers before mn04.
fn older_front_end() -> Value {
    json!({
        "sample_rate": 16_000, "channels": "mono mean", "window": "hann periodic", "n_fft": 512, "hop": 256,
        "padding": "reflect", "spectrum": "power", "bands": 128, "mel_scale": "htk", "mel_norm": "none",
        "f_min": 0.0, "f_max": 8_000.0, "scaling": "10*log10(max(x, floor))", "floor": 1e-10, "frames": 231,
        "chunk_samples": 59_049
    })
}

/// mn04's front-end.
fn newer_front_end() -> Value {
    json!({
        "sample_rate": 32_000, "channels": "mono mean", "dc": "to be blocked before", "preemphasis": 0.97,
        "window": "hann symmetric, centred in the FFT's", "window_length": 800, "n_fft": 1024, "hop": 320,
        "padding": "reflect", "spectrum": "power", "bands": 128, "mel_scale": "1127*ln(1+f/700)",
        "mel_shape": "triangles of height 1, straight on the mel scale, edges equally spaced", "mel_norm": "none",
        "f_min": 0.0, "f_max": 15_000.0, "scaling": "10*log10(max(x, floor))", "floor": 1e-14, "frames": 370
    })
}

/// A small tagger's card with that front-end.
fn tagger(front_end: Value) -> Vec<u8> {
    json!({
        "schema": 1, "kind": "tagger", "name": "A tagger", "version": "1",
        "files": {"model": {"file": "model.onnx", "sha256": ""}},
        "input": {"name": "mel_db", "shape": [1, 1, 128, front_end["frames"]]},
        "output": {"name": "probs", "shape": [1, 5]},
        "frontend": front_end,
        "tags": [
            {"name": "keyboard", "kind": "instrument", "parent": null},
            {"name": "piano", "kind": "instrument", "parent": "keyboard"},
            {"name": "happy", "kind": "mood"},
            {"name": "sad", "kind": "mood"},
            {"name": "slow", "kind": "feel"}
        ],
        "circumplex": {
            "formula": "offset + sum of weight * logit(prob); more of it",
            "valence": {"weights": {"happy": 0.5, "sad": -0.25}, "offset": 0.1},
            "arousal": {"weights": {"happy": 0.25, "slow": -1.0}, "offset": 0.0}
        }
    })
    .to_string()
    .into_bytes()
}

#[test]
fn both_front_ends_are_read_as_they_are_meant() {
    let newer = TaggerCard::parse("card", &tagger(newer_front_end())).unwrap();
    let expected = LogMelFrontEnd {
        sample_rate: 32_000,
        preemphasis: 0.97,
        window: CosineWindow::HannSymmetric,
        window_length: 800,
        window_centred: true,
        n_fft: 1_024,
        hop: 320,
        edges: FrameEdges::Reflected,
        spectrum: Spectrum::Power,
        bands: BandsLayout {
            bands: 128,
            scale: MelScale::Htk,
            sides: BandSides::StraightInMel,
            same_area: false,
            f_min: 0.0,
            f_max: 15_000.0,
        },
        compression: Compression::decibels(1e-14),
        frames: 370,
    };
    assert_eq!(newer.front_end.log_mel(), Some(&expected));
    assert_eq!(newer.order, InputOrder::BandByFrame);
    assert_eq!(
        (newer.pace, newer.normalisation),
        (0.5, Normalisation::None)
    );
    let older = TaggerCard::parse("card", &tagger(older_front_end())).unwrap();
    let expected = LogMelFrontEnd {
        sample_rate: 16_000,
        preemphasis: 0.0,
        window: CosineWindow::HannPeriodic,
        window_length: 512,
        n_fft: 512,
        hop: 256,
        bands: BandsLayout {
            sides: BandSides::StraightInHz,
            f_max: 8_000.0,
            ..expected.bands
        },
        compression: Compression::decibels(1e-10),
        frames: 231,
        ..expected
    };
    assert_eq!(older.front_end.log_mel(), Some(&expected));
    assert!(TaggerCard::parse("card", TAGGER).is_ok(), "what ships");
}

#[test]
fn a_tagger_s_card_is_refused_by_the_field_that_is_wrong() {
    let newer = tagger(newer_front_end());
    for (pointer, value, field) in [
        ("/schema", json!(3), "schema"),
        ("/kind", json!("timbre"), "kind"),
        ("/frontend/channels", json!("stereo"), "frontend.channels"),
        ("/frontend/dc", json!("kept"), "frontend.dc"),
        ("/frontend/preemphasis", json!(1.5), "frontend.preemphasis"),
        ("/frontend/window", json!("hann"), "frontend.window"),
        (
            "/frontend/window_length",
            json!(2_000),
            "frontend.window_length",
        ),
        ("/frontend/mel_scale", json!("bark"), "frontend.mel_scale"),
        ("/frontend/mel_shape", json!("round"), "frontend.mel_shape"),
        (
            "/frontend/sample_rate",
            json!(3_999),
            "frontend.sample_rate",
        ),
        ("/frontend/n_fft", json!(16), "frontend.n_fft"),
        ("/frontend/n_fft", json!(65_536), "frontend.n_fft"),
        ("/frontend/hop", json!(0), "frontend.hop"),
        ("/frontend/f_max", json!(1e6), "frontend.f_max"),
        ("/frontend/f_min", json!(-1), "frontend.f_min"),
        ("/frontend/bands", json!(7), "frontend.bands"),
        ("/frontend/frames", json!(5_000), "frontend.frames"),
        ("/frontend/floor", json!(0), "frontend.floor"),
        ("/tags", json!([]), "tags (their number)"),
        ("/tags/1/parent", json!("organ"), "tags[1].parent"),
        ("/tags/1/parent", json!("happy"), "tags[1].parent"),
        ("/tags/0/parent", json!("keyboard"), "tags[0].parent"),
        ("/tags/0/parent", json!("piano"), "tags[0].parent"),
        (
            "/circumplex/formula",
            json!("a product"),
            "circumplex.formula",
        ),
        (
            "/circumplex/valence/weights",
            json!({"cheerful": 1}),
            "circumplex.valence.weights",
        ),
        (
            "/circumplex/arousal/weights/slow",
            json!(1e9),
            "circumplex.arousal.weights.slow",
        ),
        (
            "/circumplex/arousal/offset",
            json!(-1e9),
            "circumplex.arousal.offset",
        ),
        ("/input/shape/2", json!(5), "input.shape"),
        ("/output/shape/1", json!(4), "output.shape"),
    ] {
        let parsed = TaggerCard::parse("card", &changed(&newer, pointer, value));
        assert_eq!(
            named(parsed),
            Some(("card".into(), field.into())),
            "{pointer}"
        );
    }
}

/// The JSON Schema in docs/ is held to the same.
#[test]
fn others_cards_are_taken_or_refused_by_the_field_that_is_wrong() {
    let cases: Value = serde_json::from_slice(CASES).unwrap();
    for case in cases["cases"].as_array().unwrap() {
        let mut card = cases["bases"][case["base"].as_str().unwrap()].clone();
        for (pointer, value) in case["change"].as_object().unwrap() {
            let (holder, key) = pointer.rsplit_once('/').unwrap();
            match card.pointer_mut(holder).unwrap() {
                Value::Array(list) => list[key.parse::<usize>().unwrap()] = value.clone(),
                holder => holder[key] = value.clone(),
            }
        }
        for pointer in case["remove"].as_array().into_iter().flatten() {
            let (holder, key) = pointer.as_str().unwrap().rsplit_once('/').unwrap();
            let holder = card.pointer_mut(holder).unwrap();
            holder.as_object_mut().unwrap().remove(key);
        }
        let parsed = TaggerCard::parse("card", card.to_string().as_bytes());
        match case["field"].as_str() {
            None => assert!(parsed.is_ok(), "{case}: {:?}", parsed.err()),
            Some(field) => {
                let wanted = Some(("card".to_owned(), field.to_owned()));
                assert_eq!(named(parsed), wanted, "{case}");
            }
        }
    }
}

#[test]
fn what_is_new_in_a_card_is_read_as_it_is_meant() {
    let cases: Value = serde_json::from_slice(CASES).unwrap();
    let read = |base: &str| {
        TaggerCard::parse("card", cases["bases"][base].to_string().as_bytes()).unwrap()
    };
    let (mel, yamnet, waveform) = (read("mel"), read("yamnet"), read("waveform"));
    assert_eq!((mel.pace, yamnet.pace, waveform.pace), (3.0, 0.5, 0.5));
    assert_eq!(mel.order, InputOrder::BandByFrame);
    assert_eq!(yamnet.order, InputOrder::FrameByBand);
    assert_eq!(yamnet.embedding_len(), Some(1_024));
    let front_end = yamnet.front_end.log_mel().unwrap();
    assert!(!front_end.window_centred && front_end.edges == FrameEdges::None);
    assert_eq!(front_end.spectrum, Spectrum::Magnitude);
    let wanted = WaveformFrontEnd {
        sample_rate: 16_000,
        samples: 59_049,
    };
    assert_eq!(waveform.front_end, ListenFrontEnd::Waveform(wanted));
    let fixed = Normalisation::Fixed {
        means: vec![0.0],
        deviations: vec![0.1],
    };
    assert_eq!(waveform.normalisation, fixed);
    let kinds: Vec<_> = TagKind::columns(&mel.tags).collect();
    let wanted = [
        TagKind::Genre,
        TagKind::Instrument,
        TagKind::Mood,
        TagKind::Other,
    ];
    assert_eq!(kinds, wanted);
    assert_eq!(mel.tags[4].kind, TagKind::Other);
}

#[test]
fn what_would_do_is_said_with_what_is_wrong() {
    let newer = tagger(newer_front_end());
    let said = |pointer: &str, value: Value| {
        let card = changed(&newer, pointer, value);
        TaggerCard::parse("card", &card).unwrap_err().to_string()
    };
    let window = said("/frontend/window", json!("kaiser"));
    assert!(
        window.contains("`hann periodic` or `hann symmetric, centred in the FFT's`"),
        "{window}"
    );
    let parent = said("/tags/1/parent", json!("organ"));
    assert!(
        parent.contains("`organ`") && parent.contains("of kind `instrument`"),
        "{parent}"
    );
}

#[test]
fn a_circle_of_parents_is_refused_whoever_leads_into_it() {
    let mut card = changed(&tagger(newer_front_end()), "/tags/0/parent", json!("piano"));
    card = changed(&card, "/tags/2/kind", json!("instrument"));
    let mut card: Value = serde_json::from_slice(&card).unwrap();
    card["tags"][2]["parent"] = json!("keyboard");
    let parsed = TaggerCard::parse("card", card.to_string().as_bytes());
    assert_eq!(named(parsed).unwrap().1, "tags[0].parent");
}

#[test]
fn a_card_without_parents_and_valence_is_read() {
    let mut card: Value = serde_json::from_slice(&tagger(older_front_end())).unwrap();
    card.as_object_mut().unwrap().remove("circumplex");
    for tag in card["tags"].as_array_mut().unwrap() {
        tag.as_object_mut().unwrap().remove("parent");
    }
    let card = TaggerCard::parse("card", card.to_string().as_bytes()).unwrap();
    assert!(card.circumplex.is_none());
    assert!(card.tags.iter().all(|tag| tag.parent.is_none()));
}

#[test]
fn valence_and_arousal_are_weighted_sums_of_logits_within_limits() {
    let card = TaggerCard::parse("card", &tagger(newer_front_end())).unwrap();
    let circumplex = card.circumplex.unwrap();
    let logistic = |x: f32| 1.0 / (1.0 + (-x).exp());
    let said = [0.9, 0.9, 2.0, 1.0, 0.5].map(logistic);
    let affect = circumplex.affect(&said);
    assert!(
        (affect.valence - (0.1 + 1.0 - 0.25)).abs() < 1e-4,
        "{affect:?}"
    );
    assert!((affect.arousal - (0.5 - 0.5)).abs() < 1e-4, "{affect:?}");
    for sure in [[0.0, 0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 1.0]] {
        let affect = circumplex.affect(&sure);
        let limits = -Affect::MOST..=Affect::MOST;
        assert!(limits.contains(&affect.valence) && limits.contains(&affect.arousal));
        assert!(affect.valence.abs() == Affect::MOST, "{affect:?}");
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
        ("/latents/3/measure_std", json!(0), "latents[3].measure_std"),
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
        for (at, wanted) in at.iter().zip(wanted) {
            assert!((at - wanted).abs() < 1e-5, "{deviations:?}: {at}");
        }
    }
}
