//! Native flac: what the checksum of each frame and the hash of all sound say of what is damaged.

use std::ops::Range;

use super::*;

/// Where in a flac that begins with its stream information the number of its samples is, and the hash of them all (RFC 9639, section 8.2).
const SAMPLES: Range<usize> = 21..26;
const HASH: Range<usize> = 26..42;

/// What is read of these bytes, in seconds, and what is told.
fn told(bytes: &[u8]) -> (f64, Option<AudioFileError>) {
    let (_folder, path) = keep(bytes.len(), "tone.flac", bytes);
    let mut reader = AudioReader::open(&path).unwrap();
    let (_, why) = all(&mut reader);
    (reader.seconds(), why)
}

/// As an encoder leaves it that can't go back to its beginning.
fn streamed(mut bytes: Vec<u8>, and_hash: bool) -> Vec<u8> {
    // The first half byte is of the number before.
    bytes[SAMPLES.start] &= 0xf0;
    bytes[SAMPLES.start + 1..SAMPLES.end].fill(0);
    if and_hash {
        bytes[HASH].fill(0);
    }
    bytes
}

#[test]
fn a_frame_that_is_not_what_was_written_is_told_where_it_is() {
    let bytes = fs::read(fixture("tone.flac")).unwrap();
    for bytes in [
        bytes.clone(),
        streamed(bytes.clone(), false),
        streamed(bytes.clone(), true),
    ] {
        let (whole, nothing) = told(&bytes);
        assert!(
            nothing.is_none() && (whole - 1.0).abs() < 1e-9,
            "{nothing:?}"
        );
        let mut damaged = bytes.clone();
        damaged[bytes.len() / 2] ^= 0x10;
        let (seconds, why) = told(&damaged);
        let Some(AudioFileError::Damaged { at_seconds, .. }) = why else {
            panic!("{why:?}")
        };
        assert!((0.3..0.7).contains(&at_seconds), "at {at_seconds} s");
        assert!((0.7..0.95).contains(&seconds), "{seconds} s");
        // At the end nothing follows that would show the gap.
        let mut damaged = bytes.clone();
        damaged[bytes.len() - 100] ^= 0x10;
        let (seconds, why) = told(&damaged);
        assert!(
            seconds < 0.99 && matches!(why, Some(AudioFileError::Truncated { .. })),
            "{seconds} s: {why:?}"
        );
        let (_, why) = told(&bytes[..bytes.len() - 100]);
        assert!(
            matches!(why, Some(AudioFileError::Truncated { .. })),
            "{why:?}"
        );
    }
}

#[test]
fn sound_that_is_not_what_its_hash_is_of_is_told() {
    let mut bytes = fs::read(fixture("tone.flac")).unwrap();
    bytes[HASH.start] ^= 1;
    let (seconds, why) = told(&bytes);
    assert!((seconds - 1.0).abs() < 1e-9, "{seconds} s");
    let Some(AudioFileError::Damaged { found, .. }) = why else {
        panic!("{why:?}")
    };
    assert!(found.contains("hash"), "{found}");
}
