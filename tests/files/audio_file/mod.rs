//! Reading every format, and a one-line error for every kind of broken file.
//! The fixtures are one second of a 440 Hz sine at amplitude 0.5 and 22.05 kHz, encoded by ffmpeg, but where the name or the test says
//! otherwise; those in `cases` are files that had failed.

mod command_line;
mod containers;
mod cut;
mod flac;
mod formats;
mod joined;
mod ogg;

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::cases;
use moodring::audio_file::{AudioFile, AudioFileError, AudioReader};
use proptest::prelude::*;
use tempfile::TempDir;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/audio")
        .join(name)
}

fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/cases")
        .join(name)
}

/// A wav of a sine.
fn wav(seconds: f64, channel_count: usize) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sine.wav");
    sine(seconds, channel_count).write_wav(&path).unwrap();
    fs::read(&path).unwrap()
}

/// What is read from a file of these bytes.
fn read(bytes: &[u8]) -> Result<AudioFile, AudioFileError> {
    let (_folder, path) = keep(bytes.len(), "sound", bytes);
    AudioFile::read(path)
}

fn sine(seconds: f64, channel_count: usize) -> AudioFile {
    let sample_rate = 22_050;
    let channel = (0..(seconds * f64::from(sample_rate)) as usize)
        .map(|i| {
            (i as f64 * 440.0 * std::f64::consts::TAU / f64::from(sample_rate)).sin() as f32 * 0.5
        })
        .collect();
    AudioFile {
        sample_rate,
        channels: vec![channel; channel_count],
    }
}

/// The first `share` of the fixture's bytes, in a folder of its own.
fn cut(name: &str, share: f64) -> (TempDir, PathBuf) {
    let bytes = fs::read(fixture(name)).unwrap();
    keep((bytes.len() as f64 * share) as usize, name, &bytes)
}

fn keep(length: usize, name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, &bytes[..length]).unwrap();
    (folder, path)
}

fn seconds(path: PathBuf) -> f64 {
    AudioFile::read(path)
        .unwrap_or_else(|why| panic!("{why}"))
        .seconds()
}

/// The first channel, and how reading ended.
fn all(reader: &mut AudioReader) -> (Vec<f32>, Option<AudioFileError>) {
    let mut channel = Vec::new();
    loop {
        match reader.next_block() {
            Ok(Some(block)) => channel.extend_from_slice(&block[0]),
            Ok(None) => return (channel, None),
            Err(why) => {
                assert!(matches!(reader.next_block(), Ok(None)), "told once");
                return (channel, Some(why));
            }
        }
    }
}

/// The error of reading `path`, checked to be one line that starts with the file.
fn error(path: &Path) -> (AudioFileError, String) {
    // Not expect_err, which would print every sample of what was read.
    let Err(error) = AudioFile::read(path) else {
        panic!("{}: was read", path.display())
    };
    let message = error.to_string();
    assert!(
        message.starts_with(&format!("{}: ", path.display())),
        "{message}"
    );
    assert_eq!(message.lines().count(), 1, "{message}");
    (error, message)
}

/// Amplitude of the 440 Hz component: 0.5 for the fixtures, but for LAME, which scales by 0.95.
fn amplitude(samples: &[f32], sample_rate: u32) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (i, sample) in samples.iter().enumerate() {
        let phase = i as f64 * 440.0 * std::f64::consts::TAU / f64::from(sample_rate);
        re += f64::from(*sample) * phase.cos();
        im += f64::from(*sample) * phase.sin();
    }
    2.0 * re.hypot(im) / samples.len() as f64
}

#[test]
fn an_mp3_without_its_header_frame_is_read_whole() {
    let bytes = fs::read(fixture("tone.mp3")).unwrap();
    let header = bytes
        .windows(4)
        .position(|tag| tag == b"Info" || tag == b"Xing")
        .unwrap();
    let sync = [0xff, 0xf3];
    let next = header
        + bytes[header..]
            .windows(2)
            .position(|word| word == sync)
            .unwrap();
    let (_folder, path) = keep(bytes.len() - next, "tone.mp3", &bytes[next..]);
    // Nothing says what the encoder added in front and behind, so that stays.
    let frames = AudioFile::read(path).unwrap().frames();
    assert!((22_050..22_050 + 4 * 576).contains(&frames), "{frames}");
}

#[test]
fn the_name_does_not_matter() {
    let bytes = fs::read(fixture("tone.flac")).unwrap();
    let (_folder, path) = keep(bytes.len(), "tone.wav", &bytes);
    assert_eq!(AudioFile::read(path).unwrap().frames(), 22_050);
}

#[test]
fn float_wav_round_trips_bit_exactly() {
    let folder = TempDir::new().unwrap();
    for channel_count in [1, 2, 3] {
        let path = folder.path().join(format!("{channel_count}.wav"));
        let mut audio = sine(0.3, channel_count);
        audio.channels[0][0] = 1.5;
        audio.write_wav(&path).unwrap();
        assert_eq!(AudioFile::read(&path).unwrap(), audio);
    }
}

#[test]
fn integer_wav_is_scaled_to_one() {
    let folder = TempDir::new().unwrap();
    for bits in [8, 16, 24, 32] {
        let path = folder.path().join(format!("{bits}.wav"));
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 48_000,
            bits_per_sample: bits,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(&path, spec).unwrap();
        for _ in 0..100 {
            writer.write_sample((1_i64 << (bits - 2)) as i32).unwrap();
        }
        writer.finalize().unwrap();
        let audio = AudioFile::read(&path).unwrap();
        assert_eq!(audio.sample_rate, 48_000);
        assert_eq!(audio.channels, [vec![0.5; 100]], "{bits} bits");
    }
}

