//! What may lie where users keep their files: things that aren't files, text that nobody can read, drafts of processes that were
//! killed.
#![cfg(unix)]

mod drafts;

use std::{
    fs::{self, File},
    os::unix::{fs::symlink, net::UnixListener},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use moodring::{
    editor::{Page, Preferences},
    library::{Kept, LIBRARY_VARIABLE, Library, LibraryError, Preset, TimbreFile, neutral},
    model::{ModelSource, TaggerModel, TimbreModel},
};
use tempfile::TempDir;

/// Nobody waits longer for something that is there.
const LONGEST: Duration = Duration::from_secs(20);

/// What `work` comes to, unless it waits for something.
fn at_once<T: Send + 'static>(what: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, is_done) = mpsc::channel();
    std::thread::spawn(move || done.send(work()));
    let came = is_done.recv_timeout(LONGEST);
    came.unwrap_or_else(|_| panic!("{what}: it waits"))
}

fn make_pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

/// Puts what isn't a file at `path`, and says what a message calls it. The socket is one as long as the listener lives.
fn put_no_file(kind: &str, path: &Path) -> (&'static str, Option<UnixListener>) {
    match kind {
        "pipe" => make_pipe(path),
        "link to a pipe" => {
            let pipe = path.with_extension("pipe");
            make_pipe(&pipe);
            symlink(pipe, path).unwrap();
        }
        "socket" => return ("a socket", Some(UnixListener::bind(path).unwrap())),
        "endless device" => {
            symlink("/dev/zero", path).unwrap();
            return ("a device", None);
        }
        "folder" => {
            fs::create_dir(path).unwrap();
            return ("a folder", None);
        }
        other => panic!("{other}"),
    }
    ("a named pipe", None)
}

const NO_FILES: [&str; 5] = [
    "pipe",
    "link to a pipe",
    "socket",
    "endless device",
    "folder",
];

fn library() -> (TempDir, Library) {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::at(folder.path().to_owned());
    fs::create_dir(folder.path().join("presets")).unwrap();
    fs::create_dir(folder.path().join("timbres")).unwrap();
    (folder, library)
}

#[test]
fn a_preset_that_is_no_file_is_refused_by_name_and_nobody_waits_for_it() {
    for kind in NO_FILES {
        let (folder, library) = library();
        let path = folder.path().join("presets/Alto.json");
        let (called, _listener) = put_no_file(kind, &path);
        let shared = library.clone();
        let why = at_once(kind, move || shared.presets().load("Alto")).unwrap_err();
        let why = why.to_string();
        assert!(why.contains("Alto.json") && why.contains(called), "{why}");
        let shared = library.clone();
        let listed = at_once(kind, move || shared.presets().list().len());
        assert_eq!(listed, 0, "{kind}");

        // What is there stays, even where a file was to be replaced.
        let shared = library.clone();
        let alto = neutral().named("Alto".to_owned());
        let why = at_once(kind, move || shared.presets().save(alto, true)).unwrap_err();
        let why = why.to_string();
        assert!(why.contains("Alto.json") && why.contains(called), "{why}");
        assert!(!fs::metadata(&path).unwrap().is_file(), "{kind}");

        let timbre = folder.path().join("timbres/Dusk.json");
        let (called, _listener) = put_no_file(kind, &timbre);
        let why = at_once(kind, move || library.timbres().load("Dusk")).unwrap_err();
        assert!(why.to_string().contains(called), "{why}");
    }
    // A link to a file is as good as the file.
    let (folder, library) = library();
    let elsewhere = folder.path().join("elsewhere");
    fs::write(&elsewhere, neutral().to_json()).unwrap();
    symlink(&elsewhere, folder.path().join("presets/Alto.json")).unwrap();
    assert_eq!(library.presets().load("Alto").unwrap().name, "Alto");
    assert_eq!(library.presets().list().len(), 1);
}

