//! How long the bar of a probability is.

use super::rows::percent;
use crate::{model::TagKind, telemetry::likely_from};

/// The share of its room that a probability's bar fills, 0 to 1. Half of it is the probability from which the headlines name a tag of
/// that kind, all of it is certainty: so a likely genre looks likely, though a genre is seldom as probable as an instrument that plays.
pub fn length(kind: TagKind, probability: f32) -> f32 {
    let middle = likely_from(kind).min(0.49);
    // The hyperbola through 0, through half at `middle`, and through 1.
    let bend = 0.5 * middle / (0.5 - middle);
    probability * (1.0 + bend) / (probability + bend)
}

/// Says in a few words how the bars of a kind are to be read.
pub fn words(kind: TagKind) -> String {
    format!(
        "half of the bar is {}, from where on it is likely; the number is the probability itself",
        percent(likely_from(kind))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_half_where_a_tag_is_likely_and_grows_with_every_probability() {
        for kind in TagKind::ALL {
            assert_eq!(length(kind, 0.0), 0.0);
            assert!((length(kind, likely_from(kind)) - 0.5).abs() < 1e-6);
            assert!((length(kind, 1.0) - 1.0).abs() < 1e-6);
            let lengths: Vec<_> = (0..=100)
                .map(|step| length(kind, step as f32 / 100.0))
                .collect();
            assert!(lengths.windows(2).all(|pair| pair[0] < pair[1]), "{kind:?}");
        }
    }
}
