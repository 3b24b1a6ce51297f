//! Hardness: how fast and how bright notes begin.

use realfft::RealFftPlanner;

use super::{onsets, percussion::percussive_share, spectrogram::Spectrogram};

/// The window, and from one to the next, in samples.
const WINDOW: usize = 4096;
const HOP: usize = 128;

/// Silence before the sound, in samples.
const SILENCE: usize = WINDOW + 1;

/// A bin is heard from here on: -75 dB.
const HEARD: f64 = 1.778_279_410_038_923e-4;

/// The share of a spectrum below its lower edge.
const LOWER_EDGE: f64 = 0.05;

/// The longest attack, and what of a note its colour is measured of, in seconds.
const LONGEST: f64 = 0.1;
const COLOURED: f64 = 0.125;

/// The least centroid of an attack, in Hz.
const LOWEST_HZ: f64 = 200.0;

/// The hardness of a stretch whose places from 7 to 14 Bark are so loud: A. Pearce, T. Brookes and R. Mason, "Modelling timbral hardness", Applied Sciences 9(3), 2019, with the regression of `timbral_models` 0.4.
pub fn hardness(samples: &[f64], rate: f64, middle: f64) -> Option<f64> {
    let percussive = percussive_share(samples)?;
    let mut padded = vec![0.0; SILENCE];
    padded.extend_from_slice(samples);
    let envelope = onsets::envelope(&padded, rate, 0.1);
    let strength = onsets::strength(&padded, rate);
    let mut starts = onsets::find(&strength, &envelope, rate, WINDOW);
    if starts.len() == 1 {
        starts = vec![0];
    }
    let bandwidths = bandwidths(&padded, rate);
    let (mut widest, mut strengths) = ([0.0; 2], [0.0; 2]);
    let (mut centroids, mut attacks) = ([0.0; 2], [0.0; 2]);
    for (index, start) in starts.iter().enumerate() {
        let next = starts.get(index + 1);
        let until = |length: usize, scale: usize, less: usize| {
            next.map_or(length, |next| next.saturating_sub(less) / scale)
        };
        let of_note = strength.get(start / onsets::HOP..until(strength.len(), onsets::HOP, 0));
        let most = of_note
            .unwrap_or_default()
            .iter()
            .copied()
            .fold(0.0, f64::max);
        let from = start.saturating_sub(WINDOW) / HOP;
        let widths = bandwidths.get(from..until(bandwidths.len(), HOP, WINDOW));
        if let Some(width) = widest_of(widths.unwrap_or_default(), rate / HOP as f64) {
            add(&mut widest, width, most);
        }
        let note = *start..until(padded.len(), 1, 0);
        let Some((seconds, begins)) = attack(envelope.get(note.clone()).unwrap_or_default(), rate)
        else {
            continue;
        };
        add(&mut attacks, seconds.log10(), 1.0);
        add(&mut strengths, most, 1.0);
        let sound = padded.get(note).unwrap_or_default();
        let sound = sound.get(begins..).unwrap_or_default();
        let sound = sound.get(..sound.len().min((COLOURED * rate) as usize));
        if let Some(centroid) = centroid(sound.unwrap_or_default(), rate) {
            add(&mut centroids, centroid, 1.0);
        }
    }
    let mean = |[sum, weight]: [f64; 2]| sum / weight;
    let narrowest = rate / 512.0;
    let width = Some(mean(widest)).filter(|width| *width > 512.0);
    let value = 12.079_781_720_638_145 * width.unwrap_or(narrowest).log10()
        + 18.521_003_771_700_42 * mean(centroids).max(LOWEST_HZ).log10()
        + 14.139_883_645_260_355 * middle.log10()
        + 5.567_690_321_917_516 * percussive.log10()
        + 3.934_681_769_040_563_5 * mean(strengths).log10()
        - 4.326_890_461_087_848 * mean(attacks)
        - 85.603_522_090_682_02;
    value.is_finite().then_some(value)
}

fn add(sum: &mut [f64; 2], value: f64, weight: f64) {
    sum[0] += value * weight;
    sum[1] += weight;
}

/// How far each spectrum reaches from its lower edge to the highest bin that is heard, in Hz; 0 where it is quiet.
fn bandwidths(samples: &[f64], rate: f64) -> Vec<f64> {
    let window = vec![1.0; WINDOW];
    let mut spectrogram = Spectrogram::new(WINDOW);
    let bin_hz = rate / WINDOW as f64;
    let scale = 1.0 / (rate * WINDOW as f64);
    let pieces = samples.windows(WINDOW).step_by(HOP);
    let mut spectrum = Vec::with_capacity(WINDOW / 2 + 1);
    let measured: Vec<(f64, f64)> = pieces
        .map(|piece| {
            let powers = spectrogram.powers(piece, &window).iter().enumerate();
            let magnitudes = powers.map(|(bin, power)| {
                let sides = if bin == 0 || bin == WINDOW / 2 {
                    1.0
                } else {
                    2.0
                };
                (power / sides * scale).sqrt()
            });
            spectrum.clear();
            spectrum.extend(magnitudes);
            let sum: f64 = spectrum.iter().sum();
            let mut below = 0.0;
            let lower = spectrum.iter().position(|magnitude| {
                below += magnitude;
                below >= LOWER_EDGE * sum
            });
            let upper = spectrum.iter().rposition(|magnitude| *magnitude >= HEARD);
            let width = upper.map_or(0.0, |upper| {
                bin_hz * (upper as f64 - lower.unwrap_or_default() as f64)
            });
            (sum, width)
        })
        .collect();
    let most = measured
        .iter()
        .map(|(sum, _)| *sum)
        .fold(f64::MIN, f64::max);
    let least = measured
        .iter()
        .map(|(sum, _)| *sum)
        .fold(f64::MAX, f64::min);
    let quiet = 0.1 * (most - least) + least;
    let heard = measured.into_iter();
    heard
        .map(|(sum, width)| if sum > quiet { width } else { 0.0 })
        .collect()
}

