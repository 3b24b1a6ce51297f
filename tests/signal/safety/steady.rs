//! A steady sound stays steady: nothing that is turned puts lines beside its partials.

use moodring_host::Render;

use super::{RATE, clicks::Setting, db, mono};
use crate::common::set_latency;

/// A second of sound at `rate`, behind another in which it settles; partials as (Hz, amplitude).
fn steady(rate: f64, partials: &[(usize, f64)]) -> Vec<f32> {
    let sine = |hz: usize, n: usize| (std::f64::consts::TAU * (hz * n) as f64 / rate).sin();
    (0..2 * rate as usize)
        .map(|n| {
            let parts = partials.iter().map(|(hz, size)| size * sine(*hz, n));
            parts.sum::<f64>() as f32
        })
        .collect()
}

/// The strongest line beside a sound's own partials in a second of it: dB below the strongest of all, and where, in Hz.
fn strongest_side_line(second: &[f32], partials: &[(usize, f64)]) -> (f32, usize) {
    // Blackman's window: a partial is 6 bins of 1 Hz wide, and nothing of it is above -58 dB beyond.
    let phase = |n: usize| std::f32::consts::TAU * n as f32 / second.len() as f32;
    let mut frame: Vec<f32> = second
        .iter()
        .enumerate()
        .map(|(n, sample)| sample * (0.42 - 0.5 * phase(n).cos() + 0.08 * (2.0 * phase(n)).cos()))
        .collect();
    let transform = realfft::RealFftPlanner::<f32>::new().plan_fft_forward(frame.len());
    let mut spectrum = transform.make_output_vec();
    transform.process(&mut frame, &mut spectrum).unwrap();
    let level = |bin: &usize| spectrum[*bin].norm();
    let strongest = (0..spectrum.len())
        .map(|bin| level(&bin))
        .fold(0.0, f32::max);
    let beside = (20..spectrum.len())
        .filter(|bin| partials.iter().all(|(hz, _)| bin.abs_diff(*hz) > 8))
        .max_by(|a, b| level(a).total_cmp(&level(b)))
        .unwrap();
    (db(level(&beside) / strongest), beside)
}

/// Renders a steady sound and says what line there is besides, see [`strongest_side_line`].
fn side_line(
    latency: &str,
    rate: f64,
    partials: &[(usize, f64)],
    settings: &[Setting],
) -> (f32, usize) {
    let mut plugin = mono(settings);
    set_latency(&mut plugin, latency);
    let rendered = Render::offline(rate)
        .run(&mut plugin, &[steady(rate, partials)], &[])
        .unwrap();
    let second = rate as usize;
    strongest_side_line(&rendered.output[0][second..2 * second], partials)
}

/// Places on the map: near flute, trumpet and choir. Named timbres' players have partials, and a movement, of their own.
const PLACES: [[Setting; 3]; 3] = [
    [("Morph To", "Map"), ("Map X", "-0.15"), ("Map Y", "-0.33")],
    [("Morph To", "Map"), ("Map X", "-0.16"), ("Map Y", "0.95")],
    [("Morph To", "Map"), ("Map X", "-0.1"), ("Map Y", "-0.45")],
];

/// What the timbre of a steady sound is turned to.
fn timbres() -> Vec<Vec<Setting>> {
    let mut timbres = vec![vec![]];
    for place in PLACES {
        timbres.push([&place[..], &[("Morph", "50 %")]].concat());
        timbres.push([&place[..], &[("Morph", "100 %")]].concat());
    }
    for knob in ["Brightness", "Body", "Noise", "Spread"] {
        timbres.push(vec![(knob, "+3")]);
        timbres.push(vec![(knob, "-3")]);
    }
    timbres
}

#[test]
fn a_steady_tone_stays_a_tone_whatever_its_timbre_is_turned_to() {
    let tone = [(1000, 0.5)];
    for latency in ["studio", "live"] {
        let mut strongest = f32::MIN;
        for settings in timbres() {
            let (worst, hz) = side_line(latency, RATE, &tone, &settings);
            let what = format!("{latency}, {settings:?}: {worst} dB at {hz} Hz");
            assert!(worst < -50.0, "{what}");
            strongest = strongest.max(worst);
        }
        println!("{latency}: strongest {strongest:.1} dB");
    }
    // The measure sees what it is to see: a tone whose level moves by 1 % with every hop.
    let trembling: Vec<f32> = steady(RATE, &tone)[..RATE as usize]
        .iter()
        .enumerate()
        .map(|(n, sample)| sample * (1.0 + 0.01 * (n as f32 * std::f32::consts::TAU / 512.0).sin()))
        .collect();
    assert!(strongest_side_line(&trembling, &tone).0 > -50.0);
}

#[test]
fn in_studio_a_steady_sound_has_no_lines_but_its_own_under_resynthesis() {
    hear_steady_sounds("studio", &["100 %"]);
}

/// Where there is less of it, the curve's own bounds count for more.
#[test]
fn in_live_a_steady_sound_has_no_lines_but_its_own_under_resynthesis() {
    hear_steady_sounds("live", &["25 %", "100 %"]);
}

