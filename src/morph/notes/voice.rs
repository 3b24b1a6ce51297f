//! Sounds what was drawn: a wave table whose partials are the harmonics, and noise shaped in bands; on the audio thread.

use std::{f32::consts::FRAC_PI_2, ops::Range, sync::Arc};

use realfft::{ComplexToReal, RealFftPlanner, num_complex::Complex};

use super::{Drawn, pan::CHANNELS};
use crate::{
    dsp::{BandInterpolation, crossfade},
    model::{HARMONICS, noise_edges_hz},
};

/// Samples of a period in the table: 17 for the highest partial, between which a cubic goes.
const TABLE: usize = 1024;

/// Where the table's cubic looks, around a sample: one before it and two behind.
const AROUND: usize = 4;

/// Partials above this share of the rate are left out: a pitch that rises within a hop doesn't fold them back.
const HIGHEST_SHARE: f32 = 0.45;

/// Beyond this ratio of pitches, or its inverse, nothing slides: the one fades out and the other in. About 0.6 of a semitone.
const LARGEST_SLIDE: f32 = 1.035;

/// Rate that the noise was measured at, in Hz.
const NOISE_RATE: f32 = 48_000.0;

/// Where the noise begins, whatever the stream: the same bits every time.
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// A wave at a pitch.
struct Wave {
    /// One period, with what the cubic needs beyond its ends.
    table: Vec<f32>,
    hz: f32,
    /// Where it stands in its period, 0 to 1.
    phase: f64,
}

/// The voice of one stage. Each hop goes in straight lines from what was drawn before to what is drawn now; noise, two hops of which overlap,
/// is loudest where the line ends. Nothing allocates after construction.
pub struct Voice {
    sample_rate: f32,
    hop: usize,
    /// The hop before, and this one.
    waves: [Wave; 2],
    note: u32,
    /// Hops since anything was drawn, up to [`QUIET_HOPS`].
    quiet: u32,
    inverse: Arc<dyn ComplexToReal<f32>>,
    spectrum: Vec<Complex<f32>>,
    /// The phase of each partial in its table: partials that begin in one phase would make a click.
    turned: Vec<Complex<f32>>,
    noise: Noise,
    /// The factor of each channel at the end of the hop that was prepared last.
    pan: [f32; CHANNELS],
    /// The present hop, and the next.
    hops: [Hop; 2],
    /// How much of the present one has sounded.
    done: usize,
    scratch: Vec<Complex<f32>>,
}

/// One hop of what sounds.
struct Hop {
    /// What the source is multiplied by at its beginning and at its end.
    source: [f32; 2],
    /// Whether nothing sounds beside the source.
    is_quiet: bool,
    sound: Vec<[f32; CHANNELS]>,
}

/// Noise, two hops at a time, half of which overlaps.
struct Noise {
    inverse: Arc<dyn ComplexToReal<f32>>,
    spectrum: Vec<Complex<f32>>,
    places: BandInterpolation,
    /// The square root of a Hann window: noises add by their powers.
    window: Vec<f32>,
    frame: Vec<f32>,
    /// The second half of the last frame.
    rest: Vec<f32>,
    random: u64,
}

impl Voice {
    /// For hops of so many samples. Allocates.
    pub fn new(sample_rate: f64, hop: usize) -> Self {
        let mut planner = RealFftPlanner::new();
        let inverse = planner.plan_fft_inverse(TABLE);
        let noise = Noise::new(&mut planner, sample_rate, hop);
        let scratch = inverse
            .get_scratch_len()
            .max(noise.inverse.get_scratch_len());
        let wave = || Wave {
            table: vec![0.0; TABLE + AROUND],
            hz: 0.0,
            phase: 0.0,
        };
        let silence = || Hop {
            source: [1.0; 2],
            is_quiet: true,
            sound: vec![[0.0; CHANNELS]; hop],
        };
        Self {
            sample_rate: sample_rate as f32,
            hop,
            waves: [wave(), wave()],
            note: 0,
            quiet: QUIET_HOPS,
            spectrum: inverse.make_input_vec(),
            turned: (1..=HARMONICS)
                .map(|number| Complex::from_polar(0.5, 0.37 * (number * number) as f32))
                .collect(),
            inverse,
            noise,
            pan: [1.0; CHANNELS],
            hops: [silence(), silence()],
            done: 0,
            scratch: vec![Complex::default(); scratch],
        }
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        for wave in &mut self.waves {
            wave.table.fill(0.0);
            wave.hz = 0.0;
            wave.phase = 0.0;
        }
        self.note = 0;
        self.quiet = QUIET_HOPS;
        self.noise.rest.fill(0.0);
        self.noise.random = SEED;
        self.pan = [1.0; CHANNELS];
        for hop in &mut self.hops {
            hop.source = [1.0; 2];
            hop.is_quiet = true;
        }
        self.done = 0;
    }

