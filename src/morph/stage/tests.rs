//! The stage with curves that are late.

use super::{curve_follower::LARGEST_CATCH_UP_DB, *};
use crate::{
    audio_file::AudioFile,
    model::{MelDb, ModelSource, TimbreModel},
    morph::{Arrival, CurveMessage, DirectCurves, Shaper},
    params::{KNOB_RANGE, LatencyMode},
};

fn format(sample_rate: f64) -> StageFormat {
    StageFormat {
        layout: StftLayout::for_rate(sample_rate, 48_000.0, 2048),
        sample_rate,
        channels: 1,
        latency_mode: LatencyMode::Studio,
    }
}

/// Curves that are right, but not always there: in each period of hops those of its end are late and come together.
struct Stalling {
    direct: DirectCurves,
    period: u64,
    stalled: u64,
}

impl CurveSource for Stalling {
    fn send(&mut self, frame: &FrameMessage) {
        self.direct.send(frame);
    }

    fn fetch(&mut self, generation: u32, index: u64, newest: &mut CurveMessage) -> Arrival {
        if index % self.period >= self.period - self.stalled {
            return Arrival::Late;
        }
        self.direct.fetch(generation, index, newest)
    }
}

fn largest_step(from: &MelDb, to: &MelDb) -> f32 {
    from.iter()
        .zip(to)
        .map(|(from, to)| (to - from).abs())
        .fold(0.0, f32::max)
}

/// The curve in use at each hop of the excerpt, with the knobs thrown from end to end every 0.4 s; and the output.
fn curves(period: u64, stalled: u64) -> (Vec<(MelDb, bool)>, Vec<f32>) {
    const HOP: usize = 512;
    let timbre = TimbreModel::load(&ModelSource::Embedded).unwrap();
    let front_end = timbre.card().front_end.clone();
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/music/war_of_freedom.ogg"
    );
    let mut sound = AudioFile::read(path).unwrap().channels.swap_remove(0);
    sound.truncate(6 * 44_100 / HOP * HOP);
    let source = Stalling {
        direct: DirectCurves::new(Shaper::new(timbre)),
        period,
        stalled,
    };
    let mut stage = Stage::new(&front_end, format(44_100.0), Some(source));
    let mut controls = MorphControls::neutral();
    controls.smoothing_ms = 60.0;
    let mut seen = Vec::new();
    for (index, block) in sound.chunks_mut(HOP).enumerate() {
        let side = if index / 34 % 2 == 0 { 1.0 } else { -1.0 };
        controls.knobs[0] = side * KNOB_RANGE;
        controls.knobs[1] = -side * KNOB_RANGE;
        stage.process(&mut [block], &[], controls, true);
        seen.push((stage.follower.curve, stage.follower.catching_up));
    }
    (seen, sound)
}

#[test]
fn a_late_curve_is_a_bounded_level_step() {
    let step_of = |seen: &[(MelDb, bool)]| {
        seen.windows(2)
            .map(|pair| largest_step(&pair[0].0, &pair[1].0))
            .fold(0.0, f32::max)
    };
    let (in_time, _) = curves(u64::MAX, 0);
    println!("in time: {:.1} dB at most", step_of(&in_time));
    for stalled in [1, 2, 10, 40] {
        let (seen, output) = curves(60, stalled);
        // What a late curve is to blame for: the steps while it is made up for, the last of them included.
        let (mut bounded, mut unbounded, mut hops) = (0.0_f32, 0.0_f32, 0);
        for (index, pair) in seen.windows(2).enumerate() {
            if pair[0].1 || pair[1].1 {
                bounded = bounded.max(largest_step(&pair[0].0, &pair[1].0));
                unbounded = unbounded.max(largest_step(&pair[0].0, &in_time[index + 1].0));
                hops += 1;
            }
        }
        println!(
            "{stalled:2} late in a row: {bounded:.2} dB at most in {hops} hops, up to {unbounded:.1} dB behind"
        );
        assert!(hops > 0);
        assert!(bounded <= LARGEST_CATCH_UP_DB + 1e-3, "{bounded} dB");
        assert!(output.iter().all(|sample| sample.is_finite()));
    }
}

