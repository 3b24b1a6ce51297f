//! Descriptors against librosa, AudioCommons' timbre models and the same music (`tests/golden/make_golden.py`).

use moodring::dsp::descriptors::{
    CONSTANT_Q_BINS, ConstantQ, DESCRIPTOR_RATE, Frame, FrameDescriptors, FrameValues, Key,
    MeanChroma, TempoTracker, TimbreMeter, Tones, TuningMeter, beats,
};
use serde_json::Value;

use super::golden::{golden, read};

/// The relative error of a frame's value, which is no less than a hundredth of what the values are usually.
const MOST_ERROR: f64 = 1e-3;

/// All that is measured of the excerpt, pushed in odd pieces.
fn measured() -> (Vec<FrameValues>, TuningMeter) {
    let mut descriptors = FrameDescriptors::default();
    let (mut values, mut tuning) = (Vec::new(), TuningMeter::new());
    let mut keep = |frame: &Frame<'_>, measured: &FrameValues| {
        tuning.hear(frame);
        values.push(*measured);
    };
    for piece in read(&golden(), "descriptor_input").chunks(333) {
        descriptors.push(piece, &mut keep);
    }
    descriptors.finish(&mut keep);
    (values, tuning)
}

/// The largest relative error of the values of each frame from a first one on, which an array has as well.
fn error<Values, const VALUES: usize>(
    frames: &[Values],
    first: usize,
    array: &str,
    values: impl Fn(&Values) -> [f64; VALUES],
) -> [f64; VALUES] {
    let expected = read(&golden(), array);
    assert_eq!(expected.len(), frames.len() * VALUES, "{array}");
    let rows = || expected.chunks_exact(VALUES);
    let mut errors = [0.0; VALUES];
    for (value, error) in errors.iter_mut().enumerate() {
        let mean = rows().map(|row| f64::from(row[value].abs())).sum::<f64>() / frames.len() as f64;
        for (frame, row) in frames.iter().zip(rows()).skip(first) {
            let (found, expected) = (values(frame)[value], f64::from(row[value]));
            let off = (found - expected).abs() / expected.abs().max(0.01 * mean);
            *error = off.max(*error);
        }
    }
    let printed = errors.map(|error| format!("{error:.1e}"));
    println!("{array}: {}", printed.join(" "));
    errors
}

fn numbers() -> Value {
    let path = golden().join("descriptors.json");
    let text =
        std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn framed_descriptors_equal_librosas() {
    let (frames, _) = measured();
    // From here on the level is known that librosa holds all others at 80 dB below.
    let loudest = numbers()["excerpt"]["loudest_frame"].as_u64().unwrap() as usize;
    assert!(loudest < frames.len() / 2, "{loudest}");
    let worst = [
        error(&frames, 0, "descriptor_level", |frame| {
            [frame.rms, frame.zero_crossing_rate]
        })
        .to_vec(),
        error(&frames, 0, "descriptor_shape", |frame| {
            let shape = frame.shape;
            let [centroid, bandwidth] = [shape.centroid, shape.bandwidth];
            [
                centroid,
                bandwidth,
                shape.rolloff,
                shape.flatness,
                shape.flux,
            ]
        })
        .to_vec(),
        error(&frames, 0, "descriptor_contrast", |frame| frame.contrast).to_vec(),
        error(&frames, loudest, "descriptor_mfcc", |frame| frame.mfcc).to_vec(),
        error(&frames, loudest + 3, "descriptor_onset", |frame| {
            [frame.onsets.mean, frame.onsets.median]
        })
        .to_vec(),
        error(&frames, 0, "descriptor_chroma", |frame| frame.chroma).to_vec(),
        error(&frames, 0, "descriptor_pitch", |frame| [frame.pitch.hz]).to_vec(),
    ];
    let worst = worst.concat().into_iter().fold(0.0, f64::max);
    assert!(worst < MOST_ERROR, "{worst}");
}

#[test]
fn constant_q_and_cens_equal_librosas() {
    let (mut magnitudes, mut cens) = (Vec::new(), Vec::new());
    let mut constant_q = ConstantQ::new();
    let mut keep = |tones: Tones<'_>| match tones {
        Tones::Magnitudes(row) => {
            let row: [f64; CONSTANT_Q_BINS] = row.try_into().unwrap();
            magnitudes.push(row);
        }
        Tones::Cens(chroma) => cens.push(*chroma),
    };
    let sound = read(&golden(), "descriptor_input");
    for piece in sound.chunks(333) {
        constant_q.push(piece, &mut keep);
    }
    constant_q.finish(&mut keep);
    let worst = error(&magnitudes, 0, "descriptor_cqt", |row| *row);
    let worst = worst.into_iter().fold(0.0, f64::max);
    println!("constant Q: {worst:.1e}");
    assert!(worst < MOST_ERROR, "{worst}");
    let worst = error(&cens, 0, "descriptor_cens", |chroma| *chroma);
    let worst = worst.into_iter().fold(0.0, f64::max);
    println!("CENS: {worst:.1e}");
    assert!(worst < MOST_ERROR, "{worst}");
    // What comes next is the same stream once more, in one piece.
    let mut again = Vec::new();
    let mut keep = |tones: Tones<'_>| {
        if let Tones::Magnitudes(row) = tones {
            again.push(row.to_vec());
        }
    };
    constant_q.push(&sound, &mut keep);
    constant_q.finish(&mut keep);
    assert_eq!(again, magnitudes);
}

