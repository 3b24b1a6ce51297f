//! Chords as they are heard and played.

use super::{
    APART, FIRST, PLAYED, all_the_way, format, frames, level, morphed, music, noise, recorded,
};
use crate::{
    model::{ModelSource, NotePlayers, TimbreModel},
    morph::{
        FrameMessage, MorphControls, Shaper,
        notes::{
            ahead::Ahead,
            chord::{ChordFollower, HeardChord},
            follower::NoteFollower,
        },
    },
};

const HOP_SECONDS: f32 = 512.0 / 48_000.0;
/// Samples of a chord.
const LENGTH: usize = 24_000;

/// Recorded notes of `tests/music/notes.ogg` that sound together, by their numbers: cut from their onsets, half a second each.
fn together(notes: &[usize]) -> Vec<f32> {
    let sound = recorded();
    let mut sum = vec![0.0; LENGTH + 4_800];
    for note in notes {
        let onset = FIRST + note * APART;
        for (sum, sample) in sum
            .iter_mut()
            .skip(4_800)
            .zip(&sound[onset..onset + LENGTH])
        {
            *sum += 0.5 * sample;
        }
    }
    sum
}

/// What is heard of a sound, hop by hop.
fn followed(sound: &[f32]) -> Vec<HeardChord> {
    let players = NotePlayers::load(&ModelSource::Embedded).unwrap();
    let ear = players.ear().unwrap();
    let mut line = NoteFollower::new(HOP_SECONDS);
    let mut chord = ChordFollower::new(HOP_SECONDS);
    let frames = frames(sound);
    let heard = frames.iter().map(|frame| {
        let line = line.hear(frame);
        chord.hear(frame, &line, ear, false).unwrap()
    });
    heard.collect()
}

/// How surely each hop of a sound is played as a chord, where those behind it are known.
fn played(sound: &[f32]) -> Vec<f32> {
    let players = NotePlayers::load(&ModelSource::Embedded).unwrap();
    let ear = players.ear().unwrap();
    let mut line = NoteFollower::new(HOP_SECONDS);
    let mut chord = ChordFollower::new(HOP_SECONDS);
    let mut ahead = Ahead::default();
    let mut sure = Vec::new();
    for (index, frame) in frames(sound).iter().enumerate() {
        let line = line.hear(frame);
        let chord = chord.hear(frame, &line, ear, false).unwrap();
        ahead.hear(line, chord, 0.0, frame.lookahead);
        if index >= frame.lookahead {
            sure.extend(ahead.play().map(|heard| heard.chord.sure));
        }
    }
    sure
}

