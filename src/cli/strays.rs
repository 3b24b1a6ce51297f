//! Samples in a file that are no sound.

use crate::dsp::LARGEST_SAMPLE;

/// Counts what is no number or infinite, and what is above +60 dBFS: [`clean`](crate::dsp::clean) makes something else of both.
#[derive(Debug, Default)]
pub(super) struct Strays {
    count: u64,
    /// Where the first one is, in frames.
    first: Option<u64>,
    /// Frames so far.
    frames: u64,
}

impl Strays {
    /// Looks at the next frames, `[channel_idx][frame_idx]`.
    pub fn look_at(&mut self, block: &[Vec<f32>]) {
        for channel in block {
            // Nearly always this is all, and it takes next to no time: bits without their sign are in the order of the numbers, and
            // what is no number is behind them all.
            let largest = channel.iter().map(magnitude).fold(0, u32::max);
            if largest <= magnitude(&LARGEST_SAMPLE) {
                continue;
            }
            let is_stray = |sample: &f32| magnitude(sample) > magnitude(&LARGEST_SAMPLE);
            self.count += channel.iter().filter(|sample| is_stray(sample)).count() as u64;
            let at = channel.iter().position(is_stray);
            let at = self.frames + at.unwrap_or_default() as u64;
            self.first = Some(self.first.map_or(at, |first| first.min(at)));
        }
        self.frames += block.first().map_or(0, Vec::len) as u64;
    }

    /// What there was, in one line, of sound at a rate in Hz.
    pub fn note(&self, rate: u32) -> Option<String> {
        let at = self.first? as f64 / f64::from(rate);
        let samples = match self.count {
            1 => format!("1 sample, at {at:.2} s, is"),
            count => format!("{count} samples, from {at:.2} s on, are"),
        };
        Some(format!(
            "{samples} no finite number or above +60 dBFS, and counted as silence or as +60 dBFS"
        ))
    }
}

/// A sample's bits without its sign.
fn magnitude(sample: &f32) -> u32 {
    sample.abs().to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_sound_is_counted_and_the_first_is_named() {
        let mut strays = Strays::default();
        strays.look_at(&[vec![0.0, 1.0, -1_000.0], vec![f32::MIN_POSITIVE, 0.0, 1.0]]);
        assert_eq!(strays.note(2), None);
        strays.look_at(&[vec![0.0, f32::NAN], vec![1e30, f32::NEG_INFINITY]]);
        let note = strays.note(2).unwrap();
        assert!(note.starts_with("3 samples, from 1.50 s on, are"), "{note}");
    }
}
