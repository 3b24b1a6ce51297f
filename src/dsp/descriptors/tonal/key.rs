//! The key, by which profile of notes the chroma resembles most.

use std::fmt;

use super::{CHROMA, Chroma};

/// How well each note from the tonic on fits into major and into minor: C. L. Krumhansl and E. J. Kessler, "Tracing the dynamic changes in perceived tonal
/// organization in a spatial representation of musical keys", Psychological Review 89(4), 1982.
const MAJOR: Chroma = [
    6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88,
];
const MINOR: Chroma = [
    6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17,
];

/// The notes' names, from C on.
const NAMES: [&str; CHROMA] = [
    "C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B",
];

/// Major or minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As in C, D, E, F, G, A, B.
    Major,
    /// As in A, B, C, D, E, F, G.
    Minor,
}

impl Mode {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Minor => "minor",
        }
    }
}

/// A key, and how surely it is that one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Key {
    /// The tonic, in semitones above C.
    pub tonic: usize,
    /// Major or minor.
    pub mode: Mode,
    /// The correlation of the chroma with the key's profile, -1 to 1.
    pub correlation: f64,
}

impl Key {
    /// The key whose profile correlates most with a mean chroma (C. L. Krumhansl's and M. A. Schmuckler's algorithm: Krumhansl, "Cognitive foundations of
    /// musical pitch", Oxford 1990, chapter 4); `None` where all notes are alike.
    pub fn of(chroma: &Chroma) -> Option<Self> {
        let modes = [(Mode::Major, &MAJOR), (Mode::Minor, &MINOR)];
        let keys = modes.into_iter().flat_map(|(mode, profile)| {
            (0..CHROMA).filter_map(move |tonic| {
                let mut turned = *chroma;
                turned.rotate_left(tonic);
                let correlation = correlation(&turned, profile)?;
                Some(Self {
                    tonic,
                    mode,
                    correlation,
                })
            })
        });
        keys.max_by(|one, other| one.correlation.total_cmp(&other.correlation))
    }

    /// The tonic's name.
    pub fn tonic_name(&self) -> &'static str {
        note_name(self.tonic)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.tonic_name(), self.mode.name())
    }
}

/// A note's name, so many semitones above a C.
pub fn note_name(semitones: usize) -> &'static str {
    NAMES.get(semitones % CHROMA).copied().unwrap_or_default()
}

/// Pearson's; `None` where the notes don't differ.
fn correlation(notes: &Chroma, profile: &Chroma) -> Option<f64> {
    let mean = |values: &Chroma| values.iter().sum::<f64>() / CHROMA as f64;
    let (notes_mean, profile_mean) = (mean(notes), mean(profile));
    let (mut both, mut of_notes, mut of_profile) = (0.0, 0.0, 0.0);
    for (note, fit) in notes.iter().zip(profile) {
        let (note, fit) = (note - notes_mean, fit - profile_mean);
        both += note * fit;
        of_notes += note * note;
        of_profile += fit * fit;
    }
    (of_notes > 1e-12).then(|| both / (of_notes * of_profile).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_and_their_chords_have_their_key() {
        // The tonic's triad twice, and the scale once.
        for (mode, scale, triad) in [
            (Mode::Major, [0, 2, 4, 5, 7, 9, 11], [0, 4, 7]),
            (Mode::Minor, [0, 2, 3, 5, 7, 8, 10], [0, 3, 7]),
        ] {
            for tonic in 0..CHROMA {
                let mut chroma = [0.0; CHROMA];
                for note in scale.iter().chain(&triad).chain(&triad) {
                    chroma[(tonic + note) % CHROMA] += 1.0;
                }
                let key = Key::of(&chroma).unwrap();
                assert_eq!((key.tonic, key.mode), (tonic, mode), "{key}");
                assert!(key.correlation > 0.8, "{key}");
            }
        }
    }

    #[test]
    fn notes_that_are_all_alike_have_none() {
        assert_eq!(Key::of(&[0.0; CHROMA]), None);
        assert_eq!(Key::of(&[0.7; CHROMA]), None);
    }
}