/// The share of hops from 100 ms after the onset on in which each of these MIDI pitches is followed, and of notes followed that are none of them.
fn share(heard: &[HeardChord], pitches: &[u32]) -> (f32, f32) {
    let (mut right, mut wrong, mut all) = (0, 0, 0);
    for heard in heard.iter().skip(20).take(25) {
        let sounding = heard.notes.iter().filter(|note| note.since.is_some());
        let found: Vec<f32> = sounding
            .map(|note| 69.0 + 12.0 * (note.hz / 440.0).log2())
            .collect();
        let near = |pitch: f32, found: f32| (pitch - found).abs() < 0.5;
        right += pitches
            .iter()
            .filter(|pitch| found.iter().any(|found| near(**pitch as f32, *found)))
            .count();
        wrong += found
            .iter()
            .filter(|found| !pitches.iter().any(|pitch| near(*pitch as f32, **found)))
            .count();
        all += pitches.len();
    }
    (right as f32 / all as f32, wrong as f32 / all as f32)
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn recorded_notes_that_sound_together_are_heard_each() {
    let (mut right, mut wrong, mut plural) = (0.0, 0.0, 0.0f32);
    // Of trumpet, violin, bassoon, piano and harp.
    let chords: [&[usize]; 6] = [
        &[0, 1, 2],
        &[4, 5, 6],
        &[8, 11, 5],
        &[17, 18, 1],
        &[21, 22, 4],
        &[10, 0, 5],
    ];
    for chord in chords {
        let pitches: Vec<u32> = chord.iter().map(|note| PLAYED[*note]).collect();
        let heard = followed(&together(chord));
        let (found, strange) = share(&heard, &pitches);
        println!("{pitches:?}: {found:.2} heard, {strange:.2} besides");
        right += found / chords.len() as f32;
        wrong += strange / chords.len() as f32;
        plural += heard[40].plural / chords.len() as f32;
    }
    println!("{right:.2} heard, {wrong:.2} besides, {plural:.2} no line");
    assert!(right > 0.6, "{right}");
    assert!(wrong < 0.4, "{wrong}");
    assert!(plural > 0.6, "{plural}");
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_recorded_line_stays_a_line_and_noise_is_no_chord() {
    let line = followed(&recorded());
    let plural = line.iter().map(|heard| heard.plural).sum::<f32>() / line.len() as f32;
    println!("{plural:.3} no line");
    assert!(plural < 0.2, "{plural}");
    let chord = followed(&noise());
    let sure = chord.iter().map(|heard| heard.sure).sum::<f32>() / chord.len() as f32;
    assert!(sure < 0.1, "{sure}");
}

/// Notes of these MIDI pitches from 100 ms on, struck together; their partials die away and fall as the square of their number.
fn struck(pitches: &[u32]) -> Vec<f32> {
    let mut sum = vec![0.0; LENGTH + 4_800];
    for pitch in pitches {
        let hz = 440.0 * ((*pitch as f32 - 69.0) / 12.0).exp2();
        for (index, sample) in sum.iter_mut().skip(4_800).enumerate() {
            let seconds = index as f32 / 48_000.0;
            let tone: f32 = (1..10)
                .map(|number| {
                    let number = number as f32;
                    (std::f32::consts::TAU * number * hz * seconds).sin() / (number * number)
                })
                .sum();
            *sample += 0.2 * (-2.0 * seconds).exp() * (1.0 - (-500.0 * seconds).exp()) * tone;
        }
    }
    sum
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn the_period_that_the_notes_of_a_triad_share_is_no_line_s_pitch() {
    for chord in [
        &[60, 64, 67][..],
        &[62, 66, 69],
        &[60, 65, 69, 72],
        &[48, 55, 64],
    ] {
        let heard = followed(&struck(chord));
        // From 110 ms after they are struck on.
        let later = &heard[20..40];
        let plural = later.iter().map(|heard| heard.plural).sum::<f32>() / later.len() as f32;
        println!("{chord:?}: {plural:.2} no line");
        assert!(plural > 0.9, "{chord:?}: {plural}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_piano_s_knock_at_the_period_of_an_open_chord_makes_no_line_of_it() {
    for (chord, hz) in [(&[48, 55, 64][..], 65.4), (&[45, 52, 61], 55.0)] {
        let mut sound = struck(chord);
        for (index, sample) in sound.iter_mut().skip(4_800).enumerate() {
            let seconds = index as f32 / 48_000.0;
            *sample += 0.01 * (-2.0 * seconds).exp() * (std::f32::consts::TAU * hz * seconds).sin();
        }
        let heard = followed(&sound);
        let later = &heard[24..40];
        let plural = later.iter().map(|heard| heard.plural).sum::<f32>() / later.len() as f32;
        println!("{chord:?}: {plural:.2} no line");
        assert!(plural > 0.9, "{chord:?}: {plural}");
    }
}

/// A note, a gap, and one that begins four semitones above and is slurred up to from there, as bows and lips do.
fn slurred() -> Vec<f32> {
    let tone = |phase: f64| -> f64 {
        let partial = |number: i32| (f64::from(number) * phase).sin() / f64::from(number);
        (1..=8).map(partial).sum()
    };
    let mut phase = 0.0;
    (0..72_000)
        .map(|index| {
            let seconds = f64::from(index) / 48_000.0 - 0.2;
            let (hz, level) = if seconds < 0.6 {
                (261.6, ((0.6 - seconds) / 0.06).clamp(0.0, 1.0))
            } else {
                let since = seconds - 0.64;
                let semitones = -4.0 * (-since.max(0.0) / 0.06).exp();
                (
                    329.6 * (semitones / 12.0).exp2(),
                    (since / 0.05).clamp(0.0, 1.0),
                )
            };
            phase += std::f64::consts::TAU * hz / 48_000.0;
            let level = if seconds < 0.0 { 0.0 } else { 0.2 * level };
            (level * tone(phase)) as f32
        })
        .collect()
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_note_that_is_slurred_up_to_makes_no_chord_with_the_one_before() {
    let heard = followed(&slurred());
    let most = heard.iter().map(|heard| heard.plural).fold(0.0, f32::max);
    println!("{most:.3} no line at most");
    assert!(most < 0.1, "{most}");
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_chord_is_as_loud_as_it_was_and_ends_with_its_source() {
    let sound = together(&[0, 1, 2]);
    let latency = format().latency();
    let mut longer = sound.clone();
    longer.resize(sound.len() + 24_000, 0.0);
    let found = morphed(&longer, "church-organ", 1.0, 0.0);
    let (before, after) = (
        level(&sound[14_400..24_000]),
        level(&found[14_400 + latency..][..9_600]),
    );
    assert!((after - before).abs() < 3.0, "{before} {after} dB");
    let rest = level(&found[sound.len() + latency + 4_800..]);
    assert!(rest < before - 60.0, "{rest} dB");
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_song_with_drums_and_a_voice_is_mostly_left_to_its_curve() {
    // The last is a guitar with a voice and no drums: more of it is chords.
    for (name, most) in [
        ("war_of_freedom", 0.45),
        ("twit_journalist", 0.35),
        ("crazy_glue", 0.65),
    ] {
        let song = music(&format!("{name}.ogg"));
        let sure = played(&song[..song.len().min(480_000)]);
        let sure = sure.iter().sum::<f32>() / sure.len() as f32;
        println!("{name}: {sure:.2}");
        assert!(sure < most, "{name}: {sure}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn what_is_heard_later_or_with_what_another_stream_has_left_makes_the_same_curves() {
    // Morph is at 0 until the chord sounds: till then every fourth frame may be heard later.
    let controls = |index: usize| MorphControls {
        morph: if index < 30 { 0.0 } else { 1.0 },
        resynthesis: 1.0,
        ..all_the_way("church-organ")
    };
    let frames: Vec<FrameMessage> = frames(&together(&[0, 1, 2]))
        .into_iter()
        .enumerate()
        .map(|(index, frame)| FrameMessage {
            controls: controls(index),
            ..frame
        })
        .collect();
    let shaper = || Shaper::new(TimbreModel::load(&ModelSource::Embedded).unwrap());
    let mut left = 0;
    let mut curves = |shaper: &mut Shaper, later: bool| {
        shaper.reset();
        let curves = frames.iter().map(|frame| {
            let shaped = shaper.shape(frame).unwrap();
            left += u32::from(later && shaper.catch_up().unwrap());
            (shaped.gain_db, shaped.drawn)
        });
        curves.collect::<Vec<_>>()
    };
    let expected = curves(&mut shaper(), false);
    assert!(expected.iter().any(|(_, drawn)| drawn.sounds()));
    let mut shaper = shaper();
    shaper.prepare(HOP_SECONDS);
    for _ in 0..2 {
        assert!(curves(&mut shaper, true) == expected);
    }
    assert!(left > 0);
}