/// With Resynthesis the curve follows the frame's own levels, which the analysis window spreads around every partial: sounds, whatever their timbre is turned to, must
/// have no line beside their own.
fn hear_steady_sounds(latency: &str, resyntheses: &[&'static str]) {
    let harmonics: Vec<(usize, f64)> = (1..=10).map(|k| (220 * k, 0.3 / k as f64)).collect();
    let sounds: [&[(usize, f64)]; 6] = [
        &[(1000, 0.5)],
        &[(100, 0.5)],
        &[(440, 0.5)],
        &[(5000, 0.5)],
        &[(440, 0.3), (660, 0.3)],
        &harmonics,
    ];
    let mut strongest: (f32, String) = (f32::MIN, String::new());
    let mut hear = |rate: f64, partials: &[(usize, f64)], settings: &[Setting]| {
        let (worst, hz) = side_line(latency, rate, partials, settings);
        let what =
            format!("{latency}, {partials:?} at {rate} Hz, {settings:?}: {worst:.1} dB at {hz} Hz");
        assert!(worst < -50.0, "{what}");
        if worst > strongest.0 {
            strongest = (worst, what);
        }
    };
    for partials in sounds {
        let morphed = [&PLACES[1][..], &[("Morph", "100 %")]].concat();
        for settings in timbres() {
            for resynthesis in resyntheses {
                let with = [&settings[..], &[("Resynthesis", *resynthesis)]].concat();
                hear(RATE, partials, &with);
            }
        }
        for rate in [44_100.0, RATE, 96_000.0] {
            hear(rate, partials, &[("Resynthesis", "100 %")]);
            hear(
                rate,
                partials,
                &[&morphed[..], &[("Resynthesis", "50 %")]].concat(),
            );
        }
        // Without Smoothing the latent itself moves with what several partials do to each other.
        if let [_] = partials {
            let rough = [("Resynthesis", "100 %"), ("Smoothing", "0 ms")];
            hear(RATE, partials, &[&morphed[..], &rough].concat());
        }
    }
    println!("strongest: {}", strongest.1);
}

/// A named timbre's player has partials of its own, a movement that puts lines close to each, and noise, whose strongest lines are some 41 dB below them; between the
/// partials it leaves nothing else.
#[test]
fn a_steady_note_that_a_player_plays_anew_has_no_lines_between_its_partials() {
    /// How far a player's movement reaches from its partials, in Hz.
    const MOVEMENT: usize = 40;
    let rate = RATE as usize;
    for latency in ["studio", "live"] {
        let mut strongest: (f32, String) = (f32::MIN, String::new());
        for target in ["Trumpet", "Violin", "Flute", "Cello"] {
            for pitch in [220, 440] {
                for resynthesis in ["25 %", "100 %"] {
                    let partials: Vec<(usize, f64)> =
                        (1..=10).map(|k| (pitch * k, 0.3 / k as f64)).collect();
                    let mut sound = vec![0.0; rate];
                    sound.extend(steady(RATE, &partials));
                    let settings = [
                        ("Target", target),
                        ("Morph", "100 %"),
                        ("Resynthesis", resynthesis),
                    ];
                    let mut plugin = mono(&settings);
                    set_latency(&mut plugin, latency);
                    let rendered = Render::offline(RATE)
                        .run(&mut plugin, &[sound.clone()], &[])
                        .unwrap();
                    let second = &rendered.output[0][2 * rate..3 * rate];
                    let multiples: Vec<(usize, f64)> = (1..rate / 2 / pitch)
                        .flat_map(|k| (k * pitch - MOVEMENT..=k * pitch + MOVEMENT).step_by(8))
                        .map(|hz| (hz, 0.0))
                        .collect();
                    let (worst, hz) = strongest_side_line(second, &multiples);
                    let what =
                        format!("{latency}, {settings:?}, {pitch} Hz: {worst:.1} dB at {hz} Hz");
                    if worst > strongest.0 {
                        strongest = (worst, what);
                    }
                }
            }
        }
        println!("strongest: {}", strongest.1);
        assert!(strongest.0 < -40.0, "{}", strongest.1);
    }
}

/// Of a chord each note is played; between the partials of its notes, where there is room, a player leaves nothing else.
#[test]
fn a_steady_chord_that_a_player_plays_anew_has_no_lines_between_its_partials() {
    /// How far a player's movement reaches from its partials, in Hz.
    const MOVEMENT: usize = 40;
    let rate = RATE as usize;
    let notes = [440, 554, 659];
    let partials: Vec<(usize, f64)> = notes
        .iter()
        .flat_map(|hz| (1..=10).map(move |k| (hz * k, 0.1 / k as f64)))
        .collect();
    let mut sound = vec![0.0; rate];
    sound.extend(steady(RATE, &partials));
    for (target, resynthesis) in [("Trumpet", "100 %"), ("Church organ", "25 %")] {
        let settings = [
            ("Target", target),
            ("Morph", "100 %"),
            ("Resynthesis", resynthesis),
        ];
        let mut plugin = mono(&settings);
        let rendered = Render::offline(RATE)
            .run(&mut plugin, &[sound.clone()], &[])
            .unwrap();
        let second = &rendered.output[0][2 * rate..3 * rate];
        let multiples: Vec<(usize, f64)> = notes
            .iter()
            .flat_map(|hz| (1..rate / 2 / hz).map(move |k| k * hz))
            .flat_map(|hz| (hz - MOVEMENT..=hz + MOVEMENT).step_by(8))
            .map(|hz| (hz, 0.0))
            .collect();
        let (worst, hz) = strongest_side_line(second, &multiples);
        println!("{target}, {resynthesis}: {worst:.1} dB at {hz} Hz");
        assert!(
            worst < -35.0,
            "{target}, {resynthesis}: {worst} dB at {hz} Hz"
        );
    }
}
