//! Where the source stands between the channels; on the audio thread.

use realfft::num_complex::Complex;

use crate::dsp::Delay;

/// Channels, at most.
pub const CHANNELS: usize = 2;

/// Below this power a frame is nowhere.
const SILENT: f32 = 1e-9;

/// Hears where a source stands, so that what plays in its place stands there.
pub struct Pan {
    newest: [f32; CHANNELS],
    delays: [Delay; CHANNELS],
}

impl Pan {
    /// Tells of the frame so many before the newest. Allocates.
    pub fn new(frames: usize) -> Self {
        Self {
            newest: [1.0; CHANNELS],
            delays: std::array::from_fn(|_| Delay::new(frames)),
        }
    }

    /// Forgets all frames.
    pub fn reset(&mut self) {
        self.newest = [1.0; CHANNELS];
        for delay in &mut self.delays {
            delay.reset();
        }
    }

    /// Takes in a frame's spectra, `[channel][bin]`; where it isn't `wanted` the source stays where it was. Returns the factor of each channel: 1 each where they
    /// are equally loud; below 0 where it is against the first channel's.
    pub fn hear(&mut self, spectra: &[Vec<Complex<f32>>], wanted: bool) -> [f32; CHANNELS] {
        if let ([first, second], true) = (spectra, wanted) {
            self.newest = between(first, second).unwrap_or(self.newest);
        }
        let mut pan = self.newest;
        for (pan, delay) in pan.iter_mut().zip(&mut self.delays) {
            *pan = delay.tick(*pan);
        }
        pan
    }
}

/// `None` where there is silence.
fn between(first: &[Complex<f32>], second: &[Complex<f32>]) -> Option<[f32; CHANNELS]> {
    // Several sums at a time.
    let mut sums = [[0.0f32; 3]; 8];
    for (first, second) in first.chunks(8).zip(second.chunks(8)) {
        for ((a, b), [left, right, common]) in first.iter().zip(second).zip(&mut sums) {
            *left += a.norm_sqr();
            *right += b.norm_sqr();
            *common += a.re * b.re + a.im * b.im;
        }
    }
    let [left, right, common] =
        std::array::from_fn(|which| sums.iter().map(|sums| sums[which]).sum::<f32>());
    let power = [left, right];
    let mean = power.iter().sum::<f32>() / CHANNELS as f32;
    let [left, right] = power.map(|power| (power / mean).sqrt());
    (mean > SILENT).then_some([left, right.copysign(common)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spectrum(level: f32) -> Vec<Complex<f32>> {
        vec![Complex::new(level, -0.5 * level); 5]
    }

    #[test]
    fn the_source_is_where_its_powers_and_their_sign_say_and_stays_there_through_silence() {
        let mut pan = Pan::new(0);
        let mut hear = |left, right| pan.hear(&[spectrum(left), spectrum(right)], true);
        assert_eq!(hear(0.3, 0.3), [1.0, 1.0]);
        assert_eq!(hear(0.3, -0.3), [1.0, -1.0]);
        assert_eq!(hear(0.3, 0.0), [2.0f32.sqrt(), 0.0]);
        assert_eq!(hear(0.0, 0.0), [2.0f32.sqrt(), 0.0]);
        let both = [spectrum(0.3), spectrum(0.3)];
        assert_eq!(pan.hear(&both, false), [2.0f32.sqrt(), 0.0]);
        let mut pan = Pan::new(0);
        assert_eq!(pan.hear(&[spectrum(0.3)], true), [1.0, 1.0]);
    }

    #[test]
    fn it_tells_of_an_earlier_frame_if_it_is_told_to() {
        let mut pan = Pan::new(2);
        let [both, left] = [0.3, 0.0].map(|right| [spectrum(0.3), spectrum(right)]);
        for _ in 0..3 {
            pan.hear(&both, true);
        }
        let heard: Vec<f32> = (0..3).map(|_| pan.hear(&left, true)[1]).collect();
        assert_eq!(heard, [1.0, 1.0, 0.0]);
    }
}
