//! Whether a file of ours is of a later Moodring, and what it holds if it isn't.

use serde::{Deserialize, de::DeserializeOwned};

use super::LibraryError;
use crate::json_text;

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

    let bad = |why| LibraryError::BadJson {
        file: file.to_owned(),
        why,
    };
    let text = json_text::decode(bytes).map_err(bad)?;
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
    json_text::parse(bytes).map_err(bad)
}
