//! What is heard, as parameters that a host can read and nobody can set: beside the framework's, which has none of that kind.
//!
//! A host finds them behind the plugin's own. They are in no state, and nothing that a host sets or automates reaches them.

use crate::{
    params::{MoodringParams, NewestReadings, READINGS, Reading},
    thread::MainThread,
};

/// Permanent ids, in the order of [`Reading::all`].
const IDS: [&str; READINGS] = [
    "heard_valence",
    "heard_arousal",
    "heard_tag_1",
    "heard_tag_2",
    "heard_tag_3",
    "heard_tag_4",
    "heard_tag_5",
    "heard_tag_6",
    "heard_tag_7",
    "heard_tag_8",
];

/// The number that nice-plug gives a parameter (`wrapper/util.rs`, `hash_param_id`): projects refer to it.
pub const fn number(id: &str) -> u32 {
    let bytes = id.as_bytes();
    let (mut sum, mut rest) = (0u32, bytes);
    while let [byte, others @ ..] = rest {
        sum = sum.wrapping_mul(31).wrapping_add(*byte as u32);
        rest = others;
    }
    sum & !(1 << 31)
}

/// The reading of that index, and the number of its parameter.
pub fn at(index: usize) -> Option<(u32, Reading)> {
    let id = IDS.get(index)?;
    Some((number(id), *Reading::all().get(index)?))
}

/// The index and the reading of a parameter's number; `None` if it is none of these.
pub fn find(wanted: u32) -> Option<(usize, Reading)> {
    let index = IDS.iter().position(|id| number(id) == wanted)?;
    Some((index, *Reading::all().get(index)?))
}

/// A value (0 to 1) of a reading as it is read. Locks.
pub fn text(
    reading: Reading,
    normalized: f32,
    params: &MoodringParams,
    main: &MainThread,
) -> String {
    let settings = params.outputs.get(main);
    let tag = match reading {
        Reading::Tag(tag) => settings.tags.get(tag).and_then(Option::as_ref),
        Reading::Valence | Reading::Arousal => None,
    };
    reading.text(reading.value(normalized), tag)
}

/// What a host has been told of the readings; owned by the audio thread.
#[derive(Debug)]
pub struct Told {
    changes: u32,
    /// What isn't a number has never been told.
    normalized: [f32; READINGS],
}

impl Default for Told {
    fn default() -> Self {
        Self {
            changes: 0,
            normalized: [f32::NAN; READINGS],
        }
    }
}

impl Told {
    /// Gives `tell` the number, the reading and the value (0 to 1) of each that the host doesn't know, and the frame of the host's block
    /// from which on it is so, if that is not behind `last`. Wait-free.
    pub fn catch_up(
        &mut self,
        newest: &NewestReadings,
        last: u32,
        mut tell: impl FnMut(u32, Reading, f32, u32),
    ) {
        let (changes, frame) = (newest.changes(), newest.frame());
        if changes == self.changes || frame > last {
            return;
        }
        self.changes = changes;
        for (index, known) in self.normalized.iter_mut().enumerate() {
            let value = newest.normalized(index);
            if let Some((number, reading)) = at(index)
                && value != *known
            {
                *known = value;
                tell(number, reading, value, frame);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use nice_plug::prelude::Params;

    use super::*;

    #[test]
    fn numbers_never_change_and_are_nobody_elses() {
        let numbers: Vec<_> = (0..READINGS).map(|index| at(index).unwrap().0).collect();
        assert_eq!(numbers[..3], [650_044_003, 1_829_767_070, 548_544_387]);
        let params = MoodringParams::default();
        for (id, ..) in params.param_map() {
            assert!(!numbers.contains(&number(&id)), "{id}");
        }
        for (index, wanted) in numbers.into_iter().enumerate() {
            assert_eq!(find(wanted), Some((index, Reading::all()[index])));
        }
        assert_eq!(find(number("mix")), None);
    }

    #[test]
    fn only_what_has_changed_is_told_and_at_its_frame() {
        let (newest, mut told) = (NewestReadings::default(), Told::default());
        let mut seen = Vec::new();
        let mut readings = [Some(0.0); READINGS];
        let mut catch_up = |newest: &NewestReadings, last| {
            seen.clear();
            told.catch_up(newest, last, |_, reading, value, frame| {
                seen.push((reading, value, frame));
            });
            seen.clone()
        };
        assert_eq!(catch_up(&newest, 9), []);
        newest.set(&readings, 3);
        assert_eq!(catch_up(&newest, 2), [], "not before");
        assert_eq!(catch_up(&newest, 3).len(), READINGS);
        readings[2] = Some(0.25);
        newest.set(&readings, 4);
        assert_eq!(catch_up(&newest, 9), [(Reading::Tag(0), 0.25, 4)]);
        assert_eq!(catch_up(&newest, 9), []);
    }
}
