//! The power of each of the twelve notes, whatever their octave.

use crate::dsp::descriptors::{DESCRIPTOR_RATE, DESCRIPTOR_WINDOW, Frame};

/// The notes from C on.
pub const CHROMA: usize = 12;

/// The strength of each note from C on, 0 to 1: the strongest is 1, and in silence all are 0.
pub type Chroma = [f64; CHROMA];

/// The octave that counts most, above the one that begins at 27.5 Hz being 0, and the deviation, in octaves.
const CENTRE: f64 = 5.0;
const WIDTH: f64 = 2.0;

/// Brings spectra to chroma: D. Ellis, "Chroma feature analysis and synthesis" (2007), `librosa.feature.chroma_stft(y=y, tuning=0.0)`, in equal temperament with A at 440 Hz.
/// Nothing allocates after construction.
pub struct ChromaBank {
    /// `[bin][note]`.
    weights: Vec<Chroma>,
}

impl ChromaBank {
    /// The weights.
    pub fn new() -> Self {
        // Notes above A0's octave, from A on. The bin of direct current is put one and a half octaves below the first.
        let notes = CHROMA as f64;
        let above = |bin: usize| {
            let hz = bin as f64 * DESCRIPTOR_RATE / DESCRIPTOR_WINDOW as f64;
            notes * (hz / 27.5).log2()
        };
        let place = |bin: usize| match bin {
            0 => above(1) - 1.5 * notes,
            bin => above(bin),
        };
        let weights = (0..Frame::BINS).map(|bin| {
            let width = (place(bin + 1) - place(bin)).max(1.0);
            let at = place(bin);
            let mut bells: Chroma = std::array::from_fn(|note| {
                // From C on, in place of A.
                let from_a = (note + 3) % CHROMA;
                let away = at - from_a as f64 + notes / 2.0;
                let away = away.rem_euclid(notes) - notes / 2.0;
                (-0.5 * (2.0 * away / width).powi(2)).exp()
            });
            let norm = bells.iter().map(|bell| bell * bell).sum::<f64>().sqrt();
            let octave = (-0.5 * ((at / notes - CENTRE) / WIDTH).powi(2)).exp();
            for bell in &mut bells {
                *bell *= octave / norm;
            }
            bells
        });
        Self {
            weights: weights.collect(),
        }
    }

    /// The chroma of a frame.
    pub fn measure(&self, frame: &Frame<'_>) -> Chroma {
        let mut chroma = [0.0; CHROMA];
        for (weights, magnitude) in self.weights.iter().zip(frame.magnitudes) {
            let power = magnitude * magnitude;
            for (note, weight) in chroma.iter_mut().zip(weights) {
                *note += weight * power;
            }
        }
        let most = chroma.iter().copied().fold(0.0, f64::max);
        if most > f64::MIN_POSITIVE {
            for note in &mut chroma {
                *note /= most;
            }
        }
        chroma
    }
}

impl Default for ChromaBank {
    fn default() -> Self {
        Self::new()
    }
}

/// The mean chroma of a stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanChroma {
    mean: Chroma,
    /// Frames in it, at most `memory`.
    count: usize,
    memory: usize,
}

impl MeanChroma {
    /// A mean of so many frames, `usize::MAX` for all: then it goes over to one that forgets.
    pub fn new(memory: usize) -> Self {
        Self {
            mean: [0.0; CHROMA],
            count: 0,
            memory: memory.max(1),
        }
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        *self = Self::new(self.memory);
    }

    /// Takes in a frame's chroma. Silence counts as well.
    pub fn add(&mut self, chroma: &Chroma) {
        self.count = (self.count + 1).min(self.memory);
        let share = 1.0 / self.count as f64;
        for (mean, note) in self.mean.iter_mut().zip(chroma) {
            *mean += share * (note - *mean);
        }
    }

    /// The mean; all 0 before the first frame.
    pub fn mean(&self) -> &Chroma {
        &self.mean
    }
}
