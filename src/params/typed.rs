//! What a text is for a parameter, by the same rules wherever it comes from: the editor's fields, the host's, the command line,
//! presets.
#![allow(unsafe_code, reason = "nice-plug reaches parameters by pointer")]

use nice_plug::prelude::{FloatParam, Param, ParamPtr};

use super::{
    choice,
    number::{self, NotThis},
};

/// Why a text is no value of a parameter: a line that goes on where "`text` is" ends.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// It is neither a number nor one of the parameter's names.
    #[error("no value of it")]
    NoValue,
    /// It is a number of another quantity.
    #[error("in `{found}`, where {expected} is meant")]
    Unit {
        /// The unit that was typed.
        found: String,
        /// Those that the parameter has.
        expected: String,
    },
    /// It is a number beyond the range.
    #[error("out of its range")]
    Range {
        /// The nearest value in the range, normalized.
        nearest: f32,
    },
}

/// The normalized value that a text is for a continuous parameter.
///
/// # Errors
/// [`Refusal`].
pub fn number(param: &FloatParam, text: &str) -> Result<f32, Refusal> {
    let shown = param.unit().trim();
    let plain = number::number(text, shown).map_err(|why| match why {
        NotThis::Number => Refusal::NoValue,
        NotThis::Unit(found) => Refusal::Unit {
            found,
            expected: units(shown),
        },
    })?;
    let normalized = param.preview_normalized(plain);
    if (param.preview_plain(0.0)..=param.preview_plain(1.0)).contains(&plain) {
        Ok(normalized)
    } else {
        Err(Refusal::Range {
            nearest: normalized,
        })
    }
}

/// The normalized value that a text is for a parameter. The framework's own reading knows an enumeration's names only letter by
/// letter (nice-plug-core 0.4.2, params/enums.rs:273), so those are looked up here.
///
/// # Safety
/// The parameter must be there.
///
/// # Errors
/// [`Refusal`].
pub unsafe fn value(param: ParamPtr, text: &str) -> Result<f32, Refusal> {
    // SAFETY: the caller's promise.
    unsafe {
        let found = match param {
            ParamPtr::FloatParam(param) => return number(&*param, text),
            ParamPtr::EnumParam(_) => {
                let choices = choice::choices(param);
                let names: Vec<_> = choices.iter().map(String::as_str).collect();
                let name = choice::find(text, &names).and_then(|index| names.get(index));
                name.and_then(|name| param.string_to_normalized_value(name))
            }
            _ => param.string_to_normalized_value(text),
        };
        found.ok_or(Refusal::NoValue)
    }
}

/// As [`value`], or the nearest in the range: hosts expect no less. `None` where no number or name was meant.
///
/// # Safety
/// The parameter must be there.
pub unsafe fn nearest(param: ParamPtr, text: &str) -> Option<f32> {
    // SAFETY: the caller's promise.
    match unsafe { value(param, text) } {
        Ok(normalized)
        | Err(Refusal::Range {
            nearest: normalized,
        }) => Some(normalized),
        Err(_) => None,
    }
}

/// The units of a quantity in words. A word and its sign are the same unit.
fn units(shown: &str) -> String {
    let mut factors = Vec::new();
    let mut names = Vec::new();
    for (name, factor) in number::units(shown) {
        if !factors.contains(factor) {
            factors.push(*factor);
            names.push(*name);
        }
    }
    if names.is_empty() {
        return "no unit".to_owned();
    }
    names.join(" or ")
}

#[cfg(test)]
mod tests {
    use nice_plug::prelude::Params;

    use super::*;
    use crate::params::MoodringParams;

    #[test]
    fn every_parameter_reads_numbers_by_the_same_rules() {
        let params = MoodringParams::default();
        for (param, text, plain) in [
            (&params.output, "\u{2212}3,5 db", -3.5),
            (&params.knobs[0].shift, "+1½ σ", 1.5),
            (&params.mix, "80 PERCENT", 0.8),
            (&params.map_x, "-0,25", -0.25),
            (&params.smoothing, "1 000 MS", 1_000.0),
            (&params.smoothing, "0.5 s", 500.0),
            (&params.average, "9,5 S", 9.5),
            (&params.average, "2000 ms", 2.0),
        ] {
            // The framework's own way is that of screen readers.
            for normalized in [
                number(param, text).ok(),
                param.string_to_normalized_value(text),
            ] {
                let found = normalized.map(|normalized| param.preview_plain(normalized));
                assert!(
                    found.is_some_and(|found| (found - plain).abs() < 1e-3),
                    "{text}: {found:?}"
                );
            }
        }
        for (_, param, _) in params.param_map() {
            for normalized in [0.0, 0.25, 1.0] {
                // SAFETY: the pointers are those of `params`, which is borrowed for all of this.
                let (back, text) = unsafe {
                    let text = param.normalized_value_to_string(normalized, true);
                    (value(param, &text), text)
                };
                assert!(back.is_ok(), "{text}: {back:?}");
            }
        }
    }

    #[test]
    fn hosts_get_the_nearest_value_and_others_are_told_that_it_is_out_of_range() {
        let params = MoodringParams::default();
        for (param, text, end) in [
            (&params.output, "99", 1.0),
            (&params.output, "-99 dB", 0.0),
            (&params.smoothing, "2 s", 1.0),
            (&params.average, "1 ms", 0.0),
        ] {
            let refused = Err(Refusal::Range { nearest: end });
            assert_eq!(number(param, text), refused, "{text}");
            // SAFETY: the pointer is that of `params`, which is still here.
            let nearest = unsafe { nearest(param.as_ptr(), text) };
            assert_eq!(nearest, Some(end), "{text}");
        }
        // SAFETY: as above.
        let nearest = unsafe { nearest(params.output.as_ptr(), "3 s") };
        assert_eq!(nearest, None);
        assert!(number(&params.output, "24 dB").is_ok());
    }
}
