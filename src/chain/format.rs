//! What a chain is built for: how late the output is, and how long it goes on.

use crate::{
    dsp::{HostBlocks, StftLayout},
    model::TimbreFrontEnd,
    morph::StageFormat,
    params::LatencyMode,
};

/// What a chain is built for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChainFormat {
    /// In Hz.
    pub sample_rate: f32,
    /// Of the main bus, 1 to [`CHANNELS`](super::CHANNELS).
    pub channels: usize,
    /// Samples of the longest block that the host announces in playback: curves have as much time. A longer one is processed, too, but in real time its curves may
    /// be late.
    pub longest_block: usize,
    /// How late the output is.
    pub latency_mode: LatencyMode,
    /// Whether nobody waits for the sound: the chain may then wait for its curves, and never says that it is silent.
    pub offline: bool,
}

impl ChainFormat {
    /// The longest block of most hosts, in samples: for what is rendered before anything is known of a host's playback. Nobody waits for that, so that it can be
    /// the same everywhere.
    pub const USUAL_BLOCK: usize = 512;

    /// The host's blocks, as it has announced them.
    pub fn blocks(&self) -> HostBlocks {
        HostBlocks::new(self.sample_rate as f64, self.longest_block)
    }

    /// The time that the tagger has for an answer, in seconds: it takes a few ms for one instance, and all instances share its thread.
    const ANSWER_SECONDS: f64 = 0.1;

    /// Samples of input from the end of the sound that an answer describes until it takes effect: it is there by then even if a host calls for
    /// all of a block at the last moment. It is no less than the latency, so that nothing goes out before the sound that it is about.
    pub fn answer_delay(&self) -> u64 {
        let rate = f64::from(self.sample_rate);
        let longest = self.longest_block.min(rate as usize);
        (Self::ANSWER_SECONDS * rate).ceil() as u64 + longest as u64
    }

    /// What the chain has its stage do with frames of a timbre model's front-end. The stage's latency is the chain's, and so is
    /// its tail.
    pub fn stage(&self, front_end: &TimbreFrontEnd) -> StageFormat {
        StageFormat {
            layout: StftLayout::for_rate(
                self.sample_rate as f64,
                front_end.sample_rate as f64,
                front_end.n_fft,
            )
            .for_blocks(self.blocks()),
            sample_rate: self.sample_rate as f64,
            channels: self.channels,
            latency_mode: self.latency_mode,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::{
        chain::{Chain, ChainControls, ChainEnds, ChainFormat},
        model::ModelSource,
        morph::DirectCurves,
        params::{LatencyMode, MoodringParams},
    };

    /// Rates and longest blocks; latency and tail in Studio, and the tail in Live, of a chain for the shipped model, in samples. As long as no block is
    /// longer than a hop, a filter comes a hop after its frame; from there on it is the hops that a block covers. In Studio there are five more.
    const TABLE: [(f32, usize, u32, u32, u32); 24] = [
        (8_000.0, 64, 544, 832, 512),
        (16_000.0, 128, 1_088, 1_664, 1_024),
        (22_050.0, 256, 2_176, 3_328, 2_048),
        (32_000.0, 256, 2_176, 3_328, 2_048),
        (44_100.0, 1, 4_352, 6_656, 4_096),
        (44_100.0, 441, 4_352, 6_656, 4_096),
        (44_100.0, 512, 4_352, 6_656, 4_096),
        (44_100.0, 513, 4_864, 7_168, 4_608),
        (44_100.0, 1_024, 4_864, 7_168, 4_608),
        (44_100.0, 4_096, 7_936, 10_240, 7_680),
        (48_000.0, 32, 4_352, 6_656, 4_096),
        (48_000.0, 300, 4_352, 6_656, 4_096),
        (48_000.0, 512, 4_352, 6_656, 4_096),
        (48_000.0, 1_000, 4_864, 7_168, 4_608),
        (48_000.0, 1_024, 4_864, 7_168, 4_608),
        (48_000.0, 2_048, 5_888, 8_192, 5_632),
        (48_000.0, 8_192, 12_032, 14_336, 11_776),
        (48_000.0, usize::MAX, 51_968, 54_272, 51_712),
        (88_200.0, 512, 8_704, 13_312, 8_192),
        (96_000.0, 512, 8_704, 13_312, 8_192),
        (96_000.0, 1_024, 8_704, 13_312, 8_192),
        (96_000.0, 2_048, 9_728, 14_336, 9_216),
        (192_000.0, 1_024, 17_408, 26_624, 16_384),
        (768_000.0, 8_192, 69_632, 106_496, 65_536),
    ];

    #[test]
    fn the_latency_of_each_rate_block_and_mode_is_that_of_the_table_and_the_sound_is_as_late() {
        let front_end = &ModelSource::embedded_timbre_card().unwrap().front_end;
        let controls = ChainControls::read(&MoodringParams::default(), true);
        let both = TABLE
            .iter()
            .flat_map(|(rate, block, latency, studio, live)| {
                [
                    (LatencyMode::Studio, *rate, *block, *latency, *studio),
                    (LatencyMode::Live, *rate, *block, 0, *live),
                ]
            });
        for (latency_mode, sample_rate, longest_block, latency, tail) in both {
            let what = format!("{latency_mode:?} at {sample_rate} Hz, blocks of {longest_block}");
            let format = ChainFormat {
                sample_rate,
                channels: 1,
                longest_block,
                latency_mode,
                offline: true,
            };
            let ends = ChainEnds::<DirectCurves> {
                curves: None,
                tap: None,
                meter: None,
                listen: Arc::default(),
                sidechain_heard: Arc::default(),
            };
            let mut chain = Chain::new(front_end, format, ends, &controls);
            assert_eq!((chain.latency(), chain.tail()), (latency, tail), "{what}");
            let mut click = vec![0.0; latency as usize + 10];
            click[3] = 1.0;
            chain.process(&mut [&mut click], &[], &controls);
            let mut expected = vec![0.0; latency as usize + 10];
            expected[latency as usize + 3] = 1.0;
            assert!(click == expected, "{what}");
        }
    }
}
