//! The eight figures of a spectrum that the knobs are named after, and how each follows the level of every band. What the model learnt is measured with the same:
//! `models/training/moodring_training/timbre/spectra/descriptors.py`.

use crate::{
    dsp::exp2,
    model::{BANDS, LATENTS, Latent, MelDb, TimbreFrontEnd},
    morph::stage::band_centres,
};

/// What is below this frequency is body, in Hz.
const BODY_HZ: f64 = 500.0;

/// Share of all energy that body and what is above it have at least, and the least variance of a spread, in octaves squared.
const LEAST: f32 = 1e-6;

/// Each is the mean level around one frequency less that around another, in Hz.
const CONTRASTS: [[f64; 2]; 4] = [
    [550.0, 1_500.0],
    [1_050.0, 2_200.0],
    [5_000.0, 1_300.0],
    [11_000.0, 2_700.0],
];

/// Standard deviation of the Gaussian around either, in octaves.
const CONTRAST_OCTAVES: f64 = 0.35;

/// Natural logarithm of the amplitude that a dB is, and the binary one.
const AMPLITUDE_A_DB: f32 = std::f32::consts::LN_10 / 20.0;
const DOUBLINGS_A_DB: f32 = std::f32::consts::LOG2_10 / 20.0;

/// The descriptors of bands at the places that a model's front-end has them.
pub(super) struct Descriptors {
    /// Centres, in Hz.
    hz: [f32; BANDS],
    /// Binary logarithms of the same.
    octaves: [f32; BANDS],
    /// At half height, in Hz.
    widths: [f32; BANDS],
    /// 1 for a band of the body, else 0.
    body: [f32; BANDS],
    /// Weights of the levels; the sum of each contrast's is 0.
    contrasts: [[f32; BANDS]; 4],
}

/// What is measured of a spectrum.
pub(super) struct Described {
    /// The descriptors, each in its own unit: octaves, dB, dB, octaves, and dB for the contrasts.
    pub(super) values: Latent,
    /// By how much each rises with the level of each band, in its unit a dB.
    pub(super) slopes: [[f32; BANDS]; LATENTS],
}

impl Descriptors {
    pub(super) fn new(front_end: &TimbreFrontEnd) -> Self {
        let mut edges = vec![f64::from(front_end.f_min)];
        edges.extend(band_centres(front_end));
        edges.push(f64::from(front_end.f_max));
        let mut bands = [[0.0; 2]; BANDS];
        for (band, around) in bands.iter_mut().zip(edges.windows(3)) {
            if let &[low, centre, high] = around {
                *band = [centre, (high - low) / 2.0];
            }
        }
        let around = |hz: f64| {
            // A band counts for the octaves that it covers: on this scale bands are narrow in octaves only above 1 kHz.
            let weights = bands.map(|[centre, width]| {
                let away = (centre / hz).log2() / CONTRAST_OCTAVES;
                (-0.5 * away * away).exp() * width / centre
            });
            let sum: f64 = weights.iter().sum();
            weights.map(|weight| weight / sum)
        };
        Self {
            hz: bands.map(|[centre, _]| centre as f32),
            octaves: bands.map(|[centre, _]| centre.log2() as f32),
            widths: bands.map(|[_, width]| width as f32),
            body: bands.map(|[centre, _]| f32::from(u8::from(centre < BODY_HZ))),
            contrasts: CONTRASTS.map(|[over, under]| {
                let (over, under) = (around(over), around(under));
                std::array::from_fn(|band| (over[band] - under[band]) as f32)
            }),
        }
    }

    /// The contrasts of levels in dB, or of a curve.
    pub(super) fn contrasts_of(&self, levels: &MelDb) -> [f32; 4] {
        self.contrasts.map(|weights| dot(levels, &weights))
    }

    /// Of levels in dB, whatever is added to all of them.
    pub(super) fn of(&self, levels: &MelDb) -> Described {
        let strongest = levels.iter().copied().fold(f32::MIN, f32::max);
        let below = levels.map(|level| level - strongest);
        let heights = below.map(|level| exp2(DOUBLINGS_A_DB * level));
        let amplitudes: MelDb = std::array::from_fn(|band| heights[band] * self.widths[band]);
        let energies: MelDb = std::array::from_fn(|band| heights[band] * amplitudes[band]);
        let total = sum(&amplitudes);
        let centroid = dot(&amplitudes, &self.hz) / total;
        let centre = dot(&amplitudes, &self.octaves) / total;
        let apart: MelDb = self.octaves.map(|octave| (octave - centre).powi(2));
        let variance = (dot(&amplitudes, &apart) / total).max(LEAST);
        let spread = variance.sqrt();
        let all = sum(&energies);
        let low = dot(&energies, &self.body);
        let (low, high) = (low + LEAST * all, all - low + LEAST * all);
        let power = dot(&heights, &heights);
        let bands = BANDS as f32;

        let shares = amplitudes.map(|amplitude| AMPLITUDE_A_DB * amplitude / total);
        let mut described = Described {
            values: [0.0; LATENTS],
            slopes: [[0.0; BANDS]; LATENTS],
        };
        let [brightness, body, noise, wide, contrasts @ ..] = &mut described.slopes;
        *brightness = std::array::from_fn(|band| {
            shares[band] * (self.hz[band] / centroid - 1.0) * std::f32::consts::LOG2_E
        });
        *body = std::array::from_fn(|band| {
            let inside = self.body[band];
            energies[band] * ((inside + LEAST) / low - (1.0 - inside + LEAST) / high)
        });
        *noise = heights.map(|height| 1.0 / bands - height * height / power);
        *wide =
            std::array::from_fn(|band| shares[band] * (apart[band] - variance) / (2.0 * spread));
        let [brightness, body, noise, wide, told @ ..] = &mut described.values;
        *brightness = centroid.log2();
        *body = 10.0 * (low / high).log10();
        *noise = sum(&below) / bands - 10.0 * (power / bands).log10();
        *wide = spread;
        told.copy_from_slice(&self.contrasts_of(&below));
        contrasts.copy_from_slice(&self.contrasts);
        described
    }
}

/// In eight sums, so that a processor computes several at a time.
fn sum(values: &[f32; BANDS]) -> f32 {
    let (eights, _) = values.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for values in eights {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += value;
        }
    }
    sums.iter().sum()
}

/// As [`sum`], of products.
fn dot(values: &[f32; BANDS], weights: &[f32; BANDS]) -> f32 {
    let ((values, _), (weights, _)) = (values.as_chunks::<8>(), weights.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (values, weights) in values.iter().zip(weights) {
        for ((sum, value), weight) in sums.iter_mut().zip(values).zip(weights) {
            *sum += value * weight;
        }
    }
    sums.iter().sum()
}
