//! The loudness of both ends of the chain (ITU-R BS.1770), and how much louder the one is than the other.

use ebur128::{EbuR128, Mode};

use super::tap::{METER_CHUNK, MeterChunk};

/// Below this there is nothing to match, in LUFS.
const QUIET: f64 = -60.0;

/// The most that Match makes louder or quieter, in dB.
const MOST_MATCH: f64 = 24.0;

/// Measures the loudness of one activation's sound; owned by the meters' thread.
pub(super) struct Loudness {
    channels: usize,
    input: EbuR128,
    processed: EbuR128,
    output: EbuR128,
    /// One channel of a chunk.
    left: [f32; METER_CHUNK],
    right: [f32; METER_CHUNK],
}

impl Loudness {
    /// For sound of one or two channels at a rate in Hz; `None` where there is no loudness of such a rate.
    pub(super) fn new(sample_rate: f32, channels: usize) -> Option<Self> {
        let meter = |mode| EbuR128::new(channels as u32, sample_rate.round() as u32, mode).ok();
        Some(Self {
            channels,
            input: meter(Mode::S)?,
            processed: meter(Mode::S)?,
            output: meter(Mode::M)?,
            left: [0.0; METER_CHUNK],
            right: [0.0; METER_CHUNK],
        })
    }

    /// Forgets all sound.
    pub(super) fn reset(&mut self) {
        for meter in [&mut self.input, &mut self.processed, &mut self.output] {
            meter.reset();
        }
    }

    /// Takes in a chunk.
    pub(super) fn take(&mut self, chunk: &MeterChunk) {
        for (meter, frames) in [
            (&mut self.input, &chunk.input),
            (&mut self.processed, &chunk.processed),
            (&mut self.output, &chunk.output),
        ] {
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
        let gain = loud(&self.processed)? - loud(&self.input)?;
        Some(gain.clamp(-MOST_MATCH, MOST_MATCH) as f32)
    }
}
