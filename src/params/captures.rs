//! Timbres taken from live sound: the two that Morph can lead between.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use nice_plug::params::persist::PersistentField;
use serde::{Deserialize, Serialize};

use crate::model::{BANDS, Code, LATENTS};

/// The longest stretch of sound that a capture is averaged over, in seconds.
pub const LONGEST_CAPTURE: f32 = 8.0;

/// Most characters of a captured timbre's name.
pub const LONGEST_NAME: usize = 64;

/// Which of the two captured timbres.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Where "A to B" is at 0 %.
    A,
    /// Where it is at 100 %.
    B,
}

impl Slot {
    /// Both, in order.
    pub const ALL: [Self; 2] = [Self::A, Self::B];

    /// The letter that stands for it.
    pub fn letter(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }
}

/// A timbre taken from sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Captured {
    /// What it is called.
    pub name: String,
    /// Its code in the model that it was taken with.
    pub code: Code,
    /// Its spectrum, a level for each of [`BANDS`] bands in dB, around 0: for the eye, and for another model.
    pub levels: Vec<f32>,
    /// Name and version of the model that it was taken with.
    pub model: String,
}

impl Captured {
    /// Says what is wrong with one that comes from a file or a state.
    ///
    /// # Errors
    /// A line that names the field, what was found and what was expected.
    pub fn check(&self) -> Result<(), String> {
        let name = self.name.chars().count();
        if name == 0 || name > LONGEST_NAME {
            return Err(format!(
                "`name`: {name} characters, expected 1 to {LONGEST_NAME}"
            ));
        }
        if self.levels.len() != BANDS {
            return Err(format!(
                "`levels`: {} values, expected {BANDS}",
                self.levels.len()
            ));
        }
        let sound = |values: &[f32], most: f32| values.iter().all(|value| value.abs() <= most);
        if !sound(&self.code, 1e3) {
            return Err(format!(
                "`code`: a value that is no number within 1000, expected {LATENTS} of them"
            ));
        }
        if !sound(&self.levels, 400.0) {
            return Err("`levels`: a value that is no number within 400 dB".to_owned());
        }
        Ok(())
    }
}

/// The two captured timbres of a project, and the wishes for new ones.
#[derive(Debug, Default)]
pub struct Captures {
    slots: Mutex<[Option<Captured>; 2]>,
    /// Counts the changes, so that who uses the codes knows when to look again.
    changes: AtomicU32,
    /// Bits of the seconds to average over, for each slot that waits to be filled; 0 where none does.
    requests: [AtomicU32; 2],
}

impl Captures {
    /// What is in a slot. Locks: not for the audio thread.
    pub fn get(&self, slot: Slot) -> Option<Captured> {
        self.both()[slot as usize].clone()
    }

    /// What is in both. Locks: not for the audio thread.
    pub fn both(&self) -> [Option<Captured>; 2] {
        self.slots
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Fills a slot or empties it. Locks: not for the audio thread.
    pub fn set(&self, slot: Slot, captured: Option<Captured>) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots[slot as usize] = captured;
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// Asks for a slot to be filled with the mean of the last `seconds` of sound. Wait-free.
    pub fn request(&self, slot: Slot, seconds: f32) {
        let seconds = seconds.clamp(0.01, LONGEST_CAPTURE);
        self.requests[slot as usize].store(seconds.to_bits(), Ordering::Release);
    }

    /// Whether a slot still waits for sound to be filled with. Wait-free.
    pub fn pending(&self, slot: Slot) -> bool {
        self.requests[slot as usize].load(Ordering::Acquire) != 0
    }

    /// The seconds that were asked for, if they were. Wait-free.
    pub fn requested(&self, slot: Slot) -> Option<f32> {
        let bits = self.requests[slot as usize].load(Ordering::Acquire);
        (bits != 0).then(|| f32::from_bits(bits))
    }

    /// Takes a wish back, or declares it fulfilled. Wait-free.
    pub fn withdraw(&self, slot: Slot) {
        self.requests[slot as usize].store(0, Ordering::Release);
    }

    /// How often either slot has changed. Wait-free.
    pub fn changes(&self) -> u32 {
        self.changes.load(Ordering::Acquire)
    }
}

impl PersistentField<'_, [Option<Captured>; 2]> for Captures {
    /// A slot that makes no sense is left empty: the rest of the project is worth having.
    fn set(&self, slots: [Option<Captured>; 2]) {
        for (slot, captured) in Slot::ALL.into_iter().zip(slots) {
            self.set(slot, captured.filter(|captured| captured.check().is_ok()));
            self.withdraw(slot);
        }
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&[Option<Captured>; 2]) -> R,
    {
        f(&self.both())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured() -> Captured {
        Captured {
            name: "Dusk".to_owned(),
            code: [0.5; LATENTS],
            levels: vec![-3.0; BANDS],
            model: "test 1".to_owned(),
        }
    }

    #[test]
    fn a_wish_is_pending_until_it_is_withdrawn() {
        let captures = Captures::default();
        assert!(!captures.pending(Slot::B));
        captures.request(Slot::B, 100.0);
        assert_eq!(captures.requested(Slot::B), Some(LONGEST_CAPTURE));
        assert!(!captures.pending(Slot::A));
        captures.withdraw(Slot::B);
        assert!(!captures.pending(Slot::B));
    }

    #[test]
    fn what_makes_no_sense_is_told_and_not_taken_from_a_state() {
        assert_eq!(captured().check(), Ok(()));
        for (field, broken) in [
            (
                "name",
                Captured {
                    name: String::new(),
                    ..captured()
                },
            ),
            (
                "levels",
                Captured {
                    levels: vec![0.0; 3],
                    ..captured()
                },
            ),
            (
                "code",
                Captured {
                    code: [f32::NAN; LATENTS],
                    ..captured()
                },
            ),
            (
                "levels",
                Captured {
                    levels: vec![f32::INFINITY; BANDS],
                    ..captured()
                },
            ),
        ] {
            let why = broken.check().unwrap_err();
            assert!(why.contains(field), "{why}");
            let captures = Captures::default();
            PersistentField::set(&captures, [Some(captured()), Some(broken)]);
            assert!(captures.get(Slot::A).is_some());
            assert!(captures.get(Slot::B).is_none());
        }
    }
}
