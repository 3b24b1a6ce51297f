//! Typed numbers, wherever they come from: the editor's fields, the host's, the command line, presets.

/// Signs that people type, or that programs make of them: the typographic minus, hyphens, dashes, full-width signs.
const MINUS: [char; 7] = [
    '-', '\u{2212}', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{ff0d}',
];
const PLUS: [char; 2] = ['+', '\u{ff0b}'];

/// Fractions that have a letter of their own.
const FRACTIONS: [(char, f64); 3] = [('¼', 0.25), ('½', 0.5), ('¾', 0.75)];

/// Why a text is no number of a quantity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotThis {
    /// It is no number at all.
    Number,
    /// What is behind the number is no unit of the quantity.
    Unit(String),
}

/// The units that a quantity may be typed in, the one that it is shown in first, and what a parameter's plain value is in each.
pub(super) fn units(shown: &str) -> &'static [(&'static str, f64)] {
    match shown {
        "dB" => &[("dB", 1.0)],
        "%" => &[("%", 0.01), ("percent", 0.01)],
        "σ" => &[("σ", 1.0), ("sigma", 1.0)],
        "ms" => &[("ms", 1.0), ("s", 1_000.0)],
        "s" => &[("s", 1.0), ("ms", 0.001)],
        _ => &[],
    }
}

/// Reads a number as the plain value of a parameter that is shown in the unit `shown`: `-3.5 dB`, `−3,5db`, `+80%`, `1½`, `0.5 s`. A
/// unit may be left out, and its letters may be big or small. A comma or a point that is alone is the decimal mark; of both, the
/// last is, and the others group thousands.
pub(super) fn number(text: &str, shown: &str) -> Result<f32, NotThis> {
    let is_of_number = |letter: char| {
        letter.is_ascii_digit()
            || matches!(letter, '.' | ',')
            || FRACTIONS.iter().any(|(fraction, _)| *fraction == letter)
    };
    let end = text
        .char_indices()
        .rfind(|(_, letter)| is_of_number(*letter))
        .map_or(0, |(last, letter)| last + letter.len_utf8());
    let (number, unit) = text.split_at_checked(end).ok_or(NotThis::Number)?;
    let value = signed(number.trim()).ok_or(NotThis::Number)?;
    let units = units(shown);
    let unit = unit.trim();
    let factor = match units.iter().find(|(name, _)| is_same(name, unit)) {
        Some((_, factor)) => *factor,
        None if unit.is_empty() => units.first().map_or(1.0, |(_, factor)| *factor),
        None => return Err(NotThis::Unit(unit.to_owned())),
    };
    let value = (factor * value) as f32;
    value.is_finite().then_some(value).ok_or(NotThis::Number)
}

/// Whether two names of a unit are the same but for big and small letters. The small sigma at a word's end is another letter than
/// within it.
fn is_same(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.to_lowercase().replace('ς', "σ");
    plain(one) == plain(other)
}

fn signed(text: &str) -> Option<f64> {
    let sign = text.chars().next()?;
    let (factor, digits) = if MINUS.contains(&sign) {
        (-1.0, text.get(sign.len_utf8()..)?)
    } else if PLUS.contains(&sign) {
        (1.0, text.get(sign.len_utf8()..)?)
    } else {
        (1.0, text)
    };
    // One sign is enough.
    Some(factor * magnitude(digits.trim_start())?)
}

/// A number without a sign.
fn magnitude(text: &str) -> Option<f64> {
    for (letter, fraction) in FRACTIONS {
        if let Some(whole) = text.strip_suffix(letter) {
            let whole = match whole.trim_end() {
                "" => 0.0,
                whole => f64::from(whole.parse::<u32>().ok()?),
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
        (None, Some(comma)) => (Some(comma), None),
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
mod tests {
    use super::*;

    #[test]
    fn numbers_are_taken_as_people_write_them() {
        for (text, shown, value) in [
            ("-3 dB", "dB", -3.0),
            ("-3 db", "dB", -3.0),
            ("-3DB", "dB", -3.0),
            ("-3,5 dB", "dB", -3.5),
            ("\u{2212}3.5\u{a0}dB", "dB", -3.5),
            ("\u{2013} 3", "dB", -3.0),
            ("+3", "dB", 3.0),
            ("  80 % ", "%", 0.8),
            ("80%", "%", 0.8),
            ("80", "%", 0.8),
            ("80 percent", "%", 0.8),
            ("1.5 σ", "σ", 1.5),
            ("1.5 Σ", "σ", 1.5),
            ("1.5 ς", "σ", 1.5),
            ("1.5 Sigma", "σ", 1.5),
            (".5", "", 0.5),
            (",5", "", 0.5),
            ("5.", "", 5.0),
            ("½", "σ", 0.5),
            ("−1½ σ", "σ", -1.5),
            ("1½ s", "ms", 1_500.0),
            ("1,000.5 ms", "ms", 1000.5),
            ("1.000,5 ms", "ms", 1000.5),
            ("1 000 ms", "ms", 1000.0),
            ("1\u{202f}000", "ms", 1000.0),
            ("1000 MS", "ms", 1000.0),
            ("0.5 s", "ms", 500.0),
            ("0,06S", "ms", 60.0),
            ("2000 ms", "s", 2.0),
            ("1e3ms", "s", 1.0),
            ("0,125", "", 0.125),
            ("1,500", "", 1.5),
            ("1.250", "", 1.25),
            ("1e1", "", 10.0),
        ] {
            assert_eq!(number(text, shown), Ok(value), "{text:?}");
        }
    }

    #[test]
    fn what_could_be_anything_is_no_number() {
        for text in [
            "",
            " ",
            "-",
            "dB",
            "loud",
            "1,2,3",
            "1.2.3",
            "1,000,000",
            "1,00.5",
            "--3",
            "+-3",
            "-+3",
            "NaN",
            "inf",
            "-inf",
            "infinity",
            "1e999",
            "1e39",
            "3 4",
            "1 00",
            "½½",
            "1..",
            ".",
            ",",
            "0x10",
            "m3",
        ] {
            assert_eq!(number(text, "dB"), Err(NotThis::Number), "{text:?}");
        }
    }

    #[test]
    fn another_quantitys_unit_is_told() {
        for (text, shown, unit) in [
            ("60 ms", "dB", "ms"),
            ("3 dBFS", "dB", "dBFS"),
            ("4 kHz", "s", "kHz"),
            ("1 k", "ms", "k"),
            ("3%%", "%", "%%"),
            ("0.5 %", "", "%"),
        ] {
            let expected = Err(NotThis::Unit(unit.to_owned()));
            assert_eq!(number(text, shown), expected, "{text:?}");
        }
    }
}
