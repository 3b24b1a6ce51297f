//! Features and networks against independent references: librosa and onnxruntime on the shipped excerpt
//! (`tests/golden/make_golden.py`), and log-mels of the two excerpts that the pilot models came with.

use std::path::{Path, PathBuf};

use moodring::{
    listen::log_mel,
    model::{BANDS, LATENTS, MelDb, ModelSource, TaggerModel, TimbreModel},
    morph::{Arrival, CurveMessage, CurveSource, FrameMessage, MorphControls, Stage},
};

fn folders() -> [PathBuf; 2] {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    [golden.clone(), golden.join("pilot")]
}

fn read(folder: &Path, name: &str) -> Vec<f32> {
    let path = folder.join(format!("{name}.f32"));
    std::fs::read(&path)
        .unwrap_or_else(|why| panic!("{}: {why}", path.display()))
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
        .collect()
}

/// Largest difference between two equally long arrays.
fn difference(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    found
        .iter()
        .zip(expected)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

/// `[band][frame]` log-mels of 16 kHz samples, pushed in odd pieces.
fn streamed(tagger: &TaggerModel, samples: &[f32]) -> Vec<f32> {
    let front_end = &tagger.card().front_end;
    let mut stream = log_mel(front_end, 1);
    let mut frames: Vec<Vec<f32>> = Vec::new();
    for piece in samples.chunks(333) {
        stream.push(piece, |levels| frames.push(levels.to_vec()));
    }
    stream.finish(|levels| frames.push(levels.to_vec()));
    assert_eq!(frames.len(), front_end.frames);
    (0..front_end.bands)
        .flat_map(|band| frames.iter().map(move |frame| frame[band]))
        .collect()
}

const CHUNK: usize = 59_049;

#[test]
fn streaming_log_mels_equal_the_reference() {
    let tagger = TaggerModel::load(&ModelSource::Embedded).unwrap();
    for folder in folders() {
        let inputs = read(&folder, "tagger_input");
        let mels = read(&folder, "tagger_mel_db");
        let size = 128 * 231;
        for (input, mel) in inputs.chunks_exact(CHUNK).zip(mels.chunks_exact(size)) {
            let found = streamed(&tagger, input);
            let worst = found
                .iter()
                .zip(mel)
                .filter(|(_, expected)| **expected > -80.0)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f32::max);
            println!("log-mels of {}: {worst:.5} dB", folder.display());
            assert!(worst < 0.01, "{worst} dB");
        }
    }
}

#[test]
fn the_tagger_equals_the_reference_from_the_audio() {
    let tagger = TaggerModel::load(&ModelSource::Embedded).unwrap();
    // The pilot's own answers went with the pilot; its music still checks the front-end, above.
    let [golden, _] = folders();
    let mut found = vec![0.0; tagger.card().tags.len()];
    let input = read(&golden, "tagger_input");
    tagger.run(&streamed(&tagger, &input), &mut found).unwrap();
    let worst = difference(&found, &read(&golden, "tagger_probs"));
    println!("probabilities: {worst:.6}");
    assert!(worst < 1e-3, "{worst}");
}

#[test]
fn the_tagger_says_the_same_at_every_level() {
    let tagger = TaggerModel::load(&ModelSource::Embedded).unwrap();
    let answers = |input: &[f32]| {
        let mut found = vec![0.0; tagger.card().tags.len()];
        tagger.run(&streamed(&tagger, input), &mut found).unwrap();
        found
    };
    for folder in folders() {
        for input in read(&folder, "tagger_input").chunks_exact(CHUNK) {
            let peak = input.iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
            let at = |peak_db: f32| -> Vec<f32> {
                let gain = 10.0f32.powf(peak_db / 20.0) / peak;
                input.iter().map(|x| x * gain).collect()
            };
            let expected = answers(&at(0.0));
            for peak_db in [-6.0, -20.0, -40.0] {
                let worst = difference(&answers(&at(peak_db)), &expected);
                println!("{} at {peak_db} dBFS: {worst:.6}", folder.display());
                assert!(worst < 0.02, "{worst} at {peak_db} dBFS");
            }
        }
    }
}

#[test]
fn silence_has_no_tags() {
    let tagger = TaggerModel::load(&ModelSource::Embedded).unwrap();
    let mut found = vec![1.0; tagger.card().tags.len()];
    tagger
        .run(&streamed(&tagger, &[0.0; CHUNK]), &mut found)
        .unwrap();
    let most = found.iter().copied().fold(0.0, f32::max);
    assert!(most < 1e-3, "{most}");
}

#[test]
fn encoder_and_decoder_equal_the_reference() {
    let timbre = TimbreModel::load(&ModelSource::Embedded).unwrap();
    let [folder, _] = folders();
    let levels = read(&folder, "timbre_band_db");
    let shapes = read(&folder, "timbre_mel");
    let latents = read(&folder, "timbre_mu");
    let decoded = read(&folder, "timbre_decoded");
    for frame in 0..latents.len() / LATENTS {
        let bands =
            |values: &[f32]| -> MelDb { values[frame * BANDS..][..BANDS].try_into().unwrap() };
        let shape = timbre.normalise(&bands(&levels));
        assert!(difference(&shape, &bands(&shapes)) < 1e-4);
        let latent = timbre.encode(&shape).unwrap();
        let expected = &latents[frame * LATENTS..][..LATENTS];
        assert!(difference(&latent, expected) < 1e-4, "frame {frame}");
        let shape = timbre.decode(&expected.try_into().unwrap()).unwrap();
        assert!(difference(&shape, &bands(&decoded)) < 1e-4, "frame {frame}");
    }
}

/// Keeps the frames that a stage sends.
struct Capture<'a>(&'a std::cell::RefCell<Vec<MelDb>>);

impl CurveSource for Capture<'_> {
    fn is_watched(&self) -> bool {
        false
    }

    fn send(&mut self, frame: &FrameMessage) {
        self.0.borrow_mut().push(frame.levels);
    }

    fn fetch(&mut self, _: u32, _: u64, _: &mut CurveMessage) -> Arrival {
        Arrival::InTime
    }
}

#[test]
fn the_stage_s_band_levels_equal_the_reference() {
    let timbre = TimbreModel::load(&ModelSource::Embedded).unwrap();
    let [golden, _] = folders();
    let mut input = read(&golden, "timbre_input");
    let expected = read(&golden, "timbre_band_db");
    let frames = std::cell::RefCell::default();
    let mut stage = Stage::new(
        &timbre.card().front_end,
        48_000.0,
        1,
        Some(Capture(&frames)),
    );
    stage.process(&mut [&mut input], &[], MorphControls::neutral(), true);
    let frames = frames.into_inner();
    let mut worst = 0.0f32;
    // The stage's first three frames still hold silence from before the start.
    for (found, expected) in frames.iter().skip(3).zip(expected.chunks_exact(BANDS)) {
        for (found, expected) in found
            .iter()
            .zip(expected)
            .filter(|(_, level)| **level > -80.0)
        {
            worst = worst.max((found - expected).abs());
        }
    }
    println!("band levels: {worst:.5} dB");
    assert!(worst < 0.01, "{worst} dB");
}