#[test]
fn the_command_line_refuses_a_preset_that_is_a_pipe() {
    let (folder, _) = library();
    make_pipe(&folder.path().join("presets/Alto.json"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
    command
        .args(["morph", "--preset", "Alto", "-o", "out.wav", "in.wav"])
        .current_dir(folder.path())
        .env(LIBRARY_VARIABLE, folder.path())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let begun = std::time::Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > LONGEST {
            child.kill().unwrap();
            panic!("it waits");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.contains("Alto.json") && said.contains("a named pipe"),
        "{said}"
    );
}

#[test]
fn preferences_that_are_no_file_are_the_defaults_and_nobody_waits_for_them() {
    for kind in NO_FILES {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("editor.json");
        let _listener = put_no_file(kind, &path);
        let asked = path.clone();
        let found = at_once(kind, move || Preferences::read(&asked));
        assert_eq!(found, Preferences::default(), "{kind}");
        let asked = path.clone();
        let written = at_once(kind, move || Preferences::default().write(&asked));
        assert!(written.is_err(), "{kind}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("editor.json");
    let chosen = Preferences {
        page: Page::Morph,
        ..Preferences::default()
    };
    chosen.write(&path).unwrap();
    assert_eq!(Preferences::read(&path), chosen);
}

#[test]
fn models_that_are_no_files_are_refused_by_name_and_nobody_waits_for_them() {
    for kind in NO_FILES {
        for file in [
            "tagger/card.json",
            "tagger/model.onnx",
            "tagger/map.json",
            "timbre/card.json",
            "timbre/anchors.json",
            "timbre/decoder.onnx",
        ] {
            let folder = crate::common::models_copy();
            let path = folder.path().join(file);
            fs::remove_file(&path).unwrap();
            let (called, _listener) = put_no_file(kind, &path);
            let source = ModelSource::Folder(folder.path().to_owned());
            let why = at_once(file, move || {
                let tagger = TaggerModel::load(&source).err();
                tagger.or_else(|| TimbreModel::load(&source).err())
            });
            let why = why.expect("a refusal").to_string();
            assert!(why.contains(file) && why.contains(called), "{why}");
        }
    }
}

/// What a preset's file is told to be.
fn complaint(bytes: &[u8]) -> String {
    let why = Preset::parse("Alto.json", bytes).unwrap_err().to_string();
    assert!(why.starts_with("Alto.json: "), "{why}");
    assert_eq!(why.lines().count(), 1, "{why}");
    why
}

#[test]
fn text_that_is_no_preset_is_told_in_plain_words() {
    let good = neutral().named("Alto".to_owned()).to_json();
    let wide = |order: fn(u32) -> [u8; 4]| -> Vec<u8> {
        good.chars()
            .flat_map(|letter| order(letter as u32))
            .collect()
    };
    let (little, big) = (wide(u32::to_le_bytes), wide(u32::to_be_bytes));
    let marked = |mark: &[u8], text: &[u8]| [mark, text].concat();
    let middle = good.len() / 2;
    for (what, bytes, words) in [
        ("nothing", Vec::new(), "is empty"),
        ("blanks", b" \r\n\t\n".to_vec(), "is empty"),
        ("a mark alone", b"\xef\xbb\xbf".to_vec(), "is empty"),
        ("UTF-32", little.clone(), "UTF-32"),
        ("UTF-32 backwards", big.clone(), "UTF-32"),
        ("UTF-32, marked", marked(b"\xff\xfe\0\0", &little), "UTF-32"),
        (
            "UTF-32 backwards, marked",
            marked(b"\0\0\xfe\xff", &big),
            "UTF-32",
        ),
        ("zeros", vec![0; 4_096], "zero bytes"),
        (
            "zeros behind",
            marked(good.as_bytes(), &[0; 512]),
            "zero bytes",
        ),
        (
            "zeros within",
            marked(&good.as_bytes()[..middle], b"\0}"),
            "zero bytes",
        ),
        ("a picture", b"\x89PNG\r\n\x1a\n".to_vec(), "UTF-8"),
        ("cut", good.as_bytes()[..middle].to_vec(), "ends too early"),
        ("no JSON", b"Brightness = 3".to_vec(), "not JSON"),
        ("a list", b"[1, 2]".to_vec(), "other content"),
        (
            "no name",
            br#"{"schema": 1, "values": {}}"#.to_vec(),
            "other content",
        ),
        (
            "an odd name",
            br#"{"schema": 1, "\na\u0007": 1}"#.to_vec(),
            "other content",
        ),
    ] {
        let why = complaint(&bytes);
        println!("{what}: {why}");
        assert!(why.contains(words), "{what}: {why}");
        assert!(
            why.contains("UTF-8") || !why.contains("UTF-32"),
            "what to do: {why}"
        );
    }
    for letter in ["\u{1a}", "\n\u{1a}", "\u{1a}\r\n"] {
        // The end of a file, as some editors still write it.
        let marked = format!("{good}{letter}");
        assert_eq!(
            Preset::parse("Alto.json", marked.as_bytes()),
            Preset::parse("Alto.json", good.as_bytes())
        );
    }
    let why = TimbreFile::parse("Dusk.json", b"").unwrap_err().to_string();
    assert!(why.contains("is empty"), "{why}");
}

#[test]
fn a_preset_of_a_gigabyte_is_told_to_be_none() {
    let (folder, library) = library();
    let path = folder.path().join("presets/Alto.json");
    File::create(&path).unwrap().set_len(1 << 30).unwrap();
    let why = library.presets().load("Alto").unwrap_err();
    assert!(matches!(why, LibraryError::TooLarge { .. }), "{why}");
    let why = why.to_string();
    assert!(
        why.contains("1024 MB") && why.contains("Alto.json"),
        "{why}"
    );
}

#[test]
fn a_card_that_nobody_can_read_is_told_in_plain_words() {
    let folder = crate::common::models_copy();
    let path = folder.path().join("tagger/card.json");
    let source = ModelSource::Folder(folder.path().to_owned());
    for (content, words) in [
        (&b""[..], "is empty"),
        (b"\0\0\0\0\0", "zero bytes"),
        (b"{\"schema\": 1, ", "ends too early"),
        (b"schema: 1", "not JSON"),
        (b"{}", "other content"),
    ] {
        fs::write(&path, content).unwrap();
        let why = source.tagger_card().unwrap_err().to_string();
        assert!(why.contains("card.json") && why.contains(words), "{why}");
    }
}
