//! Features and networks against independent references: librosa and onnxruntime on the shipped excerpt
//! (`tests/golden/make_golden.py`), and log-mels of the two excerpts that the pilot models came with.

use std::path::{Path, PathBuf};

use moodring::{
    dsp::{
        BandSides, BandsLayout, Compression, CosineWindow, FrameEdges, MelScale, Spectrum,
        StftLayout,
    },
    listen::log_mel,
    model::{BANDS, LATENTS, LogMelFrontEnd, MelDb, ModelSource, TaggerModel, TimbreModel},
    morph::{Arrival, CurveMessage, CurveSource, FrameMessage, MorphControls, Stage, StageFormat},
    params::LatencyMode,
};

/// The folder of the golden arrays.
pub fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn tagger() -> TaggerModel {
    TaggerModel::load(&ModelSource::Embedded).unwrap()
}

/// The front-end of the pilot and of the taggers that grew from it.
fn pilots_front_end() -> LogMelFrontEnd {
    LogMelFrontEnd {
        sample_rate: 16_000,
        preemphasis: 0.0,
        window: CosineWindow::HannPeriodic,
        window_length: 512,
        window_centred: true,
        n_fft: 512,
        hop: 256,
        edges: FrameEdges::Reflected,
        spectrum: Spectrum::Power,
        bands: BandsLayout {
            bands: 128,
            scale: MelScale::Htk,
            sides: BandSides::StraightInHz,
            same_area: false,
            f_min: 0.0,
            f_max: 8_000.0,
        },
        compression: Compression::decibels(1e-10),
        frames: 231,
    }
}

/// The front-end of the tagger that ships.
fn shipped_front_end(tagger: &TaggerModel) -> &LogMelFrontEnd {
    tagger.card().front_end.log_mel().unwrap()
}

/// An array of a folder.
pub fn read(folder: &Path, name: &str) -> Vec<f32> {
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

/// `[band][frame]` log-mels of samples at the front-end's own rate, pushed in odd pieces.
fn streamed(front_end: &LogMelFrontEnd, samples: &[f32]) -> Vec<f32> {
    let mut stream = log_mel(front_end, f64::from(front_end.sample_rate), 1);
    let mut frames: Vec<Vec<f32>> = Vec::new();
    for piece in samples.chunks(333) {
        stream.push(piece, |levels| frames.push(levels.to_vec()));
    }
    stream.finish(|levels| frames.push(levels.to_vec()));
    assert_eq!(frames.len(), front_end.frames);
    (0..front_end.bands.bands)
        .flat_map(|band| frames.iter().map(move |frame| frame[band]))
        .collect()
}

fn answer(tagger: &TaggerModel, samples: &[f32]) -> Vec<f32> {
    let mut found = vec![0.0; tagger.card().tags.len()];
    let levels = streamed(shipped_front_end(tagger), samples);
    tagger.run(&levels, &mut found).unwrap();
    found
}

/// Largest difference between levels above -80 dB.
fn audible_difference(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let audible = found.iter().zip(expected);
    audible
        .filter(|(_, expected)| **expected > -80.0)
        .map(|(found, expected)| (found - expected).abs())
        .fold(0.0, f32::max)
}

#[test]
fn streaming_log_mels_equal_the_reference() {
    let tagger = tagger();
    let front_end = shipped_front_end(&tagger);
    let input = read(&golden(), "tagger_input");
    let expected = read(&golden(), "tagger_mel_db");
    let worst = audible_difference(&streamed(front_end, &input), &expected);
    println!("log-mels: {worst:.5} dB");
    assert!(worst < 0.05, "{worst} dB");
}

#[test]
fn the_pilots_log_mels_equal_the_reference() {
    const CHUNK: usize = 59_049;
    let (folder, front_end) = (golden().join("pilot"), pilots_front_end());
    let size = front_end.bands.bands * front_end.frames;
    let (inputs, levels) = (
        read(&folder, "tagger_input"),
        read(&folder, "tagger_mel_db"),
    );
    assert_eq!(inputs.len() / CHUNK, levels.len() / size);
    for (input, expected) in inputs.chunks_exact(CHUNK).zip(levels.chunks_exact(size)) {
        let worst = audible_difference(&streamed(&front_end, input), expected);
        println!("log-mels of the pilot: {worst:.5} dB");
        assert!(worst < 0.01, "{worst} dB");
    }
}

#[test]
fn the_tagger_equals_the_reference_from_the_audio() {
    let found = answer(&tagger(), &read(&golden(), "tagger_input"));
    let worst = difference(&found, &read(&golden(), "tagger_probs"));
    println!("probabilities: {worst:.6}");
    assert!(worst < 1e-3, "{worst}");
}

#[test]
fn the_tagger_says_the_same_at_every_level() {
    let (tagger, input) = (tagger(), read(&golden(), "tagger_input"));
    let peak = input.iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
    let at = |peak_db: f32| -> Vec<f32> {
        let gain = 10.0f32.powf(peak_db / 20.0) / peak;
        answer(&tagger, &input.iter().map(|x| x * gain).collect::<Vec<_>>())
    };
    let expected = at(0.0);
    for peak_db in [20.0, -6.0, -20.0, -40.0] {
        let worst = difference(&at(peak_db), &expected);
        println!("at {peak_db} dBFS: {worst:.6}");
        assert!(worst < 0.002, "{worst} at {peak_db} dBFS");
    }
}

#[test]
fn silence_has_no_tags() {
    let tagger = tagger();
    let input = read(&golden(), "tagger_input");
    let found = answer(&tagger, &vec![0.0; input.len()]);
    let most = found.iter().copied().fold(0.0, f32::max);
    assert!(most < 1e-3, "{most}");
}

#[test]
fn encoder_and_decoder_equal_the_reference() {
    let timbre = TimbreModel::load(&ModelSource::Embedded).unwrap();
    let folder = golden();
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
    let mut input = read(&golden(), "timbre_input");
    let expected = read(&golden(), "timbre_band_db");
    let frames = std::cell::RefCell::default();
    let format = StageFormat {
        layout: StftLayout::for_rate(48_000.0, 48_000.0, 2048),
        sample_rate: 48_000.0,
        channels: 1,
        latency_mode: LatencyMode::Studio,
    };
    let mut stage = Stage::new(&timbre.card().front_end, format, Some(Capture(&frames)));
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
