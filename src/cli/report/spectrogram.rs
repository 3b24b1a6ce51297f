//! A picture of a whole file's sound, in the memory of a picture.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::dsp::{Compression, FrameEdges, LogMel, LogMelLayout, MelBank, Spectrum, hann};

/// The most columns: when they are full, each two become one.
const MOST_COLUMNS: usize = 1_200;

const BANDS: usize = 96;
/// The lowest frequency, in Hz; the highest is half of the rate, or [`HIGHEST`].
const LOWEST: f64 = 30.0;
const HIGHEST: f64 = 16_000.0;
/// About 46 ms at the usual rates.
const N_FFT: usize = 2_048;
/// What is shown below the loudest, in dB.
const RANGE: f32 = 80.0;

/// Mel bands over time; the loudest level of the frames that a column stands for.
#[derive(Default)]
pub struct Spectrogram {
    log_mel: Option<LogMel>,
    /// The highest frequency, in Hz.
    highest: f64,
    /// `[column][band]`, in dB.
    columns: Vec<Vec<f32>>,
    /// Frames that a column stands for, and how many the last one has.
    frames: usize,
    filled: usize,
}

impl Spectrogram {
    /// Takes frames in, indexed by `[channel_idx][frame_idx]`, at `rate` Hz.
    pub fn hear(&mut self, samples: &[Vec<f32>], rate: u32) {
        let mut mono = vec![0.0; samples.first().map_or(0, Vec::len)];
        let share = 1.0 / samples.len().max(1) as f32;
        for channel in samples {
            for (sum, sample) in mono.iter_mut().zip(channel) {
                // What is no number would be in the picture for ever.
                *sum += share * if sample.is_finite() { *sample } else { 0.0 };
            }
        }
        let mut log_mel = match self.log_mel.take() {
            Some(log_mel) => log_mel,
            None => self.open(f64::from(rate)),
        };
        log_mel.push(&mono, |levels| self.add(levels));
        self.log_mel = Some(log_mel);
    }

    fn open(&mut self, rate: f64) -> LogMel {
        self.frames = 1;
        self.highest = HIGHEST.min(rate / 2.0);
        let layout = LogMelLayout {
            n_fft: N_FFT,
            hop: N_FFT / 2,
            window: hann(N_FFT),
            edges: FrameEdges::Reflected,
            spectrum: Spectrum::Power,
            preemphasis: 0.0,
            bank: MelBank::htk(rate, N_FFT, BANDS, LOWEST, self.highest),
            compression: Compression::decibels(1e-10),
        };
        LogMel::new(layout, 1)
    }

    fn add(&mut self, levels: &[f32]) {
        if let Some(last) = self
            .columns
            .last_mut()
            .filter(|_| self.filled < self.frames)
        {
            louder(last, levels);
            self.filled += 1;
            return;
        }
        if self.columns.len() >= MOST_COLUMNS {
            let pairs = self.columns.chunks(2).map(|pair| {
                let mut column = pair.first().cloned().unwrap_or_default();
                if let Some(second) = pair.get(1) {
                    louder(&mut column, second);
                }
                column
            });
            self.columns = pairs.collect();
            self.frames *= 2;
        }
        self.columns.push(levels.to_vec());
        self.filled = 1;
    }

    /// What the page draws: a byte a band in hexadecimal, column by column, from low to high; 0 is [`RANGE`] dB below the loudest.
    pub fn object(&self) -> Value {
        let levels = self.columns.iter().flatten().copied();
        let loudest = levels.clone().fold(f32::MIN, f32::max);
        let mut bytes = String::with_capacity(2 * BANDS * self.columns.len());
        for level in levels {
            let share = ((level - loudest) / RANGE + 1.0).clamp(0.0, 1.0);
            // Writing to a string never fails.
            let _ = write!(bytes, "{:02x}", (255.0 * share).round() as u8);
        }
        json!({
            "bands": BANDS,
            "lowest": LOWEST,
            "highest": self.highest,
            "levels": bytes,
        })
    }
}

fn louder(column: &mut [f32], levels: &[f32]) {
    for (own, level) in column.iter_mut().zip(levels) {
        *own = own.max(*level);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(seconds: usize, hz: f32) -> Value {
        let mut spectrogram = Spectrogram::default();
        for second in 0..seconds {
            let tone = (0..8_000).map(|n| {
                let time = (second * 8_000 + n) as f32 / 8_000.0;
                0.5 * (std::f32::consts::TAU * hz * time.fract()).sin()
            });
            spectrogram.hear(&[tone.collect()], 8_000);
        }
        spectrogram.object()
    }

    #[test]
    fn a_tone_is_a_line_and_hours_take_no_more_room_than_minutes() {
        let levels = |object: &Value| object["levels"].as_str().unwrap().to_owned();
        let (low, high) = (levels(&of(2, 200.0)), levels(&of(2, 2_000.0)));
        let loudest = |levels: &str| {
            let column: Vec<_> = (0..BANDS)
                .map(|band| u8::from_str_radix(&levels[2 * band..2 * band + 2], 16).unwrap())
                .collect();
            (0..BANDS).max_by_key(|band| column[*band]).unwrap()
        };
        // Of the second column: the first has the beginning in it.
        assert!(loudest(&low[2 * BANDS..]) + 20 < loudest(&high[2 * BANDS..]));
        let hour = levels(&of(3_600, 440.0));
        assert!(hour.len() <= 2 * BANDS * MOST_COLUMNS, "{}", hour.len());
        assert!(hour.len() >= BANDS * MOST_COLUMNS);
    }
}
