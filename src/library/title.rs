//! What may be a name of something that is kept as a file.

use crate::foreign_text::breaks_a_line;

/// Most characters of a name: with an ending, and four bytes to a character, still a file's name everywhere.
pub const LONGEST_TITLE: usize = 48;

/// Characters that one system or another doesn't have in the names of files.
const FORBIDDEN: [char; 9] = ['/', '\\', ':', '*', '?', '"', '<', '>', '|'];

/// Names that Windows keeps for devices, whatever their ending.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// Makes a name of `text` that is a file's name on every system: what can't be in one becomes `-`, runs of white space a
/// space, and what is too long is cut. `None` if no letter and no digit is left.
pub fn title(text: &str) -> Option<String> {
    let clean: String = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .filter(|letter| !breaks_a_line(*letter))
        .map(|letter| {
            if FORBIDDEN.contains(&letter) {
                '-'
            } else {
                letter
            }
        })
        .take(LONGEST_TITLE)
        .collect();
    // A dot in front hides a file, one at the end gets lost on Windows.
    let clean = clean.trim_matches(['.', ' ']);
    if !clean.chars().any(char::is_alphanumeric) {
        return None;
    }
    let stem = clean.split('.').next().unwrap_or_default().trim_end();
    let device = stem
        .trim_end_matches(|letter: char| letter.is_ascii_digit())
        .to_ascii_lowercase();
    if stem.len() <= 4 && DEVICES.contains(&device.as_str()) {
        return title(&format!("My {clean}"));
    }
    Some(clean.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_those_of_files() {
        for (text, expected) in [
            ("Darker", Some("Darker")),
            ("  my \t sound\n", Some("my sound")),
            ("../../etc/passwd", Some("-..-etc-passwd")),
            ("a/b:c", Some("a-b-c")),
            (".hidden.", Some("hidden")),
            ("Röhre 2", Some("Röhre 2")),
            ("con", Some("My con")),
            ("LPT1", Some("My LPT1")),
            ("aux.json", Some("My aux.json")),
            ("Concert", Some("Concert")),
            ("", None),
            ("...", None),
            ("/", None),
            ("\u{202e}\u{7}", None),
        ] {
            assert_eq!(title(text).as_deref(), expected, "{text:?}");
        }
    }
}
