//! What can be wrong with a model, in one line each.

use crate::foreign_text::one_line;

/// A model that can't be used. The message names the file and the field, what was found and what to do.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ModelError {
    /// The file isn't there or can't be read.
    #[error(
        "{file}: can't be read ({why}): put the file back or choose another models folder",
        file = one_line(file),
        why = one_line(why)
    )]
    Unreadable {
        /// Path of the file.
        file: String,
        /// What the system said.
        why: String,
    },
    /// A folder has none of the models.
    #[error(
        "{folder}: neither tagger/card.json nor timbre/card.json is in it: choose a folder with a model (notes/ goes with a timbre/)",
        folder = one_line(folder)
    )]
    NoModel {
        /// Path of the folder.
        folder: String,
    },
    /// The file is larger than any model of ours could be, so it is not read into memory.
    #[error(
        "{file}: {bytes} bytes, the limit is {limit}: this is not a Moodring model",
        file = one_line(file)
    )]
    TooLarge {
        /// Path of the file.
        file: String,
        /// Its size.
        bytes: u64,
        /// The largest size that is read.
        limit: u64,
    },
    /// The card or the anchors file is not the JSON that its schema asks for.
    #[error(
        "{file}: {why}: fix or replace this file",
        file = one_line(file),
        why = one_line(why)
    )]
    BadJson {
        /// Path of the file.
        file: String,
        /// What is wrong, in plain words; with the parser's own, field and position behind them.
        why: String,
    },
    /// A field says something that this version can't honour.
    #[error(
        "{file}: field `{field}` is {found}, expected {expected}: {remedy}",
        file = one_line(file),
        field = one_line(field),
        found = one_line(found),
        expected = one_line(expected),
        remedy = remedy(field)
    )]
    Field {
        /// Path of the file.
        file: String,
        /// The field, as a dotted path.
        field: String,
        /// What it says.
        found: String,
        /// What this version can honour.
        expected: String,
    },
    /// The network is not the file that the card was written for.
    #[error(
        "{file}: SHA-256 is {found}, but field `{field}` of its card says {expected}: restore the file that belongs to the card",
        file = one_line(file),
        found = one_line(found),
        field = one_line(field),
        expected = one_line(expected)
    )]
    Hash {
        /// Path of the file.
        file: String,
        /// The card's field.
        field: String,
        /// The file's own hash.
        found: String,
        /// The card's.
        expected: String,
    },
    /// A card is not the one that a project was made with.
    #[error(
        "{file}: has changed since the project was made with it (SHA-256 is {found}, was {expected}): put the old files back or choose the models again",
        file = one_line(file),
        found = one_line(found),
        expected = one_line(expected)
    )]
    Altered {
        /// Path of the card.
        file: String,
        /// Its hash.
        found: String,
        /// What the project remembers.
        expected: String,
    },
    /// The network can't be loaded, or its shape disagrees with the card.
    #[error(
        "{file}: {field}: {why}: export the model again",
        file = one_line(file),
        field = one_line(field),
        why = one_line(why)
    )]
    Network {
        /// Path of the file.
        file: String,
        /// The tensor or step that is wrong.
        field: String,
        /// What is wrong with it.
        why: String,
    },
}

/// What to do about a field: another schema is another version's, a table is its maker's, and anything else is the card's own fault.
fn remedy(field: &str) -> &'static str {
    match field {
        "schema" => "use a model made for this version",
        // Of a table, which only what wrote it can mend.
        "(its contents)" | "(its length)" => "write this file again",
        _ => "correct the card",
    }
}

impl ModelError {
    /// A [`ModelError::Network`], of whose reason the first line is told: names in it are to be in one.
    pub(super) fn network(file: &str, field: &str, why: &str) -> Self {
        Self::Network {
            file: file.to_owned(),
            field: field.to_owned(),
            why: why.lines().next().unwrap_or_default().to_owned(),
        }
    }

    /// A [`ModelError::Field`], whose values are written as they print.
    pub(super) fn field(
        file: &str,
        field: &str,
        found: impl std::fmt::Display,
        expected: impl std::fmt::Display,
    ) -> Self {
        Self::Field {
            file: file.to_owned(),
            field: field.to_owned(),
            found: found.to_string(),
            expected: expected.to_string(),
        }
    }
}
