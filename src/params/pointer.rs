//! Parameters by pointer: the setters that nice-plug keeps for its own wrappers, and a parameter's value in a saved state.
//!
//! What these change and read is atomic, and so wait-free for the audio thread, but for the texts of an enumeration.
#![allow(unsafe_code, reason = "nice-plug reaches parameters by pointer")]

mod any;

use nice_plug::{
    params::InternalParamMut,
    plugin::ParamValue,
    prelude::{Param, ParamPtr},
};

use crate::thread::MayBlock;

pub use any::AnyParam;

/// Sets a parameter's value, 0 to 1. Wait-free.
///
/// # Safety
/// The parameter must be there.
pub unsafe fn set_normalized(param: ParamPtr, normalized: f32) {
    // SAFETY: the caller's promise.
    unsafe { param._internal_set_normalized_value(normalized) };
}

/// Sets the modulation that lies on a parameter, as a share of its range: -1 to 1, 0 for none. Wait-free.
///
/// # Safety
/// The parameter must be there.
pub unsafe fn set_modulation(param: ParamPtr, share: f32) {
    // SAFETY: the caller's promise.
    unsafe { param._internal_modulate_value(share) };
}

/// Returns a parameter's value, without modulation, as a state has it. Allocates.
///
/// # Safety
/// The parameter must be there.
pub unsafe fn saved(param: ParamPtr, _: &impl MayBlock) -> ParamValue {
    // SAFETY: the caller's promise.
    unsafe {
        match param {
            ParamPtr::FloatParam(param) => ParamValue::F32((*param).unmodulated_plain_value()),
            ParamPtr::IntParam(param) => ParamValue::I32((*param).unmodulated_plain_value()),
            ParamPtr::BoolParam(param) => ParamValue::Bool((*param).unmodulated_plain_value()),
            ParamPtr::EnumParam(param) => match (*param).unmodulated_plain_id() {
                Some(id) => ParamValue::String(id.to_owned()),
                None => ParamValue::I32((*param).unmodulated_plain_value()),
            },
        }
    }
}

/// Sets a parameter to the value that a state has. A value of another kind, or an unknown id, changes nothing.
///
/// # Safety
/// The parameter must be there.
pub unsafe fn set_saved(param: ParamPtr, value: &ParamValue) {
    // SAFETY: the caller's promise.
    unsafe {
        match (param, value) {
            (ParamPtr::FloatParam(param), ParamValue::F32(value)) => {
                (*param)._internal_set_plain_value(*value);
            }
            (ParamPtr::IntParam(param), ParamValue::I32(value)) => {
                (*param)._internal_set_plain_value(*value);
            }
            (ParamPtr::BoolParam(param), ParamValue::Bool(value)) => {
                (*param)._internal_set_plain_value(*value);
            }
            (ParamPtr::EnumParam(param), ParamValue::I32(value)) => {
                (*param)._internal_set_plain_value(*value);
            }
            (ParamPtr::EnumParam(param), ParamValue::String(id)) => {
                (*param).set_from_id(id);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use nice_plug::prelude::Params;

    use super::*;
    use crate::{params::MoodringParams, thread::MainThread};

    /// Away from the default and from the range's ends, and different for each.
    #[test]
    fn what_is_saved_of_a_parameter_sets_another_to_the_same_value() {
        let [saved_from, set_to] = [(); 2].map(|()| MoodringParams::default());
        let (from, to) = (saved_from.param_map(), set_to.param_map());
        assert!(from.len() > 10);
        for (index, ((id, from, _), (_, to, _))) in from.into_iter().zip(to).enumerate() {
            // SAFETY: the pointers are those of the two objects above.
            unsafe {
                set_normalized(from, 0.2 + 0.03 * index as f32);
                let value = saved(from, &MainThread::assume());
                set_saved(to, &value);
                assert_eq!(
                    to.unmodulated_normalized_value(),
                    from.unmodulated_normalized_value(),
                    "{id}: {value:?}"
                );
                let before = to.unmodulated_normalized_value();
                set_saved(to, &ParamValue::String("no id of any value".to_owned()));
                assert_eq!(to.unmodulated_normalized_value(), before, "{id}");
            }
        }
    }
}
