//! How late the output is, and how long it goes on.

use crate::{dsp::StftLayout, model::TimbreFrontEnd};

/// The transform's layout for frames of a timbre model's front-end, at a host's rate in Hz; its
/// [`latency`](StftLayout::latency) is the chain's.
pub fn layout(front_end: &TimbreFrontEnd, sample_rate: f32) -> StftLayout {
    StftLayout::for_rate(
        sample_rate as f64,
        front_end.sample_rate as f64,
        front_end.n_fft,
    )
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

    /// Rates, and the latency and the tail of a chain for the shipped model, in samples.
    const TABLE: [(f32, u32, u32); 10] = [
        (8_000.0, 384, 640),
        (16_000.0, 768, 1_280),
        (22_050.0, 1_280, 2_304),
        (32_000.0, 1_536, 2_560),
        (44_100.0, 2_560, 4_608),
        (48_000.0, 2_560, 4_608),
        (88_200.0, 5_120, 9_216),
        (96_000.0, 5_120, 9_216),
        (192_000.0, 10_240, 18_432),
        (768_000.0, 40_960, 73_728),
    ];

    #[test]
    fn the_latency_of_each_rate_is_that_of_the_table_and_the_sound_is_as_late() {
        let front_end = &ModelSource::embedded_timbre_card().unwrap().front_end;
        let controls = ChainControls::read(&MoodringParams::default());
        for (sample_rate, latency, tail) in TABLE {
            let format = ChainFormat {
                sample_rate,
                channels: 1,
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
                "{sample_rate} Hz"
            );
            let mut click = vec![0.0; latency as usize + 10];
            click[3] = 1.0;
            chain.process(&mut [&mut click], &[], &controls);
            let loudest = (0..click.len()).max_by(|a, b| click[*a].total_cmp(&click[*b]));
            assert_eq!(loudest, Some(latency as usize + 3), "{sample_rate} Hz");
        }
    }
}
