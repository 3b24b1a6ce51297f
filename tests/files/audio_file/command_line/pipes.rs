//! The command line between other programs.

use super::*;

/// What `tag` prints about what comes through a pipe called `name`.
fn through_a_pipe(name: &str, bytes: &[u8]) -> Output {
    let mut child = moodring(&["tag", "--every", name])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn pipes_are_read() {
    for file in [
        case("joined.mp3"),
        fixture("tone-alac.m4a"),
        case("good.wav"),
    ] {
        let bytes = fs::read(&file).unwrap();
        let from_file = moodring(&["tag", "--every", path(&file)]).output().unwrap();
        ok(&from_file);
        assert!(!answers(&from_file).is_empty());
        for name in ["-", "/dev/stdin"] {
            let piped = through_a_pipe(name, &bytes);
            ok(&piped);
            assert_eq!(answers(&piped), answers(&from_file), "{}", file.display());
        }
    }
    let empty = through_a_pipe("-", b"");
    assert!(complaint(&empty).contains("0 bytes"), "{empty:?}");
    let device = moodring(&["tag", "/dev/zero"]).output().unwrap();
    assert!(complaint(&device).contains("device"), "{device:?}");

    // And written: the same file, whole.
    let folder = TempDir::new().unwrap();
    let song = folder.path().join("song.wav");
    ok(
        &moodring(&["morph", path(&case("good.wav")), "-o", path(&song)])
            .output()
            .unwrap(),
    );
    for name in ["-", "/dev/stdout"] {
        let piped = moodring(&["morph", path(&case("good.wav")), "-o", name])
            .output()
            .unwrap();
        assert!(piped.status.success());
        assert!(
            piped.stdout.starts_with(&fs::read(&song).unwrap()),
            "{name}"
        );
    }
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_quietly() {
    let good = case("good.wav");
    for arguments in [
        &["tag", path(&good)][..],
        &["tag", path(&good), path(&good)],
        &["morph", path(&good), "-o", "-"],
        &["morph", path(&good), "-o", "/dev/stdout"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = moodring(arguments)
            .stdout(Stdio::from(writer))
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(text(&output.stderr), "", "{arguments:?}");
        // As `cat` and all others end.
        assert_eq!(
            output.status.signal(),
            Some(13),
            "{arguments:?}: {output:?}"
        );
    }
    // Nobody to complain to, either.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = moodring(&["tag", path(&case("bad.mp3"))])
        .stderr(Stdio::from(writer))
        .status();
    assert_eq!(status.unwrap().code(), Some(1));
}
