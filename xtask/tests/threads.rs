//! Markers of threads are made where another program calls Moodring or a thread of its own begins, and nowhere else: see
//! `src/thread.rs`. What runs on several threads, such as the parameters, the audio chain and the library, is handed one.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod source;

use std::collections::BTreeSet;
use std::fs;

/// The rooms that make markers, and which.
const MADE: [(&str, &str); 9] = [
    ("cli", "MainThread"),
    ("editor", "EditorThread"),
    ("engine", "WorkerThread"),
    ("entry", "AudioThread"),
    ("entry", "EditorThread"),
    ("entry", "MainThread"),
    ("params", "MainThread"),
    ("plugin", "AudioThread"),
    ("plugin", "MainThread"),
];

/// Each kind of marker that the code of `text` makes; what only tests make doesn't count.
fn made(text: &str) -> Vec<&str> {
    let code = text.split("\n#[cfg(test)]").next().unwrap();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| {
            line.match_indices("::assume()")
                .map(move |(at, _)| &line[..at])
        })
        .map(|before| {
            let name = before.rfind(|letter: char| !letter.is_alphanumeric());
            &before[name.map_or(0, |at| at + 1)..]
        })
        .collect()
}

#[test]
fn markers_are_made_in_the_rooms_that_are_called_from_outside() {
    let folder = source::folder();
    let paths = source::files(&folder);
    assert!(paths.len() > 100, "{}", paths.len());
    let mut found = BTreeSet::new();
    for path in paths {
        let place = path.strip_prefix(&folder).unwrap().with_extension("");
        let room = place.iter().next().unwrap().to_str().unwrap().to_owned();
        if room == "thread" || place.ends_with("tests") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        found.extend(
            made(&text)
                .into_iter()
                .map(|marker| (room.clone(), marker.to_owned())),
        );
    }
    let expected = MADE.map(|(room, marker)| (room.to_owned(), marker.to_owned()));
    assert_eq!(found, BTreeSet::from(expected));
}
