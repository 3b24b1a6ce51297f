//! How late the output is, and how long it goes on.

use super::ChainFormat;
use crate::{dsp::StftLayout, model::TimbreFrontEnd};

/// The transform's layout for frames of a timbre model's front-end, at a host's rate and for its blocks; its
/// [`latency`](StftLayout::latency) is the chain's.
pub fn layout(front_end: &TimbreFrontEnd, format: ChainFormat) -> StftLayout {
    let model_rate = front_end.sample_rate as f64;
    StftLayout::for_rate(format.sample_rate as f64, model_rate, front_end.n_fft)
        .for_blocks(format.blocks())
}

/// How long the output goes on after the input has ended, in samples: the latency, and the last frame's own length.
pub(super) fn tail(layout: &StftLayout) -> usize {
    layout.latency() + layout.window
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::{
        chain::{Chain, ChainControls, ChainEnds, ChainFormat},
        model::ModelSource,
        morph::DirectCurves,
        params::MoodringParams,
    };

    /// Rates, longest blocks, and the latency and the tail of a chain for the shipped model, in samples. As long as no block is longer than a hop, the latency
    /// is a window and a hop; from there on it is a window and the hops that a block covers.
    const TABLE: [(f32, usize, u32, u32); 24] = [
        (8_000.0, 64, 320, 576),
        (16_000.0, 128, 640, 1_152),
        (22_050.0, 256, 1_280, 2_304),
        (32_000.0, 256, 1_280, 2_304),
        (44_100.0, 1, 2_560, 4_608),
        (44_100.0, 441, 2_560, 4_608),
        (44_100.0, 512, 2_560, 4_608),
        (44_100.0, 513, 3_072, 5_120),
        (44_100.0, 1_024, 3_072, 5_120),
        (44_100.0, 4_096, 6_144, 8_192),
        (48_000.0, 32, 2_560, 4_608),
        (48_000.0, 300, 2_560, 4_608),
        (48_000.0, 512, 2_560, 4_608),
        (48_000.0, 1_000, 3_072, 5_120),
        (48_000.0, 1_024, 3_072, 5_120),
        (48_000.0, 2_048, 4_096, 6_144),
        (48_000.0, 8_192, 10_240, 12_288),
        (48_000.0, usize::MAX, 50_176, 52_224),
        (88_200.0, 512, 5_120, 9_216),
        (96_000.0, 512, 5_120, 9_216),
        (96_000.0, 1_024, 5_120, 9_216),
        (96_000.0, 2_048, 6_144, 10_240),
        (192_000.0, 1_024, 10_240, 18_432),
        (768_000.0, 8_192, 40_960, 73_728),
    ];

    #[test]
    fn the_latency_of_each_rate_and_block_is_that_of_the_table_and_the_sound_is_as_late() {
        let front_end = &ModelSource::embedded_timbre_card().unwrap().front_end;
        let controls = ChainControls::read(&MoodringParams::default());
        for (sample_rate, longest_block, latency, tail) in TABLE {
            let format = ChainFormat {
                sample_rate,
                channels: 1,
                longest_block,
                offline: true,
            };
            let what = format!("{sample_rate} Hz, blocks of {longest_block}");
            let ends = ChainEnds::<DirectCurves> {
                curves: None,
                tap: None,
                listen: Arc::default(),
                sidechain_heard: Arc::default(),
            };
            let mut chain = Chain::new(front_end, format, ends, &controls);
            assert_eq!((chain.latency(), chain.tail()), (latency, tail), "{what}");
            let mut click = vec![0.0; latency as usize + 10];
            click[3] = 1.0;
            chain.process(&mut [&mut click], &[], &controls);
            let loudest = (0..click.len()).max_by(|a, b| click[*a].total_cmp(&click[*b]));
            assert_eq!(loudest, Some(latency as usize + 3), "{what}");
        }
    }
}
