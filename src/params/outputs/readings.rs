//! What is heard, as numbers that leave the readout: valence, arousal, and the chosen tags.

use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};

use crate::{
    model::{TagInfo, TagKind},
    params::number::number,
};

/// How many tags may be chosen.
pub const OUTPUT_TAGS: usize = 8;

/// How many readings there are: valence, arousal, and the chosen tags.
pub const READINGS: usize = 2 + OUTPUT_TAGS;

/// How far valence and arousal reach to either side, in standard deviations.
pub const AFFECT_RANGE: f32 = 3.0;

/// One of the readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// -[`AFFECT_RANGE`] to [`AFFECT_RANGE`].
    Valence,
    /// Likewise.
    Arousal,
    /// The probability of one of the chosen tags, 0 to 1.
    Tag(usize),
}

impl Reading {
    /// All of them, in their order, which never changes.
    pub fn all() -> [Self; READINGS] {
        std::array::from_fn(|index| match index {
            0 => Self::Valence,
            1 => Self::Arousal,
            tag => Self::Tag(tag - 2),
        })
    }

    /// The name that users know it by.
    pub fn name(self) -> String {
        match self {
            Self::Valence => "Valence".to_owned(),
            Self::Arousal => "Arousal".to_owned(),
            Self::Tag(tag) => format!("Tag {}", tag + 1),
        }
    }

    /// Its least and its highest value.
    pub fn range(self) -> (f32, f32) {
        match self {
            Self::Valence | Self::Arousal => (-AFFECT_RANGE, AFFECT_RANGE),
            Self::Tag(_) => (0.0, 1.0),
        }
    }

    /// Where a value is in the range, 0 to 1.
    pub fn normalized(self, value: f32) -> f32 {
        let (least, highest) = self.range();
        ((value - least) / (highest - least)).clamp(0.0, 1.0)
    }

    /// The value at a place in the range, 0 to 1.
    pub fn value(self, normalized: f32) -> f32 {
        let (least, highest) = self.range();
        least + normalized.clamp(0.0, 1.0) * (highest - least)
    }

    /// The value that a text means, as [`Self::text`] writes it; the tag's name may be left out.
    pub fn meant(self, text: &str) -> Option<f32> {
        let (unit, name_may_be) = match self {
            Self::Valence | Self::Arousal => ("σ", false),
            Self::Tag(_) => ("%", true),
        };
        let text = text.trim();
        if text == "none" && name_may_be {
            return Some(0.0);
        }
        let value = number(text, unit).ok().or_else(|| {
            let before = text.strip_suffix(unit)?.trim_end();
            let (_, number_text) = before.rsplit_once(' ').filter(|_| name_may_be)?;
            number(number_text, unit).ok()
        });
        let (least, highest) = self.range();
        value.map(|value| value.clamp(least, highest))
    }

    /// A value as it is read; `tag` is the one that is chosen.
    pub fn text(self, value: f32, tag: Option<&OutputTag>) -> String {
        match (self, tag) {
            (Self::Valence | Self::Arousal, _) => {
                let value = if value.abs() < 0.005 { 0.0 } else { value };
                format!("{value:+.2} σ")
            }
            (Self::Tag(_), Some(tag)) => format!("{} {:.0} %", tag.name, 100.0 * value),
            (Self::Tag(_), None) => "none".to_owned(),
        }
    }
}

/// A tag that is chosen, by its name, since another tagger may have it in another place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputTag {
    /// Its kind.
    pub kind: TagKind,
    /// Its name.
    pub name: String,
}

impl OutputTag {
    /// That tag.
    pub fn of(tag: &TagInfo) -> Self {
        Self {
            kind: tag.kind,
            name: tag.name.clone(),
        }
    }

    /// Its place among a tagger's tags; `None` if that has none of this name.
    pub fn find(&self, tags: &[TagInfo]) -> Option<usize> {
        tags.iter()
            .position(|tag| tag.kind == self.kind && tag.name == self.name)
    }
}

