//! What a file of ours holds, whatever editor it went through; and whether it is of a later Moodring.

use std::borrow::Cow;

use serde::{Deserialize, de::DeserializeOwned};

use super::LibraryError;

/// Reads the JSON of a file whose `schema` may be up to `known`; `file` is its path, for messages.
///
/// # Errors
/// [`LibraryError::BadJson`]; [`LibraryError::Newer`] and [`LibraryError::Field`] for the schema.
pub(super) fn json<T: DeserializeOwned>(
    file: &str,
    bytes: &[u8],
    known: u32,
) -> Result<T, LibraryError> {
    /// The one field that all schemas have.
    #[derive(Deserialize)]
    struct Peek {
        schema: u64,
    }

    let text = decoded(bytes).ok_or_else(|| LibraryError::BadJson {
        file: file.to_owned(),
        why: "no text in UTF-8 or UTF-16".to_owned(),
    })?;
    // A later schema may be anything else: it is to be recognised before a field is missed.
    if let Ok(Peek { schema }) = serde_json::from_str(&text)
        && schema != u64::from(known)
    {
        if schema > u64::from(known) {
            return Err(LibraryError::Newer {
                file: file.to_owned(),
                schema,
                known,
            });
        }
        return Err(LibraryError::field(file, "schema", schema, known));
    }
    serde_json::from_str(&text).map_err(|why| LibraryError::bad_json(file, &why))
}

/// The text of a file: UTF-8 or UTF-16, with a byte order mark or without. `None` if it is neither.
fn decoded(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let (rest, number): (_, fn([u8; 2]) -> u16) = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => return Some(std::str::from_utf8(rest).ok()?.into()),
        [0xff, 0xfe, rest @ ..] => (rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => (rest, u16::from_be_bytes),
        // JSON begins with a letter of ASCII, so that a zero tells which half comes first (RFC 4627, section 3).
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
