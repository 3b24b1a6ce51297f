//! Sounds what was drawn: a wave table whose partials are the harmonics, and noise shaped in bands; on the audio thread.

use std::{collections::VecDeque, f32::consts::FRAC_PI_2, sync::Arc};

use realfft::{ComplexToReal, RealFftPlanner, num_complex::Complex};

use super::Drawn;
use crate::{
    dsp::BandInterpolation,
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

/// Channels, at most.
const CHANNELS: usize = 2;

/// A wave at a pitch.
struct Wave {
    /// One period, with what the cubic needs beyond its ends.
    table: Vec<f32>,
    hz: f32,
    /// Where it stands in its period, 0 to 1.
    phase: f64,
}

/// The voice of one stage. Each hop goes in straight lines from what was drawn before to what is drawn now. Nothing allocates
/// after construction.
pub struct Voice {
    sample_rate: f32,
    hop: usize,
    start: usize,
    /// The hop before, and this one.
    waves: [Wave; 2],
    note: u32,
    /// Hops since anything was drawn, up to a few: then there is only silence.
    quiet: u32,
    inverse: Arc<dyn ComplexToReal<f32>>,
    spectrum: Vec<Complex<f32>>,
    /// The phase of each partial in its table: partials that begin in one phase would make a click.
    turned: Vec<Complex<f32>>,
    noise: Noise,
    /// The factor of each channel.
    pan: [f32; CHANNELS],
    /// What is to be added to the next samples.
    ready: VecDeque<[f32; CHANNELS]>,
    scratch: Vec<Complex<f32>>,
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
        let mut voice = Self {
            sample_rate: sample_rate as f32,
            hop,
            start: 0,
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
            ready: VecDeque::from(vec![[0.0; CHANNELS]; 2 * hop + 1]),
            scratch: vec![Complex::default(); scratch],
        };
        voice.reset();
        voice
    }

    /// Lets the first hop be due `samples` earlier: see [`StreamingStft::staggered`](crate::dsp::StreamingStft::staggered).
    pub fn staggered(mut self, samples: usize) -> Self {
        self.start = samples % self.hop;
        self.reset();
        self
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
        self.ready.clear();
        self.ready.resize(self.hop - self.start, [0.0; CHANNELS]);
    }

    /// Makes the next hop. `spectra` are the source's, which the voice stands where it does between the channels.
    pub fn render(&mut self, drawn: &Drawn, spectra: &[Vec<Complex<f32>>]) {
        self.quiet = if drawn.hz > 0.0 {
            0
        } else {
            (self.quiet + 1).min(QUIET_HOPS)
        };
        if self.quiet == QUIET_HOPS {
            let silence = self.ready.len() + self.hop;
            self.ready.resize(silence, [0.0; CHANNELS]);
            return;
        }
        let pan = self.pan_of(spectra);
        let before = self.pan;
        self.pan = pan;
        self.noise.next(drawn, self.sample_rate, &mut self.scratch);
        let slides = self.turn_to(drawn);
        let [old, new] = &mut self.waves;
        let (from, to) = (old.hz, if new.hz > 0.0 { new.hz } else { old.hz });
        let step = 1.0 / self.hop as f32;
        let noise = self.noise.frame.iter().zip(self.noise.rest.iter_mut());
        for (index, (noise, rest)) in noise.take(self.hop).enumerate() {
            let way = (index + 1) as f32 * step;
            let glide = from + way * (to - from);
            let (old_hz, new_hz) = if slides { (glide, glide) } else { (from, to) };
            let wave = (1.0 - way) * old.next(old_hz / self.sample_rate)
                + way * new.next(new_hz / self.sample_rate);
            let sum = wave + *rest + noise;
            self.ready.push_back(std::array::from_fn(|channel| {
                let (before, now) = match (before.get(channel), pan.get(channel)) {
                    (Some(before), Some(now)) => (*before, *now),
                    _ => (1.0, 1.0),
                };
                sum * (before + way * (now - before))
            }));
        }
        let second = self.noise.frame.iter().skip(self.hop);
        for (rest, noise) in self.noise.rest.iter_mut().zip(second) {
            *rest = *noise;
        }
        self.note = drawn.note;
    }

    /// Adds what is ready to a block, `[channel][sample]`, of a hop at most.
    pub fn add_to(&mut self, block: &mut [&mut [f32]]) {
        let samples = block.first().map_or(0, |channel| channel.len());
        let quiet = self.quiet == QUIET_HOPS;
        let ready = self.ready.drain(..samples.min(self.ready.len()));
        for (index, frame) in ready.enumerate() {
            if quiet && frame == [0.0; CHANNELS] {
                continue;
            }
            for (channel, value) in block.iter_mut().zip(frame) {
                if let Some(sample) = channel.get_mut(index) {
                    *sample += value;
                }
            }
        }
    }

    /// Makes this hop's wave the one before, and what was drawn this hop's. Whether the pitch slides from the one to the other.
    fn turn_to(&mut self, drawn: &Drawn) -> bool {
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

    /// How much of the sound is in each channel: 1 each where they are equally loud; below 0 where it is against the first channel's.
    fn pan_of(&self, spectra: &[Vec<Complex<f32>>]) -> [f32; CHANNELS] {
        let mut power = [0.0f32; CHANNELS];
        for (power, spectrum) in power.iter_mut().zip(spectra) {
            *power = spectrum.iter().map(Complex::norm_sqr).sum();
        }
        let mean = power.iter().sum::<f32>() / spectra.len().clamp(1, CHANNELS) as f32;
        if mean <= 1e-9 {
            return self.pan;
        }
        let mut pan = power.map(|power| (power / mean).sqrt());
        if let ([first, second], [_, against]) = (spectra, &mut pan) {
            let both = first.iter().zip(second);
            let common: f32 = both.map(|(a, b)| a.re * b.re + a.im * b.im).sum();
            *against = against.copysign(common);
        }
        pan
    }
}

/// After so many hops with nothing drawn there is nothing left to fade.
const QUIET_HOPS: u32 = 3;

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
