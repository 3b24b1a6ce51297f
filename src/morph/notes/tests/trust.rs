//! Lines are played where they are nearly all that sounds; of songs, whose bass or voice is a line, too, all is kept.

use super::{frames, hertz, music, recorded};
use crate::{
    model::{ModelSource, NotePlayers},
    morph::notes::{
        chord::ChordFollower,
        follower::{NoteFollower, Trust},
    },
};

const RATE: f32 = 48_000.0;
const HOP_SECONDS: f32 = 512.0 / RATE;
/// Hops in which a line is trusted whatever sounds: 1.5 s.
const FIRST_HOPS: usize = 140;
/// Samples of a mix, of a note of its bass and of a chord.
const LENGTH: usize = 288_000;
const NOTE: usize = 12_000;
const CHORD: usize = 48_000;

/// How surely a hop of a sound is a line's on the mean, from 1.5 s on: by itself, and where what else sounds counts.
fn line(sound: &[f32]) -> (f32, f32) {
    let players = NotePlayers::load(&ModelSource::Embedded).unwrap();
    let ear = players.ear().unwrap();
    let mut line = NoteFollower::new(HOP_SECONDS);
    let mut chord = ChordFollower::new(HOP_SECONDS);
    let mut trust = Trust::default();
    let (mut hops, mut alone, mut trusted) = (0.0, 0.0, 0.0);
    for (index, frame) in frames(sound).iter().enumerate() {
        let line = line.hear(frame);
        let chord = chord.hear(frame, &line, ear, false).unwrap();
        trust.hear(&line, chord.plural, HOP_SECONDS);
        if index >= FIRST_HOPS && line.since.is_some() {
            let sure = line.solo * (1.0 - chord.plural);
            hops += 1.0;
            alone += sure;
            trusted += trust.of_a_line() * sure;
        }
    }
    (alone / hops, trusted / hops)
}

/// Sawtooths of these MIDI pitches at a sample, up to this partial.
fn saws(pitches: &[u32], partials: usize, sample: usize) -> f32 {
    let saw = |pitch: &u32| -> f32 {
        let angle = std::f32::consts::TAU * hertz(*pitch) * sample as f32 / RATE;
        let partial = |number: usize| (number as f32 * angle).sin() / number as f32;
        (1..=partials).map(partial).sum()
    };
    pitches.iter().map(saw).sum()
}

/// A synthesiser's bass.
fn bass() -> Vec<f32> {
    let notes = [
        33, 33, 45, 33, 36, 36, 48, 36, 29, 29, 41, 29, 31, 31, 43, 31,
    ];
    let note = |sample: usize| saws(&[notes[sample / NOTE % notes.len()]], 6, sample);
    (0..LENGTH).map(note).collect()
}

/// Its chords.
fn chords() -> Vec<f32> {
    let chords = [[57, 60, 64], [55, 60, 64], [57, 60, 65], [55, 59, 62]];
    let chord = |sample: usize| saws(&chords[sample / CHORD % chords.len()], 24, sample);
    (0..LENGTH).map(chord).collect()
}

/// The sum of sounds, each repeated and at so many dB.
fn mix(sounds: &[(&[f32], f32)]) -> Vec<f32> {
    let mut sum = vec![0.0; LENGTH];
    for (sound, db) in sounds {
        let power = sound.iter().map(|sample| sample * sample).sum::<f32>() / sound.len() as f32;
        let gain = 0.05 * 10.0f32.powf(db / 20.0) / power.sqrt();
        for (sum, sample) in sum.iter_mut().zip(sound.iter().cycle()) {
            *sum += gain * sample;
        }
    }
    sum
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_song_s_bass_is_no_line_that_all_else_makes_way_for() {
    let (bass, chords) = (bass(), chords());
    let (drums, pad) = (music("drums.ogg"), music("pad.ogg"));
    for (name, above, above_db, drums_db) in [
        ("pad", &pad, -6.0, 0.0),
        ("pad, soft drums", &pad, -6.0, -6.0),
        ("chords", &chords, -6.0, 0.0),
        ("soft chords", &chords, -12.0, 0.0),
    ] {
        let song = mix(&[(&bass, 0.0), (&drums, drums_db), (above, above_db)]);
        let (alone, trusted) = line(&song);
        println!("bass, {name}: a line by itself {alone:.2}, trusted {trusted:.2}");
        assert!(alone > 0.3, "{name}: {alone}");
        assert!(trusted < 0.15, "{name}: {trusted}");
    }
    // A line with next to nothing beside it is played.
    for (name, solo) in [("bass", bass), ("voice", music("voice.ogg"))] {
        let (_, trusted) = line(&mix(&[(&solo, 0.0), (&pad, -20.0)]));
        println!("{name} with a soft pad: {trusted:.2}");
        assert!(trusted > 0.9, "{name}: {trusted}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn lines_of_recorded_songs_are_left_to_the_curve_and_solos_are_played() {
    for (name, least, most) in [
        ("war_of_freedom", 0.2, 0.05),
        ("twit_journalist", 0.5, 0.25),
        ("crazy_glue", 0.2, 0.05),
        ("drums", 0.1, 0.05),
    ] {
        let song = music(&format!("{name}.ogg"));
        let (alone, trusted) = line(&song[..song.len().min(480_000)]);
        println!("{name}: a line by itself {alone:.2}, trusted {trusted:.2}");
        assert!(alone > least, "{name}: {alone}");
        assert!(trusted < most, "{name}: {trusted}");
    }
    for (name, solo) in [
        ("notes", recorded()),
        ("phrase", music("phrase.ogg")),
        ("voice", music("voice.ogg")),
    ] {
        let (alone, trusted) = line(&solo);
        println!("{name}: a line by itself {alone:.3}, trusted {trusted:.3}");
        assert!(trusted > 0.99 * alone, "{name}: {trusted} of {alone}");
    }
}
