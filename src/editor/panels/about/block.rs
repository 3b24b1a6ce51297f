//! What there is to read, piece by piece.

/// One piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// The head of what follows.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A term and what there is to say of it.
    Row(String, String),
}

impl Block {
    /// Makes rows of a table.
    pub fn rows(table: &[(&str, &str)]) -> Vec<Self> {
        table
            .iter()
            .map(|(term, words)| Self::Row((*term).to_owned(), (*words).to_owned()))
            .collect()
    }
}
