//! Timbres taken from live sound: the two that Morph can lead between.

use std::sync::atomic::{AtomicU32, Ordering};

use nice_plug::params::persist::PersistentField;
use serde::{Deserialize, Serialize};

use super::saving::saving_thread;
use crate::{
    engine::{ForkSafeGuard, ForkSafeMutex},
    model::{BANDS, LATENTS, Latent},
    thread::MayBlock,
};

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
    /// Its latent in the model that it was taken with.
    #[serde(rename = "code")]
    pub latent: Latent,
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
        if !sound(&self.latent, 1e3) {
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

/// A wish for a slot to be filled with what is heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wish {
    /// How much sound to average over.
    pub seconds: f32,
    /// Tells it from those before and after it.
    number: u64,
}

/// One slot, and the wish for something else in it.
#[derive(Debug, Default)]
struct CaptureState {
    captured: Option<Captured>,
    wish: Option<Wish>,
}

/// What is behind the lock.
#[derive(Debug, Default)]
struct State {
    slots: [CaptureState; 2],
    /// How many wishes there have been.
    wishes: u64,
}

/// The two captured timbres of a project, and the wishes for new ones. The editor, the Morph worker and the main thread share
/// them; the audio thread reads [`Captures::changes`]. What takes a thread's marker locks, for less than a
/// microsecond.
#[derive(Debug, Default)]
pub struct Captures {
    state: ForkSafeMutex<State>,
    /// Counts the changes, so that who uses the latents knows when to look again.
    changes: AtomicU32,
}

impl Captures {
    fn lock(&self, _: &impl MayBlock) -> ForkSafeGuard<'_, State> {
        self.state.lock()
    }

    /// What is in a slot.
    pub fn get(&self, slot: Slot, thread: &impl MayBlock) -> Option<Captured> {
        self.lock(thread).slots[slot as usize].captured.clone()
    }

    /// What is in both.
    pub fn both(&self, thread: &impl MayBlock) -> [Option<Captured>; 2] {
        let state = self.lock(thread);
        state.slots.each_ref().map(|place| place.captured.clone())
    }

    /// Fills a slot or empties it.
    pub fn set(&self, slot: Slot, captured: Option<Captured>, thread: &impl MayBlock) {
        let mut state = self.lock(thread);
        state.slots[slot as usize].captured = captured;
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// Asks for a slot to be filled with the mean of the last `seconds` of sound, in place of what was asked for before.
    pub fn request(&self, slot: Slot, seconds: f32, thread: &impl MayBlock) {
        let mut state = self.lock(thread);
        state.wishes += 1;
        state.slots[slot as usize].wish = Some(Wish {
            seconds: seconds.clamp(0.01, LONGEST_CAPTURE),
            number: state.wishes,
        });
    }

    /// What is asked for.
    pub fn wish(&self, slot: Slot, thread: &impl MayBlock) -> Option<Wish> {
        self.lock(thread).slots[slot as usize].wish
    }

    /// Whether a slot still waits for sound to be filled with.
    pub fn pending(&self, slot: Slot, thread: &impl MayBlock) -> bool {
        self.wish(slot, thread).is_some()
    }

    /// Takes a wish back.
    pub fn withdraw(&self, slot: Slot, thread: &impl MayBlock) {
        self.lock(thread).slots[slot as usize].wish = None;
    }

    /// Fulfils a wish, if it still is one: it may have been taken back meanwhile, or another have taken its place, which then
    /// stays. Says whether it was.
    pub fn fulfil(
        &self,
        slot: Slot,
        wish: Wish,
        captured: Captured,
        thread: &impl MayBlock,
    ) -> bool {
        let mut state = self.lock(thread);
        let place = &mut state.slots[slot as usize];
        if place.wish != Some(wish) {
            return false;
        }
        *place = CaptureState {
            captured: Some(captured),
            wish: None,
        };
        self.changes.fetch_add(1, Ordering::Release);
        true
    }

    /// How often either slot has changed. Wait-free.
    pub fn changes(&self) -> u32 {
        self.changes.load(Ordering::Acquire)
    }
}

impl PersistentField<'_, [Option<Captured>; 2]> for Captures {
    /// A slot that makes no sense is left empty: the rest of the project is worth having. Wishes were for the project before.
    fn set(&self, slots: [Option<Captured>; 2]) {
        let mut state = self.lock(&saving_thread());
        state.slots = slots.map(|captured| CaptureState {
            captured: captured.filter(|captured| captured.check().is_ok()),
            wish: None,
        });
        self.changes.fetch_add(1, Ordering::Release);
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&[Option<Captured>; 2]) -> R,
    {
        f(&self.both(&saving_thread()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thread::MainThread;

    fn captured() -> Captured {
        Captured {
            name: "Dusk".to_owned(),
            latent: [0.5; LATENTS],
            levels: vec![-3.0; BANDS],
            model: "test 1".to_owned(),
        }
    }

    #[test]
    fn a_wish_is_there_until_it_is_withdrawn() {
        let main = &MainThread::assume();
        let captures = Captures::default();
        assert_eq!(captures.wish(Slot::B, main), None);
        captures.request(Slot::B, 100.0, main);
        let wish = captures.wish(Slot::B, main).unwrap();
        assert_eq!(wish.seconds, LONGEST_CAPTURE);
        assert_eq!(captures.wish(Slot::A, main), None);
        captures.withdraw(Slot::B, main);
        assert_eq!(captures.wish(Slot::B, main), None);
    }

    /// Whoever fulfils a wish takes time for it. Each thing that can happen meanwhile, in every order of up to three.
    #[test]
    fn a_wish_taken_back_is_not_fulfilled_and_a_newer_one_is_not_lost() {
        let main = &MainThread::assume();
        let meanwhile: [fn(&Captures, &MainThread); 4] = [
            |captures, main| captures.withdraw(Slot::A, main),
            // The same wish once more.
            |captures, main| captures.request(Slot::A, 1.0, main),
            |captures, main| captures.request(Slot::A, 2.0, main),
            |captures, _| PersistentField::set(captures, [None, None]),
        ];
        for order in 1..5_usize.pow(3) {
            let captures = Captures::default();
            captures.request(Slot::A, 1.0, main);
            let wish = captures.wish(Slot::A, main).unwrap();
            let steps = [order % 5, order / 5 % 5, order / 25];
            for step in steps.into_iter().filter_map(|step| step.checked_sub(1)) {
                meanwhile[step](&captures, main);
            }
            let now = captures.wish(Slot::A, main);
            assert!(
                !captures.fulfil(Slot::A, wish, captured(), main),
                "{steps:?}"
            );
            assert_eq!(captures.get(Slot::A, main), None, "{steps:?}");
            assert_eq!(captures.wish(Slot::A, main), now, "{steps:?}");
            if let Some(now) = now {
                assert!(captures.fulfil(Slot::A, now, captured(), main));
                assert_eq!(captures.get(Slot::A, main), Some(captured()));
                assert_eq!(captures.wish(Slot::A, main), None);
            }
        }
    }

    #[test]
    fn what_makes_no_sense_is_told_and_not_taken_from_a_state() {
        let main = &MainThread::assume();
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
                    latent: [f32::NAN; LATENTS],
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
            assert!(captures.get(Slot::A, main).is_some());
            assert!(captures.get(Slot::B, main).is_none());
        }
    }
}
