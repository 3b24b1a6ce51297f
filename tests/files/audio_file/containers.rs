//! Files whose headers don't say what is in them: tagged, streamed, damaged.

use super::*;

pub fn id3v1() -> Vec<u8> {
    let mut tag = b"TAG".to_vec();
    tag.resize(128, b'x');
    tag
}

/// With a picture in it that looks like an mp3's frames.
pub fn id3v2(length: u8) -> Vec<u8> {
    let mut tag = vec![b'I', b'D', b'3', 3, 0, 0, 0, 0, length >> 7, length & 0x7f];
    tag.extend(
        [0xff, 0xfb, 0x90, 0x64]
            .iter()
            .cycle()
            .take(usize::from(length)),
    );
    tag
}

pub fn ape(header: bool) -> Vec<u8> {
    let items = b"\x04\0\0\0\0\0\0\0Title\0fLaC";
    let size = items.len() as u32 + 32;
    let part = |flags: u32| {
        let mut part = b"APETAGEX".to_vec();
        for value in [2_000, size, 1, flags, 0, 0] {
            part.extend(value.to_le_bytes());
        }
        part
    };
    let mut tag = Vec::new();
    if header {
        tag.extend(part(0xa000_0000));
    }
    tag.extend(items);
    tag.extend(part(if header { 0x8000_0000 } else { 0 }));
    tag
}

pub fn lyrics() -> Vec<u8> {
    b"LYRICSBEGININD0000210LYR00003abc000032LYRICS200".to_vec()
}

pub fn id3v2_footer() -> Vec<u8> {
    let mut tag = vec![b'I', b'D', b'3', 4, 0, 0x10, 0, 0, 0, 5, 1, 2, 3, 4, 5];
    tag.extend([b'3', b'D', b'I', 4, 0, 0x10, 0, 0, 0, 5]);
    tag
}

#[test]
fn tags_around_the_sound_are_no_part_of_it() {
    let tagged = AudioFile::read(case("id3v1-behind.flac")).unwrap();
    assert_eq!(tagged.seconds(), 3.0);
    let plain = formats::fixtures().into_iter().map(|path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read(path).unwrap())
    });
    for (name, plain) in plain.chain([("wav".to_owned(), wav(0.2, 2))]) {
        let expected = read(&plain).unwrap();
        for (what, front, behind) in [
            ("ID3v2", id3v2(200), vec![]),
            ("two of them", [id3v2(200), id3v2(7)].concat(), vec![]),
            ("ID3v1", vec![], id3v1()),
            (
                "extended ID3v1",
                vec![],
                [b"TAG+".to_vec(), vec![b'y'; 223], id3v1()].concat(),
            ),
            ("APE", vec![], ape(true)),
            ("APE without header", vec![], ape(false)),
            ("APE and ID3v1", vec![], [ape(true), id3v1()].concat()),
            ("Lyrics3 and ID3v1", vec![], [lyrics(), id3v1()].concat()),
            (
                "APE, Lyrics3, ID3v1",
                id3v2(9),
                [ape(false), lyrics(), id3v1()].concat(),
            ),
            ("APE in front", ape(true)[..].to_vec(), vec![]),
            ("ID3v2.4 behind", vec![], id3v2_footer()),
        ] {
            // A tag of APE in front has its size without the header.
            let bytes = [&front[..], &plain, &behind].concat();
            match read(&bytes) {
                Ok(found) => assert!(found == expected, "{name} with {what}"),
                Err(why) => panic!("{name} with {what}: {why}"),
            }
        }
    }
    assert!(matches!(
        read(&[id3v2(9), id3v1()].concat()),
        Err(AudioFileError::Empty { .. })
    ));
}

