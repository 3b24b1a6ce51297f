//! Valence and arousal out of a tagger's answer.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    check::{expect_range, expect_text},
    tags::TagInfo,
};
use crate::model::ModelError;

/// The one formula that this version reckons by; a card says more of it behind a semicolon.
const FORMULA: &str = "offset + sum of weight * logit(prob)";

/// Probabilities are taken as so far from 0 and 1 at least: nothing is known so surely.
const LEAST_DOUBT: f32 = 1e-6;

/// How the music feels: where it lies on the plane of J. A. Russell, "A circumplex model of affect" (1980).
///
/// 0 is the mean of the music that the tagger learned from, and 1 a standard deviation above it; most music is between -1 and
/// 1, and nothing beyond [`Affect::MOST`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Affect {
    /// From unpleasant to pleasant.
    pub valence: f32,
    /// From calm to excited.
    pub arousal: f32,
}

impl Affect {
    /// The greatest absolute value of either number.
    pub const MOST: f32 = 3.0;
}

/// How a tagger's probabilities tell valence and arousal: each is a weighted sum of some tags' logits.
#[derive(Debug, Clone, PartialEq)]
pub struct Circumplex {
    valence: Axis,
    arousal: Axis,
}

#[derive(Debug, Clone, PartialEq)]
struct Axis {
    /// A tag's place among the outputs, and what its logit counts.
    weights: Vec<(usize, f32)>,
    offset: f32,
}

#[derive(Deserialize)]
pub(super) struct RawCircumplex {
    formula: String,
    valence: RawAxis,
    arousal: RawAxis,
}

#[derive(Deserialize)]
struct RawAxis {
    /// By a tag's name.
    weights: BTreeMap<String, f32>,
    offset: f32,
}

impl Circumplex {
    /// The same as a card has it, for its tags. `file` is for messages.
    ///
    /// # Errors
    /// [`ModelError::Field`] for another formula, a tag that isn't there, or a number that is none.
    pub(super) fn read(
        file: &str,
        raw: RawCircumplex,
        tags: &[TagInfo],
    ) -> Result<Self, ModelError> {
        let formula = raw.formula.split(';').next().unwrap_or_default();
        expect_text(file, "circumplex.formula", formula.trim(), FORMULA)?;
        Ok(Self {
            valence: Axis::read(file, "circumplex.valence", raw.valence, tags)?,
            arousal: Axis::read(file, "circumplex.arousal", raw.arousal, tags)?,
        })
    }

    /// How music feels that has these probabilities, in the card's order.
    pub fn affect(&self, probabilities: &[f32]) -> Affect {
        Affect {
            valence: self.valence.place(probabilities),
            arousal: self.arousal.place(probabilities),
        }
    }
}

impl Axis {
    fn read(file: &str, field: &str, raw: RawAxis, tags: &[TagInfo]) -> Result<Self, ModelError> {
        expect_range(file, &format!("{field}.offset"), raw.offset, -1e3, 1e3)?;
        let mut weights = Vec::with_capacity(raw.weights.len());
        for (name, weight) in raw.weights {
            let field = format!("{field}.weights");
            let Some(tag) = tags.iter().position(|tag| tag.name == name) else {
                let found = format!("`{name}`");
                return Err(ModelError::field(file, &field, found, "the card's tags"));
            };
            expect_range(file, &format!("{field}.{name}"), weight, -1e3, 1e3)?;
            weights.push((tag, weight));
        }
        let offset = raw.offset;
        Ok(Self { weights, offset })
    }

    fn place(&self, probabilities: &[f32]) -> f32 {
        let logit = |tag: usize| {
            let probability = probabilities.get(tag).copied().unwrap_or_default();
            let probability = probability.clamp(LEAST_DOUBT, 1.0 - LEAST_DOUBT);
            (probability / (1.0 - probability)).ln()
        };
        let sum: f32 = self
            .weights
            .iter()
            .map(|(tag, weight)| weight * logit(*tag))
            .sum();
        (self.offset + sum).clamp(-Affect::MOST, Affect::MOST)
    }
}
