//! Chroma that changes slowly and says nothing of loudness.

use std::f64::consts::TAU;

use super::{
    super::{CHROMA, Chroma},
    octaves::OCTAVES,
};

/// A note is worth a quarter more above each of these shares of all notes' magnitudes.
const STEPS: [f64; 4] = [0.4, 0.2, 0.1, 0.05];
const WORTH: f64 = 0.25;

/// Frames that a mean is over, and those of them on either side of the middle.
const FRAMES: usize = 41;
const HALF: usize = FRAMES / 2;

/// Chroma energy normalised statistics: M. Müller and S. Ewert, "Chroma Toolbox: MATLAB implementations for extracting variants of chroma-based audio
/// features", ISMIR 2011. `librosa.feature.chroma_cens` of constant-Q magnitudes; nothing allocates after construction.
pub struct Cens {
    /// The weights of a mean's frames: a Hann window, which add up to 1.
    window: [f64; FRAMES],
    /// What the newest frames' notes are worth, the newest last.
    frames: [Chroma; FRAMES],
    /// Frames so far.
    taken: usize,
}

impl Cens {
    /// Before the first frame.
    pub fn new() -> Self {
        // Without the zeros at its ends.
        let hann =
            |place: usize| 0.5 - 0.5 * (TAU * (place + 1) as f64 / (FRAMES + 1) as f64).cos();
        let sum: f64 = (0..FRAMES).map(hann).sum();
        Self {
            window: std::array::from_fn(|place| hann(place) / sum),
            frames: [[0.0; CHROMA]; FRAMES],
            taken: 0,
        }
    }

    /// Takes in the next frame's constant-Q magnitudes, from C on and as many to each note of every octave, and hands out the chroma of the frame
    /// that is twenty frames older, once there is one.
    pub fn push(&mut self, magnitudes: &[f64], out: impl FnOnce(&Chroma)) {
        self.take(worth(&folded(magnitudes)), out);
    }

    /// Hands out the frames that are left, and begins anew.
    pub fn finish(&mut self, mut out: impl FnMut(&Chroma)) {
        if self.taken > 0 {
            for _ in 0..HALF {
                self.take([0.0; CHROMA], &mut out);
            }
        }
        self.frames.fill([0.0; CHROMA]);
        self.taken = 0;
    }

    fn take(&mut self, worth: Chroma, out: impl FnOnce(&Chroma)) {
        self.frames.rotate_left(1);
        if let Some(newest) = self.frames.last_mut() {
            *newest = worth;
        }
        self.taken += 1;
        if self.taken <= HALF {
            return;
        }
        let mut chroma = [0.0; CHROMA];
        for (frame, weight) in self.frames.iter().zip(self.window) {
            for (note, worth) in chroma.iter_mut().zip(frame) {
                *note += weight * worth;
            }
        }
        let norm = chroma.iter().map(|note| note * note).sum::<f64>().sqrt();
        if norm > f64::MIN_POSITIVE {
            for note in &mut chroma {
                *note /= norm;
            }
        }
        out(&chroma);
    }
}

/// The magnitudes of each note, which are added up over the octaves: as many to either side of a note as there are between two notes.
fn folded(magnitudes: &[f64]) -> Chroma {
    let to_a_note = (magnitudes.len() / (OCTAVES * CHROMA)).max(1);
    let mut chroma = [0.0; CHROMA];
    for (bin, magnitude) in magnitudes.iter().enumerate() {
        let note = (bin + to_a_note / 2) / to_a_note % CHROMA;
        if let Some(sum) = chroma.get_mut(note) {
            *sum += magnitude;
        }
    }
    chroma
}

/// What each note is worth by its share of all.
fn worth(chroma: &Chroma) -> Chroma {
    let sum: f64 = chroma.iter().sum();
    let sum = if sum > f64::MIN_POSITIVE { sum } else { 1.0 };
    chroma.map(|note| {
        let passed = STEPS.iter().filter(|step| note / sum > **step);
        WORTH * passed.count() as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_note_takes_in_what_is_next_to_it() {
        let mut magnitudes = vec![0.0; 3 * CHROMA * OCTAVES];
        // A third of a semitone below C2, on it and above it, and C sharp's lower neighbour.
        magnitudes[35..39].copy_from_slice(&[1.0, 2.0, 4.0, 8.0]);
        let chroma = folded(&magnitudes);
        assert_eq!(chroma[..2], [7.0, 8.0]);
        assert!(chroma[2..].iter().all(|note| *note == 0.0));
    }

    #[test]
    fn worth_goes_by_shares() {
        let mut chroma = [0.0; CHROMA];
        chroma[..5].copy_from_slice(&[45.0, 30.0, 15.0, 6.0, 4.0]);
        assert_eq!(worth(&chroma)[..5], [1.0, 0.75, 0.5, 0.25, 0.0]);
        assert_eq!(worth(&[0.0; CHROMA]), [0.0; CHROMA]);
    }

    #[test]
    fn there_are_as_many_frames_as_came_in_and_the_mean_is_over_those_around() {
        for count in [1, 20, 21, 60] {
            let mut cens = Cens::new();
            let mut found = Vec::new();
            for number in 0..count {
                let mut magnitudes = [0.0; CHROMA * OCTAVES];
                magnitudes[number % 2] = 1.0;
                cens.push(&magnitudes, |chroma| found.push(*chroma));
            }
            assert_eq!(found.len(), count.saturating_sub(HALF), "{count}");
            cens.finish(|chroma| found.push(*chroma));
            assert_eq!(found.len(), count);
            // The first frame's own note counts most in it.
            assert!(found[0][0] > found[0][1], "{count}");
            for chroma in &found {
                let norm: f64 = chroma.iter().map(|note| note * note).sum();
                assert!((norm - 1.0).abs() < 1e-12, "{count}: {norm}");
            }
        }
    }
}