#[test]
fn junk_around_an_mp3_is_skipped() {
    let plain = fs::read(fixture("tone.mp3")).unwrap();
    let expected = AudioFile::read(fixture("tone.mp3")).unwrap();
    // Zeros, text, and a picture full of bytes that look like headers.
    let mut random = 1_u32;
    let picture: Vec<u8> = (0..40_000)
        .flat_map(|_| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            [0xff, (random >> 24) as u8 | 0xe0, (random >> 16) as u8]
        })
        .collect();
    for junk in [vec![0; 5_000], b"not an mp3 yet ".repeat(99), picture] {
        assert!(read(&[&junk[..], &plain].concat()).unwrap() == expected);
        assert!(read(&[&plain[..], &junk].concat()).unwrap() == expected);
    }
}

/// Where in a wav a number of four bytes stands behind this mark.
fn size_behind(bytes: &[u8], mark: &[u8; 4]) -> usize {
    bytes.windows(4).position(|id| id == mark).unwrap() + 4
}

#[test]
fn wrong_sizes_in_a_header_do_not_hide_the_sound() {
    for name in ["riff-both-zero.wav", "riff-8-short.wav"] {
        assert_eq!(seconds(case(name)), 2.0, "{name}");
    }
    let plain = wav(0.5, 1);
    let expected = read(&plain).unwrap();
    let data = size_behind(&plain, b"data");
    let true_size = u32::from_le_bytes(plain[data..data + 4].try_into().unwrap());
    let riff = plain.len() as u32 - 8;
    for (what, riff, size) in [
        ("zero", 0, 0),
        ("ffmpeg to a pipe", u32::MAX, u32::MAX),
        ("SoX to a pipe", 0x7fff_f024, 0x7fff_f000),
        ("arecord to a pipe", 0x8000_0024, 0x8000_0000),
        ("8 short", riff - 8, true_size),
        ("both 8 short", riff - 8, true_size - 8),
        ("never put right", 36, 0),
        ("half, as after a crash", riff / 2, true_size / 2),
        ("too long", riff + 500, true_size),
        ("no form's size", 1, true_size),
    ] {
        let mut bytes = plain.clone();
        bytes[4..8].copy_from_slice(&riff.to_le_bytes());
        bytes[data..data + 4].copy_from_slice(&size.to_le_bytes());
        let found = read(&bytes).unwrap_or_else(|why| panic!("{what}: {why}"));
        assert!(found == expected, "{what}: {} frames", found.frames());
    }
    // Chunks behind the sound are none of it, whatever the form's size.
    for behind in [
        &b"LIST\x04\0\0\0INFO"[..],
        b"id3 \x03\0\0\0abc\0bext\x02\0\0\0hi",
        b"\0",
    ] {
        let bytes = [&plain[..], behind].concat();
        assert!(read(&bytes).unwrap() == expected);
    }

    let aiff = fs::read(fixture("tone.aiff")).unwrap();
    let expected = AudioFile::read(fixture("tone.aiff")).unwrap();
    let sound = size_behind(&aiff, b"SSND");
    for size in [0, u32::MAX, 1_000] {
        let mut bytes = aiff.clone();
        bytes[4..8].copy_from_slice(&0_u32.to_be_bytes());
        bytes[sound..sound + 4].copy_from_slice(&size.to_be_bytes());
        let found = read(&bytes).unwrap_or_else(|why| panic!("aiff, {size}: {why}"));
        assert!(found == expected, "aiff, {size}: {} frames", found.frames());
    }
}

#[test]
fn what_is_behind_a_damaged_place_is_read() {
    let whole = AudioFile::read(fixture("tone-alac.caf")).unwrap();
    let mut bytes = fs::read(fixture("tone-alac.caf")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0xff);
    let (_folder, path) = keep(bytes.len(), "damaged", &bytes);
    let mut reader = AudioReader::open(&path).unwrap();
    let (found, _why) = all(&mut reader);
    assert_eq!(found.len(), whole.frames(), "later sound stays at its time");
    let behind = whole.frames() - 2_000;
    assert_eq!(found[behind..], whole.channels[0][behind..]);
}
