//! How a sound is felt: the timbral attributes of the AudioCommons project.
//!
//! A. Pearce, T. Brookes and R. Mason, "Modelling timbral hardness", Applied Sciences 9(3), 2019, and AudioCommons' deliverable D5.8, "Release of timbral characterisation tools for
//! semantically annotating non-musical content", 2019, with the regressions of `timbral_models` 0.4 (PyPI), which `tests/signal/descriptors.rs` compares with. Each is a number
//! of about 0 to 100 of one stretch of sound at -24 LUFS, so that how loud it is played doesn't count.

mod biquad;
mod brightness;
mod depth;
mod hardness;
mod onsets;
mod peaks;
mod percussion;
mod reverb;
mod roughness;
mod spectrogram;
mod third_octaves;
mod warmth;
mod zwicker;

use ebur128::{EbuR128, Mode};

use self::{
    brightness::Brightness,
    depth::depth,
    hardness::hardness,
    reverb::ReverbMeter,
    roughness::Roughness,
    third_octaves::{BLOCK, BandPowers, ThirdOctaves},
    warmth::warmth,
    zwicker::{PLACES, SpecificLoudness, specific_loudness},
};

/// The loudness that every sound is brought to, in LUFS.
const LOUDNESS: f64 = -24.0;

/// Below this a stretch is silence, in LUFS.
const SILENT: f64 = -70.0;

/// How a stretch of sound is felt: the attributes of AudioCommons' `timbral_models` 0.4, regressions on what listeners said. They have no unit but where one is
/// named, and are about 0 to 100; none is limited to that.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Timbre {
    /// How fast and how bright its notes begin: A. Pearce, T. Brookes and R. Mason, Applied Sciences 9(3), 2019.
    pub hardness: f64,
    /// How warm it is: what is loud above its lowest tone, and how smoothly it thins out upwards.
    pub warmth: f64,
    /// How low it is and how long its notes last.
    pub depth: f64,
    /// How much of it is high: the share of the power above 2 kHz, and the centroid above 100 Hz.
    pub brightness: f64,
    /// How piercing it is: E. Zwicker's and H. Fastl's sharpness, "Psychoacoustics", 1990.
    pub sharpness: f64,
    /// How much it booms: S. Hatano's and T. Hashimoto's booming index, Inter-Noise 2000.
    pub boominess: f64,
    /// How much its partials beat: P. Vassilakis, SMC 2007.
    pub roughness: f64,
    /// The time in which it decays by 60 dB, in seconds, 0.2 to 1.1: T. Jan and W. Wang, "Blind reverberation time estimation based on Laplace distribution", EUSIPCO 2012.
    pub reverb_seconds: f64,
    /// How likely it sounds reverberant, 0 to 1: from 0.5 on it does.
    pub reverb: f64,
}

impl Timbre {
    /// Every number of two joined to one.
    #[must_use]
    pub fn with(&self, other: &Self, join: impl Fn(f64, f64) -> f64) -> Self {
        Self {
            hardness: join(self.hardness, other.hardness),
            warmth: join(self.warmth, other.warmth),
            depth: join(self.depth, other.depth),
            brightness: join(self.brightness, other.brightness),
            sharpness: join(self.sharpness, other.sharpness),
            boominess: join(self.boominess, other.boominess),
            roughness: join(self.roughness, other.roughness),
            reverb_seconds: join(self.reverb_seconds, other.reverb_seconds),
            reverb: join(self.reverb, other.reverb),
        }
    }
}

/// Measures one stretch of sound after another. What is measured at a stretch's end allocates: it is for a background thread.
pub struct TimbreMeter {
    /// Samples of a stretch.
    longest: usize,
    /// Samples of it so far.
    taken: usize,
    peak: f64,
    loudness: EbuR128,
    brightness: Brightness,
    roughness: Roughness,
    reverb: ReverbMeter,
    third_octaves: ThirdOctaves,
    /// The newest samples, up to a block.
    block: Vec<f64>,
    /// Of each block the powers of its bands and its RMS.
    blocks: Vec<(BandPowers, f64)>,
    /// The stretch so far.
    samples: Vec<f64>,
    /// What places count for what is low, warm, in the middle and high.
    weights: [SpecificLoudness; 4],
}

