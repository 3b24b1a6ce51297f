//! Keep Loudness, of what is drawn: as loud as the source, not only as strong.

use super::{
    Drawn,
    drawer::NOISE_IN_A_BIN,
    tone::{BIN_HZ, SPREAD},
};
use crate::{
    dsp::k_weight,
    model::{NOISE_BANDS, noise_edges_hz},
    morph::FrameMessage,
};

/// What is drawn is turned up or down by no more than this for what its frequencies count, as a power: 12 dB.
const LARGEST_LIFT: f32 = 16.0;
/// Of a power that is divided by.
const TINY: f32 = 1e-20;

/// Brings what is drawn from the power that it has been given to the loudness that the source would have at that power; runs on Morph's thread.
pub struct DrawnLoudness {
    /// What the power in a bin of each band of noise comes to in all: as mean power, and as that counts for loudness.
    noise: [[f32; 2]; NOISE_BANDS],
}

impl DrawnLoudness {
    /// Computes what noise counts.
    pub fn new() -> Self {
        let edges: Vec<f64> = noise_edges_hz().collect();
        let mut noise = [[0.0; 2]; NOISE_BANDS];
        for (noise, pair) in noise.iter_mut().zip(edges.windows(2)) {
            if let &[low, high] = pair {
                let plain = NOISE_IN_A_BIN * (high - low) as f32 / BIN_HZ / SPREAD / 2.0;
                *noise = [plain, plain * k_weight((low * high).sqrt() as f32)];
            }
        }
        Self { noise }
    }

    /// Turns up or down what is drawn for a frame; nothing where Keep Loudness is off.
    pub fn keep(&self, drawn: &mut Drawn, frame: &FrameMessage) {
        let [plain, weighted] = self.powers(drawn);
        if !frame.keep_loudness || plain <= 0.0 || frame.power <= 0.0 {
            return;
        }
        let lift = frame.loudness / frame.power * plain / weighted.max(TINY);
        let gain = lift.clamp(1.0 / LARGEST_LIFT, LARGEST_LIFT).sqrt();
        for note in &mut drawn.notes {
            for harmonic in &mut note.harmonics {
                *harmonic *= gain;
            }
        }
        for noise in &mut drawn.noise {
            *noise *= gain;
        }
    }

    /// The mean power of what is drawn beside the source, and what that counts for loudness.
    fn powers(&self, drawn: &Drawn) -> [f32; 2] {
        let (mut plain, mut weighted) = (0.0, 0.0);
        for note in drawn.notes.iter().filter(|note| note.hz > 0.0) {
            for (index, amplitude) in note.harmonics.iter().enumerate() {
                // Most of a high note's are beyond what is heard.
                if *amplitude > 0.0 {
                    let power = amplitude * amplitude / 2.0;
                    plain += power;
                    weighted += power * k_weight((index + 1) as f32 * note.hz);
                }
            }
        }
        for (amplitude, [of_plain, of_weighted]) in drawn.noise.iter().zip(&self.noise) {
            plain += amplitude * amplitude * of_plain;
            weighted += amplitude * amplitude * of_weighted;
        }
        [plain, weighted]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::morph::notes::DrawnNote;

    /// A note of one harmonic beside noise in one band.
    fn drawn(hz: f32, noise: usize) -> Drawn {
        let mut drawn = Drawn::NOTHING;
        drawn.notes[0] = DrawnNote {
            hz,
            ..DrawnNote::SILENT
        };
        drawn.notes[0].harmonics[0] = 0.1;
        drawn.noise[noise] = 0.05;
        drawn
    }

    #[test]
    fn what_is_drawn_is_as_loud_as_the_source() {
        let loudness = DrawnLoudness::new();
        // A source of 200 Hz; brighter and darker ones are drawn, of one power.
        let k = k_weight(200.0);
        for (hz, noise) in [(3_000.0, NOISE_BANDS - 4), (45.0, 0), (200.0, 6)] {
            let before = drawn(hz, noise);
            let [plain, weighted] = loudness.powers(&before);
            let frame = FrameMessage {
                power: plain,
                loudness: k * plain,
                ..FrameMessage::blank()
            };
            let mut kept = before;
            loudness.keep(&mut kept, &frame);
            let [_, after] = loudness.powers(&kept);
            println!("{hz} Hz: {weighted} -> {after}");
            assert!((after / (k * plain) - 1.0).abs() < 1e-3, "{hz} Hz: {after}");
            let off = FrameMessage {
                keep_loudness: false,
                ..frame
            };
            let mut left = before;
            loudness.keep(&mut left, &off);
            assert_eq!(left, before);
        }
    }
}
