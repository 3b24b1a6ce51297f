//! How a tagger's input lies in memory.

use serde::Deserialize;

use super::{check::expect_one_of, listen_front_end::ListenFrontEnd};
use crate::model::ModelError;

/// How the frames of a tagger's input lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputOrder {
    /// `[band][frame]`: a band's levels in a row. A waveform's samples, too.
    BandByFrame,
    /// `[frame][band]`: a frame's levels in a row.
    FrameByBand,
}

/// The card's section `input`.
#[derive(Deserialize)]
pub(super) struct RawInput {
    pub name: String,
    pub shape: Vec<usize>,
    layout: Option<String>,
}

impl RawInput {
    /// How the input lies in memory, by its shape, in which dimensions of 1 don't count; where that fits both, by the layout that the card names.
    /// `file` is for messages.
    ///
    /// # Errors
    /// [`ModelError::Field`] for another layout, and a shape that isn't the front-end's.
    pub(super) fn order(
        &self,
        file: &str,
        front_end: &ListenFrontEnd,
    ) -> Result<InputOrder, ModelError> {
        const LAYOUTS: [&str; 2] = ["bands, frames", "frames, bands"];
        let (width, frames) = (front_end.width(), front_end.frames());
        let layout = self.layout.as_deref();
        if let Some(layout) = layout {
            expect_one_of(file, "input.layout", layout, &LAYOUTS)?;
        }
        let dimensions: Vec<usize> = self
            .shape
            .iter()
            .copied()
            .filter(|size| *size != 1)
            .collect();
        let wanted = |one: usize, other: usize| -> Vec<usize> {
            [one, other].into_iter().filter(|size| *size != 1).collect()
        };
        let fits = |layout: &str| match layout == "bands, frames" {
            true => dimensions == wanted(width, frames),
            false => dimensions == wanted(frames, width),
        };
        let fitting = LAYOUTS
            .into_iter()
            .find(|name| layout.is_none_or(|layout| layout == *name) && fits(name));
        match fitting {
            Some("bands, frames") => Ok(InputOrder::BandByFrame),
            Some(_) => Ok(InputOrder::FrameByBand),
            None => {
                let found = format!("{:?}", self.shape);
                let expected = match (front_end, layout) {
                    (ListenFrontEnd::Waveform(_), _) => format!("[1, {frames}]"),
                    (_, Some("bands, frames")) => format!("[1, {width}, {frames}]"),
                    (_, Some(_)) => format!("[1, {frames}, {width}]"),
                    (_, None) => format!("[1, {width}, {frames}] or [1, {frames}, {width}]"),
                };
                let expected =
                    format!("{expected}, with as many dimensions of 1 as the network has");
                Err(ModelError::field(file, "input.shape", found, expected))
            }
        }
    }
}
