//! Notes as they are heard on recordings, and as they sound.

mod ahead;
mod articulation;
mod beginning;
mod chord;
mod high;
mod tilt;
mod trust;

use std::cell::RefCell;

use super::{
    Drawn, DrawnNote, Voice,
    follower::{HeardNote, NoteFollower},
};
use crate::{
    audio_file::AudioFile,
    dsp::{PitchTracker, StftLayout, hann},
    model::{ModelSource, NOISE_BANDS, TimbreFrontEnd, TimbreModel},
    morph::{
        Arrival, CurveMessage, CurveSource, DirectCurves, FrameMessage, MorphControls, Shaper,
        Stage, StageFormat,
    },
    params::LatencyMode,
};
use realfft::RealFftPlanner;

const RATE: f64 = 48_000.0;
const HOP: usize = 512;

/// MIDI pitches of `tests/music/notes.ogg`: four notes each of trumpet, violin, bassoon, tuba, piano and harp.
pub(super) const PLAYED: [u32; 24] = [
    57, 63, 67, 74, 57, 64, 72, 79, 43, 45, 55, 64, 34, 41, 46, 53, 45, 55, 66, 77, 41, 52, 65, 76,
];
/// Samples from one onset to the next, and the silence in front of the first.
pub(super) const APART: usize = 33_600;
pub(super) const FIRST: usize = 3_840;

/// Keeps the frames that a stage sends.
struct Kept<'a>(&'a RefCell<Vec<FrameMessage>>);

impl CurveSource for Kept<'_> {
    fn send(&mut self, frame: &FrameMessage) {
        self.0.borrow_mut().push(*frame);
    }

    fn fetch(&mut self, _: u32, _: u64, _: &mut CurveMessage) -> Arrival {
        Arrival::InTime
    }
}

pub(super) fn format() -> StageFormat {
    StageFormat {
        layout: StftLayout::for_rate(RATE, RATE, 2_048),
        sample_rate: RATE,
        channels: 1,
        latency_mode: LatencyMode::Studio,
    }
}

pub(super) fn frames(sound: &[f32]) -> Vec<FrameMessage> {
    let kept = RefCell::default();
    let front_end = TimbreFrontEnd::fallback();
    let mut stage = Stage::new(&front_end, format(), Some(Kept(&kept)));
    let mut sound = sound.to_vec();
    stage.process(&mut [&mut sound], &[], MorphControls::neutral(), true);
    drop(stage);
    kept.into_inner()
}

pub(super) fn recorded() -> Vec<f32> {
    music("notes.ogg")
}

/// The first channel of a file in `tests/music`.
pub(super) fn music(name: &str) -> Vec<f32> {
    let path = format!("{}/tests/music/{name}", env!("CARGO_MANIFEST_DIR"));
    AudioFile::read(path).unwrap().channels.swap_remove(0)
}

fn hertz(pitch: u32) -> f32 {
    440.0 * ((pitch as f32 - 69.0) / 12.0).exp2()
}

/// The sample in the middle of a frame.
fn centre(index: u64) -> usize {
    ((index as usize + 1) * HOP).saturating_sub(1_024)
}

/// The note that sounds at a sample, and how long it has.
fn playing(sample: usize) -> Option<(u32, usize)> {
    let since_first = sample.checked_sub(FIRST)?;
    let pitch = *PLAYED.get(since_first / APART)?;
    Some((pitch, since_first % APART))
}

