//! Timbres taken from live sound: the two that Morph can lead between.

use nice_plug::params::persist::PersistentField;
use serde::{Deserialize, Serialize};

use super::{
    saving::saving_thread,
    slots::{Slot, Slots, Wish},
};
use crate::{
    model::{BANDS, LATENTS, Latent},
    thread::MayBlock,
};

/// The longest stretch of sound that a capture is averaged over, in seconds.
pub const LONGEST_CAPTURE: f32 = 8.0;

/// Most characters of a captured timbre's name.
pub const LONGEST_NAME: usize = 64;

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

/// The two captured timbres of a project, and the wishes for new ones. The editor, the Morph worker and the main thread share
/// them; the audio thread reads [`Captures::changes`]. What takes a thread's marker locks, for less than a
/// microsecond.
#[derive(Debug, Default)]
pub struct Captures(Slots<Captured>);

impl Captures {
    /// What is in a slot.
    pub fn get(&self, slot: Slot, _: &impl MayBlock) -> Option<Captured> {
        self.0.get(slot)
    }

    /// What is in both.
    pub fn both(&self, _: &impl MayBlock) -> [Option<Captured>; 2] {
        self.0.both()
    }

    /// Fills a slot or empties it.
    pub fn set(&self, slot: Slot, captured: Option<Captured>, _: &impl MayBlock) {
        self.0.set(slot, captured);
    }

    /// Asks for a slot to be filled with the mean of the last `seconds` of sound, in place of what was asked for before.
    pub fn request(&self, slot: Slot, seconds: f32, _: &impl MayBlock) {
        let seconds = seconds.clamp(0.01, LONGEST_CAPTURE);
        self.0.request(slot, seconds);
    }

    /// What is asked for.
    pub fn wish(&self, slot: Slot, _: &impl MayBlock) -> Option<Wish> {
        self.0.wish(slot)
    }

    /// Whether a slot still waits for sound to be filled with.
    pub fn pending(&self, slot: Slot, thread: &impl MayBlock) -> bool {
        self.wish(slot, thread).is_some()
    }

    /// Takes a wish back.
    pub fn withdraw(&self, slot: Slot, _: &impl MayBlock) {
        self.0.withdraw(slot);
    }

    /// Fulfils a wish, if it still is one: it may have been taken back meanwhile, or another have taken its place, which then
    /// stays. Says whether it was.
    pub fn fulfil(&self, slot: Slot, wish: Wish, captured: Captured, _: &impl MayBlock) -> bool {
        self.0.fulfil(slot, wish, captured)
    }

    /// How often either slot has changed. Wait-free.
    pub fn changes(&self) -> u32 {
        self.0.changes()
    }
}

impl PersistentField<'_, [Option<Captured>; 2]> for Captures {
    /// A slot that makes no sense is left empty: the rest of the project is worth having. Wishes were for the project before.
    fn set(&self, slots: [Option<Captured>; 2]) {
        let slots = slots.map(|captured| captured.filter(|captured| captured.check().is_ok()));
        self.0.replace(slots);
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