impl TimbreMeter {
    /// The rate that it measures at, in Hz.
    pub const RATE: f64 = 44_100.0;

    /// For stretches of so many seconds, half a second at least; `None` if the loudness meter can't be had.
    pub fn new(seconds: f64) -> Option<Self> {
        let longest = (seconds.max(0.5) * Self::RATE) as usize;
        Some(Self {
            longest,
            taken: 0,
            peak: 0.0,
            loudness: EbuR128::new(1, Self::RATE as u32, Mode::I).ok()?,
            brightness: Brightness::new(Self::RATE),
            roughness: Roughness::new(Self::RATE, longest),
            reverb: ReverbMeter::new(Self::RATE),
            third_octaves: ThirdOctaves::new(Self::RATE),
            block: Vec::with_capacity(BLOCK),
            blocks: Vec::with_capacity(longest / BLOCK + 1),
            samples: Vec::with_capacity(longest),
            weights: [bell(0, 70), bell(10, 40), bell(70, 140), bell(80, 240)],
        })
    }

    /// Forgets the stretch that has begun.
    pub fn reset(&mut self) {
        self.taken = 0;
        self.peak = 0.0;
        self.loudness.reset();
        self.brightness.reset();
        self.roughness.reset();
        self.reverb.reset();
        self.block.clear();
        self.blocks.clear();
        self.samples.clear();
    }

    /// Takes in the mono mix at [`Self::RATE`], and hands out each stretch that it completes; `None` is silence.
    pub fn push(&mut self, samples: &[f32], mut stretch: impl FnMut(Option<Timbre>)) {
        let mut rest = samples;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(self.longest - self.taken));
            self.take(now);
            if self.taken == self.longest {
                stretch(self.finish());
            }
            rest = later;
        }
    }

    /// What the stretch that has begun comes to, as far as it is there; it begins anew. `None` of silence, and of less than half a second.
    pub fn finish(&mut self) -> Option<Timbre> {
        if !self.block.is_empty() {
            self.end_block();
        }
        let found = self.measure();
        self.reset();
        found
    }

    /// Seconds of the stretch that has begun.
    pub fn seconds(&self) -> f64 {
        self.taken as f64 / Self::RATE
    }

    fn take(&mut self, samples: &[f32]) {
        self.taken += samples.len();
        // It takes finite samples of any number, so that it can't fail.
        let _ = self.loudness.add_frames_f32(samples);
        for sample in samples.iter().copied().map(f64::from) {
            self.peak = self.peak.max(sample.abs());
            self.brightness.push(sample);
            self.roughness.push(sample);
            self.reverb.push(sample);
            self.samples.push(sample);
            self.block.push(sample);
            if self.block.len() == BLOCK {
                self.end_block();
            }
        }
    }

    fn end_block(&mut self) {
        let power: f64 = self.block.iter().map(|sample| sample * sample).sum();
        let powers = self.third_octaves.measure(&self.block);
        self.blocks.push((powers, (power / BLOCK as f64).sqrt()));
        self.block.clear();
    }

    fn measure(&mut self) -> Option<Timbre> {
        let loudness = self.loudness.loudness_global().ok()?;
        if self.seconds() < 0.5 || loudness.is_nan() || loudness < SILENT {
            return None;
        }
        // What would be above full scale is brought down to it.
        let gain = 10f64
            .powf((LOUDNESS - loudness) / 20.0)
            .min(1.0 / self.peak);
        let [mut sharp, mut boom, mut middle, mut high] = [[0.0; 2]; 4];
        let (mut warm, mut low) = (0.0, 0.0);
        let blocks = self.blocks.len() as f64;
        for (powers, rms) in &self.blocks {
            let places = specific_loudness(powers, gain * gain);
            let all: f64 = places.iter().sum();
            let add = |sum: &mut [f64; 2], value: f64, weight: f64| {
                sum[0] += value * weight;
                sum[1] += weight;
            };
            let [of_low, of_warm, of_middle, of_high] = &self.weights;
            let level = |weights: &SpecificLoudness| -> f64 {
                let weighted = places.iter().zip(weights);
                weighted.map(|(place, weight)| place * weight).sum()
            };
            warm += level(of_warm) / blocks;
            low += level(of_low) / blocks;
            add(&mut middle, level(of_middle), *rms);
            add(&mut high, level(of_high), *rms);
            let heard = all * 0.1 >= 0.0005;
            add(
                &mut sharp,
                if heard { sharpness(&places, all) } else { 0.0 },
                rms * rms,
            );
            add(
                &mut boom,
                if heard { booming(&places, all) } else { 0.0 },
                rms * rms,
            );
        }
        let log = |[sum, weight]: [f64; 2]| (sum / weight).log10();
        let (reverb_seconds, reverb) = self.reverb.value();
        for sample in &mut self.samples {
            *sample *= gain;
        }
        let samples = &self.samples[..];
        let strength = onsets::strength(samples, Self::RATE);
        let envelope = onsets::envelope(samples, Self::RATE, 0.1);
        let places = [warm, high[0] / high[1]];
        let found = Timbre {
            hardness: hardness(samples, Self::RATE, middle[0] / middle[1])?,
            warmth: warmth(samples, Self::RATE, &strength, &envelope, places)?,
            depth: depth(samples, Self::RATE)?,
            brightness: self.brightness.value()?,
            sharpness: 102.505_089_213_643_04 * log(sharp) + 34.432_655_185_001_735,
            boominess: 43.674_026_961_958_65 * log(boom) - 10.900_547_383_898_45 * low.log10()
                + 26.836_530_575_185_435,
            roughness: self.roughness.value(gain)?,
            reverb_seconds,
            reverb,
        };
        (found.sharpness.is_finite() && found.boominess.is_finite()).then_some(found)
    }
}

