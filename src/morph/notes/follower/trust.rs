//! Whether a line is all that sounds, by what was heard of late: a song's bass or voice is a line, too, but most of the song's power isn't its.

use super::{HeardNote, ramp};

/// From here to there a hop counts as one tone's, by how periodic it is: less is asked than of a line, since vowels and slides count with all that speaks.
const TONAL: (f32, f32) = (0.6, 0.9);
/// So much less a hop counts of which a chord's ear hears notes that are no line's.
const PLURAL: f32 = 0.5;
/// From here to there a line is trusted, by the share of the power that was one tone's over so many seconds of sound. Shares of recorded solos, speech and singing are 0.75 to 1,
/// those of songs 0.2 to 0.6.
const SHARE: (f32, f32) = (0.5, 0.65);
const SHARE_SECONDS: f32 = 1.5;
/// What was heard of late says nothing of what is so many times as powerful: breath before a note, or the room.
const LOUDER: f32 = 100.0;
/// Below this power there is silence.
const SILENT: f32 = 1e-12;

/// Weighs, hop by hop, what of the sound is one tone's. Power counts: consonants, breath and what rings are weak beside the notes around them, a song's drums and chords are not.
#[derive(Default)]
pub(in crate::morph::notes) struct Trust {
    /// Mean power over [`SHARE_SECONDS`] of sound, and that of one tone.
    whole: f32,
    tonal: f32,
}

impl Trust {
    /// Takes in what is heard of a hop as a line, and how surely it is no line but several notes, 0 to 1. Through silence all stays as it was, and through a tone too high for a pitch.
    pub fn hear(&mut self, line: &HeardNote, plural: f32, hop_seconds: f32) {
        let Some(tonal) = line.tonal else {
            return;
        };
        let power = 10.0f32.powf(line.level_db / 10.0);
        if line.since.is_none() || power < SILENT {
            return;
        }
        // A line is trusted until most of what sounds speaks against it: else each first note would wait.
        if power > LOUDER * self.whole {
            (self.whole, self.tonal) = (power, power);
        }
        let tonal = ramp(tonal, TONAL) * (1.0 - PLURAL * plural);
        let rate = 1.0 - (-hop_seconds / SHARE_SECONDS).exp();
        self.whole += rate * (power - self.whole);
        self.tonal += rate * (tonal * power - self.tonal);
    }

    /// How far a line is to be taken for all that sounds, 0 to 1.
    pub fn of_a_line(&self) -> f32 {
        if self.whole > 0.0 {
            ramp(self.tonal / self.whole, SHARE)
        } else {
            1.0
        }
    }
}