/// The place of the highest value, and the last of the lowest ones before it; `None` where it doesn't rise.
fn rise(values: &[f64]) -> Option<(usize, usize)> {
    let mut peak = (0, f64::NEG_INFINITY);
    for (place, value) in values.iter().enumerate() {
        if *value > peak.1 {
            peak = (place, *value);
        }
    }
    let before = values.get(..peak.0).unwrap_or_default();
    let lowest = before.iter().copied().fold(f64::INFINITY, f64::min);
    let from = before.iter().rposition(|value| *value == lowest)?;
    Some((from, peak.0))
}

/// The largest bandwidth in the attack, which begins a fifth of the way up; `rate` is that of the bandwidths.
fn widest_of(widths: &[f64], rate: f64) -> Option<f64> {
    let (from, peak) = rise(widths)?;
    let attack = widths.get(from..=peak)?;
    let (lowest, highest) = (attack.first()?, attack.last()?);
    let begins = attack
        .iter()
        .position(|width| *width >= lowest + 0.2 * (highest - lowest))?;
    let start = from + begins;
    let longest = (LONGEST * rate) as usize;
    let rest = widths.get(start..)?;
    let rest = if rest.len() > start + longest {
        rest.get(..longest)?
    } else {
        rest
    };
    let widest = rest.iter().copied().fold(0.0, f64::max);
    (widest > 0.0).then_some(widest)
}

/// How long a note's envelope takes to rise, in seconds, and from which sample on: G. Peeters' method of weakest effort, "A large set of audio features for sound description", Ircam 2004.
fn attack(envelope: &[f64], rate: f64) -> Option<(f64, usize)> {
    /// Levels between the lowest and the highest.
    const LEVELS: usize = 9;
    let (from, peak) = rise(envelope)?;
    let rising = envelope.get(from..=peak)?;
    let (lowest, highest) = (rising.first()?, rising.last()?);
    let reached: [usize; LEVELS] = std::array::from_fn(|level| {
        let level = lowest + (level + 1) as f64 / 10.0 * (highest - lowest);
        let reached = rising.iter().position(|value| *value >= level);
        reached.unwrap_or_default()
    });
    let efforts: [f64; LEVELS - 1] =
        std::array::from_fn(|level| reached[level + 1] as f64 - reached[level] as f64);
    // Steps that take three times as long as the others are no attack.
    let most = 3.0 * efforts.iter().sum::<f64>() / efforts.len() as f64;
    let first = efforts.iter().position(|effort| *effort <= most)?;
    let after = efforts.get(first..)?;
    let slow = after.iter().position(|effort| *effort >= most);
    let last = first + slow.filter(|last| *last > 0).unwrap_or(after.len() - 1);
    let (mut begins, mut ends) = (*reached.get(first)?, *reached.get(last)?);
    if begins == ends {
        (begins, ends) = (reached[0], reached[LEVELS - 1]);
    }
    let samples = match ends.saturating_sub(begins) {
        0 => 1.0,
        samples => samples as f64 + 1.0,
    };
    let longest = (LONGEST * rate).floor();
    let seconds = if samples / rate > LONGEST {
        (longest + 1.0) / rate
    } else {
        samples / rate
    };
    Some((seconds, from + begins))
}

/// The centroid of the magnitudes from 20 Hz on, in Hz; `None` of too little sound.
fn centroid(samples: &[f64], rate: f64) -> Option<f64> {
    if samples.len() <= 512 {
        return None;
    }
    let length = samples.len().next_power_of_two();
    let forward = RealFftPlanner::<f64>::new().plan_fft_forward(length);
    let mut frame = forward.make_input_vec();
    for (slot, sample) in frame.iter_mut().zip(samples) {
        *slot = *sample;
    }
    let mut spectrum = forward.make_output_vec();
    forward.process(&mut frame, &mut spectrum).ok()?;
    let bin_hz = rate / length as f64;
    let bins = spectrum.iter().enumerate();
    let bins = bins.map(|(bin, value)| (bin as f64 * bin_hz, value.norm_sqr().sqrt()));
    let (mut sum, mut weighted) = (0.0, 0.0);
    for (hz, magnitude) in bins.filter(|(hz, _)| *hz >= 20.0) {
        sum += magnitude;
        weighted += hz * magnitude;
    }
    (sum > 0.0).then(|| weighted / sum)
}
