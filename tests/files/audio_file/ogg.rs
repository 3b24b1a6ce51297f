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
    pages
}

/// Where in a page its flags, its clock, its logical stream's number, its own and its checksum are.
const FLAGS: usize = 5;
const CLOCK: Range<usize> = 6..14;
const SERIAL: Range<usize> = 14..18;
const SEQUENCE: Range<usize> = 18..22;
const CHECKSUM: Range<usize> = 22..26;

/// Makes a page's checksum what it should be.
fn seal(page: &mut [u8]) {
    page[CHECKSUM].fill(0);
    let mut checksum = Crc32::new(0);
    checksum.process_buf_bytes(page);
    page[CHECKSUM].copy_from_slice(&checksum.crc().to_le_bytes());
}

/// Moves a page's clock by so many samples.
fn turn(page: &mut [u8], by: i64) {
    let clock = i64::from_le_bytes(page[CLOCK].try_into().unwrap());
    set(page, clock + by);
}

/// Sets a page's clock.
fn set(page: &mut [u8], clock: i64) {
    page[CLOCK].copy_from_slice(&clock.to_le_bytes());
    seal(page);
}

/// Another stream than the page's own.
fn renumber(page: &mut [u8]) {
    page[SERIAL].copy_from_slice(b"else");
    seal(page);
}

