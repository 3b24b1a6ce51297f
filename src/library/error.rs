//! What can be wrong with a user's files, in one line each.

use std::path::Path;

use crate::foreign_text::one_line;

/// A file that can't be read or written. The message names it, says what is wrong and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LibraryError {
    /// The system knows no folder for the data of applications.
    #[error("this system has no folder for what users keep: name one with MOODRING_LIBRARY")]
    NoFolder,
    /// The file isn't there or can't be read.
    #[error(
        "{file}: can't be read ({why}): put the file back or remove it",
        file = one_line(file),
        why = one_line(why)
    )]
    Unreadable {
        /// Path of the file.
        file: String,
        /// What the system said.
        why: String,
    },
    /// The file is larger than any of ours could be, so it is not read into memory.
    #[error(
        "{file}: {}, the limit is {}: this is not one of Moodring's files",
        size(*bytes),
        size(*limit),
        file = one_line(file)
    )]
    TooLarge {
        /// Path of the file.
        file: String,
        /// Its size, in bytes.
        bytes: u64,
        /// The largest size that is read, in bytes.
        limit: u64,
    },
    /// The file is not the JSON that its schema asks for.
    #[error(
        "{file}: {why}: fix or remove this file",
        file = one_line(file),
        why = one_line(why)
    )]
    BadJson {
        /// Path of the file.
        file: String,
        /// What is wrong, in plain words; with the parser's own, field and position behind them.
        why: String,
    },
    /// The file is of a later version, which this one is not to touch.
    #[error(
        "{file}: made by a newer Moodring (schema {schema}; this one reads up to {known}): update Moodring to use it, it is left as it is",
        file = one_line(file)
    )]
    Newer {
        /// Path of the file.
        file: String,
        /// Its schema.
        schema: u64,
        /// The last schema that this version reads.
        known: u32,
    },
    /// A field says something that this version can't honour.
    #[error(
        "{file}: field `{field}` is {found}, expected {expected}: fix or remove this file",
        file = one_line(file),
        field = one_line(field),
        found = one_line(found),
        expected = one_line(expected)
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
    /// The file can't be written, renamed or deleted.
    #[error(
        "{file}: can't be changed ({why}): look who may write there, and whether there is room",
        file = one_line(file),
        why = one_line(why)
    )]
    Unwritable {
        /// Path of the file.
        file: String,
        /// What the system said.
        why: String,
    },
    /// A project refers to a preset that this version doesn't come with.
    #[error(
        "there is no preset `{id}` in this version of Moodring: the settings are the project's own",
        id = one_line(id)
    )]
    Unknown {
        /// The preset's id.
        id: String,
    },
    /// There is one of that name already.
    #[error(
        "there is a `{title}` already: choose another name or replace it",
        title = one_line(title)
    )]
    Taken {
        /// The name.
        title: String,
    },
    /// Nothing is left of the name once what can't be in a file's name is gone.
    #[error(
        "`{text}` can't be a name: use letters or digits",
        text = one_line(text)
    )]
    NoTitle {
        /// What was to be the name.
        text: String,
    },
}

impl LibraryError {
    /// The same in a few words, for a list of names.
    pub fn in_short(&self) -> &'static str {
        match self {
            Self::Newer { .. } => "made by a newer Moodring",
            _ => "can't be used",
        }
    }

    /// A [`LibraryError::Unwritable`].
    pub(super) fn unwritable(file: &Path, why: &std::io::Error) -> Self {
        Self::Unwritable {
            file: file.display().to_string(),
            why: why.to_string(),
        }
    }

    /// A [`LibraryError::Field`], whose values are written as they print.
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

/// A file's size in words, rounded up; a kB has 1024 bytes.
fn size(bytes: u64) -> String {
    let kilobytes = bytes.div_ceil(1 << 10);
    if kilobytes < 1 << 10 {
        format!("{kilobytes} kB")
    } else {
        format!("{} MB", kilobytes.div_ceil(1 << 10))
    }
}
