//! The loudness of both ends of the chain (ITU-R BS.1770), and how much louder the one is than the other.

use ebur128::{EbuR128, Mode};

use super::tap::{METER_CHUNK, MeterChunk};

/// Below this there is nothing to match, in LUFS.
const QUIET: f64 = -60.0;

/// The most that Match makes louder or quieter, in dB.
const MOST_MATCH: f64 = 24.0;

/// A meter of sound of one or two channels at a rate in Hz; `None` where there is no loudness of such a rate.
fn meter(sample_rate: f32, channels: usize, mode: Mode) -> Option<EbuR128> {
    EbuR128::new(channels as u32, sample_rate.round() as u32, mode).ok()
}

/// Measures the loudness of one activation's sound; owned by the meters' thread.
pub(super) struct Loudness {
    channels: usize,
    input: EbuR128,
    output: EbuR128,
    /// The input and the processed sound over a longer time, while Match wants to know.
    compared: Option<[EbuR128; 2]>,
    sample_rate: f32,
    /// One channel of a chunk.
    left: [f32; METER_CHUNK],
    right: [f32; METER_CHUNK],
}

impl Loudness {
    /// For sound of one or two channels at a rate in Hz; `None` where there is no loudness of such a rate.
    pub(super) fn new(sample_rate: f32, channels: usize) -> Option<Self> {
        let meter = || meter(sample_rate, channels, Mode::M);
        Some(Self {
            channels,
            input: meter()?,
            output: meter()?,
            compared: None,
            sample_rate,
            left: [0.0; METER_CHUNK],
            right: [0.0; METER_CHUNK],
        })
    }

    /// Forgets all sound.
    pub(super) fn reset(&mut self) {
        let compared = self.compared.iter_mut().flatten();
        for meter in [&mut self.input, &mut self.output]
            .into_iter()
            .chain(compared)
        {
            meter.reset();
        }
    }

    /// Takes in a chunk; `is_matched` says whether [`Self::gain`] is wanted.
    pub(super) fn take(&mut self, chunk: &MeterChunk, is_matched: bool) {
        if !is_matched {
            self.compared = None;
        } else if self.compared.is_none() {
            let meter = || meter(self.sample_rate, self.channels, Mode::S);
            self.compared = meter().zip(meter()).map(|(one, other)| [one, other]);
        }
        let compared = self.compared.iter_mut().flatten();
        let meters = [&mut self.input, &mut self.output];
        let signals = [&chunk.input, &chunk.output, &chunk.input, &chunk.processed];
        for (meter, frames) in meters.into_iter().chain(compared).zip(signals) {
            for ((left, right), frame) in self.left.iter_mut().zip(&mut self.right).zip(frames) {
                [*left, *right] = *frame;
            }
            let planes = [&self.left[..], &self.right[..]];
            // The channels are as many as it was made for.
            let planes = planes.get(..self.channels).unwrap_or_default();
            let _ = meter.add_frames_planar_f32(planes);
        }
    }

    /// Momentary loudness of the input and of the output, in LUFS; minus infinity in silence.
    pub(super) fn momentary(&self) -> [f32; 2] {
        [&self.input, &self.output].map(|meter| {
            meter
                .loudness_momentary()
                .map_or(f32::NEG_INFINITY, |lufs| lufs as f32)
        })
    }

    /// How much louder the processed sound of the last 3 s is than the input, in dB; `None` while either is too quiet to tell.
    pub(super) fn gain(&self) -> Option<f32> {
        let loud = |meter: &EbuR128| {
            meter
                .loudness_shortterm()
                .ok()
                .filter(|loudness| *loudness > QUIET)
        };
        let [input, processed] = self.compared.as_ref()?;
        let gain = loud(processed)? - loud(input)?;
        Some(gain.clamp(-MOST_MATCH, MOST_MATCH) as f32)
    }
}
