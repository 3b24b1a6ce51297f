//! An organ's register that sounds an octave below the keys.

use super::{ChordSpectrum, HeardPitch, partials};

/// A partial an octave below a pitch is there from such a share of the power of the pitch's own first on.
const LEAST_SHARE: f32 = 0.003;

impl ChordSpectrum {
    /// Takes away what a register of 16' has beside the partials of `pitches`, those of the keys: where each of several pitches has a partial an octave below it, these are
    /// one. The ear tells keys from what sounds below them; without this half of the power would speak against its notes.
    pub(super) fn take_register(&mut self, pitches: &[HeardPitch]) {
        let sounds_below = |pitch: &HeardPitch| {
            let [below, own, ..] = partials(&self.peaks, 0.5 * pitch.hz);
            let power = |partial: Option<usize>| {
                let peak = partial.and_then(|partial| self.peaks.get(partial));
                peak.map_or(0.0, |peak| peak.power)
            };
            power(below) > LEAST_SHARE * power(own)
        };
        if pitches.len() < 2 || !pitches.iter().all(sounds_below) {
            return;
        }
        for pitch in pitches {
            // The even ones are the keys' own.
            let odd = partials(&self.peaks, 0.5 * pitch.hz);
            for partial in odd.into_iter().step_by(2).flatten() {
                if let Some(peak) = self.peaks.get_mut(partial) {
                    peak.left = 0.0;
                }
            }
        }
    }
}
