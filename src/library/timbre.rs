//! A captured timbre as a file.

use serde::{Deserialize, Serialize};

use super::{Kept, LibraryError, text};
use crate::params::{Captured, LONGEST_NAME};

/// Layout of the files that this version writes, and the only one that it reads.
const SCHEMA: u32 = 1;

/// A captured timbre under the name that the user gave it.
#[derive(Debug, Clone, PartialEq)]
pub struct TimbreFile(pub Captured);

/// The file's content.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content<C> {
    schema: u32,
    timbre: C,
}

impl Kept for TimbreFile {
    fn name(&self) -> &str {
        &self.0.name
    }

    fn named(mut self, name: String) -> Self {
        // Files may have longer names than projects take.
        self.0.name = name.chars().take(LONGEST_NAME).collect();
        self
    }

    fn parse(file: &str, bytes: &[u8]) -> Result<Self, LibraryError> {
        let content: Content<Captured> = text::json(file, bytes, SCHEMA)?;
        checked(file, &content.timbre)?;
        Ok(Self(content.timbre))
    }

    fn to_json(&self) -> String {
        let content = Content {
            schema: SCHEMA,
            timbre: &self.0,
        };
        // Strings and numbers under names: there is nothing in it that JSON lacks.
        serde_json::to_string_pretty(&content).unwrap_or_default()
    }
}

/// Refuses a captured timbre that makes no sense.
pub(super) fn checked(file: &str, captured: &Captured) -> Result<(), LibraryError> {
    captured.check().map_err(|why| LibraryError::BadJson {
        file: file.to_owned(),
        why,
    })
}
