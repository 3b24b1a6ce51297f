//! What is done to a tagger's input as a whole, behind its front-end.

use serde::Deserialize;
use serde_json::Value;

use super::{
    check::{expect_one_of, expect_range},
    input::InputOrder,
};
use crate::model::ModelError;

/// What is done to the numbers of a window before the network reads them.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Normalisation {
    /// Nothing.
    #[default]
    None,
    /// A band's mean is taken off, and the rest is divided by its deviation: one of each for all bands, or one a band.
    Fixed {
        /// The means.
        means: Vec<f32>,
        /// The standard deviations, above 0.
        deviations: Vec<f32>,
    },
    /// The window's own mean is taken off, and the rest is divided by its own standard deviation.
    Window,
    /// The window's greatest number becomes 0, and none is below minus this.
    Loudest(f32),
}

/// The card's section `normalisation`.
#[derive(Deserialize)]
pub(super) struct RawNormalisation {
    kind: String,
    mean: Option<Value>,
    deviation: Option<Value>,
    range: Option<f32>,
}

/// The least deviation that a window is divided by: a constant one has none.
const LEAST_DEVIATION: f64 = 1e-8;

impl Normalisation {
    /// The same as a card has it, for frames of `width` numbers. `file` is for messages.
    ///
    /// # Errors
    /// [`ModelError::Field`] for another kind, and for numbers that are missing, too many or out of range.
    pub(super) fn read(
        file: &str,
        raw: &RawNormalisation,
        width: usize,
    ) -> Result<Self, ModelError> {
        let kinds = ["none", "fixed", "window", "loudest"];
        expect_one_of(file, "normalisation.kind", &raw.kind, &kinds)?;
        Ok(match raw.kind.as_str() {
            "fixed" => Self::Fixed {
                means: numbers(file, "mean", raw.mean.as_ref(), width, (-1e6, 1e6))?,
                deviations: numbers(
                    file,
                    "deviation",
                    raw.deviation.as_ref(),
                    width,
                    (1e-9, 1e9),
                )?,
            },
            "window" => Self::Window,
            "loudest" => {
                let range = raw.range.unwrap_or(f32::NAN);
                expect_range(file, "normalisation.range", range, 1e-3, 1e3)?;
                Self::Loudest(range)
            }
            _ => Self::None,
        })
    }

    /// Does it to a window of frames of `width` numbers, which lie in that order.
    pub fn apply(&self, window: &mut [f32], width: usize, order: InputOrder) {
        match self {
            Self::None => {}
            Self::Fixed { means, deviations } => {
                let (inner, outer) = match order {
                    InputOrder::FrameByBand => (1, width.max(1)),
                    InputOrder::BandByFrame => ((window.len() / width.max(1)).max(1), usize::MAX),
                };
                for (index, row) in window.chunks_mut(inner).enumerate() {
                    let band = index % outer;
                    // One for all, or one a band.
                    let of_band = |values: &[f32]| values.get(band).or(values.first()).copied();
                    let (mean, deviation) = (
                        of_band(means).unwrap_or(0.0),
                        of_band(deviations).unwrap_or(1.0),
                    );
                    for value in row {
                        *value = (*value - mean) / deviation;
                    }
                }
            }
            Self::Window => {
                let count = window.len().max(1) as f64;
                let mean = window.iter().map(|value| f64::from(*value)).sum::<f64>() / count;
                let squares = window
                    .iter()
                    .map(|value| (f64::from(*value) - mean).powi(2));
                let deviation = (squares.sum::<f64>() / count).sqrt().max(LEAST_DEVIATION);
                for value in window {
                    *value = ((f64::from(*value) - mean) / deviation) as f32;
                }
            }
            Self::Loudest(range) => {
                let greatest = window.iter().copied().fold(f32::MIN, f32::max);
                for value in window {
                    *value = (*value - greatest).max(-range);
                }
            }
        }
    }
}

/// A number, or one a band, each within limits.
fn numbers(
    file: &str,
    field: &str,
    found: Option<&Value>,
    width: usize,
    (least, most): (f64, f64),
) -> Result<Vec<f32>, ModelError> {
    let field = format!("normalisation.{field}");
    let expected = || format!("a number from {least} to {most}, or {width} of them");
    let told = match found {
        None => return Err(ModelError::field(file, &field, "missing", expected())),
        Some(Value::Array(list)) if list.len() != width => {
            let found = format!("a list of {}", list.len());
            return Err(ModelError::field(file, &field, found, expected()));
        }
        Some(Value::Array(list)) => list.as_slice(),
        Some(value) => std::slice::from_ref(value),
    };
    told.iter()
        .map(|value| {
            let number = value
                .as_f64()
                .filter(|number| (least..=most).contains(number));
            number
                .map(|number| number as f32)
                .ok_or_else(|| ModelError::field(file, &field, value, expected()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(normalisation: &Normalisation, window: &[f32], width: usize) -> Vec<f32> {
        let mut frames = window.to_vec();
        normalisation.apply(&mut frames, width, InputOrder::FrameByBand);
        // The other order gives the same numbers in other places.
        let count = window.len() / width;
        let transposed = |values: &[f32], width: usize| -> Vec<f32> {
            let count = values.len() / width;
            let places = (0..width).flat_map(|band| (0..count).map(move |frame| (frame, band)));
            places
                .map(|(frame, band)| values[frame * width + band])
                .collect()
        };
        let mut bands = transposed(window, width);
        normalisation.apply(&mut bands, width, InputOrder::BandByFrame);
        assert_eq!(transposed(&bands, count), frames);
        frames
    }

    #[test]
    fn a_window_is_normalised_as_the_card_says() {
        let window = [1.0, 10.0, 3.0, 14.0];
        let fixed = |means: &[f32], deviations: &[f32]| Normalisation::Fixed {
            means: means.to_vec(),
            deviations: deviations.to_vec(),
        };
        assert_eq!(applied(&Normalisation::None, &window, 2), window);
        let by_band = applied(&fixed(&[2.0, 12.0], &[0.5, 2.0]), &window, 2);
        assert_eq!(by_band, [-2.0, -1.0, 2.0, 1.0]);
        let together = applied(&fixed(&[2.0], &[2.0]), &window, 2);
        assert_eq!(together, [-0.5, 4.0, 0.5, 6.0]);
        let loudest = applied(&Normalisation::Loudest(11.0), &window, 2);
        assert_eq!(loudest, [-11.0, -4.0, -11.0, 0.0]);
        let own = applied(&Normalisation::Window, &[1.0, 3.0, 1.0, 3.0], 2);
        assert_eq!(own, [-1.0, 1.0, -1.0, 1.0]);
        let constant = applied(&Normalisation::Window, &[2.0; 4], 2);
        assert_eq!(constant, [0.0; 4]);
    }
}