    /// Makes the next hop, at whose end it sounds as it is `drawn`, with `pan` as each channel's factor.
    pub fn prepare(&mut self, drawn: &Drawn, pan: [f32; CHANNELS]) {
        let before = std::mem::replace(&mut self.pan, pan);
        self.quiet = if drawn.hz > 0.0 {
            0
        } else {
            (self.quiet + 1).min(QUIET_HOPS)
        };
        let is_quiet = self.quiet == QUIET_HOPS;
        let [present, next] = &mut self.hops;
        let [_, source] = present.source;
        next.source = [source, drawn.source];
        next.is_quiet = is_quiet;
        if is_quiet {
            return;
        }
        self.noise.next(drawn, self.sample_rate, &mut self.scratch);
        let slides = self.set_wave(drawn);
        let [old, new] = &mut self.waves;
        let (from, to) = (old.hz, if new.hz > 0.0 { new.hz } else { old.hz });
        let step = 1.0 / self.hop as f32;
        let noise = self.noise.frame.iter().zip(self.noise.rest.iter_mut());
        let [_, next] = &mut self.hops;
        for (index, (ready, (noise, rest))) in next.sound.iter_mut().zip(noise).enumerate() {
            let way = (index + 1) as f32 * step;
            let glide = from + way * (to - from);
            let (old_hz, new_hz) = if slides { (glide, glide) } else { (from, to) };
            let wave = (1.0 - way) * old.next(old_hz / self.sample_rate)
                + way * new.next(new_hz / self.sample_rate);
            let sum = wave + *rest + noise;
            for (ready, (before, now)) in ready.iter_mut().zip(before.iter().zip(pan)) {
                *ready = sum * crossfade(*before, now, way);
            }
        }
        let second = self.noise.frame.iter().skip(self.hop);
        for (rest, noise) in self.noise.rest.iter_mut().zip(second) {
            *rest = *noise;
        }
        self.note = drawn.note;
    }

    /// Begins the hop that was prepared.
    pub fn turn(&mut self) {
        self.hops.rotate_left(1);
        self.done = 0;
    }

    /// Turns these samples of `block`, `[channel][sample]`, down as far as the source is to be, and adds what sounds. They are no more
    /// than what is left of a hop.
    pub fn mix(&mut self, block: &mut [&mut [f32]], samples: Range<usize>) {
        let first = self.done;
        self.done += samples.len();
        let [hop, _] = &self.hops;
        let [before, now] = hop.source;
        if hop.is_quiet && hop.source == [1.0; 2] {
            return;
        }
        let step = 1.0 / self.hop as f32;
        let ready = hop.sound.get(first..).unwrap_or_default();
        for (index, channel) in block.iter_mut().enumerate() {
            let channel = channel.get_mut(samples.clone()).unwrap_or_default();
            for (n, (sample, ready)) in channel.iter_mut().zip(ready).enumerate() {
                *sample *= crossfade(before, now, (first + n + 1) as f32 * step);
                if !hop.is_quiet {
                    *sample += ready.get(index).copied().unwrap_or_default();
                }
            }
        }
    }

