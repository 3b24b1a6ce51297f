//! Files that are broken, edited, of a newer Moodring, or can't be written.

use std::{fs, path::Path};

use moodring::library::{Kept, Library, LibraryError, Preset, TimbreFile, Value};

use super::{captured, preset, store};

#[test]
fn broken_files_are_listed_with_what_is_wrong() {
    let (_folder, library) = store();
    let store = library.presets();
    store.save(preset("Sound"), false).unwrap();
    let folder = store.folder().unwrap().to_owned();
    let wrong = |values: &str| format!(r#"{{"schema": 1, "name": "x", "values": {values}}}"#);
    for (name, content, word) in [
        ("a", "no JSON".to_owned(), "expected"),
        ("b", preset("b").to_json().replace("\"schema\": 1", "\"schema\": 9"), "schema"),
        ("c", wrong(r#"{"latent_1": 99}"#), "values.latent_1"),
        ("d", wrong(r#"{"latent_1": "loud"}"#), "values.latent_1"),
        ("e", wrong(r#"{"target": "no such timbre"}"#), "values.target"),
        ("f", wrong(r#"{"target": 3}"#), "values.target"),
        ("g", wrong(r#"{"keeploud": 0.5}"#), "values.keeploud"),
        ("h", wrong(r#"{"loudness": 1}"#), "loudness"),
        ("i", wrong(r#"{"latent_1": 1e999}"#), "number out of range"),
        ("j", wrong(&format!(r#"{{"latent_1": {}"#, "[".repeat(100_000))), "recursion"),
        ("k", " ".repeat(200_000), "196 kB"),
        ("l", r#"{"schema": 1, "name": "x", "values": {}, "colour": 1}"#.to_owned(), "colour"),
        (
            "m",
            r#"{"schema": 1, "name": "x", "values": {}, "captures": {"a": {"name": "", "code": [0,0,0,0,0,0,0,0], "levels": [], "model": ""}}}"#
                .to_owned(),
            "name",
        ),
    ] {
        fs::write(folder.join(format!("{name}.json")), content).unwrap();
        let entries = store.list();
        let entry = entries.iter().find(|entry| entry.name == name).unwrap();
        let why = entry.content.as_ref().unwrap_err().to_string();
        assert!(why.contains(word), "{name}: {why}");
        assert!(why.contains(&format!("{name}.json")), "{name}: {why}");
        assert_eq!(why.lines().count(), 1, "{why}");
    }
    // What isn't ours isn't listed: folders, drafts, hidden files, other endings.
    fs::create_dir(folder.join("z.json")).unwrap();
    for other in [".Sound.1.draft", ".hidden.json", "readme.txt"] {
        fs::write(folder.join(other), preset("x").to_json()).unwrap();
    }
    let entries = store.list();
    assert_eq!(entries.len(), 14);
    assert!(
        entries
            .iter()
            .any(|entry| entry.name == "Sound" && entry.content.is_ok())
    );
}

/// A preset's file as it was found.
fn found(name: &str) -> Vec<u8> {
    let presets = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/presets");
    fs::read(presets.join(name)).unwrap()
}

#[test]
fn a_preset_is_read_whatever_an_editor_made_of_its_text() {
    let expected = Preset::parse("bom.json", &found("bom.json")).unwrap();
    assert_eq!(expected.values["latent_1"], Value::Number(1.2));
    let text = preset("Röhre 2").to_json();
    let expected = Preset::parse("x.json", text.as_bytes()).unwrap();
    let units: Vec<u16> = text.encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    for (mark, text) in [
        (&b"\xef\xbb\xbf"[..], text.as_bytes()),
        (b"\xff\xfe", &little),
        (b"\xfe\xff", &big),
        (b"", &little),
        (b"", &big),
    ] {
        let bytes = [mark, text].concat();
        assert_eq!(Preset::parse("x.json", &bytes), Ok(expected.clone()));
    }
    let timbre = TimbreFile(captured()).to_json();
    let bytes = [b"\xef\xbb\xbf", timbre.as_bytes()].concat();
    assert_eq!(
        TimbreFile::parse("x.json", &bytes),
        Ok(TimbreFile(captured()))
    );
    for broken in [
        &little[1..],
        &[&b"\xff\xfe"[..], b"\x00\xd8"].concat(),
        b"\xff\xff",
    ] {
        let why = Preset::parse("x.json", broken).unwrap_err().to_string();
        assert!(why.contains("UTF"), "{why}");
    }
}

#[test]
fn what_a_newer_moodring_has_made_is_told_and_left_alone() {
    let (_folder, library) = store();
    let store = library.presets();
    store.save(preset("Alto"), false).unwrap();
    let file = store.folder().unwrap().join("Alto.json");
    // Fields that nobody knows yet are no reason for another message.
    let later = br#"{"schema": 2, "name": "Alto", "layers": [1, 2]}"#;
    for newer in [&found("newer.json")[..], later] {
        fs::write(&file, newer).unwrap();
        let [entry] = store.list().try_into().unwrap();
        let why = entry.content.unwrap_err();
        assert_eq!(why.in_short(), "made by a newer Moodring");
        let why = why.to_string();
        assert!(
            why.contains("made by a newer Moodring (schema 2; this one reads up to 1)"),
            "{why}"
        );
        assert!(
            why.contains("Alto.json") && why.lines().count() == 1,
            "{why}"
        );
        // Not even on purpose: this version can't show what would be lost.
        for replace in [false, true] {
            assert!(store.save(preset("Alto"), replace).is_err());
        }
        assert_eq!(fs::read(&file).unwrap(), newer);
    }
    let timbre = TimbreFile(captured())
        .to_json()
        .replace("\"schema\": 1", "\"schema\": 3");
    let why = TimbreFile::parse("x.json", timbre.as_bytes()).unwrap_err();
    assert!(
        matches!(
            why,
            LibraryError::Newer {
                schema: 3,
                known: 1,
                ..
            }
        ),
        "{why}"
    );
}

#[test]
fn a_folder_that_cannot_be_written_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    // A file stands where the folder should be.
    fs::write(folder.path().join("presets"), "in the way").unwrap();
    let store = Library::at(folder.path().to_owned()).presets();
    assert!(store.list().is_empty());
    let why = store.save(preset("Alto"), false).unwrap_err();
    assert!(matches!(why, LibraryError::Unwritable { .. }), "{why}");
    assert_eq!(
        fs::read(folder.path().join("presets")).unwrap(),
        b"in the way"
    );

    // A folder stands where the file should be: nothing half written stays behind.
    let (_folder, library) = self::store();
    let store = library.presets();
    fs::create_dir_all(store.folder().unwrap().join("Alto.json")).unwrap();
    assert!(store.save(preset("Alto"), true).is_err());
    assert_eq!(fs::read_dir(store.folder().unwrap()).unwrap().count(), 1);

    let nowhere = Library::default().presets();
    assert_eq!(
        nowhere.save(preset("Alto"), false),
        Err(LibraryError::NoFolder)
    );
    assert!(nowhere.list().is_empty());
}
