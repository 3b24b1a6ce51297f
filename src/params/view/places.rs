//! Places on the map of music that were kept: with the project, no part of the sound.

use nice_plug::params::persist::PersistentField;
use serde::{Deserialize, Serialize};

use super::super::saving::saving_thread;
use crate::{
    engine::ForkSafeMutex, foreign_text::breaks_a_line, model::FARTHEST, thread::MayBlock,
};

/// The most places that a project keeps.
pub const MOST_PLACES: usize = 16;

/// The most characters of a place's name.
pub const LONGEST_PLACE_NAME: usize = 24;

/// The most bytes of what tells a map from others, which is a SHA-256 in hexadecimal.
const LONGEST_MAP: usize = 64;

/// Where a sound was on a map of music.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptPlace {
    /// What it is called: `verse`.
    pub name: String,
    /// From left to right and from bottom to top, in the map's units.
    pub at: [f32; 2],
    /// Which map it is on: [`MusicMap::id`](crate::model::MusicMap::id). On another it is nowhere.
    pub map: String,
}

impl KeptPlace {
    /// Whether it can be shown: a project's may say anything.
    pub(crate) fn is_sound(&self) -> bool {
        let at = self.at.iter().all(|value| value.abs() <= FARTHEST);
        at && self.map.len() <= LONGEST_MAP && name_of(&self.name) == Some(&self.name)
    }
}

/// A name as it is kept, of what was typed; `None` if nothing is left: it has letters, and neither control characters nor invisible marks.
fn name_of(typed: &str) -> Option<&str> {
    let name = typed.trim();
    let fits = (1..=LONGEST_PLACE_NAME).contains(&name.chars().count());
    (fits && !name.contains(breaks_a_line)).then_some(name)
}

/// The kept places. The editor and the main thread share them; what takes a thread's marker locks.
#[derive(Debug, Default)]
pub struct KeptPlaces(ForkSafeMutex<Vec<KeptPlace>>);

impl KeptPlaces {
    /// A copy of them, in the order in which they were kept.
    pub fn get(&self, _: &impl MayBlock) -> Vec<KeptPlace> {
        self.0.lock().clone()
    }

    /// Keeps one more, unless there are [`MOST_PLACES`] or its name can't be one. Says whether it did.
    pub fn keep(&self, place: KeptPlace, _: &impl MayBlock) -> bool {
        let mut places = self.0.lock();
        let kept = places.len() < MOST_PLACES && place.is_sound();
        if kept {
            places.push(place);
        }
        kept
    }

    /// Gives the place of that index another name, if what was typed can be one.
    pub fn rename(&self, index: usize, typed: &str, _: &impl MayBlock) {
        if let (Some(place), Some(name)) = (self.0.lock().get_mut(index), name_of(typed)) {
            name.clone_into(&mut place.name);
        }
    }

    /// Forgets the place of that index.
    pub fn remove(&self, index: usize, _: &impl MayBlock) {
        let mut places = self.0.lock();
        if index < places.len() {
            places.remove(index);
        }
    }
}

impl PersistentField<'_, Vec<KeptPlace>> for KeptPlaces {
    /// A place that makes no sense is left out: the rest of the project is worth having.
    fn set(&self, places: Vec<KeptPlace>) {
        let sound = places.into_iter().filter(KeptPlace::is_sound);
        *self.0.lock() = sound.take(MOST_PLACES).collect();
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&Vec<KeptPlace>) -> R,
    {
        f(&self.get(&saving_thread()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thread::MainThread;

    const MAIN: MainThread = MainThread::assume();

    fn place(name: &str) -> KeptPlace {
        KeptPlace {
            name: name.to_owned(),
            at: [0.25, -0.5],
            map: "one".to_owned(),
        }
    }

    #[test]
    fn a_place_is_kept_renamed_and_removed() {
        let places = KeptPlaces::default();
        assert!(places.keep(place("verse"), &MAIN));
        assert!(places.keep(place("bridge"), &MAIN));
        places.rename(1, " chorus ", &MAIN);
        places.rename(0, " \n", &MAIN);
        places.rename(9, "nobody", &MAIN);
        assert_eq!(places.get(&MAIN), [place("verse"), place("chorus")]);
        places.remove(0, &MAIN);
        places.remove(7, &MAIN);
        assert_eq!(places.get(&MAIN), [place("chorus")]);
    }

    #[test]
    fn there_are_no_more_than_can_be_told_apart() {
        let places = KeptPlaces::default();
        for _ in 0..MOST_PLACES {
            assert!(places.keep(place("verse"), &MAIN));
        }
        assert!(!places.keep(place("verse"), &MAIN));
        places.remove(0, &MAIN);
        for name in [
            "",
            "  ",
            "a\nb",
            "ver\u{202e}se",
            &"long".repeat(LONGEST_PLACE_NAME),
        ] {
            assert!(!places.keep(place(name), &MAIN), "{name}");
        }
        assert_eq!(places.get(&MAIN).len(), MOST_PLACES - 1);
    }

    #[test]
    fn what_makes_no_sense_in_a_project_is_left_out() {
        let nowhere = KeptPlace {
            at: [f32::NAN, 0.0],
            ..place("nowhere")
        };
        let far = KeptPlace {
            at: [0.0, 1e9],
            ..place("far")
        };
        let elsewhere = KeptPlace {
            map: "x".repeat(LONGEST_MAP + 1),
            ..place("elsewhere")
        };
        let places = KeptPlaces::default();
        let mut found = vec![nowhere, place(" "), place("verse"), far, elsewhere];
        found.extend(std::iter::repeat_n(place("more"), 2 * MOST_PLACES));
        PersistentField::set(&places, found);
        let kept = places.get(&MAIN);
        assert_eq!(kept.len(), MOST_PLACES);
        assert_eq!(kept[..2], [place("verse"), place("more")]);
    }
}
