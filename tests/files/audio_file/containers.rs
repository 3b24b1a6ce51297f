//! Files whose headers don't say what is in them: joined, tagged, streamed, cut.

use super::*;
use moodring::audio_file::AudioReader;

fn seconds(path: PathBuf) -> f64 {
    AudioFile::read(path)
        .unwrap_or_else(|why| panic!("{why}"))
        .seconds()
}

#[test]
fn joined_files_are_read_to_their_ends() {
    // As ffprobe and SoX have it: the header frame of the second half is a frame of silence.
    let joined = seconds(case("joined.mp3"));
    assert!((joined - 6.09).abs() < 0.005, "{joined}");
    let chained = seconds(case("chained.ogg"));
    assert!((chained - 6.0).abs() < 0.005, "{chained}");

    for (name, more) in [
        ("tone.flac", 0),
        ("tone.ogg", 0),
        ("tone.opus", 0),
        ("tone.mp3", 4_000),
    ] {
        let once = AudioFile::read(fixture(name)).unwrap();
        let bytes = fs::read(fixture(name)).unwrap();
        for times in [2, 3] {
            let audio = read(&bytes.repeat(times)).unwrap_or_else(|why| panic!("{name}: {why}"));
            let most = times * (once.frames() + more);
            assert!(
                (times * once.frames()..=most).contains(&audio.frames()),
                "{name}, {times} times: {} frames",
                audio.frames()
            );
        }
        // With tags at the link.
        let tagged = [&id3v2(200)[..], &bytes, &id3v1()].concat().repeat(2);
        let audio = read(&tagged).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert!(
            audio.frames() >= 2 * once.frames(),
            "{name}: {}",
            audio.frames()
        );
        // The end is the end of the second: nothing of a tag is heard.
        if more == 0 {
            let start = audio.frames() - once.frames();
            assert_eq!(audio.channels[0][start..], once.channels[0][..], "{name}");
        }
    }
}

#[test]
fn a_link_to_another_layout_is_where_reading_ends() {
    let (mono, stereo) = ("tone.flac", "tone.ogg");
    let ogg = fs::read(fixture(stereo)).unwrap();
    let mut flac = fs::read(fixture(mono)).unwrap();
    let rate = AudioFile::read(fixture(mono)).unwrap();
    let folder = TempDir::new().unwrap();
    // A flac at twice the rate: STREAMINFO's 20 bits of it are at 18.
    let other = [22_050_u32, 44_100].map(|rate| (rate << 12).to_be_bytes());
    assert_eq!(flac[18..20], other[0][..2]);
    let once = flac.clone();
    flac.extend(&once);
    let second = once.len() + 18;
    flac[second..second + 2].copy_from_slice(&other[1][..2]);
    flac[second + 2] = flac[second + 2] & 0x0f | other[1][2] & 0xf0;
    let path = folder.path().join("two rates.flac");
    fs::write(&path, &flac).unwrap();
    let (why, message) = error(&path);
    assert!(
        matches!(
            why,
            AudioFileError::Changed { .. } | AudioFileError::Damaged { .. }
        ),
        "{message}"
    );
    assert!(message.contains("1.00 s"), "{message}");
    let mut reader = AudioReader::open(&path).unwrap();
    assert_eq!(all(&mut reader).0, rate.channels[0]);
    // Two kinds of file in one: what is behind the first is none of it.
    let audio = read(&[ogg, once].concat()).unwrap();
    assert_eq!(audio, AudioFile::read(fixture(stereo)).unwrap());
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

fn id3v1() -> Vec<u8> {
    let mut tag = b"TAG".to_vec();
    tag.resize(128, b'x');
    tag
}

/// With a picture in it that looks like an mp3's frames.
fn id3v2(length: u8) -> Vec<u8> {
    let mut tag = vec![b'I', b'D', b'3', 3, 0, 0, 0, 0, length >> 7, length & 0x7f];
    tag.extend(
        [0xff, 0xfb, 0x90, 0x64]
            .iter()
            .cycle()
            .take(usize::from(length)),
    );
    tag
}

fn ape(header: bool) -> Vec<u8> {
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

fn lyrics() -> Vec<u8> {
    b"LYRICSBEGININD0000210LYR00003abc000032LYRICS200".to_vec()
}

fn id3v2_footer() -> Vec<u8> {
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
fn what_is_left_of_a_cut_file_is_given_before_it_is_told() {
    for (file, share) in [
        (fixture("tone.flac"), 0.7),
        (fixture("tone.mp3"), 0.7),
        (case("chained.ogg"), 0.3),
        (case("chained.ogg"), 0.9),
        (fixture("tone.aiff"), 0.7),
    ] {
        let whole = AudioFile::read(&file).unwrap();
        let bytes = fs::read(&file).unwrap();
        let length = (bytes.len() as f64 * share) as usize;
        let (_folder, path) = keep(length, "cut", &bytes);
        let mut reader =
            AudioReader::open(&path).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
        let (found, why) = all(&mut reader);
        let (file, Some(AudioFileError::Truncated { read_seconds, .. })) = (file.display(), &why)
        else {
            panic!("{}: {why:?}", file.display());
        };
        assert!(
            (0.2..0.95 * whole.seconds()).contains(read_seconds),
            "{file}: {read_seconds} s"
        );
        let seconds = found.len() as f64 / f64::from(whole.sample_rate);
        assert!((seconds - read_seconds).abs() < 1e-3, "{file}: {seconds} s");
        let same = found.len().min(whole.frames()) - 2_000;
        assert_eq!(found[..same], whole.channels[0][..same], "{file}");
    }
    let (_folder, path) = cut("tone.ogg", 0.7);
    let (why, message) = error(&path);
    assert!(matches!(why, AudioFileError::Truncated { .. }), "{message}");
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
