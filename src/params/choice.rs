//! Typed choices: one of several names, whatever the case, and what was meant by one that isn't there.
#![allow(unsafe_code, reason = "nice-plug reaches parameters by pointer")]

use nice_plug::prelude::ParamPtr;

/// The index of the name that `text` is, by itself or else in other letters: big, small, spaces and hyphens don't matter.
pub fn find(text: &str, names: &[&str]) -> Option<usize> {
    let exactly = names.iter().position(|name| *name == text.trim());
    exactly.or_else(|| {
        let plain = plain(text);
        let mut alike = names
            .iter()
            .enumerate()
            .filter(|(_, name)| self::plain(name) == plain);
        // Two that differ by nothing else leave it open which is meant.
        match (alike.next(), alike.next()) {
            (Some((index, _)), None) => Some(index),
            _ => None,
        }
    })
}

/// `names`, the one first that is most like `text`.
pub fn nearest_first<'a>(text: &str, names: &[&'a str]) -> Vec<&'a str> {
    let text = plain(text);
    let mut names = names.to_vec();
    names.sort_by_cached_key(|name| {
        let name = plain(name);
        // What begins like it, or has it in it, is what was meant, whatever its length.
        let within = if text.is_empty() || !name.contains(&text) {
            1
        } else {
            0
        };
        (within, strsim::damerau_levenshtein(&text, &name))
    });
    names
}

/// The names of a parameter that has some; a switch has two.
///
/// # Safety
/// The parameter must be there.
pub unsafe fn choices(param: ParamPtr) -> Vec<String> {
    // SAFETY: the caller's promise.
    unsafe {
        let steps = param.step_count().unwrap_or(0);
        (0..=steps)
            .map(|step| {
                let normalized = step as f32 / steps.max(1) as f32;
                param.normalized_value_to_string(normalized, false)
            })
            .collect()
    }
}

/// A name without what people spell as they like.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["Flute", "Electric Piano", "A to B", "Named Timbre", "Cello"];

    #[test]
    fn case_spaces_and_hyphens_do_not_matter() {
        for (text, index) in [
            ("Flute", Some(0)),
            ("flute", Some(0)),
            (" FLUTE ", Some(0)),
            ("electric-piano", Some(1)),
            ("ElectricPiano", Some(1)),
            ("a to b", Some(2)),
            ("flut", None),
            ("", None),
        ] {
            assert_eq!(find(text, &NAMES), index, "{text:?}");
        }
        assert_eq!(find("ab", &["A B", "a-b"]), None, "which of the two?");
        assert_eq!(find("A B", &["a b", "A B"]), Some(1));
    }

    #[test]
    fn what_was_meant_comes_first() {
        assert_eq!(nearest_first("flut", &NAMES)[0], "Flute");
        assert_eq!(nearest_first("chelo", &NAMES)[0], "Cello");
        assert_eq!(nearest_first("piano", &NAMES)[0], "Electric Piano");
        assert_eq!(nearest_first("", &NAMES).len(), NAMES.len());
    }
}
