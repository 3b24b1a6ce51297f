//! What a frame tells Morph's thread.

use std::{ops::Range, sync::Arc};

use realfft::num_complex::Complex;

use super::StageFormat;
use crate::{
    dsp::{Analyser, FilterPhase, LOW_BINS, Levels, MelBank, PITCH_BINS},
    model::{BANDS, MelDb},
    morph::{FrameMessage, MorphControls},
    params::MorphSource,
};

/// Brings the sound and the sidechain to levels in mel bands; owned by the audio thread.
pub(super) struct Features {
    levels: Levels,
    sidechain: Analyser,
    hop_seconds: f32,
    lookahead: usize,
    phase: FilterPhase,
    /// Brings a bin to the scale on which a full-scale sine is 1.
    scale: f32,
    /// What the power in each bin counts for loudness.
    k_weights: Vec<f32>,
}

impl Features {
    /// Plans everything; `floor` is the power that is added to each band.
    pub(super) fn new(format: &StageFormat, bank: Arc<MelBank>, floor: f32) -> Self {
        let layout = &format.layout;
        let levels = || Levels::new(bank.clone(), layout.window, floor);
        Self {
            levels: levels(),
            sidechain: Analyser::new(levels(), layout.window),
            hop_seconds: layout.hop_seconds(format.sample_rate as f32),
            lookahead: format.lookahead(),
            phase: format.phase(),
            scale: 4.0 / layout.window as f32,
            k_weights: format.k_weights(),
        }
    }

    /// Forgets all sound.
    pub(super) fn reset(&mut self) {
        self.sidechain.reset();
    }

    /// Takes in these samples of the sidechain; what is missing is silence.
    pub(super) fn take_sidechain(&mut self, sidechain: &[[f32; 2]], samples: Range<usize>) {
        for index in samples {
            let frame = sidechain.get(index).copied().unwrap_or_default();
            self.sidechain.push(frame);
        }
    }

    /// What there is to tell of the frame with these spectra, `[channel][bin]`.
    pub(super) fn message(
        &mut self,
        spectra: &[Vec<Complex<f32>>],
        controls: MorphControls,
        keep_loudness: bool,
    ) -> FrameMessage {
        let mut levels = [0.0; BANDS];
        self.levels.of(spectra, &mut levels);
        let mut low_power = [0.0; PITCH_BINS];
        for (low, power) in low_power.iter_mut().zip(self.levels.power()) {
            *low = *power;
        }
        let weighted = self.levels.power().iter().zip(&self.k_weights);
        let loudness: f32 = weighted.map(|(power, weight)| power * weight).sum();
        let mut low = [Complex::default(); LOW_BINS];
        let scale = self.scale / spectra.len().max(1) as f32;
        for spectrum in spectra {
            for (sum, bin) in low.iter_mut().zip(spectrum) {
                *sum += bin * scale;
            }
        }
        let leads = controls.morph_source == MorphSource::Sidechain;
        let sidechain = leads.then(|| {
            let mut levels: MelDb = [0.0; BANDS];
            self.sidechain.levels(&mut levels);
            levels
        });
        FrameMessage {
            hop_seconds: self.hop_seconds,
            lookahead: self.lookahead,
            phase: self.phase,
            levels,
            low_power,
            low,
            // A sine's power is spread over bins that sum up to 1.5 times its peak.
            power: self.levels.power().iter().sum::<f32>() / 3.0,
            loudness: loudness / 3.0,
            keep_loudness,
            sidechain,
            controls,
            ..FrameMessage::blank()
        }
    }
}
