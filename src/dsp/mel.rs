//! Mel filter banks, and the way back from bands to bins.

/// Triangular filters over the bins of a power spectrum, stored without their zeros.
pub struct MelBank {
    filters: Vec<Filter>,
    centres: Vec<f64>,
}

struct Filter {
    first_bin: usize,
    weights: Vec<f32>,
}

/// O'Shaughnessy's mel scale as HTK has it: `2595 log10(1 + f / 700)`.
fn hz_to_htk(hz: f64) -> f64 {
    2595.0 * (1.0 + hz / 700.0).log10()
}

fn htk_to_hz(mel: f64) -> f64 {
    700.0 * (10f64.powf(mel / 2595.0) - 1.0)
}

/// The first logarithmic mel of Slaney's Auditory Toolbox (1998), at 1 kHz.
const SLANEY_BREAK: f64 = 15.0;

/// Slaney's mels per e-fold of frequency above 1 kHz.
fn slaney_rate() -> f64 {
    27.0 / 6.4f64.ln()
}

fn hz_to_slaney(hz: f64) -> f64 {
    if hz < 1000.0 {
        hz * 3.0 / 200.0
    } else {
        SLANEY_BREAK + (hz / 1000.0).ln() * slaney_rate()
    }
}

fn slaney_to_hz(mel: f64) -> f64 {
    if mel < SLANEY_BREAK {
        mel * 200.0 / 3.0
    } else {
        1000.0 * ((mel - SLANEY_BREAK) / slaney_rate()).exp()
    }
}

impl MelBank {
    /// Centres of [`Self::slaney_mean`]'s bands, in Hz.
    pub fn slaney_centres(bands: usize, f_min: f64, f_max: f64) -> Vec<f64> {
        let mut points = slaney_points(bands, f_min, f_max);
        points.pop();
        points.drain(..1.min(points.len()));
        points
    }

    /// HTK-scale triangles of height 1 (torchaudio's and librosa's `norm=None`), for a spectrum of `n_fft / 2 + 1` bins.
    pub fn htk(sample_rate: f64, n_fft: usize, bands: usize, f_min: f64, f_max: f64) -> Self {
        let points = points(bands, hz_to_htk(f_min), hz_to_htk(f_max), htk_to_hz);
        Self::triangles(sample_rate, n_fft, points, |hz| hz)
    }

    /// HTK-scale triangles of height 1 whose sides are straight over that scale, not over the frequency, as Kaldi has them
    /// (Povey et al., "The Kaldi Speech Recognition Toolkit", 2011). A band too narrow to hold a bin is always 0.
    pub fn kaldi(sample_rate: f64, n_fft: usize, bands: usize, f_min: f64, f_max: f64) -> Self {
        let points = points(bands, hz_to_htk(f_min), hz_to_htk(f_max), htk_to_hz);
        Self::triangles(sample_rate, n_fft, points, hz_to_htk)
    }

    /// The same without what is above `hz`: bands there are always 0.
    pub fn without_above(mut self, sample_rate: f64, n_fft: usize, hz: f64) -> Self {
        let end = (hz * n_fft as f64 / sample_rate).ceil() as usize;
        for filter in &mut self.filters {
            let kept = end.saturating_sub(filter.first_bin);
            filter.weights.truncate(kept);
        }
        self
    }

    /// Slaney-scale triangles, each divided by its sum over the bins, so that a band is the weighted mean of its bins. A
    /// band too narrow to hold a bin takes the nearest one; a band above the Nyquist frequency is always 0.
    pub fn slaney_mean(
        sample_rate: f64,
        n_fft: usize,
        bands: usize,
        f_min: f64,
        f_max: f64,
    ) -> Self {
        let points = slaney_points(bands, f_min, f_max);
        let mut bank = Self::triangles(sample_rate, n_fft, points, |hz| hz);
        let bin_hz = sample_rate / n_fft as f64;
        for (filter, centre) in bank.filters.iter_mut().zip(&bank.centres) {
            let sum: f32 = filter.weights.iter().sum();
            if sum > 0.0 {
                for weight in &mut filter.weights {
                    *weight /= sum;
                }
            } else if *centre <= sample_rate / 2.0 {
                filter.first_bin = (centre / bin_hz).round() as usize;
                filter.weights = vec![1.0];
            }
        }
        bank
    }

    /// Triangles between the edges and centres `points`, in Hz, whose sides are straight over what `scale` makes of them.
    fn triangles(
        sample_rate: f64,
        n_fft: usize,
        points: Vec<f64>,
        scale: impl Fn(f64) -> f64,
    ) -> Self {
        let bin_hz = sample_rate / n_fft as f64;
        let bins = n_fft / 2 + 1;
        let filters = points
            .windows(3)
            .map(|edges| {
                let &[low, centre, high] = edges else {
                    return Filter {
                        first_bin: 0,
                        weights: Vec::new(),
                    };
                };
                let [from, top, to] = [low, centre, high].map(&scale);
                let weight = |bin: usize| {
                    let place = scale(bin as f64 * bin_hz);
                    ((place - from) / (top - from)).min((to - place) / (to - top))
                };
                let first_bin = ((low / bin_hz).floor() as usize).min(bins);
                let end = ((high / bin_hz).ceil() as usize + 1)
                    .min(bins)
                    .max(first_bin);
                Filter {
                    first_bin,
                    weights: (first_bin..end)
                        .map(|bin| weight(bin).max(0.0) as f32)
                        .collect(),
                }
            })
            .collect();
        let centres = points.get(1..points.len() - 1).unwrap_or_default().to_vec();
        Self { filters, centres }
    }

