//! The parameters as a host sees them: by number, normalised, and with what it has set before any block has carried it.
//!
//! By the standard a host that plays tells a change twice: `setParamNormalized` is for what is shown and saved, and a block
//! carries the change to the sound, at its sample. The parameters themselves are the sound's. While it plays, what the host has set
//! waits here, beside them: it is what the host reads and saves at once, and the sound never hears of it. It ends with
//! the first block that carries a change of the same parameter, or with the playing, when the sound takes it over.

use std::sync::atomic::{AtomicU64, Ordering};

use nice_plug::prelude::{ParamPtr, Params};

use crate::{
    entry::readings::number,
    params::{MoodringParams, pointer, typed},
};

/// All of an instance's parameters. The host's main thread, its audio thread and the editor's share them: what changes is atomic.
pub struct Values {
    /// In the order of their numbers.
    entries: Vec<Entry>,
}

struct Entry {
    number: u32,
    id: String,
    param: ParamPtr,
    waiting: Waiting,
}

/// What the host has set and no block has carried: the value's bits, NaN for none, and above them a count of the changes.
/// Wait-free for the audio thread.
struct Waiting(AtomicU64);

/// What was waiting at one time.
#[derive(Clone, Copy)]
pub struct Seen(u64);

impl Waiting {
    const NONE: u64 = f32::NAN.to_bits() as u64;

    fn following(word: u64, bits: u64) -> u64 {
        (word >> 32).wrapping_add(1) << 32 | bits
    }

    fn set(&self, value: Option<f32>) {
        let bits = value.map_or(Self::NONE, |value| value.to_bits() as u64);
        // The closure always gives a value.
        let _ = self
            .0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
                Some(Self::following(word, bits))
            });
    }

    fn get(&self) -> Option<f32> {
        let value = f32::from_bits(self.0.load(Ordering::Acquire) as u32);
        (!value.is_nan()).then_some(value)
    }

    /// Ends it, unless it has changed since.
    fn end(&self, seen: Seen) {
        let none = Self::following(seen.0, Self::NONE);
        // What has been set meanwhile stays.
        let _ = self
            .0
            .compare_exchange(seen.0, none, Ordering::AcqRel, Ordering::Relaxed);
    }
}

/// What a parameter would say of itself, had it taken a value: some have steps, and all are numbers of 32 bits.
///
/// # Safety
/// The parameter must be there.
unsafe fn taken(param: ParamPtr, value: f32) -> f32 {
    match param {
        ParamPtr::BoolParam(_) => f32::from(value > 0.5),
        // SAFETY: the caller's promise.
        _ => unsafe { param.preview_normalized(param.preview_plain(value)) },
    }
}

