//! What is heard, and what makes no difference to it.

use super::*;
use crate::{audio_file::AudioFile, listen::log_mel, model::ModelSource};

/// Seconds of music that are heard in a test.
const SECONDS: usize = 8;

fn tagger() -> TaggerModel {
    TaggerModel::load(&ModelSource::Embedded).unwrap()
}

/// The left channel of the shipped excerpt.
fn music() -> (Vec<f32>, f64) {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/music/war_of_freedom.ogg"
    );
    let mut audio = AudioFile::read(path).unwrap();
    let mut left = audio.channels.swap_remove(0);
    left.truncate(SECONDS * audio.sample_rate as usize);
    (left, audio.sample_rate as f64)
}

/// Both songs are on the map as they were published; here are ten seconds of each, by another decoder, another resampler and this front-end.
#[test]
fn a_song_of_the_map_is_near_itself() {
    for (file, title) in [
        ("crazy_glue", "Crazy Glue"),
        ("twit_journalist", "Twit JournalisT"),
    ] {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/music");
        let audio = AudioFile::read(format!("{folder}/{file}.ogg")).unwrap();
        let answers = answers(f64::from(audio.sample_rate), &[&audio.channels[0]]);
        let place = answers.last().and_then(|answer| answer.place).unwrap();
        let tagger = tagger();
        let songs = &tagger.map().unwrap().songs;
        let nearest = place.nearest.map(|song| songs[song].title.as_str());
        assert!(nearest.contains(&title), "{file}: {nearest:?}");
        assert!(place.is_familiar);
    }
}

/// Every answer on what is given channel by channel.
fn answers(rate: f64, channels: &[&[f32]]) -> Vec<Readout> {
    answers_in_blocks(rate, channels, 128)
}

fn answers_in_blocks(rate: f64, channels: &[&[f32]], block: usize) -> Vec<Readout> {
    let mut listener = Listener::new(tagger(), rate, channels.len()).unwrap();
    let interleaved: Vec<f32> = (0..channels[0].len())
        .flat_map(|frame| channels.iter().map(move |channel| channel[frame]))
        .collect();
    interleaved
        .chunks(block * channels.len())
        .filter_map(|block| listener.push(block, 4.0, 30.0).unwrap())
        .collect()
}

/// Largest difference and mean difference between the probabilities of as many answers, in points.
fn apart(a: &[Readout], b: &[Readout]) -> (f32, f32) {
    assert_eq!(a.len(), b.len());
    let differences: Vec<f32> = a
        .iter()
        .zip(b)
        .flat_map(|(a, b)| a.probabilities.iter().zip(&b.probabilities))
        .map(|(a, b)| 100.0 * (a - b).abs())
        .collect();
    assert!(!differences.is_empty());
    let mean = differences.iter().sum::<f32>() / differences.len() as f32;
    (differences.into_iter().fold(0.0, f32::max), mean)
}

fn states(readouts: &[Readout]) -> Vec<ListenState> {
    readouts.iter().map(|readout| readout.state).collect()
}

#[test]
fn a_slower_pace_leaves_answers_out_and_changes_none() {
    let (left, rate) = music();
    let all = answers(rate, &[&left]);
    let mut listener = Listener::new(tagger(), rate, 1).unwrap().with_pace(3);
    let some: Vec<Readout> = left
        .chunks(128)
        .filter_map(|block| listener.push(block, 4.0, 30.0).unwrap())
        .collect();
    let kept: Vec<&Readout> = all.iter().step_by(3).collect();
    assert_eq!(some.len(), kept.len());
    for (some, kept) in some.iter().zip(kept) {
        assert_eq!((some.seconds, some.state), (kept.seconds, kept.state));
        assert_eq!(some.probabilities, kept.probabilities);
    }
}