#[test]
fn truncated_files_say_how_much_was_read() {
    for name in ["tone.flac", "tone.mp3", "tone.ogg"] {
        for share in [0.85, 0.95] {
            let (_folder, path) = cut(name, share);
            let (error, message) = error(&path);
            let AudioFileError::Truncated { read_seconds, .. } = error else {
                panic!("{name} cut to {share}: {message}");
            };
            assert!(read_seconds < 0.98, "{message}");
            assert!(message.contains("truncated"), "{message}");
        }
    }

    let folder = TempDir::new().unwrap();
    let whole = folder.path().join("whole.wav");
    sine(1.0, 2).write_wav(&whole).unwrap();
    let bytes = fs::read(&whole).unwrap();
    let (_folder, path) = keep(bytes.len() / 2, "half.wav", &bytes);
    let (error, message) = error(&path);
    let AudioFileError::Truncated {
        read_seconds,
        declared_seconds,
        ..
    } = error
    else {
        panic!("{message}");
    };
    assert!((0.499..=0.5).contains(&read_seconds), "{message}");
    assert_eq!(declared_seconds, Some(1.0));
}

#[test]
fn cutting_anywhere_never_panics() {
    let folder = TempDir::new().unwrap();
    let wav = folder.path().join("tone.wav");
    sine(0.1, 2).write_wav(&wav).unwrap();
    for path in formats::fixtures().into_iter().chain([wav]) {
        let bytes = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        for length in
            (0..bytes.len().min(300)).chain((300..bytes.len()).step_by(97.max(bytes.len() / 100)))
        {
            let (_folder, path) = keep(length, name, &bytes);
            // The very last frame of an mp3 may go unnoticed: see the tolerance.
            if name != "tone.mp3" || length < bytes.len() * 9 / 10 {
                error(&path);
            } else {
                let _ = AudioFile::read(&path);
            }
        }
    }
}

#[test]
fn flipped_bytes_never_panic() {
    let folder = TempDir::new().unwrap();
    let wav = folder.path().join("tone.wav");
    sine(0.1, 2).write_wav(&wav).unwrap();
    for path in formats::fixtures().into_iter().chain([wav]) {
        let bytes = fs::read(&path).unwrap();
        let step = 131.max(bytes.len() / 60);
        for position in (0..120).chain((120..bytes.len()).step_by(step)) {
            let mut bytes = bytes.clone();
            bytes[position] ^= 0xff;
            let (_folder, path) = keep(bytes.len(), "flipped", &bytes);
            let _ = AudioFile::read(&path);
        }
    }
}

#[test]
fn unreadable_unknown_and_empty_files_are_told_apart() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);

    assert!(matches!(
        error(&at("missing.wav")).0,
        AudioFileError::Open { .. }
    ));
    assert!(matches!(
        error(folder.path()).0,
        AudioFileError::Open { .. }
    ));

    fs::write(at("text.wav"), "This is not audio at all.\n".repeat(1000)).unwrap();
    assert!(matches!(
        error(&at("text.wav")).0,
        AudioFileError::Unknown { .. }
    ));

    fs::write(at("empty.wav"), []).unwrap();
    assert!(matches!(
        error(&at("empty.wav")).0,
        AudioFileError::Empty { .. }
    ));

    sine(0.0, 1).write_wav(at("no-frames.wav")).unwrap();
    assert!(matches!(
        error(&at("no-frames.wav")).0,
        AudioFileError::Empty { .. }
    ));
}

#[test]
fn a_wav_header_with_nonsense_in_it_is_unknown() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("tone.wav");
    sine(0.1, 1).write_wav(&path).unwrap();
    let bytes = fs::read(&path).unwrap();
    // Offsets in the fmt chunk: channels at 22, sample rate at 24.
    for (what, offset, length) in [("no channels", 22, 2), ("no sample rate", 24, 4)] {
        let mut bytes = bytes.clone();
        bytes[offset..offset + length].fill(0);
        let (_folder, path) = keep(bytes.len(), "tone.wav", &bytes);
        let (error, message) = error(&path);
        assert!(
            matches!(error, AudioFileError::Unknown { .. }),
            "{what}: {message}"
        );
    }
}

#[test]
fn what_a_wav_can_not_hold_is_not_written() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("out.wav");
    let message = |audio: &AudioFile, path: &Path| audio.write_wav(path).unwrap_err().to_string();

    let none = AudioFile {
        sample_rate: 48_000,
        channels: Vec::new(),
    };
    assert!(message(&none, &path).contains("0 channels"));
    let uneven = AudioFile {
        sample_rate: 48_000,
        channels: vec![vec![0.0; 2], vec![0.0; 3]],
    };
    assert!(message(&uneven, &path).contains("differ in length"));
    assert!(
        message(&sine(0.1, 1), &folder.path().join("no/such/folder.wav"))
            .contains("can't be written")
    );
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_damaged_file_is_read_or_refused_in_one_line(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..9),
        // Headers are where it hurts.
        early in any::<bool>(),
    ) {
        let path = which.get(&formats::fixtures()).clone();
        let mut bytes = fs::read(&path).unwrap();
        let within = if early { bytes.len().min(600) } else { bytes.len() };
        for (at, value) in damage {
            let at = at.index(within);
            bytes[at] = value;
        }
        if let Err(why) = read(&bytes) {
            prop_assert_eq!(why.to_string().lines().count(), 1, "{}: {}", path.display(), why);
        }
    }
}
