//! Ogg pages: what their clocks, numbers and checksums say of what is missing.

use std::ops::Range;

use symphonia::core::{checksum::Crc32, io::Monitor};

use super::*;

/// Second-long tones, a page for each fifth of a second.
const NAMES: [&str; 2] = ["tone-pages.ogg", "tone-pages.opus"];

/// A file's pages.
fn pages(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut pages = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        assert_eq!(&bytes[start..start + 4], b"OggS");
        let segments = usize::from(bytes[start + 26]);
        let table = &bytes[start + 27..start + 27 + segments];
        let body: usize = table.iter().map(|length| usize::from(*length)).sum();
        let end = start + 27 + segments + body;
        pages.push(start..end);
        start = end;
    }
    assert!(pages.len() >= 7, "{} pages", pages.len());
    pages
}

/// Moves a page's clock by so many samples.
fn turn(page: &mut [u8], by: i64) {
    let clock = i64::from_le_bytes(page[6..14].try_into().unwrap());
    page[6..14].copy_from_slice(&(clock + by).to_le_bytes());
    page[22..26].fill(0);
    let mut checksum = Crc32::new(0);
    checksum.process_buf_bytes(page);
    page[22..26].copy_from_slice(&checksum.crc().to_le_bytes());
}

#[test]
fn a_clock_that_jumps_takes_no_sound_away_and_is_nothing_missing() {
    for name in NAMES {
        let bytes = fs::read(fixture(name)).unwrap();
        let whole = read(&bytes).unwrap();
        assert!((0.99..1.01).contains(&whole.seconds()), "{name}");
        let places = pages(&bytes);
        // In the midst, back and forth; and everything from the midst on, as where programs have joined two.
        let last = places.len() - 1;
        for (turned, by) in [(4..5, -480), (4..5, 480), (4..last + 1, 480)] {
            let mut bytes = bytes.clone();
            for place in &places[turned.clone()] {
                turn(&mut bytes[place.clone()], by);
            }
            let found = read(&bytes).unwrap_or_else(|why| panic!("{name}, {turned:?}: {why}"));
            assert!(found == whole, "{name}, {turned:?}: {}", found.frames());
        }
        // The last page's clock still says where the sound ends.
        let mut bytes = bytes.clone();
        turn(&mut bytes[places[last].clone()], -200);
        let cut = read(&bytes).unwrap();
        let missing = whole.frames() - cut.frames();
        assert_eq!(missing, 200, "{name}");
    }
}

#[test]
fn a_page_that_is_missing_or_damaged_is_told() {
    // Where the page before it ends, and the rate.
    for (name, (start, rate)) in NAMES.into_iter().zip([(0.61, 22_050.0), (0.60, 48_000.0)]) {
        let bytes = fs::read(fixture(name)).unwrap();
        let place = pages(&bytes)[5].clone();
        let mut without = bytes.clone();
        without.drain(place.clone());
        let mut damaged = bytes.clone();
        damaged[(place.start + place.end) / 2] ^= 0x10;
        for (what, bytes) in [("without", without), ("damaged", damaged)] {
            let (_folder, path) = keep(bytes.len(), "broken", &bytes);
            let (found, why) = all(&mut AudioReader::open(&path).unwrap());
            let Some(AudioFileError::Damaged { at_seconds, .. }) = why else {
                panic!("{name}, {what}: {why:?}")
            };
            // Behind what is missing, what is left goes on.
            let seconds = found.len() as f64 / rate;
            assert!(
                (at_seconds - start).abs() < 0.01,
                "{name}, {what}: at {at_seconds} s"
            );
            assert!((0.7..0.9).contains(&seconds), "{name}, {what}: {seconds} s");
        }
    }
}