#[test]
fn channels_that_cancel_are_heard_as_what_each_of_them_plays() {
    let (left, rate) = music();
    let inverted: Vec<f32> = left.iter().map(|sample| -sample).collect();
    let alone = answers(rate, &[&left]);
    assert!(
        alone
            .iter()
            .all(|readout| readout.state != ListenState::Silence)
    );
    for right in [&left, &inverted] {
        let both = answers(rate, &[&left, right]);
        assert_eq!(states(&both), states(&alone));
        // The resampler rounds two channels otherwise than one.
        let (most, _) = apart(&both, &alone);
        assert!(most < 0.01, "{most}");
    }
    // Cancelling for two seconds in the middle.
    let mut right = left.clone();
    let middle = 3 * rate as usize..5 * rate as usize;
    right[middle.clone()].copy_from_slice(&inverted[middle]);
    let both = answers(rate, &[&left, &right]);
    assert_eq!(states(&both), states(&alone));
    let (most, _) = apart(&both, &alone);
    println!("cancelling for a while: {most:.2} points");
    assert!(most < 5.0, "{most}");
}

/// A file of so many whole or half seconds has that many answers.
#[test]
fn half_a_second_is_enough_for_an_answer_at_any_rate() {
    for rate in [
        1_000.0,
        1_234.567_8,
        8_000.0,
        11_025.0,
        22_050.0,
        44_100.0,
        48_000.0,
        192_000.0,
    ] {
        let sound: Vec<f32> = (0..(1.5 * rate) as usize)
            .map(|n| (n * n % 1_009) as f32 / 1_009.0 - 0.5)
            .collect();
        assert_eq!(answers(rate, &[&sound]).len(), 3, "{rate} Hz");
    }
}

#[test]
fn answers_do_not_depend_on_the_blocks() {
    let (left, rate) = music();
    let mut sound = vec![0.0; 20_000];
    sound.extend(&left[..3 * rate as usize]);
    sound.extend(vec![0.0; 2 * rate as usize]);
    let told = |block: usize| {
        let answers = answers_in_blocks(rate, &[&sound], block);
        let told = |readout: Readout| (readout.seconds, readout.state, readout.probabilities);
        answers.into_iter().map(told).collect::<Vec<_>>()
    };
    let expected = told(128);
    assert!(expected.len() > 5);
    for block in [1, 441, 512, 5_000] {
        assert!(told(block) == expected, "blocks of {block}");
    }
}

#[test]
fn an_offset_changes_no_answer_and_alone_it_is_silence() {
    let (left, rate) = music();
    let without = answers(rate, &[&left]);
    for offset in [0.1, -0.5] {
        let with: Vec<f32> = left.iter().map(|sample| sample + offset).collect();
        let (most, _) = apart(&answers(rate, &[&with]), &without);
        println!("{offset}: {most:.3} points");
        assert!(most < 0.5, "{offset}: {most}");
    }
    assert!(answers(rate, &[&vec![0.1; left.len()]]).is_empty());
    // Silence with an offset, after music: told as silence.
    let mut ends = left.clone();
    ends.extend(vec![0.1; 3 * rate as usize]);
    let last = answers(rate, &[&ends]).pop().map(|readout| readout.state);
    assert_eq!(last, Some(ListenState::Silence));
}

#[test]
fn answers_are_the_same_at_every_level() {
    let (left, rate) = music();
    // From where on it is loud: what is too soft is silence.
    let left = &left[2 * rate as usize..];
    let expected = answers(rate, &[left]);
    for db in [-20.0_f32, 20.0] {
        let gain = 10.0_f32.powf(db / 20.0);
        let scaled: Vec<f32> = left.iter().map(|sample| sample * gain).collect();
        let found = answers(rate, &[&scaled]);
        assert_eq!(states(&found), states(&expected));
        let (most, _) = apart(&found, &expected);
        println!("{db} dB: {most:.4} points");
        assert!(most < 0.2, "{db} dB: {most}");
    }
}

