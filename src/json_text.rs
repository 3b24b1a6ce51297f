//! JSON in files that people keep and edit: whatever encoding an editor left it in, and in plain words what is wrong with it.

mod strict;

use std::{
    borrow::Cow,
    collections::{BTreeMap, btree_map::Entry},
    fmt,
    marker::PhantomData,
};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, MapAccess, Visitor},
};

use crate::foreign_text::one_line;
use strict::Strict;

/// The sign that ends a text file for some editors (Ctrl-Z).
const END_OF_FILE: char = '\u{1a}';

/// Reads the JSON of a file.
///
/// # Errors
/// What is wrong with it, in words that go on where `file.json: it` ends.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let text = decode(bytes)?;
    let mut reader = serde_json::Deserializer::from_str(&text);
    let value = serde_path_to_error::deserialize(Strict(&mut reader)).map_err(|why| {
        let field = why.path().to_string();
        let plain = explain(why.inner());
        // A dot is the whole file, and what is no JSON has no fields.
        let is_of_a_field =
            why.inner().is_data() || is_out_of_range(why.inner()) || goes_on(why.inner());
        if is_of_a_field && field != "." {
            format!("field `{}`: {plain}", one_line(&field))
        } else {
            plain
        }
    })?;
    reader.end().map_err(|why| explain(&why))?;
    Ok(value)
}

/// For `deserialize_with`: a map in which each key stands once. Of a key that stands twice serde would take the second value, and the first would be lost without a word.
///
/// # Errors
/// The deserializer's own, and which key stands twice.
pub fn each_once<'de, D: Deserializer<'de>, V: Deserialize<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, V>, D::Error> {
    struct EachOnce<V>(PhantomData<V>);

    impl<'de, V: Deserialize<'de>> Visitor<'de> for EachOnce<V> {
        type Value = BTreeMap<String, V>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some(key) = access.next_key::<String>()? {
                let value = access.next_value()?;
                match map.entry(key) {
                    Entry::Vacant(place) => {
                        place.insert(value);
                    }
                    Entry::Occupied(place) => {
                        let why = format!("`{}` stands there twice", one_line(place.key()));
                        return Err(A::Error::custom(why));
                    }
                }
            }
            Ok(map)
        }
    }

    deserializer.deserialize_map(EachOnce(PhantomData))
}

/// The text of a file: UTF-8 or UTF-16, with a byte order mark or without, and without what some editors put behind it.
///
/// # Errors
/// Why it can't be the text of JSON.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return Err(utf_32()),
        // JSON begins with a letter of ASCII, so that zeros tell how wide a letter is (RFC 4627, section 3).
        [first, 0, 0, 0, ..] | [0, 0, 0, first, ..] if *first != 0 => return Err(utf_32()),
        _ => {}
    }
    let text = unicode(bytes).ok_or("it is no text in UTF-8 or UTF-16")?;
    let end = text
        .trim_end_matches(|letter: char| letter.is_whitespace() || letter == END_OF_FILE)
        .len();
    if end == 0 {
        return Err("it is empty".to_owned());
    }
    if text.contains('\0') {
        return Err("it has zero bytes in it, as files have that a crash has damaged".to_owned());
    }
    Ok(match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(..end).unwrap_or(text)),
        Cow::Owned(mut text) => {
            text.truncate(end);
            Cow::Owned(text)
        }
    })
}

/// What a parser complains about, in plain words, with its own behind them for whoever knows JSON.
fn explain(why: &serde_json::Error) -> String {
    let plain = match why.classify() {
        _ if is_out_of_range(why) => "it has a number that is too great",
        _ if goes_on(why) => "it has more where it should end",
        serde_json::error::Category::Eof => "it ends too early, as if cut off",
        serde_json::error::Category::Data => "it is JSON with other content than it should have",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => "it is not JSON",
    };
    format!("{plain} ({})", one_line(&why.to_string()))
}

/// Whether a number is too great for any that we reckon with, as 1e400 is. The parser takes that for a fault of the syntax, and tells it
/// apart by its words alone.
fn is_out_of_range(why: &serde_json::Error) -> bool {
    why.to_string().starts_with("number out of range")
}

/// Whether a list has more entries than what reads it, or the file goes on behind its end. The parser takes either for a fault of the
/// syntax, and tells it apart by its words alone.
fn goes_on(why: &serde_json::Error) -> bool {
    why.to_string().starts_with("trailing characters")
}

fn utf_32() -> String {
    "its text is in UTF-32, not in UTF-8".to_owned()
}

/// The text that bytes are, without a byte order mark.
fn unicode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let (rest, number): (_, fn([u8; 2]) -> u16) = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => return Some(std::str::from_utf8(rest).ok()?.into()),
        [0xff, 0xfe, rest @ ..] => (rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => (rest, u16::from_be_bytes),
        // A zero tells which half comes first.
        [first, 0, ..] if *first != 0 => (bytes, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => (bytes, u16::from_be_bytes),
        _ => return Some(std::str::from_utf8(bytes).ok()?.into()),
    };
    let (pairs, odd) = rest.as_chunks::<2>();
    if !odd.is_empty() {
        return None;
    }
    let units = pairs.iter().map(|pair| number(*pair));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    Some(text.ok()?.into())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Point {
        #[serde(rename = "at")]
        _at: [f32; 2],
    }

    #[test]
    fn a_list_is_no_object_wherever_it_stands() {
        #[derive(Debug, Deserialize)]
        struct All {
            #[serde(rename = "one")]
            _one: Option<Point>,
            #[serde(rename = "several")]
            _several: Vec<Point>,
        }
        let point = r#"{"at": [1, 2]}"#;
        let all = |one: &str, other: &str| {
            let text = format!(r#"{{"one": {one}, "several": [{point}, {other}]}}"#);
            parse::<All>(text.as_bytes())
        };
        all(point, point).unwrap();
        all("null", point).unwrap();
        for (one, other, field) in [
            ("[[1, 2]]", point, "field `one`"),
            (point, "[[1, 2]]", "field `several[1]`"),
        ] {
            let why = all(one, other).unwrap_err();
            assert!(why.starts_with(field) && why.contains("sequence"), "{why}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_in_plain_words() {
        for (text, expected) in [
            (
                r#"{"at": [1, 2, 3]}"#,
                "field `at`: it has more where it should end",
            ),
            (r#"{"at": [1, 2]} {}"#, "it has more where it should end"),
            (
                r#"{"at": [1, 1e400]}"#,
                "field `at[1]`: it has a number that is too great",
            ),
            (
                r#"{"at": [1]}"#,
                "field `at`: it is JSON with other content than it should have",
            ),
            (
                r#"[[1, 2]]"#,
                "it is JSON with other content than it should have",
            ),
            (r#"{"at": [1, 2"#, "it ends too early, as if cut off"),
            (r#"at: [1, 2]"#, "it is not JSON"),
        ] {
            let why = parse::<Point>(text.as_bytes()).unwrap_err();
            assert!(why.starts_with(expected), "{text}: {why}");
        }
    }
}