impl Values {
    /// The parameters must outlive this.
    pub fn new(params: &MoodringParams) -> Self {
        let mut entries: Vec<Entry> = params
            .param_map()
            .into_iter()
            .map(|(id, param, _)| Entry {
                number: number(&id),
                id,
                param,
                waiting: Waiting(AtomicU64::new(Waiting::NONE)),
            })
            .collect();
        entries.sort_by_key(|entry| entry.number);
        Self { entries }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The place of a parameter in this table.
    pub fn find(&self, number: u32) -> Option<usize> {
        self.entries
            .binary_search_by_key(&number, |entry| entry.number)
            .ok()
    }

    /// The number of a parameter.
    pub fn number_of(&self, param: ParamPtr) -> Option<u32> {
        let entry = self.entries.iter().find(|entry| entry.param == param)?;
        Some(entry.number)
    }

    /// What the host has set last, or a block has brought since. 0 to 1.
    pub fn get(&self, number: u32) -> Option<f32> {
        let entry = self.entries.get(self.find(number)?)?;
        // SAFETY: the parameter is there as long as this is.
        Some(unsafe {
            match entry.waiting.get() {
                Some(value) => taken(entry.param, value),
                None => entry.param.unmodulated_normalized_value(),
            }
        })
    }

    /// The value, 0 to 1, that a text means for a parameter, as people type it.
    pub fn meant_by(&self, number: u32, text: &str) -> Option<f32> {
        let entry = self.entries.get(self.find(number)?)?;
        // SAFETY: the parameter is there as long as this is.
        unsafe { typed::nearest(entry.param, text) }
    }

    /// Takes a value from the host. `is_playing`: it waits. `false` if there is no such parameter, or it is no number.
    pub fn set(&self, number: u32, value: f64, is_playing: bool) -> bool {
        let Some(entry) = self.find(number).and_then(|index| self.entries.get(index)) else {
            return false;
        };
        let value = value as f32;
        if value.is_nan() {
            return false;
        }
        let value = value.clamp(0.0, 1.0);
        // SAFETY: the parameter is there as long as this is.
        unsafe {
            if is_playing {
                let is_there =
                    entry.param.unmodulated_normalized_value() == taken(entry.param, value);
                entry.waiting.set((!is_there).then_some(value));
            } else {
                entry.waiting.set(None);
                pointer::set_normalized(entry.param, value);
            }
        }
        true
    }

    /// What waits at the parameter in that place.
    pub fn seen(&self, index: usize) -> Seen {
        let entry = self.entries.get(index);
        Seen(entry.map_or(0, |entry| entry.waiting.0.load(Ordering::Acquire)))
    }

    /// A block brings the value of the parameter in that place; what the host set before that block has had its time.
    pub fn play(&self, index: usize, value: f64, seen: Seen) {
        let value = value as f32;
        if let (Some(entry), false) = (self.entries.get(index), value.is_nan()) {
            // SAFETY: the parameter is there as long as this is.
            unsafe {
                let value = value.clamp(0.0, 1.0);
                pointer::set_normalized(entry.param, value);
            }
            entry.waiting.end(seen);
        }
    }

    /// The sound takes over what waits.
    pub fn settle(&self) {
        for (index, entry) in self.entries.iter().enumerate() {
            let seen = self.seen(index);
            if let Some(value) = entry.waiting.get() {
                // SAFETY: the parameter is there as long as this is.
                unsafe { pointer::set_normalized(entry.param, value) };
                entry.waiting.end(seen);
            }
        }
    }

    /// Nothing waits any more: a state has been loaded.
    pub fn forget(&self) {
        for entry in &self.entries {
            entry.waiting.set(None);
        }
    }

    /// Ids and parameters, and what waits for each.
    pub fn iter(&self) -> impl Iterator<Item = (&str, ParamPtr, Option<f32>)> {
        self.entries
            .iter()
            .map(|entry| (entry.id.as_str(), entry.param, entry.waiting.get()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;

    /// Of `mix`: its number as in every saved project.
    #[test]
    fn a_parameters_number_is_what_projects_know_it_by() {
        assert_eq!(number("mix"), 108_124);
        let params = MoodringParams::default();
        let values = Values::new(&params);
        assert_eq!(values.len(), params.param_map().len());
        for (id, param, _) in params.param_map() {
            let found = values.number_of(param).unwrap();
            assert_eq!(found, number(&id));
            assert!(values.find(found).is_some());
        }
        assert_eq!(values.find(0), None);
    }

    #[test]
    fn what_is_set_while_a_block_runs_outlives_the_blocks_older_change() {
        let params = MoodringParams::default();
        let values = Values::new(&params);
        let mix = values.find(number("mix")).unwrap();
        let seen = values.seen(mix);
        assert!(values.set(number("mix"), 0.25, true));
        values.play(mix, 0.75, seen);
        assert_eq!(params.mix.value(), 0.75);
        assert_eq!(values.get(number("mix")), Some(0.25));
        // The same value once more is another set all the same.
        let seen = values.seen(mix);
        assert!(values.set(number("mix"), 0.25, true));
        values.play(mix, 0.75, seen);
        assert_eq!(values.get(number("mix")), Some(0.25));
        values.play(mix, 0.5, values.seen(mix));
        assert_eq!(values.get(number("mix")), Some(0.5));
    }
}