/// Fastl's sharpness, in acum: the mean place in Bark, where places above 14 Bark count more.
fn sharpness(places: &SpecificLoudness, sum: f64) -> f64 {
    let weighted = places.iter().enumerate().map(|(index, place)| {
        let bark = (index + 1) as f64 / 10.0;
        let weight = if index < 140 {
            1.0
        } else {
            0.000_12 * bark.powi(4) - 0.0056 * bark.powi(3) + 0.1 * bark.powi(2) - 0.81 * bark + 3.5
        };
        place * weight * bark
    });
    0.11 * weighted.sum::<f64>() / sum
}

/// Hashimoto's booming index: the level of the loudness where low places count more, times the share of what is below 280 Hz.
fn booming(places: &SpecificLoudness, sum: f64) -> f64 {
    /// The lowest four tenths of a Bark count less again.
    const LOWEST: [f64; 4] = [0.8, 1.05, 1.10, 1.18];
    /// The two lowest third-octave bands, in Hz.
    const BANDS_HZ: [f64; 2] = [25.0, 31.5];
    let step = (BANDS_HZ[1] / BANDS_HZ[0]).log10();
    let (mut powers, mut low) = (0.0, 0.0);
    for (index, place) in places.iter().enumerate() {
        let hz = 600.0 * ((index + 1) as f64 / 60.0).sinh();
        let band = (hz / BANDS_HZ[0]).log10() / step + 1.0;
        let weight = LOWEST
            .get(index)
            .copied()
            .unwrap_or_else(|| 2.13 * (-0.151 * band).exp());
        powers += 10f64.powf(place * weight / 10.0);
        if hz < 280.0 {
            low += place;
        }
    }
    10.0 * powers.log10() * low / sum
}

/// A bell over some places, 0 at the lowest and 1 in the middle.
fn bell(from: usize, until: usize) -> SpecificLoudness {
    /// Its width.
    const WIDTH: f64 = 0.01;
    let middle = (from + until) as f64 / 2.0;
    let height = |place: usize| (-(place as f64 - middle).powi(2) / 2.0 * WIDTH * WIDTH).exp();
    let (least, most) = (height(from), height((from + until) / 2));
    let mut weights = [0.0; PLACES];
    for (place, weight) in weights.iter_mut().enumerate().take(until).skip(from) {
        *weight = (height(place) - least) / (most - least);
    }
    weights
}