/// Every answer says how it feels, on average as long as what it names.
#[test]
fn valence_and_arousal_are_part_of_every_answer_of_a_tagger_that_knows() {
    let (left, rate) = music();
    let circumplex = tagger().card().circumplex.clone();
    let found = answers(rate, &[&left]);
    let mut sum = (0.0, 0.0);
    // Four seconds are averaged: these answers are all of them.
    for (count, readout) in (1..=8).zip(&found) {
        let Some(circumplex) = &circumplex else {
            assert_eq!(readout.affect, None);
            continue;
        };
        let now = circumplex.affect(&readout.probabilities);
        sum = (sum.0 + now.valence, sum.1 + now.arousal);
        let affect = readout.affect.unwrap();
        assert!((affect.valence - sum.0 / count as f32).abs() < 1e-4);
        assert!((affect.arousal - sum.1 / count as f32).abs() < 1e-4);
        assert_eq!(readout.average.len(), readout.probabilities.len());
    }
}

/// Music at another rate than the tagger's excerpt has.
fn resampled(left: &[f32], from: f64, to: f64) -> Vec<f32> {
    let mut samples = Vec::new();
    let mut resampler = StreamResampler::new(from, to, 1).unwrap();
    resampler.push(left, |more| samples.extend_from_slice(more));
    samples
}

#[test]
fn answers_hardly_depend_on_the_rate() {
    let (left, rate) = music();
    let at = |wanted: f64| answers(wanted, &[&resampled(&left, rate, wanted)]);
    let expected = at(48_000.0);
    let mut worst = (0.0_f32, 0.0_f32);
    for wanted in [
        44_100.0, 47_999.5, 88_200.0, 96_000.0, 176_400.0, 192_000.0, 384_000.0, 768_000.0,
    ] {
        let found = at(wanted);
        let count = found.len().min(expected.len());
        let (most, mean) = apart(&found[..count], &expected[..count]);
        println!("{wanted:6} Hz: {most:5.2} points at most, {mean:.3} in the mean");
        worst = (worst.0.max(most), worst.1.max(mean));
    }
    assert!(worst.0 < 1.0 && worst.1 < 0.05, "{worst:?}");
}

/// A host that is slower than the tagger has nothing above its own Nyquist frequency, and all below it.
#[test]
fn at_low_rates_the_bands_above_nyquist_are_at_the_floor_and_the_others_are_as_ever() {
    let (left, rate) = music();
    let tagger = tagger();
    let front_end = tagger.card().front_end.log_mel().unwrap();
    let bands = &front_end.bands;
    let levels = |source: f64| {
        let samples = resampled(&left, rate, source);
        let own = f64::from(front_end.sample_rate);
        let mut resampler = StreamResampler::new(source, own, 1).unwrap();
        let mut stream = log_mel(front_end, source, 1);
        let mut frames = Vec::new();
        resampler.push(&samples, |samples| {
            stream.push(samples, |levels| frames.push(levels.to_vec()));
        });
        frames
    };
    let floor = front_end.compression.level(0.0);
    let expected = levels(48_000.0);
    let mel = |hz: f32| (1.0 + hz / 700.0).ln();
    let centre =
        |band: usize| mel(bands.f_max as f32) * (band + 1) as f32 / (bands.bands + 1) as f32;
    for source in [8_000.0, 11_025.0, 16_000.0, 22_050.0] {
        let found = levels(source);
        let nyquist = source as f32 / 2.0;
        if nyquist >= bands.f_max as f32 {
            continue;
        }
        let (mut above, mut below, mut apart) = (0, 0, 0.0);
        for (found, expected) in found.iter().zip(&expected).skip(20).step_by(7) {
            for (band, (found, expected)) in found.iter().zip(expected).enumerate() {
                if centre(band) > mel(nyquist) * 1.02 {
                    above += 1;
                    assert_eq!(*found, floor, "{source} Hz: band {band}");
                } else if centre(band) < mel(0.75 * nyquist) && *expected > -40.0 {
                    below += 1;
                    apart += (found - expected).abs();
                }
            }
        }
        assert!(above > 100 && below > 100, "{source} Hz: {above}, {below}");
        let apart = apart / below as f32;
        println!("{source:6} Hz: {apart:.3} dB apart in the mean");
        assert!(apart < 0.25, "{source} Hz: {apart} dB");
    }
}
