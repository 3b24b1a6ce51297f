//! A mono sound at another rate.

use crate::dsp::StreamResampler;

/// A mono sound at another rate, as long as it was.
pub struct Resampled {
    resampler: StreamResampler,
    /// What goes in, in Hz.
    from: u32,
    /// Output samples of one input sample.
    ratio: f64,
    taken: u64,
    given: u64,
}

impl Resampled {
    /// From a rate in Hz to another.
    ///
    /// # Errors
    /// When the library can't build a filter for the ratio.
    pub fn new(from: u32, to: f64) -> Result<Self, rubato::ResamplerConstructionError> {
        Ok(Self {
            resampler: StreamResampler::new(f64::from(from), to, 1)?,
            from,
            ratio: to / f64::from(from),
            taken: 0,
            given: 0,
        })
    }

    /// Takes samples in and hands out what they complete.
    pub fn push(&mut self, samples: &[f32], mut out: impl FnMut(&[f32])) {
        self.taken += samples.len() as u64;
        let given = &mut self.given;
        self.resampler.push(samples, |samples| {
            *given += samples.len() as u64;
            out(samples);
        });
    }

    /// Gets the rest out, of which the filter's length is still within.
    pub fn finish(&mut self, mut out: impl FnMut(&[f32])) {
        let wanted = (self.taken as f64 * self.ratio).round() as u64;
        // In a second of silence even the longest filter is through.
        let silence = vec![0.0; self.from as usize];
        let given = &mut self.given;
        self.resampler.push(&silence, |samples| {
            let left = wanted.saturating_sub(*given).min(samples.len() as u64);
            *given += left;
            out(samples.get(..left as usize).unwrap_or_default());
        });
    }
}
