//! What a player's notes make of a source's level, and of a source that goes on sounding itself, without Resynthesis.

use super::{APART, FIRST, PLAYED, format, frames, level, morphed, noise, recorded, through};

/// Notes that are held: of trumpet, violin, bassoon and tuba.
const HELD: std::ops::Range<usize> = 2..16;

/// A stretch of a note, from and to so many samples behind its onset.
fn stretch(sound: &[f32], note: usize, from: usize, to: usize) -> &[f32] {
    let onset = FIRST + note * APART;
    &sound[onset + from..onset + to]
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn the_source_alone_takes_on_the_spectrum_of_the_player_s_notes() {
    let sound = recorded();
    let latency = format().latency();
    let wanted = morphed(&sound, "clarinet", 1.0, 0.0)[latency..].to_vec();
    let found = morphed(&sound, "clarinet", 0.0, 0.0)[latency..].to_vec();
    // Root of the mean square over the bands that sound, of each note's mean levels over their mean.
    let mean = |sound: &[f32], note: usize| {
        let frames = frames(stretch(sound, note, 4_800, 19_200));
        let mut levels = [0.0f32; crate::model::BANDS];
        for frame in &frames[4..] {
            for (sum, level) in levels.iter_mut().zip(frame.levels) {
                *sum += 10.0f32.powf(level / 10.0);
            }
        }
        let levels = levels.map(|power| 10.0 * (power + 1e-14).log10());
        let strongest = levels.iter().copied().fold(f32::MIN, f32::max);
        levels.map(|level| (level - strongest).max(-50.0))
    };
    let apart = |one: &[f32], note: usize| {
        let (one, other) = (mean(one, note), mean(&wanted, note));
        let differences: Vec<f32> = one.iter().zip(other).map(|(a, b)| a - b).collect();
        let middle = differences.iter().sum::<f32>() / differences.len() as f32;
        let squares = differences.iter().map(|each| (each - middle).powi(2));
        (squares.sum::<f32>() / differences.len() as f32).sqrt()
    };
    let (mut before, mut after) = (0.0, 0.0);
    for note in HELD {
        before += apart(&sound, note);
        after += apart(&found, note);
    }
    println!("{:.1} -> {:.1} dB", before / 14.0, after / 14.0);
    assert!(after < 0.7 * before, "{before} -> {after}");
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_held_source_dies_away_as_a_piano_does_and_begins_as_loud_as_it_is() {
    let sound = recorded();
    let latency = format().latency();
    let found = morphed(&sound, "grand-piano", 0.0, 1.0)[latency..].to_vec();
    let own = morphed(&sound, "grand-piano", 0.0, 0.0)[latency..].to_vec();
    let mut fallen = 0.0;
    for note in HELD {
        let at = |sound: &[f32], from, to| level(stretch(sound, note, from, to));
        let fall = |sound: &[f32]| at(sound, 1_200, 4_800) - at(sound, 19_200, 24_000);
        fallen += fall(&found) - fall(&own);
        let begins = at(&found, 0, 4_800) - at(&own, 0, 4_800);
        assert!(begins > -9.0, "note {note}: {begins} dB");
        assert!(begins < 12.5, "note {note}: {begins} dB");
    }
    assert!(fallen / HELD.len() as f32 > 4.0, "{fallen}");
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn the_loudest_of_a_played_note_is_as_loud_as_the_source_s() {
    let sound = recorded();
    let latency = format().latency();
    // The loudest 50 ms.
    let loudest = |sound: &[f32]| {
        let windows = (0..sound.len().min(28_400) - 2_400)
            .step_by(480)
            .map(|from| level(&sound[from..][..2_400]));
        windows.fold(f32::MIN, f32::max)
    };
    for target in ["trumpet", "grand-piano"] {
        // With Keep Loudness it is the phrase that is as loud, and what dies away begins louder.
        let found = through(&sound, target, [1.0, 1.0], false);
        for note in 0..PLAYED.len() {
            let onset = FIRST + note * APART;
            let (before, after) = (loudest(&sound[onset..]), loudest(&found[onset + latency..]));
            assert!(
                (-6.0..3.0).contains(&(after - before)),
                "{target}, note {note}: {before} {after} dB"
            );
        }
    }
}

/// Half a second of a tone, and one and a half without, with so much noise throughout.
fn tone_in(noise_size: f32) -> Vec<f32> {
    let noise = noise();
    (0..96_000)
        .map(|index| {
            let phase = 330.0 * std::f32::consts::TAU * index as f32 / 48_000.0;
            let tone: f32 = (1..9).map(|n| (n as f32 * phase).sin() / n as f32).sum();
            let tone = if index < 24_000 { 0.2 * tone } else { 0.0 };
            tone + noise_size * noise[index % noise.len()]
        })
        .collect()
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_note_in_noise_ends_with_its_source_and_the_noise_comes_back_without_a_step() {
    let sound = tone_in(0.05);
    let found = morphed(&sound, "church-organ", 1.0, 1.0)[format().latency()..].to_vec();
    let over = |from: usize| {
        let stretch = from..from + 2_400;
        level(&found[stretch.clone()]) - level(&sound[stretch])
    };
    println!(
        "{:?}",
        (24_000..90_000)
            .step_by(2_400)
            .map(over)
            .collect::<Vec<_>>()
    );
    assert!(over(31_200) < 6.0, "{} dB over the noise", over(31_200));
    let steps = (31_200..88_000)
        .step_by(2_400)
        .map(|from| over(from + 2_400) - over(from));
    let largest = steps.map(f32::abs).fold(0.0, f32::max);
    assert!(largest < 6.0, "steps of {largest} dB");
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn what_hisses_behind_a_note_that_has_ended_holds_none() {
    let sound = tone_in(0.006);
    let found = morphed(&sound, "church-organ", 1.0, 1.0)[format().latency()..].to_vec();
    let (note, rest) = (9_600..24_000, 48_000..90_000);
    assert!(level(&found[note.clone()]) > level(&sound[note]) - 6.0);
    let (hiss, left) = (level(&sound[rest.clone()]), level(&found[rest]));
    println!("hiss at {hiss:.1} dB, {left:.1} dB left");
    // Keep Loudness has turned up a note that is half over before an organ's is as loud as it gets, and what is behind it as much.
    assert!(left < hiss + 6.0, "{left} of {hiss} dB");
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn gaps_stay_gaps_and_loudness_stays_the_phrase_s() {
    let sound = recorded();
    let latency = format().latency();
    let found = morphed(&sound, "trumpet", 1.0, 1.0);
    for note in 2..PLAYED.len() {
        let onset = FIRST + note * APART;
        // The last 30 ms in front of a note are silent in the source.
        let gap = level(&found[onset + latency - 2_400..][..1_440]);
        let (before, after) = (
            level(&sound[onset + 4_800..][..14_400]),
            level(&found[onset + latency + 4_800..][..14_400]),
        );
        assert!(gap < before - 30.0, "note {note}: {gap} after {before} dB");
        assert!(
            (after - before).abs() < 9.0,
            "note {note}: {before} {after} dB"
        );
    }
}
