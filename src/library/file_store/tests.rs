//! A store of notes: what is saved, listed, renamed, and never lost.

use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::*;
use crate::library::text;

/// The least that a store can keep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Note {
    schema: u32,
    #[serde(skip)]
    name: String,
    text: String,
}

impl Kept for Note {
    fn name(&self) -> &str {
        &self.name
    }

    fn named(self, name: String) -> Self {
        Self { name, ..self }
    }

    fn parse(file: &str, bytes: &[u8]) -> Result<Self, LibraryError> {
        text::json(file, bytes, 1)
    }

    fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap()
    }
}

fn note(name: &str, text: &str) -> Note {
    Note {
        schema: 1,
        name: name.to_owned(),
        text: text.to_owned(),
    }
}

/// An empty store, whose folder isn't there yet.
fn store() -> (TempDir, FileStore<Note>) {
    let home = tempfile::tempdir().unwrap();
    let store = FileStore::at(Some(home.path().join("notes")));
    (home, store)
}

fn names(store: &FileStore<Note>) -> Vec<String> {
    store.list().into_iter().map(|entry| entry.name).collect()
}

#[test]
fn what_is_there_is_replaced_only_if_that_is_wanted() {
    let (_home, store) = store();
    assert_eq!(names(&store), [""; 0]);
    assert_eq!(
        store.save(note(" a/b ", "first"), false).as_deref(),
        Ok("a-b")
    );
    let taken = LibraryError::Taken {
        title: "a-b".into(),
    };
    assert_eq!(store.save(note("a/b", "second"), false), Err(taken));
    assert_eq!(store.load("a-b"), Ok(note("a-b", "first")));
    assert_eq!(
        store.save(note("a/b", "second"), true).as_deref(),
        Ok("a-b")
    );
    assert_eq!(store.load("a-b"), Ok(note("a-b", "second")));
    assert_eq!(names(&store), ["a-b"], "and nothing is left beside it");
}

#[test]
fn what_a_later_version_made_is_kept_even_if_it_is_to_be_replaced() {
    let (_home, store) = store();
    store.save(note("later", "mine"), false).unwrap();
    let file = store.file("later").unwrap();
    let theirs = r#"{"schema": 2, "what": "not known yet"}"#;
    fs::write(&file, theirs).unwrap();
    let saved = store.save(note("later", "mine"), true);
    assert!(matches!(
        saved,
        Err(LibraryError::Newer {
            schema: 2,
            known: 1,
            ..
        })
    ));
    assert_eq!(fs::read_to_string(file).unwrap(), theirs);
}

#[test]
fn a_rename_changes_the_letters_but_never_takes_another_s_place() {
    let (_home, store) = store();
    store.save(note("one", "1"), false).unwrap();
    store.save(note("two", "2"), false).unwrap();
    let one = store.file("one").unwrap();
    let taken = LibraryError::Taken {
        title: "two".into(),
    };
    assert_eq!(store.rename(&one, "two"), Err(taken));
    assert_eq!(store.load("two"), Ok(note("two", "2")));
    assert_eq!(store.rename(&one, "one").as_deref(), Ok("one"), "itself");
    assert_eq!(store.rename(&one, "ONE?").as_deref(), Ok("ONE-"));
    assert_eq!(names(&store), ["ONE-", "two"]);
    assert!(matches!(
        store.rename(&one, "three"),
        Err(LibraryError::Unwritable { .. })
    ));
    assert_eq!(
        store.rename(&one, "?"),
        Err(LibraryError::NoTitle { text: "?".into() })
    );
}

#[test]
fn only_its_own_files_are_listed_and_the_broken_ones_with_the_reason() {
    let (_home, store) = store();
    store.save(note("b", ""), false).unwrap();
    store.save(note("A", ""), false).unwrap();
    let folder = store.folder().unwrap();
    fs::create_dir(folder.join("folder.json")).unwrap();
    for foreign in [".hidden.json", "letter.txt"] {
        fs::write(folder.join(foreign), note("x", "").to_json()).unwrap();
    }
    fs::write(folder.join("broken.json"), "{").unwrap();
    fs::write(
        folder.join("huge.json"),
        vec![b' '; LARGEST_FILE as usize + 1],
    )
    .unwrap();
    assert_eq!(names(&store), ["A", "b", "broken", "huge"]);
    let reasons: Vec<_> = store
        .list()
        .into_iter()
        .map(|entry| entry.content)
        .collect();
    assert_eq!(reasons[0], Ok(note("A", "")));
    assert!(matches!(reasons[2], Err(LibraryError::BadJson { .. })));
    let limit = LARGEST_FILE;
    assert!(
        matches!(&reasons[3], Err(LibraryError::TooLarge { limit: told, .. }) if *told == limit)
    );
}

#[test]
fn a_name_given_by_hand_is_found_and_no_name_leads_out_of_the_folder() {
    let (home, store) = store();
    store.save(note("usual", ""), false).unwrap();
    let by_hand = "  spaced ? name";
    fs::write(
        store.folder().unwrap().join(format!("{by_hand}.json")),
        note("", "x").to_json(),
    )
    .unwrap();
    assert_eq!(store.load(by_hand), Ok(note(by_hand, "x")));
    fs::write(home.path().join("outside.json"), note("", "").to_json()).unwrap();
    let absolute = home.path().join("outside").display().to_string();
    for name in ["../outside", "..", "x/../../outside", &absolute] {
        let file = store.file(name);
        assert!(
            file.is_err() || file.is_ok_and(|file| file.parent() == store.folder()),
            "{name}"
        );
        assert!(!store.holds(name), "{name}");
    }
}

#[test]
fn without_a_folder_there_is_nothing_and_nothing_is_saved() {
    let store = FileStore::<Note>::at(None);
    assert_eq!(names(&store), [""; 0]);
    assert_eq!(
        store.save(note("a", ""), false),
        Err(LibraryError::NoFolder)
    );
    assert_eq!(store.load("a"), Err(LibraryError::NoFolder));
    assert!(!store.holds("a"));
}
