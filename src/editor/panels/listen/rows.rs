//! The tags of one kind in the order in which they are read.

use crate::{
    model::{TagInfo, TagKind},
    params::ViewSettings,
    telemetry::Snapshot,
};

/// One tag and its probabilities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<'a> {
    pub tag: &'a TagInfo,
    /// Probabilities, 0 to 1.
    pub average: f32,
    pub latest: f32,
    /// Whether it stays on top.
    pub pinned: bool,
}

/// A kind's tags, the likeliest on average first; equals in the order of their names, so that they don't change places.
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

/// A probability as it is read: in per cent.
pub fn percent(probability: f32) -> String {
    format!("{:.0} %", probability * 100.0)
}
