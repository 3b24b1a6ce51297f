//! Typed numbers, wherever they come from: the editor's fields, the host's, the command line, presets.

/// Signs that people type, or that programs make of them: the typographic minus, hyphens, dashes, full-width signs.
const MINUS: [char; 7] = [
    '-', '\u{2212}', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{ff0d}',
];
const PLUS: [char; 2] = ['+', '\u{ff0b}'];

/// Fractions that have a letter of their own.
const FRACTIONS: [(char, f32); 3] = [('¼', 0.25), ('½', 0.5), ('¾', 0.75)];

/// Reads a number with or without its unit, in any case of letters: `-3.5 dB`, `−3,5db`, `+80%`, `1½`. A comma is the decimal sign,
/// or groups thousands where a dot is that; where it could be either (`1,000`), nobody knows what was meant, and it is no number.
pub(super) fn number(text: &str, unit: &str) -> Option<f32> {
    let text = text.trim();
    let text = without_unit(text, unit).unwrap_or(text).trim_end();
    let sign = text.chars().next()?;
    let (factor, digits) = if MINUS.contains(&sign) {
        (-1.0, text.get(sign.len_utf8()..)?)
    } else if PLUS.contains(&sign) {
        (1.0, text.get(sign.len_utf8()..)?)
    } else {
        (1.0, text)
    };
    // One sign is enough.
    let digits = digits.trim_start();
    let value = magnitude(digits)?;
    value.is_finite().then_some(factor * value)
}

/// What is in front of the unit, if that is there.
fn without_unit<'a>(text: &'a str, unit: &str) -> Option<&'a str> {
    if unit.is_empty() {
        return None;
    }
    let names: &[&str] = match unit {
        "σ" => &["σ", "sigma"],
        "%" => &["%", "percent"],
        unit => &[unit],
    };
    names.iter().find_map(|name| {
        let length = text.char_indices().rev().nth(name.chars().count() - 1)?.0;
        let (number, end) = text.split_at(length);
        // The small sigma at a word's end is another letter than within it.
        let end = end.to_lowercase().replace('ς', "σ");
        (end == name.to_lowercase()).then_some(number)
    })
}

/// A number without a sign.
fn magnitude(text: &str) -> Option<f32> {
    for (letter, fraction) in FRACTIONS {
        if let Some(whole) = text.strip_suffix(letter) {
            let whole = match whole.trim_end() {
                "" => 0.0,
                whole => whole.parse::<u32>().ok()? as f32,
            };
            return Some(whole + fraction);
        }
    }
    // Words that Rust takes for numbers (`inf`, `nan`) are none, and a second sign is a slip.
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '.' | ',')) {
        return None;
    }
    let (dot, comma) = (text.rfind('.'), text.rfind(','));
    let (decimal, group) = match (dot, comma) {
        (None, None) => (None, None),
        (Some(dot), None) => (Some(dot), None),
        (None, Some(comma)) => {
            let (whole, rest) = (text.get(..comma)?, text.get(comma + 1..)?);
            let is_group = rest.len() == 3 && !matches!(whole, "" | "0");
            (!is_group).then_some((Some(comma), None))?
        }
        (Some(dot), Some(comma)) if dot > comma => (Some(dot), Some(',')),
        (Some(_), Some(comma)) => (Some(comma), Some('.')),
    };
    let (whole, fraction) = match decimal {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
        None => (text, ""),
    };
    let whole = match group {
        Some(group) => ungrouped(whole, |letter| letter == group)?,
        None => ungrouped(whole, char::is_whitespace)?,
    };
    match decimal {
        Some(_) => format!("{whole}.{fraction}").parse().ok(),
        None => whole.parse().ok(),
    }
}

/// The digits of a whole number whose thousands may be grouped.
fn ungrouped(text: &str, separates: impl Fn(char) -> bool + Copy) -> Option<String> {
    let groups: Vec<&str> = text.split(separates).collect();
    let (first, others) = groups.split_first()?;
    let whole = others.is_empty() || !first.is_empty() && first.len() <= 3;
    (whole && others.iter().all(|group| group.len() == 3)).then(|| groups.concat())
}

#[cfg(test)]
#[allow(unsafe_code, reason = "nice-plug reaches parameters by pointer")]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_taken_as_people_write_them() {
        for (text, unit, value) in [
            ("-3 dB", "dB", -3.0),
            ("-3 db", "dB", -3.0),
            ("-3DB", "dB", -3.0),
            ("-3,5 dB", "dB", -3.5),
            ("\u{2212}3.5\u{a0}dB", "dB", -3.5),
            ("\u{2013} 3", "dB", -3.0),
            ("+3", "dB", 3.0),
            ("  80 % ", "%", 80.0),
            ("80%", "%", 80.0),
            ("80 percent", "%", 80.0),
            ("1.5 σ", "σ", 1.5),
            ("1.5 Σ", "σ", 1.5),
            ("1.5 Sigma", "σ", 1.5),
            (".5", "", 0.5),
            (",5", "", 0.5),
            ("5.", "", 5.0),
            ("½", "σ", 0.5),
            ("−1½ σ", "σ", -1.5),
            ("1,000.5 ms", "ms", 1000.5),
            ("1.000,5 ms", "ms", 1000.5),
            ("1 000 ms", "ms", 1000.0),
            ("1\u{202f}000", "ms", 1000.0),
            ("1000 MS", "ms", 1000.0),
            ("0,125", "", 0.125),
            ("1.250", "", 1.25),
            ("1e1", "", 10.0),
        ] {
            assert_eq!(number(text, unit), Some(value), "{text:?}");
        }
    }

    #[test]
    fn what_could_be_anything_is_no_number() {
        for text in [
            "", " ", "-", "dB", "loud", "1,000", "10,000", "1,2,3", "1.2.3", "--3", "+-3", "-+3",
            "NaN", "inf", "-inf", "infinity", "1e999", "3 4", "1 00", "60 ms", "3 dBFS", "½½",
            "1..", ".", ",", "0x10", "3%%",
        ] {
            assert_eq!(number(text, "dB"), None, "{text:?}");
        }
        // The unit `s` is not that of milliseconds.
        assert_eq!(number("60 ms", "s"), None);
    }

    #[test]
    fn every_parameter_reads_numbers_by_the_same_rules() {
        use crate::params::MoodringParams;
        use nice_plug::prelude::{Param, Params};

        // What hosts, the editor's fields and the command line call.
        let params = MoodringParams::default();
        let read = |param: &nice_plug::prelude::FloatParam, text: &str| {
            let normalized = param.string_to_normalized_value(text);
            normalized.map(|normalized| param.preview_plain(normalized))
        };
        let near = |found: Option<f32>, wanted: f32| {
            assert!(
                found.is_some_and(|found| (found - wanted).abs() < 1e-3),
                "{found:?}"
            );
        };
        near(read(&params.output, "\u{2212}3,5 db"), -3.5);
        near(read(&params.knobs[0].shift, "+1½ σ"), 1.5);
        near(read(&params.mix, "80 PERCENT"), 0.8);
        near(read(&params.map_x, "-0,25"), -0.25);
        near(read(&params.smoothing, "1 000 MS"), 1_000.0);
        near(read(&params.average, "9,5 S"), 9.5);
        for (_, param, _) in params.param_map() {
            // SAFETY: the pointers are those of `params`, which is borrowed for all of this.
            let text = unsafe { param.normalized_value_to_string(0.25, true) };
            // SAFETY: as above.
            let back = unsafe { param.string_to_normalized_value(&text) };
            assert!(back.is_some(), "{text}");
        }
    }
}