    /// Sums a power spectrum into bands. Bins that `power` lacks count as 0.
    pub fn apply(&self, power: &[f32], bands: &mut [f32]) {
        for (filter, band) in self.filters.iter().zip(bands) {
            let bins = power.get(filter.first_bin..).unwrap_or_default();
            *band = filter
                .weights
                .iter()
                .zip(bins)
                .map(|(weight, bin)| weight * bin)
                .sum();
        }
    }

    /// Centre of each band, in Hz.
    pub fn centres(&self) -> &[f64] {
        &self.centres
    }
}

/// Edges and centres of `bands` triangles, evenly spaced between two mels, in Hz.
fn points(bands: usize, low: f64, high: f64, to_hz: impl Fn(f64) -> f64) -> Vec<f64> {
    (0..bands + 2)
        .map(|k| to_hz(low + (high - low) * k as f64 / (bands + 1) as f64))
        .collect()
}

fn slaney_points(bands: usize, f_min: f64, f_max: f64) -> Vec<f64> {
    points(
        bands,
        hz_to_slaney(f_min),
        hz_to_slaney(f_max),
        slaney_to_hz,
    )
}

/// Spreads values of bands over the bins between their centres, linearly in Hz; beyond the first and last centre the
/// value is held.
pub struct BandInterpolation {
    /// For each bin: the band below it, and how far it is on the way to the next.
    places: Vec<(u16, f32)>,
}

impl BandInterpolation {
    /// For bands with these centres (Hz, rising, at least one) and a spectrum of `n_fft / 2 + 1` bins.
    pub fn new(sample_rate: f64, n_fft: usize, centres: &[f64]) -> Self {
        let places = (0..=n_fft / 2)
            .map(|bin| {
                let hz = bin as f64 * sample_rate / n_fft as f64;
                let above = centres.partition_point(|centre| *centre <= hz);
                match (above.checked_sub(1), centres.get(above)) {
                    (Some(below), Some(next)) => {
                        let centre = centres.get(below).copied().unwrap_or(hz);
                        (below as u16, ((hz - centre) / (next - centre)) as f32)
                    }
                    (Some(below), None) => (below as u16, 0.0),
                    (None, _) => (0, 0.0),
                }
            })
            .collect();
        Self { places }
    }

    /// The value of each bin.
    pub fn spread<'a>(&'a self, bands: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
        self.places.iter().map(|&(below, way)| {
            let low = bands.get(below as usize).copied().unwrap_or_default();
            let high = bands.get(below as usize + 1).copied().unwrap_or(low);
            low + way * (high - low)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_their_own_inverses() {
        for hz in [0.0, 30.0, 440.0, 999.0, 1000.0, 8000.0, 20_000.0] {
            assert!((htk_to_hz(hz_to_htk(hz)) - hz).abs() < 1e-6);
            assert!((slaney_to_hz(hz_to_slaney(hz)) - hz).abs() < 1e-6);
        }
    }

    #[test]
    fn a_flat_spectrum_gives_flat_slaney_bands_up_to_the_nyquist_frequency() {
        for sample_rate in [8_000.0, 44_100.0, 48_000.0, 67_000.0, 192_000.0] {
            let n_fft = 2048;
            let bank = MelBank::slaney_mean(sample_rate, n_fft, 128, 30.0, 20_000.0);
            assert_eq!(bank.centres(), MelBank::slaney_centres(128, 30.0, 20_000.0));
            let mut bands = [9.0; 128];
            bank.apply(&vec![2.0; n_fft / 2 + 1], &mut bands);
            for (band, centre) in bands.iter().zip(bank.centres()) {
                if *centre < sample_rate / 2.0 {
                    assert!(
                        (band - 2.0).abs() < 1e-4,
                        "{sample_rate} Hz: {centre} Hz: {band}"
                    );
                }
            }
        }
    }

    #[test]
    fn bands_above_a_limit_are_0_and_those_below_are_as_they_were() {
        let bank = || MelBank::kaldi(32_000.0, 1_024, 128, 0.0, 15_000.0);
        let limited = bank().without_above(32_000.0, 1_024, 11_025.0);
        let power = vec![1.0; 513];
        let (mut all, mut some) = ([0.0; 128], [0.0; 128]);
        bank().apply(&power, &mut all);
        limited.apply(&power, &mut some);
        let mut above = 0;
        let bands = all.iter().zip(&some).skip(1);
        for ((all, some), centres) in bands.zip(bank().centres().windows(3)) {
            if centres[2] < 11_025.0 {
                assert_eq!(all, some);
            } else if centres[0] > 11_025.0 {
                above += 1;
                assert_eq!(*some, 0.0, "{} Hz", centres[1]);
            }
        }
        assert!(above > 5, "{above}");
    }

    #[test]
    fn a_flat_curve_spreads_to_exactly_itself() {
        let bank = MelBank::slaney_mean(48_000.0, 2048, 128, 30.0, 20_000.0);
        let spread = BandInterpolation::new(48_000.0, 2048, bank.centres());
        assert_eq!(spread.spread(&[0.0; 128]).count(), 1025);
        assert!(spread.spread(&[0.0; 128]).all(|gain| gain == 0.0));
        assert!(spread.spread(&[3.5; 128]).all(|gain| gain == 3.5));
    }
}
