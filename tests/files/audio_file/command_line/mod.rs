//! `moodring tag` and `moodring morph` as whoever types them sees them.
#![cfg(unix)]

mod describe;
mod library;
mod pipes;

use std::{
    io::{Read, Write},
    os::unix::{fs::symlink, process::ExitStatusExt},
    process::{Command, Output, Stdio},
};

use super::*;

fn moodring(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
    command.args(arguments);
    command
}

/// In a shell, with `limit` in force.
fn limited(limit: &str, arguments: &[&str]) -> Output {
    Command::new("sh")
        .arg("-c")
        .arg(format!("{limit}; exec \"$@\""))
        .args(["sh", env!("CARGO_BIN_EXE_moodring")])
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The one line on the standard error.
fn complaint(output: &Output) -> &str {
    let complaint = text(&output.stderr);
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    complaint
}

fn ok(output: &Output) {
    assert!(
        output.status.success(),
        "{}: {}",
        output.status,
        text(&output.stderr)
    );
    assert_eq!(text(&output.stderr), "");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn answers(output: &Output) -> Vec<&str> {
    let lines = text(&output.stdout).lines();
    lines.filter(|line| line.contains("genre:")).collect()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A wav of 16 bits that is all silence and takes no room on the disk.
fn hollow(file: &Path, rate: u32, channels: u16, seconds: u32) {
    let frame = channels * 2;
    let size = rate * seconds * u32::from(frame);
    let mut header = b"RIFF".to_vec();
    header.extend((size + 36).to_le_bytes());
    header.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    header.extend(channels.to_le_bytes());
    header.extend(rate.to_le_bytes());
    header.extend((rate * u32::from(frame)).to_le_bytes());
    header.extend(frame.to_le_bytes());
    header.extend(b"\x10\0data");
    header.extend(size.to_le_bytes());
    let mut wav = fs::File::create(file).unwrap();
    wav.write_all(&header).unwrap();
    wav.set_len(u64::from(size) + 44).unwrap();
}

#[test]
fn morph_may_write_over_its_own_input() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    ok(&moodring(&[
        "morph",
        path(&case("good.wav")),
        "-o",
        path(&at("aside.wav")),
    ])
    .output()
    .unwrap());
    let morphed = fs::read(at("aside.wav")).unwrap();
    fs::create_dir(at("elsewhere")).unwrap();
    for how in [
        "the same name",
        "a symbolic link",
        "a hard link",
        "a link as input",
    ] {
        let (input, output) = (at("song.wav"), at("elsewhere/song.wav"));
        fs::copy(case("good.wav"), &input).unwrap();
        let _ = fs::remove_file(&output);
        let (from, to) = match how {
            "the same name" => (&input, &input),
            "a symbolic link" => {
                symlink("../song.wav", &output).unwrap();
                (&input, &output)
            }
            "a hard link" => {
                fs::hard_link(&input, &output).unwrap();
                (&input, &output)
            }
            _ => {
                symlink("../song.wav", &output).unwrap();
                (&output, &input)
            }
        };
        ok(&moodring(&["morph", path(from), "-o", path(to)])
            .output()
            .unwrap());
        assert!(fs::read(to).unwrap() == morphed, "{how}");
        if how == "a hard link" {
            assert!(
                fs::read(from).unwrap() == fs::read(case("good.wav")).unwrap(),
                "{how}"
            );
        }
        assert_eq!(
            output.is_symlink(),
            how.contains("symbolic") || how.contains("as input")
        );
        assert_eq!(
            names(folder.path()),
            ["aside.wav", "elsewhere", "song.wav"],
            "{how}"
        );
    }
}

#[test]
fn what_cannot_be_written_whole_leaves_what_was_there() {
    let folder = TempDir::new().unwrap();
    let song = folder.path().join("song.wav");
    fs::write(&song, "my only copy").unwrap();
    let good = case("good.wav");
    // 20 blocks of 512 bytes: the disk is full in the middle of it.
    for limit in ["ulimit -f 20", "ulimit -f 0"] {
        let output = limited(limit, &["morph", path(&good), "-o", path(&song)]);
        assert!(
            complaint(&output).contains("can't be written"),
            "{output:?}"
        );
        assert_eq!(fs::read(&song).unwrap(), b"my only copy");
    }
    // Nor a setting, a file or a model that can't be used.
    for wrong in [
        &["--set", "Target=Fluten", "no.wav"][..],
        &[path(&case("bad.mp3"))],
        &["--models", "/nowhere", path(&good)],
    ] {
        let arguments = [&["morph", "-o", path(&song)], wrong].concat();
        complaint(&moodring(&arguments).output().unwrap());
        assert_eq!(fs::read(&song).unwrap(), b"my only copy");
    }
    assert_eq!(names(folder.path()), ["song.wav"]);

    let full = moodring(&["morph", path(&good), "-o", "/dev/full"])
        .output()
        .unwrap();
    assert!(complaint(&full).contains("No space left"), "{full:?}");
    let nowhere = folder.path().join("no/such/song.wav");
    complaint(
        &moodring(&["morph", path(&good), "-o", path(&nowhere)])
            .output()
            .unwrap(),
    );
    complaint(
        &moodring(&["morph", path(&good), "-o", path(folder.path())])
            .output()
            .unwrap(),
    );
    ok(&moodring(&["morph", path(&good), "-o", "/dev/null"])
        .output()
        .unwrap());
}

#[test]
fn an_interrupted_morph_leaves_what_was_there() {
    let folder = TempDir::new().unwrap();
    let (long, song) = (
        folder.path().join("long.wav"),
        folder.path().join("song.wav"),
    );
    hollow(&long, 48_000, 2, 3_600);
    fs::write(&song, "my only copy").unwrap();
    for (name, signal) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        let child = moodring(&["morph", path(&long), "-o", path(&song)])
            .stderr(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        while names(folder.path()).len() < 3 {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        // By the shell's own kill: not every Debian has the program.
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -{name} {}", child.id())])
            .status();
        assert!(sent.unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.signal(), Some(signal), "{output:?}");
        assert!(text(&output.stderr).contains("interrupted"), "{output:?}");
        assert_eq!(names(folder.path()), ["long.wav", "song.wav"]);
        assert_eq!(fs::read(&song).unwrap(), b"my only copy");
    }
}

#[test]
fn a_bad_file_does_not_end_a_batch() {
    let (good, bad) = (case("good.wav"), case("bad.mp3"));
    let output = moodring(&["tag", "--every", path(&good), path(&bad), path(&good)])
        .output()
        .unwrap();
    assert!(complaint(&output).contains("bad.mp3"), "{output:?}");
    assert!(complaint(&output).contains("nothing in it looks like one"));
    assert_eq!(answers(&output).len(), 2, "{output:?}");
    // What can be read of a damaged one is heard, and the exit code tells.
    let (_folder, cut) = cut("tone.flac", 0.8);
    let output = moodring(&["tag", "--every", path(&cut), path(&good)])
        .output()
        .unwrap();
    assert!(complaint(&output).contains("could be read"), "{output:?}");
    assert_eq!(answers(&output).len(), 2, "{output:?}");
    let (folder, cut) = self::cut("tone.flac", 0.8);
    let song = folder.path().join("song.wav");
    let output = moodring(&["morph", path(&cut), "-o", path(&song)])
        .output()
        .unwrap();
    assert!(complaint(&output).contains("truncated"), "{output:?}");
    let (seconds, kept) = (
        AudioFile::read(&song).unwrap().seconds(),
        text(&output.stdout),
    );
    assert!((0.5..1.0).contains(&seconds), "{seconds}");
    assert!(kept.contains("song.wav"), "{kept}");
}

#[test]
fn a_joined_file_of_which_only_the_first_can_be_read_is_told() {
    let folder = TempDir::new().unwrap();
    let (joined, song) = (
        folder.path().join("joined.wav"),
        folder.path().join("song.wav"),
    );
    let good = fs::read(case("good.wav")).unwrap();
    let mp3 = fs::read(fixture("tone.mp3")).unwrap();
    fs::write(&joined, [&good[..], &mp3].concat()).unwrap();
    let output = moodring(&["morph", path(&joined), "-o", path(&song)])
        .output()
        .unwrap();
    let first = seconds(case("good.wav"));
    for words in [
        format!("{first:.2} s were read"),
        "the sound of another file begins".to_owned(),
        "an mp3".to_owned(),
    ] {
        assert!(complaint(&output).contains(&words), "{output:?}");
    }
    assert_eq!(seconds(song), first);
}

#[test]
fn a_file_without_an_answer_gets_a_line_that_says_why() {
    for (name, words) in [
        ("0.49s.wav", ["0.49 s", "too short"]),
        ("silence-3s.wav", ["3.00 s", "silence"]),
    ] {
        let file = case(name);
        for every in [&[][..], &["--every"]] {
            let arguments = [&["tag", path(&file)][..], every].concat();
            let output = moodring(&arguments).output().unwrap();
            ok(&output);
            let lines: Vec<_> = text(&output.stdout).lines().collect();
            assert_eq!(lines.len(), 2, "{lines:?}");
            for word in words {
                assert!(lines[1].contains(word), "{lines:?}");
            }
        }
    }
}

#[test]
fn memory_does_not_grow_with_the_file() {
    let folder = TempDir::new().unwrap();
    let (long, song) = (
        folder.path().join("long.wav"),
        folder.path().join("song.wav"),
    );
    // As floats it is 460 MB.
    hollow(&long, 192_000, 2, 300);
    // In KiB. What a process takes that does nothing is a third of it.
    let limit = "ulimit -v 400000";
    ok(&limited(limit, &["tag", path(&long)]));
    ok(&limited(limit, &["morph", path(&long), "-o", path(&song)]));
    assert_eq!(fs::metadata(&song).unwrap().len(), 192_000 * 300 * 8 + 58);
}

#[test]
fn mono_is_written_without_a_place_in_the_room() {
    let folder = TempDir::new().unwrap();
    let song = folder.path().join("song.wav");
    ok(
        &moodring(&["morph", path(&case("good.wav")), "-o", path(&song)])
            .output()
            .unwrap(),
    );
    let bytes = fs::read(&song).unwrap();
    assert_eq!(&bytes[12..16], b"fmt ");
    // Float, one channel, no extension that could name a loudspeaker.
    assert_eq!(bytes[16..24], [18, 0, 0, 0, 3, 0, 1, 0]);
    assert_eq!(bytes[36..38], [0, 0]);
    let spec = hound::WavReader::open(&song).unwrap().spec();
    assert_eq!(
        (spec.channels, spec.sample_format),
        (1, hound::SampleFormat::Float)
    );
}

#[test]
fn settings_are_taken_as_people_write_them() {
    let folder = TempDir::new().unwrap();
    let song = folder.path().join("song.wav");
    let good = case("good.wav");
    let morph = |settings: &[&str]| {
        let mut arguments = vec!["morph", path(&good), "-o", path(&song)];
        for setting in settings {
            arguments.extend(["--set", setting]);
        }
        moodring(&arguments).output().unwrap()
    };
    for (plain, others) in [
        (
            &["Output=-3.5 dB"][..],
            &["output=-3,5 dB", "Output = \u{2212}3.5db", "Output=- 3,5"][..],
        ),
        (
            &["Target=Flute", "Morph=80 %"],
            &["target=flute", "TARGET=FLUTE", "target= Flute "],
        ),
    ] {
        ok(&morph(plain));
        let mut expected = Vec::new();
        fs::File::open(&song)
            .unwrap()
            .read_to_end(&mut expected)
            .unwrap();
        for other in others {
            let also: Vec<_> = [&[*other], &plain[1..]].concat();
            ok(&morph(&also));
            assert!(fs::read(&song).unwrap() == expected, "{other}");
        }
    }
    for (wrong, first) in [
        ("Target=flut", "takes Flute, "),
        ("Target=chello", "takes Cello, "),
        ("Morph To=mapp", "takes Map, "),
        ("Keep Loudness=perhaps", "takes O"),
        ("Brightnes=1", "there are Brightness, "),
        ("Output=loud", "-24.0 dB to 24.0 dB"),
        ("Output=1,000,000", "`1,000,000`"),
        ("Output", "NAME=VALUE"),
    ] {
        let output = morph(&[wrong]);
        assert!(complaint(&output).contains(first), "{output:?}");
    }
}

#[test]
fn the_help_lists_the_formats_that_are_read() {
    for command in ["tag", "morph"] {
        let output = moodring(&[command, "--help"]).output().unwrap();
        let help = text(&output.stdout)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(help.contains(moodring::audio_file::FORMATS), "{help}");
    }
}
