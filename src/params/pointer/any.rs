//! A parameter of whatever kind, safely: what a control's menu shows and sets.
#![allow(unsafe_code, reason = "nice-plug reaches parameters by pointer")]

use std::marker::PhantomData;

use nice_plug::prelude::{ParamPtr, Params};

use crate::params::{
    MoodringParams,
    typed::{self, Refusal},
};

/// One of a set's parameters, of whatever kind; it borrows the set.
#[derive(Debug, Clone)]
pub struct AnyParam<'a> {
    id: String,
    pointer: ParamPtr,
    set: PhantomData<&'a MoodringParams>,
}

impl MoodringParams {
    /// The parameter behind a pointer; `None` if it is none of these.
    pub fn any(&self, pointer: ParamPtr) -> Option<AnyParam<'_>> {
        let map = self.param_map();
        let found = map.into_iter().find(|(_, param, _)| *param == pointer);
        found.map(|(id, pointer, _)| AnyParam {
            id,
            pointer,
            set: PhantomData,
        })
    }
}

// SAFETY, of every block below: the pointer is to a parameter of the set that is borrowed.
impl AnyParam<'_> {
    /// Its permanent id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the framework's gestures take.
    pub fn pointer(&self) -> ParamPtr {
        self.pointer
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        // SAFETY: as above.
        unsafe { self.pointer.name() }
    }

    /// Its value, normalized, without modulation.
    pub fn value(&self) -> f32 {
        // SAFETY: as above.
        unsafe { self.pointer.unmodulated_normalized_value() }
    }

    /// The value that a reset brings back, normalized.
    pub fn default_value(&self) -> f32 {
        // SAFETY: as above.
        unsafe { self.pointer.default_normalized_value() }
    }

    /// Whether it has one value only after another, as a switch has.
    pub fn is_stepped(&self) -> bool {
        // SAFETY: as above.
        unsafe { self.pointer.step_count() }.is_some()
    }

    /// A normalized value as it is shown, with its unit.
    pub fn text(&self, normalized: f32) -> String {
        // SAFETY: as above.
        unsafe { self.pointer.normalized_value_to_string(normalized, true) }
    }

    /// The normalized value that a text is for it.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn read(&self, text: &str) -> Result<f32, Refusal> {
        // SAFETY: as above.
        unsafe { typed::value(self.pointer, text) }
    }
}

#[cfg(test)]
mod tests {
    use nice_plug::prelude::Param;

    use super::*;

    #[test]
    fn a_parameter_is_found_in_its_own_set_alone() {
        let [own, other] = [(); 2].map(|()| MoodringParams::default());
        let mix = own.any(own.mix.as_ptr()).unwrap();
        assert_eq!((mix.id(), mix.name()), ("mix", "Mix"));
        assert_eq!(mix.text(mix.default_value()), "100 %");
        assert_eq!(mix.read("25 %"), Ok(0.25));
        assert!(mix.read("3 dB").is_err() && !mix.is_stepped());
        assert!(own.any(other.mix.as_ptr()).is_none());
        assert!(own.any(own.target.as_ptr()).unwrap().is_stepped());
    }
}
