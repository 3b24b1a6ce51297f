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

/// The scale on which a bank's edges are equally spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MelScale {
    /// O'Shaughnessy's, `2595 log10(1 + f / 700)`, which is HTK's, Kaldi's and torchaudio's.
    Htk,
    /// That of Slaney's Auditory Toolbox (1998), straight below 1 kHz, which is librosa's.
    Slaney,
}

impl MelScale {
    /// Of a frequency in Hz.
    pub fn mel(self, hz: f64) -> f64 {
        match self {
            Self::Htk => hz_to_htk(hz),
            Self::Slaney => hz_to_slaney(hz),
        }
    }

    fn hz(self, mel: f64) -> f64 {
        match self {
            Self::Htk => htk_to_hz(mel),
            Self::Slaney => slaney_to_hz(mel),
        }
    }
}

/// Where the sides of a band's triangle are straight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BandSides {
    /// Over the frequency, as librosa and torchaudio have them.
    StraightInHz,
    /// Over the mel scale, as Kaldi (Povey et al., "The Kaldi Speech Recognition Toolkit", 2011), HTK and TensorFlow have them.
    StraightInMel,
}

/// The bands of a bank.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BandsLayout {
    /// Their number.
    pub bands: usize,
    /// The scale on which their edges are equally spaced.
    pub scale: MelScale,
    /// Their shape.
    pub sides: BandSides,
    /// Whether each is divided by half its width in Hz, so that all have the same area (librosa's and torchaudio's
    /// `norm="slaney"`); otherwise their height is 1.
    pub same_area: bool,
    /// Lower edge of the first, in Hz.
    pub f_min: f64,
    /// Upper edge of the last, in Hz.
    pub f_max: f64,
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

    /// The bank of a layout, for a spectrum of `n_fft / 2 + 1` bins. A band too narrow to hold a bin is always 0.
    pub fn new(sample_rate: f64, n_fft: usize, layout: &BandsLayout) -> Self {
        let scale = layout.scale;
        let (low, high) = (scale.mel(layout.f_min), scale.mel(layout.f_max));
        let points = points(layout.bands, low, high, |mel| scale.hz(mel));
        let widths: Vec<f64> = points
            .windows(3)
            .map(|edges| edges.last().unwrap_or(&0.0) - edges.first().unwrap_or(&0.0))
            .collect();
        let mut bank = match layout.sides {
            BandSides::StraightInHz => Self::triangles(sample_rate, n_fft, points, |hz| hz),
            BandSides::StraightInMel => {
                Self::triangles(sample_rate, n_fft, points, |hz| scale.mel(hz))
            }
        };
        if layout.same_area {
            for (filter, width) in bank.filters.iter_mut().zip(widths) {
                let height = (2.0 / width) as f32;
                for weight in &mut filter.weights {
                    *weight *= height;
                }
            }
        }
        bank
    }

    /// HTK-scale triangles of height 1 (torchaudio's and librosa's `norm=None`), for a spectrum of `n_fft / 2 + 1` bins.
    pub fn htk(sample_rate: f64, n_fft: usize, bands: usize, f_min: f64, f_max: f64) -> Self {
        let layout = BandsLayout {
            bands,
            scale: MelScale::Htk,
            sides: BandSides::StraightInHz,
            same_area: false,
            f_min,
            f_max,
        };
        Self::new(sample_rate, n_fft, &layout)
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

    /// Slaney-scale triangles of equal area up to half the rate, `2 / width` high with the width in Hz: the defaults of `librosa.filters.mel`.
    pub fn slaney_area(sample_rate: f64, n_fft: usize, bands: usize) -> Self {
        let layout = BandsLayout {
            bands,
            scale: MelScale::Slaney,
            sides: BandSides::StraightInHz,
            same_area: true,
            f_min: 0.0,
            f_max: sample_rate / 2.0,
        };
        Self::new(sample_rate, n_fft, &layout)
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
mod tests;
