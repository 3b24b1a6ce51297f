//! `--set NAME=VALUE`: by the text that the plugin itself reads.
#![allow(unsafe_code, reason = "nice-plug reaches parameters by pointer")]

use nice_plug::prelude::{ParamPtr, Params};

use super::CliError;
use crate::foreign_text::one_line;
use crate::params::{MoodringParams, choice, pointer, typed};

/// Sets the parameter that a `NAME=VALUE` names.
pub(super) fn set(params: &MoodringParams, setting: &str) -> Result<(), CliError> {
    let error = |why: String| CliError::Setting {
        setting: one_line(setting),
        why,
    };
    let (name, value) = setting
        .split_once('=')
        .ok_or_else(|| error("expected NAME=VALUE".to_owned()))?;
    let (name, value) = (name.trim(), value.trim());
    let map = params.param_map();
    let names: Vec<_> = map
        .iter()
        // SAFETY: the pointers are those of `params`, which is borrowed for all of this.
        .map(|(_, param, _)| unsafe { param.name() })
        .collect();
    let found = choice::find(name, &names).or_else(|| map.iter().position(|(id, ..)| id == name));
    let Some((_, param, _)) = found.and_then(|index| map.get(index)) else {
        let nearest = choice::nearest_first(name, &names).join(", ");
        return Err(error(format!(
            "there is no parameter `{}`; there are {nearest}",
            one_line(name)
        )));
    };
    // SAFETY: as above; nobody else uses these parameters.
    unsafe {
        let normalized = typed::value(*param, value).map_err(|why| {
            error(format!(
                "`{}` is {why}: {}",
                one_line(value),
                values(*param, value)
            ))
        })?;
        pointer::set_normalized(*param, normalized);
    }
    Ok(())
}

/// What a parameter takes, in words, for somebody who typed `value`.
///
/// # Safety
/// The parameter must be there.
unsafe fn values(param: ParamPtr, value: &str) -> String {
    // SAFETY: the caller's promise.
    unsafe {
        if let ParamPtr::FloatParam(_) | ParamPtr::IntParam(_) = param {
            let text = |normalized| param.normalized_value_to_string(normalized, true);
            return format!("it takes {} to {}", text(0.0), text(1.0));
        }
        let choices = choice::choices(param);
        let names: Vec<_> = choices.iter().map(String::as_str).collect();
        format!(
            "it takes {}",
            choice::nearest_first(value, &names).join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_out_of_range_or_in_another_unit_is_refused_with_range_and_unit() {
        let params = MoodringParams::default();
        for (setting, words) in [
            (
                "Output=99",
                &["`99`", "out of its range", "-24.0 dB to 24.0 dB"][..],
            ),
            (
                "Output=-24,1 dB",
                &["out of its range", "-24.0 dB to 24.0 dB"],
            ),
            ("Mix=150 %", &["out of its range", "0 % to 100 %"]),
            (
                "Brightness=-3.5",
                &["out of its range", "-3.00 σ to +3.00 σ"],
            ),
            ("Smoothing=2 s", &["out of its range", "0 ms to 1000 ms"]),
            ("Averaging=500 ms", &["out of its range", "1.0 s to 30.0 s"]),
            ("Map X=2", &["out of its range", "-1.00 to +1.00"]),
            ("Smoothing=3 dB", &["`dB`", "ms or s", "0 ms to 1000 ms"]),
            ("Averaging=4 kHz", &["`kHz`", "s or ms", "1.0 s to 30.0 s"]),
            ("Output=3 %", &["`%`", "dB", "-24.0 dB to 24.0 dB"]),
            ("Map X=0.5 %", &["`%`", "no unit", "-1.00 to +1.00"]),
            (
                "Output=loud",
                &["`loud`", "no value", "-24.0 dB to 24.0 dB"],
            ),
            ("Output=1,2,3", &["no value", "-24.0 dB to 24.0 dB"]),
        ] {
            let why = set(&params, setting).unwrap_err().to_string();
            for word in words {
                assert!(why.contains(word), "{setting}: {why}");
            }
        }
        assert_eq!(params.output.value(), 0.0, "nothing was set");
    }

    #[test]
    fn units_of_the_same_quantity_are_converted_and_one_mark_is_the_decimal_one() {
        let params = MoodringParams::default();
        for (setting, param, value) in [
            ("Smoothing=0.5 s", &params.smoothing, 500.0),
            ("Smoothing=1 s", &params.smoothing, 1_000.0),
            ("Averaging=2000 ms", &params.average, 2.0),
            ("Averaging=2,500.5 ms", &params.average, 2.5005),
            ("Averaging=2.500,5 ms", &params.average, 2.5005),
            ("Averaging=1,500", &params.average, 1.5),
            ("Averaging=1.500", &params.average, 1.5),
            ("Output=24", &params.output, 24.0),
            ("Output=-24 dB", &params.output, -24.0),
        ] {
            set(&params, setting).unwrap_or_else(|why| panic!("{why}"));
            assert!(
                (param.value() - value).abs() < 1e-3,
                "{setting}: {}",
                param.value()
            );
        }
    }
}
