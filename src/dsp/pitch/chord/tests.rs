//! What a fine spectrum says of pitches.

use super::*;
use crate::dsp::{FineSpectrum, StftLayout, StreamingStft};

const RATE: f64 = 48_000.0;
const HOP: usize = 512;

/// The fine spectrum at the end of half a second of `sound`.
fn spectrum(sound: impl Fn(usize) -> f64) -> Vec<f32> {
    let layout = StftLayout::for_rate(RATE, RATE, 4 * HOP);
    let mut stft = StreamingStft::new(layout, 1);
    let mut fine = FineSpectrum::default();
    let mut power = Vec::new();
    for hop in 0..47 {
        let mut samples: Vec<f32> = (0..HOP).map(|n| sound(hop * HOP + n) as f32).collect();
        stft.take(&[&mut samples], 0..HOP);
        let spectrum = &stft.frame()[0];
        let low = std::array::from_fn(|bin| spectrum[bin] / HOP as f32);
        fine.take(&low);
        power = fine.power().to_vec();
    }
    power
}

/// Notes of these MIDI pitches whose partials fall as their number, in phases of their own.
fn chord(pitches: &[u8]) -> Vec<f32> {
    chord_of(pitches, 1)
}

/// The same of every `step`th partial alone.
fn chord_of(pitches: &[u8], step: usize) -> Vec<f32> {
    spectrum(|n| {
        let tone = |pitch: &u8| {
            (1..12)
                .step_by(step)
                .map(|number| {
                    let hz = f64::from(hertz(f32::from(*pitch)));
                    let turns = hz * f64::from(number) * n as f64 / RATE;
                    let phase = f64::from(number * number) + f64::from(*pitch);
                    (std::f64::consts::TAU * turns + phase).sin() / f64::from(number)
                })
                .sum::<f64>()
        };
        0.1 * pitches.iter().map(tone).sum::<f64>()
    })
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn notes_that_are_equally_loud_share_a_chord_and_are_tuned_by_it() {
    let mut reader = ChordSpectrum::new(HOP as f32 / RATE as f32);
    for notes in [&[60][..], &[57, 60, 64], &[60, 64, 67], &[48, 55, 64]] {
        let power = chord(notes);
        // A fifth of a semitone off.
        let mut pitches: Vec<HeardPitch> = notes
            .iter()
            .map(|pitch| HeardPitch {
                hz: hertz(f32::from(*pitch) + 0.2),
                share: 0.0,
            })
            .collect();
        let known = pitches.len();
        let (_, explained) = reader.explain(&power, &mut pitches, known);
        assert!(explained > 0.95, "{notes:?}: {explained}");
        for (found, pitch) in pitches.iter().zip(notes) {
            let cents = 1200.0 * (found.hz / hertz(f32::from(*pitch))).log2();
            assert!(cents.abs() < 10.0, "{notes:?}: {cents} cents");
            let even = found.share * notes.len() as f32;
            assert!((0.6..1.5).contains(&even), "{notes:?}: {even}");
        }
        let [first, ..] = pitches.as_mut_slice() else {
            panic!("no pitch");
        };
        let (_, alone) = reader.explain(&power, std::slice::from_mut(first), 1);
        let share = 1.0 / notes.len() as f32;
        assert!((alone - share).abs() < 0.25, "{notes:?}: {alone}");
    }
}

#[test]
fn a_peak_that_is_one_by_rounding_alone_takes_no_more_than_its_share() {
    let mut reader = ChordSpectrum::new(HOP as f32 / RATE as f32);
    let bin_hz = reader.bin_hz;
    let mut power = [1e-8; FINE_BINS];
    power[58..63].copy_from_slice(&[2e-4, 5e-4, 1e-3, 5e-4, 2e-4]);
    // Their logarithms are equal.
    let flat = 1e-3f32;
    power[98..103].copy_from_slice(&[9e-4, flat, flat.next_up(), flat, 9e-4]);
    let mut pitches = [60.0, 100.0].map(|bin| HeardPitch {
        hz: bin * bin_hz,
        share: 0.0,
    });
    let known = pitches.len();
    reader.explain(&power, &mut pitches, known);
    for pitch in pitches {
        assert!((pitch.share - 0.5).abs() < 0.05, "{pitches:?}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_note_speaks_for_its_own_pitch_and_silence_for_none() {
    let mut reader = ChordSpectrum::new(HOP as f32 / RATE as f32);
    let evidence = reader.evidence(&chord(&[60])).unwrap();
    assert_eq!(evidence.len(), PITCHES * EVIDENCE);
    let of = |pitch: u8| {
        let row = usize::from(pitch - LOWEST_PITCH) * EVIDENCE;
        &evidence[row..row + EVIDENCE]
    };
    // The fundamental, and the partials to the fourth: 12 dB below it.
    let own = of(60);
    assert!(own[3] > 0.97 && (own[7] - 0.8).abs() < 0.05, "{own:?}");
    // A third and half of the pitch, and the sides of its third partial.
    let none = [own[0], own[1], own[17], own[18]];
    assert!(none.iter().all(|level| *level < 0.3), "{own:?}");
    assert!(of(63)[3] < 0.3, "{:?}", of(63));
    assert!(reader.evidence(&[0.0; FINE_BINS]).is_none());
    assert!(reader.evidence(&[f32::NAN; FINE_BINS]).is_none());
    let mut none = [HeardPitch::default()];
    assert_eq!(reader.explain(&[0.0; FINE_BINS], &mut none, 1), (1, 0.0));
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn of_the_period_that_notes_share_nothing_is_left_to_explain() {
    let mut reader = ChordSpectrum::new(HOP as f32 / RATE as f32);
    let explained = |reader: &mut ChordSpectrum, sounding: &[u8], heard: &[u8]| {
        let mut pitches: Vec<HeardPitch> = heard
            .iter()
            .map(|pitch| HeardPitch {
                hz: hertz(f32::from(*pitch)),
                share: 0.0,
            })
            .collect();
        let known = pitches.len();
        reader.explain(&chord(sounding), &mut pitches, known);
    };
    // Four, five and six times C2; three, four, five and six times F2.
    for (notes, period) in [(&[60, 64, 67][..], 36u8), (&[60, 65, 69, 72], 41)] {
        explained(&mut reader, notes, notes);
        let left = reader.unexplained_db(hertz(f32::from(period)));
        assert!(left < -40.0, "{notes:?}: {left} dB");
    }
    // A line of which the second and the third partial are taken for notes has a first one.
    explained(&mut reader, &[36], &[48, 55]);
    let left = reader.unexplained_db(hertz(36.0));
    assert!(left > -10.0, "{left} dB");
    let [first, lone] = [reader.first_db(hertz(36.0)), reader.lone_db(hertz(36.0))];
    assert!(first > -10.0 && lone > -30.0, "{first}, {lone} dB");
    // Twice, three times and five times C2.
    explained(&mut reader, &[48, 55, 64], &[48, 55, 64]);
    let [first, lone] = [reader.first_db(hertz(36.0)), reader.lone_db(hertz(36.0))];
    assert!(first < -40.0 && lone < -40.0, "{first}, {lone} dB");
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_note_above_those_that_the_ear_knows_is_what_they_leave() {
    let mut reader = ChordSpectrum::new(HOP as f32 / RATE as f32);
    let mut found = |power: &[f32], known: &[u8]| {
        let mut pitches = [HeardPitch::default(); 6];
        for (place, pitch) in pitches.iter_mut().zip(known) {
            place.hz = hertz(f32::from(*pitch));
        }
        let (count, explained) = reader.explain(power, &mut pitches, known.len());
        let higher = pitches[known.len()..count].iter();
        let higher = higher.map(|pitch| 69.0 + 12.0 * (pitch.hz / 440.0).log2());
        (higher.collect::<Vec<f32>>(), explained)
    };
    for (known, high) in [
        (&[60, 64, 67][..], &[97][..]),
        (&[84, 88], &[95]),
        (&[55, 62], &[94, 101]),
        (&[72, 76, 79], &[105]),
    ] {
        let all = [known, high].concat();
        let (mut pitches, explained) = found(&chord(&all), known);
        pitches.sort_by(f32::total_cmp);
        assert_eq!(
            pitches.len(),
            high.len(),
            "{known:?}, {high:?}: {pitches:?}"
        );
        for (pitch, high) in pitches.iter().zip(high) {
            assert!((pitch - f32::from(*high)).abs() < 0.1, "{pitches:?}");
        }
        assert!(explained > 0.95, "{all:?}: {explained}");
    }
    // C7 may be a partial of C4.
    let (pitches, _) = found(&chord(&[60, 64, 67, 96]), &[60, 64, 67]);
    assert!(pitches.is_empty(), "{pitches:?}");
    // A hollow tone's third partial is none, nor is what nothing else was heard beside.
    for (step, known) in [
        (1, &[60, 64, 67][..]),
        (2, &[64, 71, 76]),
        (2, &[76, 79, 84]),
    ] {
        let (pitches, _) = found(&chord_of(known, step), known);
        assert!(pitches.is_empty(), "{known:?}: {pitches:?}");
    }
    assert!(found(&chord(&[97]), &[]).0.is_empty());
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn what_sounds_an_octave_below_all_notes_is_their_register_and_below_one_a_note() {
    let keys = [60, 64, 67];
    let below = keys.map(|pitch| pitch - 12);
    let mut reader = ChordSpectrum::new(HOP as f32 / RATE as f32);
    let mut explained = |sounding: &[u8]| {
        let mut pitches = keys.map(|pitch| HeardPitch {
            hz: hertz(f32::from(pitch)),
            share: 0.0,
        });
        let power = chord(sounding);
        reader.explain(&power, &mut pitches, keys.len()).1
    };
    let of_keys = explained(&keys);
    let registered = explained(&[below.as_slice(), &keys].concat());
    let with_bass = explained(&[&below[..1], &keys].concat());
    println!("{of_keys} {registered} {with_bass}");
    assert!(of_keys > 0.95 && registered > 0.9, "{of_keys} {registered}");
    assert!(with_bass < 0.85, "{with_bass}");
}