#[test]
fn constant_q_and_cens_come_as_late_as_is_told() {
    let mut constant_q = ConstantQ::new();
    let (mut first_magnitudes, mut first_cens) = (None, None);
    for taken in 1..=DESCRIPTOR_RATE as usize * 3 {
        constant_q.push(&[0.5], |tones| {
            let first = match tones {
                Tones::Magnitudes(_) => &mut first_magnitudes,
                Tones::Cens(_) => &mut first_cens,
            };
            first.get_or_insert(taken as f64 / DESCRIPTOR_RATE);
        });
    }
    // The first frame's middle is the first sample.
    for (found, expected) in [(first_magnitudes, 0.93), (first_cens, 2.5)] {
        let found = found.unwrap();
        println!("{found:.3} s");
        assert!((found - expected).abs() < 0.01, "{found}, {expected}");
    }
}

#[test]
fn tempo_beats_key_and_tuning_equal_librosas() {
    let (frames, tuning) = measured();
    let expected = &numbers()["excerpt"];
    let mut tempo = TempoTracker::new(usize::MAX);
    let mut beat_tempo = TempoTracker::new(usize::MAX);
    let mut chroma = MeanChroma::new(usize::MAX);
    for frame in &frames {
        tempo.hear(frame.onsets.mean);
        beat_tempo.hear(frame.onsets.median);
        chroma.add(&frame.chroma);
    }
    tempo.finish();
    beat_tempo.finish();
    let tempo = tempo.tempo().unwrap();
    let expected_tempo = expected["tempo"].as_f64().unwrap();
    assert!((tempo - expected_tempo).abs() < 0.01, "{tempo}");
    let medians: Vec<_> = frames.iter().map(|frame| frame.onsets.median).collect();
    let found: Value = beats(&medians, beat_tempo.tempo().unwrap()).into();
    assert_eq!(found, expected["beats"]);
    let key = Key::of(chroma.mean()).unwrap();
    assert_eq!(expected["key"]["tonic"], key.tonic);
    assert_eq!(expected["key"]["mode"], key.mode.name());
    let correlation = expected["key"]["correlation"].as_f64().unwrap();
    assert!((key.correlation - correlation).abs() < 1e-3, "{key:?}");
    let tuning = tuning.tuning().unwrap();
    let expected_tuning = expected["tuning"].as_f64().unwrap();
    println!("tuning: {tuning} and {expected_tuning}");
    assert!((tuning - expected_tuning).abs() < 0.015, "{tuning}");
}

#[test]
fn the_timbre_equals_audiocommons() {
    let input = read(&golden(), "timbral_input");
    let mut meter = TimbreMeter::new(10.0).unwrap();
    for piece in input.chunks(777) {
        meter.push(piece, |_| panic!("it is no 10 s"));
    }
    let found = meter.finish().unwrap();
    let expected = &numbers()["timbre"];
    for (name, value) in [
        ("hardness", found.hardness),
        ("warmth", found.warmth),
        ("depth", found.depth),
        ("brightness", found.brightness),
        ("sharpness", found.sharpness),
        ("boominess", found.boominess),
        ("roughness", found.roughness),
        ("reverb_seconds", found.reverb_seconds),
        ("reverb", found.reverb),
    ] {
        let reference = expected[name].as_f64().unwrap();
        println!("{name}: {value:.4} and {reference:.4}");
        let most = 1e-3 * reference.abs();
        assert!(
            (value - reference).abs() < most,
            "{name}: {value}, {reference}"
        );
    }
}

#[test]
fn nothing_and_silence_are_measured_as_well() {
    for length in [0, 1, 30_000] {
        let mut descriptors = FrameDescriptors::default();
        let mut meter = TimbreMeter::new(3.0).unwrap();
        let sound = vec![0.0; length];
        let check = |_: &Frame<'_>, values: &FrameValues| {
            assert_eq!((values.rms, values.shape.centroid), (0.0, 0.0));
            assert_eq!(values.pitch.pitch(), None);
            let all = values
                .mfcc
                .iter()
                .chain(&values.chroma)
                .chain(&values.contrast);
            assert!(
                all.chain([&values.shape.flatness])
                    .all(|value| value.is_finite())
            );
        };
        descriptors.push(&sound, check);
        descriptors.finish(check);
        let (mut magnitudes, mut cens) = (0, 0);
        let mut constant_q = ConstantQ::new();
        let mut check = |tones: Tones<'_>| match tones {
            Tones::Magnitudes(row) => {
                assert!(row.iter().all(|magnitude| *magnitude == 0.0));
                magnitudes += 1;
            }
            Tones::Cens(chroma) => {
                assert_eq!(*chroma, [0.0; 12]);
                cens += 1;
            }
        };
        constant_q.push(&sound, &mut check);
        constant_q.finish(&mut check);
        let frames = if length == 0 { 0 } else { 1 + length / 512 };
        assert_eq!((magnitudes, cens), (frames, frames));
        meter.push(&sound, |stretch| assert_eq!(stretch, None));
        assert_eq!(meter.finish(), None);
    }
}
