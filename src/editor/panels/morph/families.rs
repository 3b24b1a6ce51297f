//! The families that the named timbres are listed by, and what a search finds.

use nice_plug::prelude::Enum;

use crate::params::Target;

/// The families in the order in which they are listed, each with its timbres' permanent ids.
const FAMILIES: [(&str, &[&str]); 11] = [
    ("Keys", &["grand-piano", "electric-piano", "harpsichord"]),
    (
        "Mallets and bells",
        &[
            "celesta-glockenspiel",
            "vibraphone-marimba",
            "tubular-bells",
        ],
    ),
    (
        "Organs and accordion",
        &["drawbar-organ", "church-organ", "accordion"],
    ),
    (
        "Plucked strings",
        &[
            "nylon-guitar",
            "steel-guitar",
            "clean-electric-guitar",
            "distorted-guitar",
            "sitar",
        ],
    ),
    ("Basses", &["acoustic-bass", "electric-bass", "synth-bass"]),
    ("Bowed strings", &["violin", "cello", "string-ensemble"]),
    ("Voices", &["choir", "synth-voice"]),
    ("Brass", &["trumpet", "trombone-horn"]),
    (
        "Woodwinds",
        &["flute", "oboe", "clarinet", "bassoon", "alto-sax"],
    ),
    ("Synths", &["synth-lead-saw", "synth-pad"]),
    (
        "Drums and percussion",
        &[
            "percussion-kit",
            "kick-drum",
            "snare-drum",
            "toms",
            "hi-hat",
            "cymbals",
        ],
    ),
];

/// What is listed of a timbre that is in none of the families.
const OTHERS: &str = "Others";

/// A family, and the places of its timbres among the values of [`Target`].
pub type Family = (&'static str, Vec<usize>);

/// The families with those of their timbres that a search finds: each of its words is in the timbre's name or its family's, whatever the
/// case. An empty search finds all. Families without any are left out.
pub fn found(search: &str) -> Vec<Family> {
    let ids = Target::ids().unwrap_or_default();
    let names = Target::variants();
    let search = search.to_lowercase();
    let matches = |family: &str, index: usize| {
        let name = names.get(index).copied().unwrap_or_default();
        let text = format!("{name} {family}").to_lowercase();
        search.split_whitespace().all(|word| text.contains(word))
    };
    let place = |id: &&str| ids.iter().position(|known| known == id);
    let in_families = FAMILIES.iter().map(|(family, members)| {
        let members: Vec<_> = members.iter().filter_map(place).collect();
        (*family, members)
    });
    let is_listed = |id: &str| FAMILIES.iter().any(|(_, members)| members.contains(&id));
    let rest = ids.iter().enumerate().filter(|(_, id)| !is_listed(id));
    let rest = rest.map(|(index, _)| index).collect();
    in_families
        .chain([(OTHERS, rest)])
        .map(|(family, mut members)| {
            members.retain(|index| matches(family, *index));
            (family, members)
        })
        .filter(|(_, members)| !members.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(search: &str) -> Vec<&'static str> {
        let members = found(search).into_iter().flat_map(|(_, members)| members);
        members.map(|index| Target::variants()[index]).collect()
    }

    #[test]
    fn every_timbre_is_in_one_family_and_none_is_among_others() {
        let all = found("");
        let mut members: Vec<_> = all
            .iter()
            .flat_map(|(_, members)| members.clone())
            .collect();
        members.sort_unstable();
        assert!(members.iter().copied().eq(0..Target::variants().len()));
        assert!(all.iter().all(|(family, _)| *family != OTHERS));
    }

    #[test]
    fn a_search_finds_parts_of_names_and_families_in_any_order_and_case() {
        assert_eq!(names("SAX"), ["Alto sax"]);
        assert_eq!(names("brass"), ["Trumpet", "Trombone & horn"]);
        assert_eq!(names("guitar clean"), ["Clean electric guitar"]);
        assert_eq!(names("  piano "), ["Grand piano", "Electric piano"]);
        assert!(names("theremin").is_empty());
    }
}
