//! What holds of every curve, whatever the model draws.

use super::*;
use crate::model::{LATENTS, ModelSource};

fn shaper() -> Shaper {
    Shaper::new(TimbreModel::load(&ModelSource::Embedded).unwrap())
}

/// A frame whose levels fall by `slope` dB a band from `level` dB, with these controls.
fn frame(level: f32, slope: f32, controls: MorphControls) -> FrameMessage {
    FrameMessage {
        hop_seconds: 0.01,
        levels: std::array::from_fn(|band| level - slope * band as f32),
        controls,
        ..FrameMessage::blank()
    }
}

fn turned() -> MorphControls {
    let mut controls = MorphControls::neutral();
    controls.knobs = std::array::from_fn(|index| if index % 2 == 0 { 3.0 } else { -3.0 });
    controls
}

/// Morph leads all the way to the captured timbres.
fn to_captures(blend: f32) -> MorphControls {
    MorphControls {
        morph_source: MorphSource::Captures,
        morph: 1.0,
        blend,
        ..MorphControls::neutral()
    }
}

fn captured(shaper: &Shaper, latent: Latent) -> Captured {
    shaper.captured("Captured".to_owned(), latent).unwrap()
}

/// The last curve of as many hops as any smoothing takes.
fn settled(shaper: &mut Shaper, frame: &FrameMessage) -> Shaped {
    let mut shaped = shaper.shape(frame).unwrap();
    for _ in 0..200 {
        shaped = shaper.shape(frame).unwrap();
    }
    shaped
}

#[test]
fn neutral_controls_make_an_exactly_flat_curve() {
    let mut shaper = shaper();
    for (level, slope) in [(-20.0, 0.2), (-60.0, 0.5), (0.0, 0.0), (-140.0, 0.0)] {
        let shaped = settled(&mut shaper, &frame(level, slope, MorphControls::neutral()));
        assert_eq!(shaped.gain_db, [0.0; BANDS], "{level} dB");
        assert_eq!(shaped.latents.shaped, shaped.latents.live, "{level} dB");
    }
}

#[test]
fn a_steered_knob_comes_with_its_move_and_leaves_nothing_behind() {
    let mut shaper = shaper();
    let neutral = |slope: f32| frame(-20.0, slope, MorphControls::neutral());
    settled(&mut shaper, &neutral(0.4));
    let mut controls = MorphControls::neutral();
    controls.knobs[0] = 2.0;
    let turned = frame(-20.0, 0.4, controls);
    // Five time constants of a knob, and not two of the smoothing.
    let soon = (0..10).map(|_| shaper.shape(&turned).unwrap()).last();
    let apart = |one: &Shaped, other: &Shaped| {
        let gains = one.gain_db.iter().zip(&other.gain_db);
        gains.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    };
    let at_last = settled(&mut shaper, &turned);
    let soon = apart(&soon.unwrap(), &at_last);
    assert!(soon < 1.0, "{soon} dB to go");
    let mut unsteered = Shaper::new(TimbreModel::load(&ModelSource::Embedded).unwrap());
    unsteered.steering = None;
    settled(&mut unsteered, &neutral(0.4));
    let unsteered = settled(&mut unsteered, &turned);
    assert!(apart(&unsteered, &at_last) > 1.0, "it isn't steered");
    assert_eq!(settled(&mut shaper, &neutral(0.4)).gain_db, [0.0; BANDS]);
}

#[test]
fn gains_are_bounded_and_a_band_that_holds_nothing_is_not_boosted() {
    let mut shaper = shaper();
    let mut controls = turned();
    controls.resynthesis = 1.0;
    let mut boosts = 0;
    for slope in [0.0, 0.3, 0.6, 1.2] {
        let frame = frame(-10.0, slope, controls);
        let shaped = settled(&mut shaper, &frame);
        for (band, gain) in shaped.gain_db.iter().enumerate() {
            assert!((-60.0..=24.0).contains(gain), "{gain} dB");
            if slope * band as f32 > 80.0 {
                assert!(*gain <= 0.0, "band {band} of slope {slope}: {gain} dB");
            }
            boosts += usize::from(*gain > 0.0);
        }
    }
    assert!(boosts > 0, "elsewhere there are boosts");
}

