//! Onset strength: how much louder the bands of a spectrum have become.

use crate::dsp::descriptors::MelLevels;

/// Mel bands.
const BANDS: usize = MelLevels::BANDS;

/// Frames from a rise to where it is told: one for the difference, two for half a window.
const DELAY: usize = 3;

/// How strongly something begins at a frame, in dB.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Onsets {
    /// The mean over the bands: `librosa.onset.onset_strength(y=y)`.
    pub mean: f64,
    /// The median over the bands, which `librosa.beat.beat_track(y=y)` goes by.
    pub median: f64,
}

/// The spectral flux of mel levels: S. Böck and G. Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013, as librosa does it by default, with no
/// maximum filter: the rises of 128 mel bands in dB from one frame to the next. Nothing allocates after construction.
pub struct OnsetStrength {
    before: [f32; BANDS],
    has_before: bool,
    rises: [f32; BANDS],
    /// The last rises, the oldest first: what is told of a frame is what rose two frames before.
    delayed: [Onsets; DELAY],
}

impl OnsetStrength {
    /// A stream at its beginning.
    pub fn new() -> Self {
        Self {
            before: [0.0; BANDS],
            has_before: false,
            rises: [0.0; BANDS],
            delayed: [Onsets::default(); DELAY],
        }
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        self.has_before = false;
        self.delayed = [Onsets::default(); DELAY];
    }

    /// Takes in the next frame's mel levels; tells how strongly something begins at that frame.
    pub fn hear(&mut self, frame: &MelLevels) -> Onsets {
        let bands = self.rises.iter_mut().zip(&frame.levels).zip(&self.before);
        for ((rise, level), before) in bands {
            // The floor may have risen since: what is below it has not.
            *rise = (level - before.max(frame.floor)).max(0.0);
        }
        self.before = frame.levels;
        let newest = if std::mem::replace(&mut self.has_before, true) {
            let sum: f64 = self.rises.iter().copied().map(f64::from).sum();
            let middle = BANDS / 2;
            let (below, upper, _) = self.rises.select_nth_unstable_by(middle, f32::total_cmp);
            let lower = below.iter().copied().fold(0.0, f32::max);
            Onsets {
                mean: sum / BANDS as f64,
                median: f64::midpoint(lower.into(), (*upper).into()),
            }
        } else {
            Onsets::default()
        };
        // Told two frames late.
        self.delayed.rotate_left(1);
        if let Some(last) = self.delayed.last_mut() {
            *last = newest;
        }
        self.delayed.first().copied().unwrap_or_default()
    }
}

impl Default for OnsetStrength {
    fn default() -> Self {
        Self::new()
    }
}
