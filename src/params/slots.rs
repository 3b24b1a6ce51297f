//! What is kept in two slots, and what is asked for them. `proofs/` runs this very file through every order that threads can take.

use crate::engine::{
    ForkSafeGuard, ForkSafeMutex,
    sync::{AtomicU32, Ordering},
};

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

/// A wish for a slot to be filled with what is heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wish {
    /// How much sound to average over.
    pub seconds: f32,
    /// Tells it from those before and after it.
    number: u64,
}

/// One slot's content, and the wish for something else in it.
#[derive(Debug)]
struct Place<T> {
    content: Option<T>,
    wish: Option<Wish>,
}

impl<T> Default for Place<T> {
    fn default() -> Self {
        Self {
            content: None,
            wish: None,
        }
    }
}

/// What is behind the lock.
#[derive(Debug)]
struct State<T> {
    places: [Place<T>; 2],
    /// How many wishes there have been.
    wishes: u64,
}

impl<T> Default for State<T> {
    fn default() -> Self {
        Self {
            places: Default::default(),
            wishes: 0,
        }
    }
}

/// Two slots behind a lock that is held for less than a microsecond; threads that may block share them. Any thread may ask for
/// [`Slots::changes`].
#[derive(Debug)]
pub struct Slots<T> {
    state: ForkSafeMutex<State<T>>,
    /// Counts the changes, so that who uses the contents knows when to look again.
    changes: AtomicU32,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self {
            state: ForkSafeMutex::default(),
            changes: AtomicU32::new(0),
        }
    }
}

impl<T: Clone> Slots<T> {
    fn lock(&self) -> ForkSafeGuard<'_, State<T>> {
        self.state.lock()
    }

    /// What is in a slot.
    pub fn get(&self, slot: Slot) -> Option<T> {
        self.lock().places[slot as usize].content.clone()
    }

    /// What is in both.
    pub fn both(&self) -> [Option<T>; 2] {
        let state = self.lock();
        state.places.each_ref().map(|place| place.content.clone())
    }

    /// Fills a slot or empties it.
    pub fn set(&self, slot: Slot, content: Option<T>) {
        let mut state = self.lock();
        state.places[slot as usize].content = content;
        self.count_change();
    }

    /// Fills or empties both, and takes the wishes back.
    pub fn replace(&self, contents: [Option<T>; 2]) {
        let mut state = self.lock();
        state.places = contents.map(|content| Place {
            content,
            wish: None,
        });
        self.count_change();
    }

    /// Asks for a slot to be filled with the mean of the last `seconds` of sound, in place of what was asked for before.
    pub fn request(&self, slot: Slot, seconds: f32) {
        let mut state = self.lock();
        state.wishes += 1;
        state.places[slot as usize].wish = Some(Wish {
            seconds,
            number: state.wishes,
        });
    }

    /// What is asked for.
    pub fn wish(&self, slot: Slot) -> Option<Wish> {
        self.lock().places[slot as usize].wish
    }

    /// Takes a wish back.
    pub fn withdraw(&self, slot: Slot) {
        self.lock().places[slot as usize].wish = None;
    }

    /// Fulfils a wish, if it still is one: it may have been taken back meanwhile, or another have taken its place, which then
    /// stays. Says whether it was.
    pub fn fulfil(&self, slot: Slot, wish: Wish, content: T) -> bool {
        let mut state = self.lock();
        let place = &mut state.places[slot as usize];
        if place.wish != Some(wish) {
            return false;
        }
        *place = Place {
            content: Some(content),
            wish: None,
        };
        self.count_change();
        true
    }

    /// How often either slot has changed. Whoever has read a count and then looks into the slots finds what it counts. Wait-free.
    pub fn changes(&self) -> u32 {
        self.changes.load(Ordering::Acquire)
    }

    /// Called with the lock held.
    fn count_change(&self) {
        self.changes.fetch_add(1, Ordering::Release);
    }
}
