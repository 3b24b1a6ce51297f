//! What others wrote, where it is shown: a user's file or path may say anything, at any length, and a message or a name is one line.

/// The most characters that are told of a foreign text: a path and a name fit, and a message stays readable.
const LONGEST: usize = 400;

/// How many of them are the text's last: a path ends with the file's name.
const LAST: usize = 150;

/// A foreign text in one line, of which the middle is left out where it is long: `\n` in a string of JSON, say, is a space.
pub fn one_line(text: &str) -> String {
    let line = unbroken(text);
    // In bytes there are as many as in characters at least.
    if line.len() <= LONGEST {
        return line;
    }
    let count = line.chars().count();
    if count <= LONGEST {
        return line;
    }
    let first: String = line.chars().take(LONGEST - LAST - 1).collect();
    let last: String = line.chars().skip(count - LAST).collect();
    format!("{first}…{last}")
}

/// A text of any length in one line: what breaks it is a space.
pub fn unbroken(text: &str) -> String {
    text.replace(breaks_a_line, " ")
}

/// The most characters of a name that a card or a preset gives.
pub const LONGEST_NAME: usize = 256;

/// What is wrong with what is shown as a name, and what is expected: it has letters, not too many, and none of them breaks a line or steers a terminal.
pub fn wrong_name(name: &str) -> Option<(String, String)> {
    let count = name.chars().count();
    if name.trim().is_empty() {
        Some(("empty".to_owned(), "a name".to_owned()))
    } else if count > LONGEST_NAME {
        let found = format!("{count} characters long");
        Some((found, format!("a name of at most {LONGEST_NAME}")))
    } else if name.contains(breaks_a_line) {
        let expected = "a name without control characters and invisible marks";
        Some((format!("`{}`", name.escape_debug()), expected.to_owned()))
    } else {
        None
    }
}

/// Whether a character breaks a line, steers a terminal, or isn't seen and yet changes how the line is read.
pub fn breaks_a_line(letter: char) -> bool {
    letter.is_control() || is_invisible(letter)
}

/// Marks that change how a line is read without being seen: they would make two names look the same.
fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_the_line_or_turns_it_round() {
        let text = "a\r\nb\u{1b}[2J\u{202e}c\u{2028}d\u{200b}\u{61c}\u{ad}\u{e0041}";
        assert_eq!(one_line(text), "a  b [2J c d    ");
    }

    #[test]
    fn of_a_long_text_both_ends_are_told() {
        let path = format!("/home/{}/Röhre.json", "é".repeat(1_000_000));
        let line = one_line(&path);
        assert_eq!(line.chars().count(), LONGEST);
        assert!(line.starts_with("/home/é") && line.ends_with("é/Röhre.json"));
        let whole = "é".repeat(LONGEST);
        assert_eq!(one_line(&whole), whole);
    }
}
