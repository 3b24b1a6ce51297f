//! Sorts the tags of one kind into the order in which they are read.

use crate::{
    model::{TagInfo, TagKind},
    params::ViewSettings,
    telemetry::{NARROWER, Snapshot},
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

/// Returns a kind's tags, the likeliest on average first, a tag and the wider one that it is a case of as one. Equals are in the order
/// of their names, so that they don't change places.
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
    let shown: Vec<_> = rows
        .iter()
        .map(|row| stands_for_its_line(row, &rows))
        .collect();
    let mut shown = shown.into_iter();
    rows.retain(|_| shown.next().unwrap_or(true));
    rows.sort_by(|one, other| {
        other
            .average
            .total_cmp(&one.average)
            .then_with(|| one.tag.name.cmp(&other.tag.name))
    });
    rows
}

/// Whether a tag is shown among others: as a narrower one that is nearly as likely as the wider, or as a wider one that none of its
/// narrower ones comes near. What is pinned is always shown.
fn stands_for_its_line(row: &Row<'_>, others: &[Row<'_>]) -> bool {
    let is_case_of = |narrow: &Row<'_>, wide: &Row<'_>| {
        narrow.tag.parent.as_deref() == Some(wide.tag.name.as_str())
    };
    let is_near = |narrow: &Row<'_>, wide: &Row<'_>| narrow.average >= NARROWER * wide.average;
    let too_narrow = others
        .iter()
        .any(|wide| is_case_of(row, wide) && !is_near(row, wide));
    let too_wide = others
        .iter()
        .any(|narrow| is_case_of(narrow, row) && is_near(narrow, row));
    row.pinned || !(too_narrow || too_wide)
}

/// Writes a probability as it is read: in per cent.
pub fn percent(probability: f32) -> String {
    format!("{:.0} %", probability * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Readout;

    /// The instruments that are listed when these are heard: name, what it is a case of, and probability.
    fn listed(heard: &[(&str, Option<&str>, f32)], pinned: &[&str]) -> Vec<String> {
        let tags = heard.iter().map(|(name, parent, _)| TagInfo {
            name: (*name).to_owned(),
            kind: TagKind::Instrument,
            parent: parent.map(str::to_owned),
        });
        let snapshot = Snapshot {
            tags: tags.collect(),
            readout: Readout {
                average: heard.iter().map(|(_, _, value)| *value).collect(),
                ..Readout::default()
            },
            ..Snapshot::default()
        };
        let view = crate::params::EditorView::default();
        let thread = crate::thread::EditorThread::assume();
        for tag in snapshot.tags.iter() {
            if pinned.contains(&tag.name.as_str()) {
                view.toggle(tag, &thread);
            }
        }
        let rows = rows(&snapshot, TagKind::Instrument, &view.get(&thread));
        rows.iter().map(|row| row.tag.name.clone()).collect()
    }

    #[test]
    fn a_tag_and_the_wider_one_are_one_line() {
        let near = [("keyboard", None, 0.8), ("piano", Some("keyboard"), 0.7)];
        assert_eq!(listed(&near, &[]), ["piano"]);
        assert_eq!(listed(&near, &["keyboard"]), ["keyboard", "piano"]);
        let far = [("keyboard", None, 0.8), ("piano", Some("keyboard"), 0.3)];
        assert_eq!(listed(&far, &[]), ["keyboard"]);
        let two = [
            ("guitar", None, 0.8),
            ("electric guitar", Some("guitar"), 0.7),
            ("acoustic guitar", Some("guitar"), 0.6),
            ("bass", None, 0.5),
        ];
        let both = ["electric guitar", "acoustic guitar", "bass"];
        assert_eq!(listed(&two, &[]), both);
        let without_parent = [("piano", Some("keyboard"), 0.1)];
        assert_eq!(listed(&without_parent, &[]), ["piano"]);
    }
}
