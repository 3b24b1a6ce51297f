//! Sorts the tags of one kind into the order in which they are read.

use crate::{
    model::{TagInfo, TagKind},
    params::ViewSettings,
    telemetry::Snapshot,
};

/// One tag and its probabilities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<'a> {
    /// Name and kind.
    pub tag: &'a TagInfo,
    /// The probability on average, 0 to 1.
    pub average: f32,
    /// The probability in the latest answer, 0 to 1.
    pub latest: f32,
    /// Whether it stays on top.
    pub pinned: bool,
}

/// Returns a kind's tags, the likeliest on average first. Equals are in the order of their names, so that they don't change
/// places.
pub fn rows<'a>(snapshot: &'a Snapshot, kind: TagKind, settings: &ViewSettings) -> Vec<Row<'a>> {
    let readout = &snapshot.readout;
    let sound = |value: Option<&f32>| value.copied().filter(|value| value.is_finite());
    let mut rows: Vec<_> = snapshot
        .tags
        .iter()
        .enumerate()
        .filter(|(_, tag)| tag.kind == kind)
        .filter_map(|(index, tag)| {
            let latest = sound(readout.probabilities.get(index));
            let average = sound(readout.average.get(index)).or(latest)?;
            Some(Row {
                tag,
                average: average.clamp(0.0, 1.0),
                latest: latest.unwrap_or(average).clamp(0.0, 1.0),
                pinned: settings.is_pinned(tag),
            })
        })
        .collect();
    rows.sort_by(|one, other| {
        other
            .average
            .total_cmp(&one.average)
            .then_with(|| one.tag.name.cmp(&other.tag.name))
    });
    rows
}

/// Writes a probability as it is read: in per cent.
pub fn percent(probability: f32) -> String {
    format!("{:.0} %", probability * 100.0)
}