#[test]
fn curves_in_time_are_never_held_back() {
    let (seen, _) = curves(u64::MAX, 0);
    assert!(seen.iter().all(|(_, catching_up)| !catching_up));
    assert!(
        seen.windows(2)
            .any(|pair| largest_step(&pair[0].0, &pair[1].0) > 2.0 * LARGEST_CATCH_UP_DB)
    );
}

#[test]
fn after_the_last_late_curve_the_sound_is_as_if_none_had_been() {
    let (in_time, _) = curves(u64::MAX, 0);
    // One stall, within the first 200 hops.
    let (seen, _) = curves(200, 20);
    let settled = |hops: &[(MelDb, bool)], at: usize| hops[at..380].to_vec();
    assert!(seen.iter().any(|(_, catching_up)| *catching_up));
    assert_eq!(settled(&in_time, 300), settled(&seen, 300));
}

/// Dark noise that is bright from one sample on.
fn dark_then_bright(change: usize, samples: usize) -> Vec<f32> {
    let (mut random, mut smooth) = (1_u32, 0.0);
    (0..samples)
        .map(|n| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = random as f32 / u32::MAX as f32 - 0.5;
            smooth += 0.05 * (noise - smooth);
            if n < change {
                4.0 * smooth
            } else {
                noise - smooth
            }
        })
        .collect()
}

/// How long after a change of timbre, in ms, the curve in use is nearer to those of the new one than to those of the old, and faded in by half.
fn lag(latency_mode: LatencyMode, change: usize) -> f64 {
    const HOP: usize = 512;
    let timbre = TimbreModel::load(&ModelSource::Embedded).unwrap();
    let front_end = timbre.card().front_end.clone();
    let format = StageFormat {
        latency_mode,
        ..format(48_000.0)
    };
    let source = DirectCurves::new(Shaper::new(timbre));
    let mut stage = Stage::new(&front_end, format, Some(source));
    let mut controls = MorphControls::neutral();
    controls.morph = 1.0;
    controls.resynthesis = 1.0;
    let mut sound = dark_then_bright(change, 200 * HOP);
    let curves: Vec<MelDb> = sound
        .chunks_mut(HOP)
        .map(|block| {
            stage.process(&mut [block], &[], controls, true);
            stage.follower.curve
        })
        .collect();
    let mean = |curves: &[MelDb]| -> MelDb {
        std::array::from_fn(|band| {
            let sum: f32 = curves.iter().map(|curve| curve[band]).sum();
            sum / curves.len() as f32
        })
    };
    let changed = change / HOP;
    let (old, new) = (
        mean(&curves[changed - 40..changed]),
        mean(&curves[changed + 40..]),
    );
    let distance =
        |a: &MelDb, b: &MelDb| -> f32 { a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum() };
    let turned = (changed..curves.len())
        .find(|hop| distance(&curves[*hop], &new) < distance(&curves[*hop], &old))
        .unwrap();
    let heard = (turned + 1) * HOP + HOP / 2;
    (heard as f64 - change as f64 - format.latency() as f64) / 48.0
}

#[test]
fn in_studio_a_filter_acts_on_its_own_frame_and_in_live_soon_after_it() {
    for (mode, range) in [
        (LatencyMode::Live, 30.0..45.0),
        (LatencyMode::Studio, -8.0..8.0),
    ] {
        let lags: Vec<f64> = (0..8).map(|place| lag(mode, 50_000 + 64 * place)).collect();
        let mean = lags.iter().sum::<f64>() / 8.0;
        println!("{mode:?}: {mean:.0} ms, {lags:.0?}");
        assert!(lags.iter().all(|lag| range.contains(lag)), "{lags:?}");
    }
}
