//! How much brighter or darker a source is than instruments are at its pitch, as one slope over its bands: what is played follows it in part.
//!
//! A stored note has one colour, that of a mean over makers. A player who plays louder, a brighter instrument, another room or microphone tilt all
//! of a recording's spectra the same way, and so would those of the target, had it been played there (models/README.md).

use crate::{
    dsp::MelScale,
    model::{BANDS, HARMONICS, MelDb, NOISE_BANDS, NoteFrame, noise_edges_hz},
    morph::FrameMessage,
};

use super::follower::HeardNote;

/// Bands in between count, in Hz; the middle of what is tilted lies halfway on the mel scale.
const LOWEST_HZ: f64 = 50.0;
const HIGHEST_HZ: f64 = 15_000.0;
/// Levels further below the strongest, in dB, are as that: there a recording's room and noise are.
const RANGE_DB: f32 = 60.0;
/// So much of the source's tilt is followed.
const SHARE: f32 = 0.3;
/// At most so much is added, in dB from the middle to an end.
const LARGEST_DB: f32 = 6.0;
/// Seconds of notes that it is averaged over, and after which half of it is believed.
const SECONDS: f32 = 2.0;
const DOUBTED_SECONDS: f32 = 0.3;
/// A note's first hops hold the one before; so far below its loudest, in dB, there is the room's sound.
const FIRST_HOPS: u32 = 3;
const QUIET_DB: f32 = 20.0;
/// Of a power, before its logarithm is taken.
const TINY: f32 = 1e-14;

/// Where a frequency in Hz lies in what is tilted between these mels: -1 at the lowest, 1 at the highest.
fn place(hz: f64, [low, high]: [f64; 2]) -> f32 {
    let mel = MelScale::Slaney.mel(hz);
    (2.0 * (mel - low) / (high - low) - 1.0).clamp(-1.0, 1.0) as f32
}

/// Follows the tilt of a stream's single lines; runs on Morph's thread.
pub struct TiltFollower {
    /// The ends of what is tilted, in mels.
    ends: [f64; 2],
    /// Of each band that counts, how far it lies from the mean place of all.
    aside: [Option<f32>; BANDS],
    /// Of each noise band's middle.
    noise_places: [f32; NOISE_BANDS],
    /// The note that is heard, and its power so far in each band.
    note: u32,
    powers: [f32; BANDS],
    /// Seconds of notes that were heard.
    heard_seconds: f32,
    /// How much more tilted they were than is usual, in dB.
    tilt_db: f32,
}

impl TiltFollower {
    /// At the beginning of a stream, for levels of bands with these centres in Hz.
    pub fn new(centres: &[f64]) -> Self {
        let ends = [LOWEST_HZ, HIGHEST_HZ].map(|hz| MelScale::Slaney.mel(hz));
        let counts = |hz: &f64| *hz > LOWEST_HZ && *hz < HIGHEST_HZ;
        let places: Vec<Option<f32>> = centres
            .iter()
            .map(|hz| counts(hz).then(|| place(*hz, ends)))
            .collect();
        let number = places.iter().flatten().count().max(1);
        let mean = places.iter().flatten().sum::<f32>() / number as f32;
        let edges: Vec<f64> = noise_edges_hz().collect();
        let mut noise_places = [0.0; NOISE_BANDS];
        for (middle, pair) in noise_places.iter_mut().zip(edges.windows(2)) {
            if let &[low, high] = pair {
                *middle = place((low * high).sqrt(), ends);
            }
        }
        Self {
            ends,
            aside: std::array::from_fn(|band| Some(places.get(band).copied()?? - mean)),
            noise_places,
            note: 0,
            powers: [0.0; BANDS],
            heard_seconds: 0.0,
            tilt_db: 0.0,
        }
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        self.powers = [0.0; BANDS];
        self.heard_seconds = 0.0;
        self.tilt_db = 0.0;
    }

    /// Hears a frame that is surely a single line's; `usual_db` is the tilt of what players play at that pitch.
    pub fn hear(&mut self, frame: &FrameMessage, line: &HeardNote, usual_db: f32) {
        let behind = line.since.is_some_and(|since| since >= FIRST_HOPS);
        if !(behind && line.clear && line.level_db > line.loudest_db - QUIET_DB) {
            return;
        }
        if line.note != self.note {
            self.note = line.note;
            self.powers = [0.0; BANDS];
        }
        for (power, level) in self.powers.iter_mut().zip(&frame.levels) {
            *power += 10.0f32.powf(level / 10.0);
        }
        let over =
            self.slope_db(&self.powers.map(|power| 10.0 * (power + TINY).log10())) - usual_db;
        self.heard_seconds += frame.hop_seconds;
        let seconds = DOUBTED_SECONDS + self.heard_seconds.min(SECONDS);
        self.tilt_db += frame.hop_seconds / seconds * (over - self.tilt_db);
    }

    /// The slope of the line through levels in dB, by least squares: from the middle place to an end.
    fn slope_db(&self, levels: &MelDb) -> f32 {
        let strongest = levels.iter().copied().fold(f32::MIN, f32::max);
        let (mut sum, mut squares) = (0.0, 0.0);
        for (level, aside) in levels.iter().zip(&self.aside) {
            let Some(aside) = aside else { continue };
            sum += aside * level.max(strongest - RANGE_DB);
            squares += aside * aside;
        }
        sum / f32::max(squares, TINY)
    }

    /// A moment of a note at this pitch in Hz as it sounds there: its level stays what it was.
    pub fn follow(&self, mut frame: NoteFrame, hz: f32) -> NoteFrame {
        let tilt_db = (SHARE * self.tilt_db).clamp(-LARGEST_DB, LARGEST_DB);
        if tilt_db == 0.0 {
            return frame;
        }
        for (number, level) in (1..=HARMONICS).zip(&mut frame.harmonics_db) {
            *level += tilt_db * place(number as f64 * f64::from(hz), self.ends);
        }
        for (level, place) in frame.noise_db.iter_mut().zip(&self.noise_places) {
            *level += tilt_db * place;
        }
        frame
    }
}