    /// Makes this hop's wave the one before, and what was drawn this hop's. Whether the pitch slides from the one to the other.
    fn set_wave(&mut self, drawn: &Drawn) -> bool {
        self.waves.swap(0, 1);
        let [old, new] = &mut self.waves;
        self.spectrum.fill(Complex::default());
        let partials = self.spectrum.iter_mut().skip(1);
        for (number, ((bin, amplitude), turned)) in
            partials.zip(drawn.harmonics).zip(&self.turned).enumerate()
        {
            if (number + 1) as f32 * drawn.hz < HIGHEST_SHARE * self.sample_rate {
                *bin = turned * amplitude;
            }
        }
        let Some(period) = new.table.get_mut(1..=TABLE) else {
            return false;
        };
        // The lengths are the plan's own, so it can't fail.
        let _ = self
            .inverse
            .process_with_scratch(&mut self.spectrum, period, &mut self.scratch);
        new.table.copy_within(TABLE..=TABLE, 0);
        new.table.copy_within(1..AROUND, TABLE + 1);
        let slide = drawn.hz / old.hz.max(1e-3);
        let slides =
            drawn.note == self.note && (1.0 / LARGEST_SLIDE..LARGEST_SLIDE).contains(&slide);
        new.phase = if slides { old.phase } else { 0.0 };
        new.hz = drawn.hz;
        slides
    }
}

/// After so many hops with nothing drawn there is nothing left to fade.
const QUIET_HOPS: u32 = 2;

impl Wave {
    /// The next sample, and on by a share of the period.
    #[inline]
    fn next(&mut self, share: f32) -> f32 {
        let place = self.phase * TABLE as f64;
        let index = place as usize;
        let x = (place - index as f64) as f32;
        self.phase += f64::from(share);
        self.phase -= self.phase.floor();
        let Some(&[a, b, c, d]) = self.table.get(index..index + AROUND) else {
            return 0.0;
        };
        // The cubic of Catmull and Rom through the middle two.
        let (one, two) = (c - a, 2.0 * a - 5.0 * b + 4.0 * c - d);
        let three = 3.0 * (b - c) + d - a;
        b + 0.5 * x * (one + x * (two + x * three))
    }
}

impl Noise {
    fn new(planner: &mut RealFftPlanner<f32>, sample_rate: f64, hop: usize) -> Self {
        let inverse = planner.plan_fft_inverse(2 * hop);
        let edges: Vec<f64> = noise_edges_hz().collect();
        let centres: Vec<f64> = edges
            .windows(2)
            .map(|pair| pair.iter().product::<f64>().sqrt())
            .collect();
        Self {
            spectrum: inverse.make_input_vec(),
            frame: inverse.make_output_vec(),
            inverse,
            places: BandInterpolation::new(sample_rate, 2 * hop, &centres),
            window: (0..2 * hop)
                .map(|index| (FRAC_PI_2 * (index as f32 + 0.5) / hop as f32).sin())
                .collect(),
            rest: vec![0.0; hop],
            random: SEED,
        }
    }

    /// A number between -1 and 1.
    fn draw(&mut self) -> f32 {
        // Vigna's xorshift64*, 2014.
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        let bits = self.random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40;
        bits as f32 / (1 << 23) as f32 - 1.0
    }

    /// Fills the next frame.
    fn next(&mut self, drawn: &Drawn, sample_rate: f32, scratch: &mut [Complex<f32>]) {
        if drawn.hz <= 0.0 {
            self.frame.fill(0.0);
            return;
        }
        // Of a number between -1 and 1 the variance is a third; a bin has two.
        let scale = (1.5 * sample_rate / NOISE_RATE / self.frame.len() as f32).sqrt();
        let mut spectrum = std::mem::take(&mut self.spectrum);
        for bin in &mut spectrum {
            *bin = Complex::new(self.draw(), self.draw()) * scale;
        }
        for (bin, amplitude) in spectrum.iter_mut().zip(self.places.spread(&drawn.noise)) {
            *bin *= amplitude;
        }
        if let Some(first) = spectrum.first_mut() {
            *first = Complex::default();
        }
        if let Some(last) = spectrum.last_mut() {
            *last = Complex::default();
        }
        // The lengths are the plan's own, so it can't fail.
        let _ = self
            .inverse
            .process_with_scratch(&mut spectrum, &mut self.frame, scratch);
        self.spectrum = spectrum;
        for (sample, window) in self.frame.iter_mut().zip(&self.window) {
            *sample *= window;
        }
    }
}