/// The newest readings, for the host. The audio thread sets them where an answer takes effect, `entry` hands them on; wait-free for
/// both. They are read one by one.
#[derive(Debug, Default)]
pub struct NewestReadings {
    /// Bits of each, normalized.
    normalized: [AtomicU32; READINGS],
    /// Where they changed: a frame of the host's present block.
    frame: AtomicU32,
    /// Counts the changes.
    changes: AtomicU32,
}

impl NewestReadings {
    /// New readings, from a frame of the host's present block on. What isn't known is at rest.
    pub fn set(&self, readings: &[Option<f32>; READINGS], frame: u32) {
        for ((kind, place), value) in Reading::all().iter().zip(&self.normalized).zip(readings) {
            let normalized = kind.normalized(value.unwrap_or(0.0));
            place.store(normalized.to_bits(), Ordering::Relaxed);
        }
        self.frame.store(frame, Ordering::Relaxed);
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// One of them, 0 to 1; before the first answer it is at rest.
    pub fn normalized(&self, index: usize) -> f32 {
        if self.changes() == 0 {
            let reading = Reading::all().get(index).copied();
            return reading.map_or(0.0, |reading| reading.normalized(0.0));
        }
        let place = self.normalized.get(index);
        place.map_or(0.0, |place| f32::from_bits(place.load(Ordering::Relaxed)))
    }

    /// The frame of the host's block in which they changed last.
    pub fn frame(&self) -> u32 {
        self.frame.load(Ordering::Relaxed)
    }

    /// How often they have changed.
    pub fn changes(&self) -> u32 {
        self.changes.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_goes_from_its_range_to_0_to_1_and_back() {
        for (reading, value, normalized) in [
            (Reading::Valence, -3.0, 0.0),
            (Reading::Arousal, 0.0, 0.5),
            (Reading::Arousal, 9.0, 1.0),
            (Reading::Tag(3), 0.25, 0.25),
        ] {
            assert_eq!(reading.normalized(value), normalized);
            let (least, highest) = reading.range();
            assert_eq!(reading.value(normalized), value.clamp(least, highest));
        }
        assert_eq!(Reading::all()[9], Reading::Tag(7));
    }

    #[test]
    fn a_value_is_told_with_the_tag_that_it_is_of() {
        let calm = OutputTag {
            kind: TagKind::Mood,
            name: "calm".to_owned(),
        };
        assert_eq!(Reading::Tag(0).text(0.423, Some(&calm)), "calm 42 %");
        assert_eq!(Reading::Tag(0).text(0.423, None), "none");
        assert_eq!(Reading::Valence.text(-0.001, None), "+0.00 σ");
        assert_eq!(Reading::Tag(7).name(), "Tag 8");
        for (reading, text, value) in [
            (Reading::Tag(0), "drum and bass 42 %", Some(0.42)),
            (Reading::Tag(0), "42 %", Some(0.42)),
            (Reading::Tag(0), "none", Some(0.0)),
            (Reading::Tag(0), "calm", None),
            (Reading::Valence, "-1.50 σ", Some(-1.5)),
            (Reading::Valence, "none", None),
        ] {
            assert_eq!(reading.meant(text), value, "{text}");
        }
    }

    #[test]
    fn before_the_first_answer_all_are_at_rest() {
        let newest = NewestReadings::default();
        assert_eq!(
            [0, 1, 2].map(|index| newest.normalized(index)),
            [0.5, 0.5, 0.0]
        );
        let mut readings = [None; READINGS];
        readings[1] = Some(3.0);
        readings[2] = Some(0.75);
        newest.set(&readings, 17);
        assert_eq!(
            [0, 1, 2].map(|index| newest.normalized(index)),
            [0.5, 1.0, 0.75]
        );
        assert_eq!((newest.frame(), newest.changes()), (17, 1));
    }
}