#[test]
fn what_is_nearly_all_of_a_frame_is_taken_away_by_no_more_than_keep_loudness_makes_up_for() {
    const TONE: usize = 90;
    let mut shaper = shaper();
    let mut controls = turned();
    controls.resynthesis = 1.0;
    for floor in [-60.0, -100.0, -140.0] {
        let mut frame = frame(floor, 0.0, controls);
        frame.levels[TONE] = -10.0;
        let shaped = settled(&mut shaper, &frame);
        assert!(shaped.gain_db[TONE] >= -40.0, "{}", shaped.gain_db[TONE]);
    }
}

#[test]
fn nothing_is_lifted_below_the_lowest_partial_where_a_player_is_led_to() {
    const PARTIAL: usize = 24;
    let mut shaper = shaper();
    let controls = |target: &str| MorphControls {
        morph: 1.0,
        resynthesis: 1.0,
        target: (0..100)
            .map(crate::params::Target)
            .find(|each| each.id() == Some(target))
            .unwrap(),
        ..MorphControls::neutral()
    };
    let below = |shaped: &Shaped| {
        let gains = shaped.gain_db.iter().take(PARTIAL - 1);
        gains.copied().fold(f32::MIN, f32::max)
    };
    for target in ["cello", "choir"] {
        let mut frame = frame(-10.0, 0.2, controls(target));
        for level in frame.levels.iter_mut().take(PARTIAL) {
            *level = -55.0;
        }
        let shaped = settled(&mut shaper, &frame);
        assert!(below(&shaped) <= 0.0, "{target}: {} dB", below(&shaped));
        assert!(shaped.gain_db.iter().any(|gain| *gain > 0.0), "{target}");
    }
}

#[test]
fn a_frame_too_quiet_to_have_a_timbre_leaves_the_latent_where_it_is() {
    let mut shaper = shaper();
    let first = shaper.shape(&frame(-81.0, 0.1, turned())).unwrap();
    assert_eq!((first.heard, first.gain_db), (None, [0.0; BANDS]));
    let heard = settled(&mut shaper, &frame(-20.0, 0.2, turned()));
    assert!(heard.heard.is_some());
    let quiet = settled(&mut shaper, &frame(-81.0, 0.9, turned()));
    assert_eq!(quiet.heard, None);
    assert_eq!(quiet.latents.live, heard.latents.live);
}

#[test]
fn a_reset_brings_back_the_first_curve() {
    let mut shaper = shaper();
    let first = shaper.shape(&frame(-20.0, 0.2, turned())).unwrap();
    let other = settled(&mut shaper, &frame(-30.0, 0.6, MorphControls::neutral()));
    assert_ne!(other.gain_db, first.gain_db);
    shaper.reset();
    let again = shaper.shape(&frame(-20.0, 0.2, turned())).unwrap();
    assert_eq!(again.gain_db, first.gain_db);
    assert_eq!(again.latents, first.latents);
}

#[test]
fn morph_leads_to_captures_where_there_are_any_and_between_two_by_blend() {
    let mut shaper = shaper();
    let nowhere = settled(&mut shaper, &frame(-20.0, 0.2, to_captures(0.0)));
    assert_eq!(nowhere.gain_db, [0.0; BANDS], "there is nothing to lead to");
    let a = captured(&shaper, [0.5; LATENTS]);
    let b = captured(&shaper, [-0.5; LATENTS]);
    for (captures, blend, wanted) in [
        ([Some(a.clone()), Some(b.clone())], 0.0, 0.5),
        ([Some(a.clone()), Some(b.clone())], 1.0, -0.5),
        ([Some(a.clone()), Some(b.clone())], 0.25, 0.25),
        // The only one, wherever Blend is.
        ([None, Some(b)], 0.0, -0.5),
        ([Some(a), None], 1.0, 0.5),
    ] {
        shaper.set_captures(&captures).unwrap();
        let shaped = settled(&mut shaper, &frame(-20.0, 0.2, to_captures(blend)));
        for value in shaped.latents.shaped {
            assert!((value - wanted).abs() < 1e-3, "{blend}: {value}");
        }
    }
}

#[test]
fn what_another_model_captured_is_brought_over_by_its_spectrum() {
    let mut shaper = shaper();
    let mut foreign = captured(&shaper, [0.5; LATENTS]);
    let levels: [f32; BANDS] = foreign.levels.clone().try_into().unwrap();
    let expected = shaper.timbre.encode(&shaper.timbre.normalise(&levels));
    foreign.model = "another 1.0".to_owned();
    foreign.latent = [9.0; LATENTS];
    shaper.set_captures(&[Some(foreign), None]).unwrap();
    assert_eq!(shaper.captures, [Some(expected.unwrap()), None]);
}
