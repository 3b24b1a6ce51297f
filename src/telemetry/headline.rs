//! What the headlines say: of each kind the one tag that is named in large letters.

use serde_json::{Value, json};

use crate::model::{TagInfo, TagKind};

/// The tag of each kind that is named in large letters; none while nothing of that kind is likely enough.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Headlines([Option<usize>; TagKind::ALL.len()]);

impl Headlines {
    /// The headline of a kind, as an index among the tagger's tags.
    pub fn get(&self, kind: TagKind) -> Option<usize> {
        self.0.get(kind as usize).copied().flatten()
    }

    /// Makes a tag the headline of its kind.
    pub fn set(&mut self, kind: TagKind, tag: Option<usize>) {
        if let Some(headline) = self.0.get_mut(kind as usize) {
            *headline = tag;
        }
    }
}

/// A headline took another's place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeadlineChange {
    /// End of the audio after which it did, in seconds since the last reset.
    pub seconds: f64,
    /// The kind whose headline it is.
    pub kind: TagKind,
    /// The one before, as an index among the tagger's tags.
    pub from: Option<usize>,
    /// The one from now on.
    pub to: Option<usize>,
}

impl HeadlineChange {
    /// As it is written down: an object with `seconds`, `kind`, `from` and `to`, the last two by name, `null` for none. `tags` are the tagger's.
    pub fn to_json(&self, tags: &[TagInfo]) -> Value {
        let name = |tag: Option<usize>| tag.and_then(|tag| tags.get(tag)).map(|tag| &tag.name);
        json!({
            "seconds": self.seconds,
            "kind": self.kind.id(),
            "from": name(self.from),
            "to": name(self.to),
        })
    }
}

/// The least share of a wider tag's probability with which a narrower one stands for both: a piano for a keyboard.
pub const NARROWER: f32 = 0.6;

/// The probability from which a tag of a kind may become the headline. An instrument is there or isn't, but a genre is one of many
/// words for the same music, and a tagger that is calibrated gives each of them its share.
pub fn likely_from(kind: TagKind) -> f32 {
    match kind {
        TagKind::Genre | TagKind::Mood => 0.15,
        TagKind::Instrument | TagKind::Feel | TagKind::Other => 0.35,
    }
}
