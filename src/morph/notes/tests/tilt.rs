//! What is played is the brighter, the brighter its source is.

use super::{APART, FIRST, format, frames, morphed, recorded};
use crate::{
    model::{BANDS, HARMONICS, NOISE_BANDS, NoteFrame, TimbreFrontEnd},
    morph::{
        FrameMessage, band_centres,
        notes::{follower::HeardNote, tilt::TiltFollower},
    },
};

/// How much louder the bands of 3 to 9 kHz are than those of 200 Hz to 1.5 kHz, in dB.
fn brightness_db(sound: &[f32]) -> f32 {
    let centres = band_centres(&TimbreFrontEnd::fallback());
    let (mut low, mut high) = (0.0, 0.0);
    for frame in frames(sound) {
        for (level, hz) in frame.levels.iter().zip(&centres) {
            let power = 10.0f32.powf(level / 10.0);
            if (200.0..1_500.0).contains(hz) {
                low += power;
            } else if (3_000.0..9_000.0).contains(hz) {
                high += power;
            }
        }
    }
    10.0 * (high / low).log10()
}

#[test]
fn a_tilt_is_followed_in_part_up_to_its_bound_and_doubted_at_first() {
    let centres = band_centres(&TimbreFrontEnd::fallback());
    let flat = NoteFrame {
        harmonics_db: [-20.0; HARMONICS],
        noise_db: [-60.0; NOISE_BANDS],
        level_db: 0.0,
        cents: 0.0,
    };
    let line = |since| HeardNote {
        since: Some(since),
        clear: true,
        ..HeardNote::default()
    };
    // From the middle of 50 Hz to 15 kHz to an end the levels rise by so much, in dB.
    let followed = |rise_db: f32, usual_db: f32, hops: u32| {
        let mut tilt = TiltFollower::new(&centres);
        let (low, high) = (0.0f32, BANDS as f32 - 1.0);
        let place = |band: usize| 2.0 * (band as f32 - low) / (high - low) - 1.0;
        let frame = FrameMessage {
            hop_seconds: 0.01,
            levels: std::array::from_fn(|band| -40.0 + rise_db * place(band)),
            ..FrameMessage::blank()
        };
        for since in 0..hops {
            tilt.hear(&frame, &line(since), usual_db);
        }
        let frame = tilt.follow(flat.clone(), 100.0);
        // 15 kHz and beyond, over 50 Hz: the whole of it.
        let ends = frame.noise_db[NOISE_BANDS - 1] - frame.noise_db[0];
        assert!((frame.harmonics_db[59] > frame.harmonics_db[0]) == (ends > 0.0));
        ends / 2.0
    };
    assert_eq!(
        followed(10.0, 0.0, 3),
        0.0,
        "a note's first hops hold the one before"
    );
    // The bands reach a little further than what is tilted.
    for (rise, usual) in [(10.0f32, 0.0f32), (-5.0, -15.0), (0.0, -10.0)] {
        let found = followed(rise, usual, 400);
        assert!((2.2..3.1).contains(&found), "{rise} over {usual}: {found}");
    }
    let early = followed(10.0, 0.0, 33);
    assert!((1.0..2.0).contains(&early), "{early}");
    // The lowest noise band lies a little above 50 Hz.
    for (rise, bound) in [(28.0, 6.0), (-28.0, -6.0)] {
        let found = followed(rise, 0.0, 400);
        assert!((found - bound).abs() < 0.05, "{rise}: {found}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_duller_source_is_played_duller() {
    let latency = format().latency();
    let sound = recorded();
    // Some 21 dB apart.
    let (mut last, mut pole) = (0.0, 0.0);
    let (bright, dull): (Vec<f32>, Vec<f32>) = sound
        .iter()
        .map(|sample| {
            let bright = sample - 0.9 * last;
            last = *sample;
            pole += 0.15 * (sample - pole);
            (bright, pole)
        })
        .unzip();
    // The violin's notes but the first.
    let notes = FIRST + 5 * APART..FIRST + 8 * APART;
    let [bright, dull] = [&bright, &dull].map(|source| {
        let played = morphed(source, "trumpet", 1.0, 1.0);
        brightness_db(&played[latency..][notes.clone()])
    });
    println!("{bright:.1} and {dull:.1} dB");
    assert!((2.0..8.0).contains(&(bright - dull)), "{bright} {dull}");
}
