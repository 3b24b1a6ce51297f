//! The meters' half on the audio thread.

use std::sync::Arc;

use super::MeterMonitor;
use crate::engine::Sender;

/// Samples in a chunk.
pub const METER_CHUNK: usize = 128;

/// A piece of what goes in and what comes out, on its way from the audio thread to the meters'.
#[derive(Clone, Copy)]
pub struct MeterChunk {
    /// Counts the resets: what belongs to an earlier one is stale.
    pub generation: u32,
    /// Position of the first sample since the reset.
    pub position: u64,
    /// The input as late as the output, left and right; a mono bus has it twice, here and below.
    pub input: [[f32; 2]; METER_CHUNK],
    /// What the chain has made of it, before Delta and Bypass.
    pub processed: [[f32; 2]; METER_CHUNK],
    /// What is heard.
    pub output: [[f32; 2]; METER_CHUNK],
}

impl MeterChunk {
    /// What comes before any sound.
    pub fn blank() -> Self {
        Self {
            generation: 0,
            position: 0,
            input: [[0.0; 2]; METER_CHUNK],
            processed: [[0.0; 2]; METER_CHUNK],
            output: [[0.0; 2]; METER_CHUNK],
        }
    }
}

/// Keeps peaks, and sends copies of both ends of the chain while somebody watches; owned by the audio thread. A full ring loses the newest sound:
/// it is only looked at.
pub struct MeterTap {
    sender: Sender<MeterChunk>,
    monitor: Arc<MeterMonitor>,
    chunk: MeterChunk,
    filled: usize,
    /// Samples since the reset.
    position: u64,
}

impl MeterTap {
    /// The audio thread's end of a job's ring.
    pub fn new(sender: Sender<MeterChunk>, monitor: Arc<MeterMonitor>) -> Self {
        Self {
            sender,
            monitor,
            chunk: MeterChunk::blank(),
            filled: 0,
            position: 0,
        }
    }

    /// Starts anew.
    pub fn reset(&mut self) {
        self.chunk.generation = self.chunk.generation.wrapping_add(1);
        self.filled = 0;
        self.position = 0;
    }

    /// Takes in as many samples as `output` has, `[channel][sample]` all three. One channel stands for both; other channels are left out.
    pub fn take(&mut self, input: &[&[f32]], processed: &[&[f32]], output: &[&[f32]]) {
        let (Some(in_left), Some(out_left), Some(processed_left)) =
            (input.first(), output.first(), processed.first())
        else {
            return;
        };
        let (in_right, out_right, processed_right) = (
            input.get(1).unwrap_or(in_left),
            output.get(1).unwrap_or(out_left),
            processed.get(1).unwrap_or(processed_left),
        );
        self.monitor
            .raise([in_left, in_right, out_left, out_right].map(|channel| highest(channel)));
        let samples = out_left.len();
        if !self.monitor.pass(samples) {
            // What was begun is of another time than what comes when somebody looks again.
            self.filled = 0;
            self.position += samples as u64;
            return;
        }
        let stereo = |left: &[f32], right: &[f32], at: usize| {
            [left, right].map(|channel| channel.get(at).copied().unwrap_or(0.0))
        };
        for at in 0..samples {
            if self.filled == 0 {
                self.chunk.position = self.position;
            }
            let chunk = &mut self.chunk;
            for (slots, frame) in [
                (&mut chunk.input, stereo(in_left, in_right, at)),
                (
                    &mut chunk.processed,
                    stereo(processed_left, processed_right, at),
                ),
                (&mut chunk.output, stereo(out_left, out_right, at)),
            ] {
                if let Some(slot) = slots.get_mut(self.filled) {
                    *slot = frame;
                }
            }
            self.filled += 1;
            self.position += 1;
            if self.filled == METER_CHUNK {
                let _ = self.sender.send(self.chunk);
                self.filled = 0;
            }
        }
    }
}

fn highest(samples: &[f32]) -> f32 {
    samples
        .iter()
        .fold(0.0, |most: f32, sample| most.max(sample.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ring;

    #[test]
    fn peaks_are_kept_at_all_times_and_sound_is_sent_while_somebody_watches() {
        let monitor = Arc::new(MeterMonitor::new(100.0, Arc::default()));
        let (sender, mut receiver) = ring(8, MeterChunk::blank());
        let mut tap = MeterTap::new(sender, monitor.clone());
        let (input, output) = ([0.25; 64], [-0.5; 64]);
        let mut send = |times: usize| {
            for _ in 0..times {
                tap.take(&[&input], &[&output, &output], &[&output, &input]);
            }
        };
        send(4);
        assert!(receiver.is_empty(), "nobody watches");
        assert_eq!(monitor.take_peaks(), [[0.25, 0.25], [0.5, 0.25]]);
        assert_eq!(monitor.take_peaks(), [[0.0; 2]; 2], "it was taken");
        monitor.watch();
        // 300 samples of watching, in pieces of 64.
        send(10);
        let chunks: Vec<_> = std::iter::from_fn(|| receiver.receive()).collect();
        let positions: Vec<u64> = chunks.iter().map(|chunk| chunk.position).collect();
        assert_eq!(positions, [256, 384]);
        assert_eq!(chunks[1].input[127], [0.25, 0.25]);
        assert_eq!(chunks[1].processed[127], [-0.5, -0.5]);
        assert_eq!(chunks[1].output[127], [-0.5, 0.25]);
        assert!(!monitor.is_watched());
    }
}
