//! Drafts of processes that were killed while they wrote.

use std::{
    fs::{self, File},
    io::{Read, Write},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, SystemTime},
};

use crate::common::process::{again, this_test};
use moodring::atomic_file::{self, AtomicFile};

/// Names the file that a child is to write without an end.
const WRITES: &str = "MOODRING_WRITES";

/// A process that runs `test` and writes `path` until it is killed. Its draft is there when this returns.
fn writer(test: &str, path: &Path) -> Child {
    let mut child = again(test)
        .env(WRITES, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    let mut stdout = child.stdout.take().unwrap();
    while !said.contains("it writes") {
        let mut letter = [0];
        stdout.read_exact(&mut letter).unwrap();
        said.push(char::from(letter[0]));
    }
    child
}

fn drafts(folder: &Path) -> Vec<PathBuf> {
    let names = fs::read_dir(folder).unwrap();
    let mut drafts: Vec<_> = names
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "draft"))
        .collect();
    drafts.sort();
    drafts
}

/// Lets a file look as if it had been there since yesterday.
fn age(path: &Path) {
    let yesterday = SystemTime::now() - Duration::from_secs(26 * 3_600);
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(yesterday)
        .unwrap();
}

#[test]
fn what_killed_processes_left_is_gone_after_a_later_save() {
    if let Some(path) = std::env::var_os(WRITES) {
        let mut file = AtomicFile::create(Path::new(&path)).unwrap();
        file.write_all(b"half").unwrap();
        println!("it writes");
        std::thread::sleep(Duration::from_secs(600));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut killed = writer(this_test!(), &at("one"));
    killed.kill().unwrap();
    killed.wait().unwrap();
    let [left] = drafts(folder.path()).try_into().unwrap();
    let mut writes = writer(this_test!(), &at("two"));
    let both = drafts(folder.path());
    assert_eq!(both.len(), 2);

    // Somebody else's, by name, by age or by kind.
    for other in [
        ".moodring-notes.draft",
        ".moodring-abcdef.draft.bak",
        "my.draft",
    ] {
        fs::write(at(other), "mine").unwrap();
        age(&at(other));
    }
    symlink("my.draft", at(".moodring-bcdefg.draft")).unwrap();
    fs::create_dir(at(".moodring-cdefgh.draft")).unwrap();
    let present = drafts(folder.path()).len();

    atomic_file::write(&at("three"), b"whole").unwrap();
    assert_eq!(
        drafts(folder.path()).len(),
        present,
        "so new that it may be being made"
    );

    for path in &both {
        age(path);
    }
    atomic_file::write(&at("three"), b"whole").unwrap();
    assert!(!left.exists(), "nobody writes it");
    assert_eq!(drafts(folder.path()).len(), present - 1, "one draft");
    assert!(
        both.iter().any(|path| path.exists()),
        "that one is being written"
    );
    writes.kill().unwrap();
    writes.wait().unwrap();
    atomic_file::write(&at("three"), b"whole").unwrap();
    assert_eq!(drafts(folder.path()).len(), present - 2);
    assert_eq!(fs::read(at("my.draft")).unwrap(), b"mine");
    assert_eq!(fs::read(at(".moodring-notes.draft")).unwrap(), b"mine");
}