/// What is heard at each hop but the last, with the sample in its middle.
fn followed(sound: &[f32]) -> Vec<(usize, HeardNote)> {
    let frames = frames(sound);
    let mut follower = NoteFollower::new(HOP as f32 / RATE as f32);
    let heard = frames.iter().map(|frame| follower.hear(frame));
    let before = frames.iter().map(|frame| frame.index.wrapping_sub(1));
    before.map(centre).zip(heard).skip(1).collect()
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn pitches_of_recorded_notes_are_heard_with_few_gross_errors() {
    let mut tracker = PitchTracker::new(HOP as f32 / RATE as f32);
    let (mut all, mut gross, mut unvoiced) = (0, 0, 0);
    for frame in frames(&recorded()) {
        let pitch = tracker.hear(&frame.low_power, &frame.low, 3.0 * frame.power, true);
        let Some(before) = frame.index.checked_sub(1) else {
            continue;
        };
        let Some((played, since)) = playing(centre(before)) else {
            continue;
        };
        // From 40 ms after the onset to the fade at the end.
        if !(1_920..26_000).contains(&since) {
            continue;
        }
        all += 1;
        let octaves = (pitch.hz / hertz(played)).log2();
        unvoiced += usize::from(pitch.hz == 0.0);
        // A gross error is a pitch off by more than a fifth of itself.
        gross += usize::from(pitch.hz > 0.0 && octaves.abs() > 1.2f32.log2());
    }
    println!("{all} hops, {gross} gross errors, {unvoiced} without a pitch");
    assert!(all > 1_000);
    assert!(gross * 20 < all, "{gross} of {all}");
    assert!(unvoiced * 20 < all, "{unvoiced} of {all}");
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn onsets_of_recorded_notes_are_heard_where_they_are() {
    let mut begun = Vec::new();
    let mut last = 0;
    for (sample, heard) in followed(&recorded()) {
        if heard.note != last {
            last = heard.note;
            begun.push(sample);
        }
    }
    let mut found = 0;
    for note in 0..PLAYED.len() {
        let onset = FIRST + note * APART;
        let near = begun.iter().map(|sample| sample.abs_diff(onset)).min();
        found += usize::from(near.is_some_and(|away| away < 2 * HOP));
    }
    println!("{found} of {} onsets, {} heard", PLAYED.len(), begun.len());
    assert!(found >= PLAYED.len() - 2, "{begun:?}");
    assert!(begun.len() <= PLAYED.len() + 4, "{begun:?}");
}

/// A second of white noise, the same each time.
pub(super) fn noise() -> Vec<f32> {
    let mut state = 1u32;
    (0..48_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state as f32 / u32::MAX as f32 - 0.5
        })
        .collect()
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_single_line_is_one_and_a_chord_and_noise_are_none() {
    let solo = |sound: &[f32]| {
        let heard = followed(sound);
        let half = heard.len() / 2;
        let late: Vec<_> = heard
            .iter()
            .skip(half)
            .map(|(_, heard)| heard.solo)
            .collect();
        late.iter().sum::<f32>() / late.len() as f32
    };
    let tones = |pitches: &[u32]| -> Vec<f32> {
        (0..48_000)
            .map(|n| {
                let tone = |pitch: u32| {
                    (1..8)
                        .map(|number| {
                            let angle = std::f32::consts::TAU * hertz(pitch) * number as f32;
                            (angle * n as f32 / RATE as f32).sin() / (number * number) as f32
                        })
                        .sum::<f32>()
                };
                0.1 * pitches.iter().map(|pitch| tone(*pitch)).sum::<f32>()
            })
            .collect()
    };
    let noise = noise();
    assert!(solo(&recorded()) > 0.9, "{}", solo(&recorded()));
    assert!(solo(&tones(&[60])) > 0.95);
    for chord in [
        &[60, 64, 67][..],
        &[57, 60, 64],
        &[48, 55],
        &[60, 66],
        &[55, 59, 62, 65],
    ] {
        let found = solo(&tones(chord));
        assert!(found < 0.3, "{chord:?}: {found}");
    }
    assert!(solo(&noise) < 0.05, "{}", solo(&noise));
}

/// A note at a pitch in Hz, with harmonics given as (number, amplitude).
fn note(hz: f32, harmonics: &[(usize, f32)]) -> Drawn {
    let mut drawn = Drawn::NOTHING;
    drawn.notes[0] = DrawnNote {
        note: 1,
        hz,
        ..DrawnNote::SILENT
    };
    for (number, amplitude) in harmonics {
        drawn.notes[0].harmonics[number - 1] = *amplitude;
    }
    drawn
}

/// So many hops of a voice.
fn voiced(drawn: &Drawn, hops: usize) -> Vec<f32> {
    let mut voice = Voice::new(RATE, HOP);
    let mut sound = Vec::new();
    for _ in 0..hops {
        let mut hop = vec![0.0; HOP];
        voice.prepare(drawn, [1.0; 2]);
        voice.turn();
        voice.mix(&mut [&mut hop], 0..HOP);
        sound.append(&mut hop);
    }
    sound
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn the_voice_has_the_partials_and_the_noise_that_are_drawn() {
    let drawn = note(937.5, &[(1, 0.5), (5, 0.1), (16, 0.02)]);
    let window = 4_096;
    let spectrum = |sound: &[f32]| {
        let mut frame: Vec<f32> = sound[8 * HOP..][..window]
            .iter()
            .zip(hann(window))
            .map(|(sample, window)| sample * window)
            .collect();
        let forward = RealFftPlanner::new().plan_fft_forward(window);
        let mut spectrum = forward.make_output_vec();
        forward.process(&mut frame, &mut spectrum).unwrap();
        spectrum
            .iter()
            .map(|bin| bin.norm_sqr() / (window as f32 / 4.0).powi(2))
            .collect::<Vec<_>>()
    };
    let tone = spectrum(&voiced(&drawn, 20));
    // 80 bins apart.
    for (number, amplitude) in [(1, 0.5f32), (5, 0.1), (16, 0.02)] {
        let found = tone[80 * number].sqrt();
        assert!((found / amplitude - 1.0).abs() < 0.01, "{number}: {found}");
    }
    let spurious = (0..tone.len())
        .filter(|bin| [80, 400, 1_280].iter().all(|line| bin.abs_diff(*line) > 4))
        .map(|bin| tone[bin])
        .fold(0.0, f32::max);
    assert!(spurious < 1e-7, "{spurious}");

    let mut hiss = note(100.0, &[]);
    hiss.noise = [0.01; NOISE_BANDS];
    let sound = voiced(&hiss, 200);
    let power = sound[8 * HOP..].iter().map(|x| x * x).sum::<f32>() / (192 * HOP) as f32;
    // Up to 20 of 24 kHz it is white noise of 0.01.
    assert!((0.8..1.1).contains(&(power / 1e-4)), "{power}");
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn what_is_drawn_begins_and_ends_within_hops_and_leaves_silence() {
    let mut voice = Voice::new(RATE, HOP);
    let drawn = note(440.0, &[(1, 0.5)]);
    let mut sound = Vec::new();
    for hop in 0..12 {
        let mut block = vec![0.0; HOP];
        let drawn = if (2..5).contains(&hop) {
            &drawn
        } else {
            &Drawn::NOTHING
        };
        voice.prepare(drawn, [1.0; 2]);
        voice.turn();
        voice.mix(&mut [&mut block], 0..HOP);
        sound.append(&mut block);
    }
    let loudest = |hops: std::ops::Range<usize>| {
        sound[hops.start * HOP..hops.end * HOP]
            .iter()
            .fold(0.0f32, |most, sample| most.max(sample.abs()))
    };
    assert_eq!(loudest(0..2), 0.0);
    assert!(loudest(3..5) > 0.45);
    assert!(loudest(5..6) > 0.0);
    assert_eq!(loudest(6..12), 0.0);
}

#[test]
fn the_source_fades_within_a_hop_and_passes_to_the_bit_where_it_is_left_alone() {
    let mut voice = Voice::new(RATE, HOP);
    let gains: Vec<Vec<f32>> = [1.0, 0.25, 0.25, 1.0, 1.0]
        .iter()
        .map(|source| {
            let mut block = vec![0.3; HOP];
            let drawn = Drawn {
                source: *source,
                ..Drawn::NOTHING
            };
            voice.prepare(&drawn, [1.0; 2]);
            voice.turn();
            voice.mix(&mut [&mut block], 0..100);
            voice.mix(&mut [&mut block], 100..HOP);
            block
        })
        .collect();
    assert!(gains[0].iter().chain(&gains[4]).all(|gain| *gain == 0.3));
    assert!(gains[2].iter().all(|gain| *gain == 0.075));
    assert_eq!((gains[1][HOP - 1], gains[3][HOP - 1]), (0.075, 0.3));
    let steps = gains.concat();
    let steps = steps.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    assert!(steps.fold(0.0, f32::max) < 0.3 / HOP as f32);
}

/// Controls that lead all the way to a named timbre.
pub(super) fn all_the_way(target: &str) -> MorphControls {
    let target = (0..100)
        .map(crate::params::Target)
        .find(|each| each.id() == Some(target))
        .unwrap();
    MorphControls {
        morph: 1.0,
        target,
        ..MorphControls::neutral()
    }
}

/// A recorded solo, morphed all the way to a named timbre.
pub(super) fn morphed(
    sound: &[f32],
    target: &str,
    resynthesis: f32,
    articulation: f32,
) -> Vec<f32> {
    through(sound, target, [resynthesis, articulation], true)
}

/// The same with Keep Loudness, or without.
pub(super) fn through(
    sound: &[f32],
    target: &str,
    [resynthesis, articulation]: [f32; 2],
    keep_loudness: bool,
) -> Vec<f32> {
    let timbre = TimbreModel::load(&ModelSource::Embedded).unwrap();
    let front_end = timbre.card().front_end.clone();
    let source = DirectCurves::new(Shaper::new(timbre));
    let mut stage = Stage::new(&front_end, format(), Some(source));
    let controls = MorphControls {
        resynthesis,
        articulation,
        ..all_the_way(target)
    };
    let mut sound = sound.to_vec();
    for block in sound.chunks_mut(300) {
        stage.process(&mut [block], &[], controls, keep_loudness);
    }
    sound
}

/// Mean power of a stretch, in dB.
pub(super) fn level(sound: &[f32]) -> f32 {
    let power = sound.iter().map(|x| x * x).sum::<f32>() / sound.len() as f32;
    10.0 * (power + 1e-14).log10()
}
