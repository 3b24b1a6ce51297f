//! What a chain is built for: how late the output is, and how long it goes on.

use crate::{dsp::StftLayout, model::TimbreFrontEnd, morph::StageFormat, params::LatencyMode};

/// What a chain is built for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChainFormat {
    /// In Hz.
    pub sample_rate: f32,
    /// Of the main bus, 1 to [`CHANNELS`](super::CHANNELS).
    pub channels: usize,
    /// Most samples that the host has said to give at a time.
    pub longest_block: usize,
    /// How late the output is.
    pub latency_mode: LatencyMode,
    /// Whether nobody waits for the sound: the chain may then wait for its curves, and never says that it is silent.
    pub offline: bool,
}

impl ChainFormat {
    /// What the chain has its stage do with frames of a timbre model's front-end. The stage's latency is the chain's, and so is
    /// its tail.
    pub fn stage(&self, front_end: &TimbreFrontEnd) -> StageFormat {
        StageFormat {
            layout: StftLayout::for_rate(
                self.sample_rate as f64,
                front_end.sample_rate as f64,
                front_end.n_fft,
            ),
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

    /// Rates; the latency and the tail in Studio, and the tail in Live, of a chain for the shipped model, in samples.
    const TABLE: [(f32, u32, u32, u32); 10] = [
        (8_000.0, 288, 480, 320),
        (16_000.0, 576, 896, 576),
        (22_050.0, 896, 1_920, 1_536),
        (32_000.0, 1_152, 2_176, 1_536),
        (44_100.0, 1_792, 3_328, 2_560),
        (48_000.0, 1_792, 3_328, 2_560),
        (88_200.0, 3_584, 6_144, 4_608),
        (96_000.0, 3_584, 6_144, 4_608),
        (192_000.0, 7_168, 15_360, 12_288),
        (768_000.0, 28_672, 49_152, 36_864),
    ];

    #[test]
    fn the_latency_of_each_rate_is_that_of_the_table_and_the_sound_is_as_late() {
        let front_end = &ModelSource::embedded_timbre_card().unwrap().front_end;
        let controls = ChainControls::read(&MoodringParams::default());
        let both = TABLE.iter().flat_map(|(rate, latency, tail, live_tail)| {
            [
                (LatencyMode::Studio, *rate, *latency, *tail),
                (LatencyMode::Live, *rate, 0, *live_tail),
            ]
        });
        for (latency_mode, sample_rate, latency, tail) in both {
            let format = ChainFormat {
                sample_rate,
                channels: 1,
                longest_block: 512,
                latency_mode,
                offline: true,
            };
            let ends = ChainEnds::<DirectCurves> {
                curves: None,
                tap: None,
                listen: Arc::default(),
                sidechain_heard: Arc::default(),
            };
            let mut chain = Chain::new(front_end, format, ends, &controls);
            assert_eq!(
                (chain.latency(), chain.tail()),
                (latency, tail),
                "{latency_mode:?} at {sample_rate} Hz"
            );
            let mut click = vec![0.0; latency as usize + 10];
            click[3] = 1.0;
            chain.process(&mut [&mut click], &[], &controls);
            let mut expected = vec![0.0; latency as usize + 10];
            expected[latency as usize + 3] = 1.0;
            assert!(click == expected, "{latency_mode:?} at {sample_rate} Hz");
        }
    }
}