/// What is read of these bytes, in seconds, and what is told.
fn told(bytes: &[u8]) -> (f64, Option<AudioFileError>) {
    let (_folder, path) = keep(bytes.len(), "sound.ogg", bytes);
    let mut reader = AudioReader::open(&path).unwrap();
    let (_, why) = all(&mut reader);
    (reader.seconds(), why)
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

#[test]
fn an_end_that_a_wrong_clock_cuts_off_is_told() {
    for name in NAMES {
        let bytes = fs::read(fixture(name)).unwrap();
        let whole = read(&bytes).unwrap().seconds();
        let places = pages(&bytes);
        let last = places.len() - 1;
        let before = i64::from_le_bytes(bytes[places[3].clone()][CLOCK].try_into().unwrap());
        for turned in [last..last + 1, 4..last + 1] {
            for clock in [-1, 0, before] {
                if turned.start == last && clock == before {
                    continue;
                }
                let mut bytes = bytes.clone();
                for place in &places[turned.clone()] {
                    set(&mut bytes[place.clone()], clock);
                }
                let (seconds, why) = told(&bytes);
                // The last page of one has no more.
                assert!(seconds < whole - 0.006, "{name}, {turned:?}: {seconds} s");
                let Some(AudioFileError::Damaged { at_seconds, .. }) = why else {
                    panic!("{name}, {turned:?}, {clock}: {why:?}")
                };
                assert!(at_seconds > 0.3, "{name}, {turned:?}: at {at_seconds} s");
            }
        }
    }
}

#[test]
fn a_damaged_comment_takes_no_sound_away_and_is_told() {
    for name in NAMES {
        let bytes = fs::read(fixture(name)).unwrap();
        let whole = read(&bytes).unwrap().seconds();
        let place = pages(&bytes)[1].clone();
        let mut bytes = bytes.clone();
        let comment = bytes[place.clone()]
            .windows(4)
            .position(|word| word == b"Lavc" || word == b"Lavf");
        bytes[place.start + comment.unwrap()] ^= 0x20;
        let (seconds, why) = told(&bytes);
        assert!((seconds - whole).abs() < 1e-9, "{name}: {seconds} s");
        let Some(AudioFileError::Damaged {
            at_seconds, found, ..
        }) = why
        else {
            panic!("{name}: {why:?}")
        };
        assert!(at_seconds == 0.0 && found.contains("headers"), "{found}");
    }
}

/// A flac in an ogg whose packets reach over several pages, of two segments each, with or without an empty page behind each.
fn in_short_pages(bytes: &[u8], with_empty: bool) -> Vec<u8> {
    const FRAMES: i64 = 2_304;
    let places = pages(bytes);
    let (head, sound) = bytes.split_at(places[2].start);
    let (mut made, mut body) = (head.to_vec(), places[2].start + 27 + usize::from(sound[26]));
    let (mut sequence, mut clock, mut is_open) = (2_u32, 0, false);
    let mut add = |flags: u8, clock: i64, table: &[u8], body: &[u8]| {
        let mut page = sound[..27].to_vec();
        (page[FLAGS], page[26]) = (flags, table.len() as u8);
        page[CLOCK].copy_from_slice(&clock.to_le_bytes());
        page[SEQUENCE].copy_from_slice(&sequence.to_le_bytes());
        sequence += 1;
        page.extend(table.iter().chain(body));
        seal(&mut page);
        made.extend(page);
    };
    let segments = &sound[27..27 + usize::from(sound[26])];
    for table in segments.chunks(2) {
        let length: usize = table.iter().map(|segment| usize::from(*segment)).sum();
        let ended = table.iter().filter(|segment| **segment < 255).count() as i64;
        clock = (clock + FRAMES * ended).min(22_050);
        let (shown, is_last) = (if ended > 0 { clock } else { -1 }, clock == 22_050);
        let flags = u8::from(is_open) | if is_last { 4 } else { 0 };
        add(flags, shown, table, &bytes[body..body + length]);
        body += length;
        is_open = table.last() == Some(&255);
        if with_empty && !is_last {
            add(0, -1, &[], &[]);
        }
    }
    made
}

#[test]
fn packets_over_several_pages_are_whole_with_empty_pages_within_them() {
    let bytes = fs::read(fixture("tone-flac.oga")).unwrap();
    let whole = read(&bytes).unwrap();
    for with_empty in [false, true] {
        let made = in_short_pages(&bytes, with_empty);
        let count = pages(&made).len();
        assert!(count > if with_empty { 25 } else { 14 }, "{count} pages");
        let found = read(&made).unwrap_or_else(|why| panic!("{with_empty}: {why}"));
        assert!(found == whole, "{with_empty}: {} frames", found.frames());
    }
    // One that doesn't go on where it should is told.
    let mut made = in_short_pages(&bytes, false);
    let places = pages(&made);
    let goes_on = |place: &&Range<usize>| made[place.start + FLAGS] & 1 != 0;
    let place = places[6..].iter().find(goes_on).unwrap().clone();
    made[place.start + FLAGS] = 0;
    seal(&mut made[place]);
    let (seconds, why) = told(&made);
    assert!(seconds < 0.99, "{seconds} s");
    assert!(
        matches!(why, Some(AudioFileError::Damaged { .. })),
        "{why:?}"
    );
}

#[test]
fn a_stream_that_is_not_read_is_told() {
    let read_one = fs::read(fixture("tone-pages.ogg")).unwrap();
    let other = fs::read(fixture("tone-pages.opus")).unwrap();
    let first = pages(&read_one);
    // Side by side, page by page: both beginnings come first (RFC 3533, section 4).
    let mut both = Vec::new();
    for (number, beside) in pages(&other).into_iter().enumerate() {
        if let Some(place) = first.get(number) {
            both.extend_from_slice(&read_one[place.clone()]);
        }
        let mut page = other[beside].to_vec();
        renumber(&mut page);
        both.extend_from_slice(&page);
    }
    let whole = read(&read_one).unwrap().seconds();
    let (seconds, why) = told(&both);
    assert!((seconds - whole).abs() < 1e-9, "{seconds} s: {why:?}");
    assert!(
        matches!(why, Some(AudioFileError::Parallel { count: 2, .. })),
        "{why:?}"
    );
    // Speex alone is named.
    let mut speex = read_one.clone();
    let start = first[0].start + 28;
    speex[start..start + 8].copy_from_slice(b"Speex   ");
    seal(&mut speex[first[0].clone()]);
    let Err(AudioFileError::Unknown { found, .. }) = read(&speex) else {
        panic!("Speex was read")
    };
    assert_eq!(found, "an ogg of Speex: convert it");
    // What has another number than all that have begun has lost its beginning.
    let mut lost = read_one.clone();
    for place in &first[5..] {
        renumber(&mut lost[place.clone()]);
    }
    let (_, why) = told(&lost);
    assert!(
        matches!(why, Some(AudioFileError::Damaged { .. })),
        "{why:?}"
    );
}
