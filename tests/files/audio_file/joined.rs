//! Files one behind the other, as `cat` joins them.

use super::{
    containers::{ape, id3v1, id3v2},
    *,
};

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

/// The bytes of a file of each kind, by its name.
fn files() -> Vec<(String, Vec<u8>)> {
    let paths = formats::fixtures().into_iter();
    let files = paths.map(|path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read(path).unwrap())
    });
    let more = ["tone-fast.m4a", "tone-fragments.m4a"]
        .map(|name| (name.to_owned(), fs::read(fixture(name)).unwrap()));
    let wav = ("tone.wav".to_owned(), wav(1.0, 1));
    files.chain(more).chain([wav]).collect()
}

/// The kind of file that a name says: what one reader reads.
fn kind(name: &str) -> &str {
    match name.rsplit('.').next().unwrap() {
        "aifc" => "aiff",
        "opus" | "oga" => "ogg",
        kind => kind,
    }
}

#[test]
fn a_file_goes_on_at_the_next_one_of_its_kind() {
    let chunk = b"LIST\x04\0\0\0INFO".to_vec();
    for (name, bytes) in files() {
        let once = read(&bytes).unwrap();
        // Of an mp3 the parts have no ends of their own: see above.
        if kind(&name) == "mp3" {
            continue;
        }
        for (what, between) in [
            ("nothing", vec![]),
            ("ID3v1", id3v1()),
            ("ID3v2", id3v2(200)),
            ("APE and ID3v2", [ape(true), id3v2(99)].concat()),
            ("APE without header", ape(false)),
            ("zeros", vec![0; 500]),
            ("zeros and ID3v1", [vec![0; 500], id3v1()].concat()),
            ("a chunk", chunk.clone()),
        ] {
            // A flac's end is where the next begins, whatever is between.
            let is_wav = kind(&name) == "wav";
            if !is_wav && what == "a chunk" || kind(&name) == "flac" && what.contains("zeros") {
                continue;
            }
            let joined = [&bytes[..], &between, &bytes, &between, &bytes].concat();
            let audio = read(&joined).unwrap_or_else(|why| panic!("{name}, {what}: {why}"));
            let expected = once.channels[0].repeat(3);
            assert!(
                audio.channels[0] == expected,
                "{name}, {what}: {} frames, not {}",
                audio.frames(),
                expected.len()
            );
        }
    }
}

#[test]
fn joined_wavs_of_unknown_sizes_are_read_through() {
    let (first, second) = (wav(0.5, 1), wav(0.3, 1));
    let sine = sine(0.5, 1);
    for size in [u32::MAX, 0x7fff_f000, 0, 1_000] {
        let mut first = first.clone();
        let data = first.windows(4).position(|id| id == b"data").unwrap() + 4;
        first[data..data + 4].copy_from_slice(&size.to_le_bytes());
        first[4..8].copy_from_slice(&size.to_le_bytes());
        let audio = read(&[first, second.clone()].concat()).unwrap();
        let end = (0.3 * 22_050.0) as usize;
        let expected = [&sine.channels[0][..], &sine.channels[0][..end]].concat();
        assert!(audio.channels[0] == expected, "{size}: {}", audio.frames());
    }
}

#[test]
fn an_mp3_behind_a_wav_of_unknown_size_is_not_heard_as_noise() {
    let mut first = wav(0.5, 1);
    let data = first.windows(4).position(|id| id == b"data").unwrap() + 4;
    first[data..data + 4].fill(0xff);
    let mp3 = fs::read(fixture("tone.mp3")).unwrap();
    let joined = [&first[..], &id3v2(99), &mp3].concat();
    let (_folder, path) = keep(joined.len(), "joined", &joined);
    let (found, why) = all(&mut AudioReader::open(&path).unwrap());
    assert!(found == sine(0.5, 1).channels[0], "{}", found.len());
    assert!(
        matches!(why, Some(AudioFileError::Joined { .. })),
        "{why:?}"
    );
}

#[test]
fn raw_aac_goes_on_too() {
    let frames = fs::read(fixture("tone.aac")).unwrap();
    let once = read(&frames).unwrap();
    let twice = read(&[&frames[..], &id3v1(), &frames].concat()).unwrap();
    assert_eq!(twice.frames(), 2 * once.frames());
    for (behind, found) in [("tone.mp3", "an mp3"), ("tone.flac", "a flac")] {
        let joined = [&frames[..], &fs::read(fixture(behind)).unwrap()].concat();
        let (_folder, path) = keep(joined.len(), "joined", &joined);
        let (_, message) = error(&path);
        assert!(message.contains(found), "{message}");
    }
    let (_folder, path) = cut("tone.aac", 0.7);
    let (why, message) = error(&path);
    assert!(matches!(why, AudioFileError::Truncated { .. }), "{message}");
}

#[test]
fn a_file_of_another_kind_behind_is_told_and_not_heard() {
    for (name, first) in files() {
        let alone = read(&first).unwrap();
        for (other, second) in files() {
            if kind(&name) == kind(&other) {
                continue;
            }
            for between in [vec![], id3v1(), [vec![0; 99], id3v2(200)].concat()] {
                let joined = [&first[..], &between, &second].concat();
                let (_folder, path) = keep(joined.len(), "joined", &joined);
                let (found, why) = all(&mut AudioReader::open(&path).unwrap());
                let what = format!("{name}, {other}: {why:?}");
                assert!(found == alone.channels[0], "{what}: {}", found.len());
                let Some(AudioFileError::Joined {
                    read_seconds, byte, ..
                }) = why
                else {
                    panic!("{what}");
                };
                assert!((read_seconds - alone.seconds()).abs() < 1e-9, "{what}");
                let start = (first.len() + between.len()) as u64;
                // An mp3's sound begins behind its tag.
                let most = if kind(&other) == "mp3" { 100 } else { 0 };
                assert!((start..=start + most).contains(&byte), "{what}");
            }
        }
    }
}

#[test]
fn a_layout_that_does_not_fit_is_where_reading_ends() {
    let (stereo, mono) = (wav(0.5, 2), wav(0.5, 1));
    let mut other_rate = wav(0.5, 2);
    other_rate[24..28].copy_from_slice(&44_100_u32.to_le_bytes());
    let file = |name| fs::read(fixture(name)).unwrap();
    for (first, second, words) in [
        (
            &mono,
            &stereo,
            "2 channels at 22050 Hz, not 1 channel at 22050 Hz",
        ),
        (
            &stereo,
            &other_rate,
            "2 channels at 44100 Hz, not 2 channels at 22050 Hz",
        ),
        (
            &file("tone.ogg"),
            &file("tone.opus"),
            "1 channel at 48000 Hz, not 2 channels at 22050 Hz",
        ),
        (
            &file("tone.mp3"),
            &file("tone-16k.mp3"),
            "2 channels at 16000 Hz",
        ),
        (
            &file("tone-mono.mp3"),
            &file("tone.mp3"),
            "2 channels at 22050 Hz, not 1",
        ),
    ] {
        let alone = read(first).unwrap();
        let joined = [&first[..], second].concat();
        let (_folder, path) = keep(joined.len(), "joined", &joined);
        let (found, why) = all(&mut AudioReader::open(&path).unwrap());
        let Some(why @ AudioFileError::Joined { byte, .. }) = why else {
            panic!("{words}: {why:?}");
        };
        assert!(found == alone.channels[0], "{words}: {}", found.len());
        let start = first.len() as u64;
        assert!((start..start + 100).contains(&byte), "{words}: {byte}");
        assert!(why.to_string().contains(words), "{why}");
    }
}

#[test]
fn a_mono_part_of_a_stereo_file_is_heard_on_both_sides() {
    let (stereo, mono) = (fixture("tone.mp3"), fixture("tone-mono.mp3"));
    let [stereo, mono] = [stereo, mono].map(|path| fs::read(path).unwrap());
    let joined = [&stereo[..], &mono, &stereo].concat();
    let audio = read(&joined).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(audio.channels.len(), 2);
    assert!((3.0..3.4).contains(&audio.seconds()), "{}", audio.seconds());
    // In every tenth of a second but those at the links.
    for channel in &audio.channels {
        let silent = channel
            .chunks_exact(2_205)
            .filter(|tenth| amplitude(tenth, audio.sample_rate) < 0.4);
        assert!(silent.count() <= 4);
    }

    let (stereo, mono) = (wav(0.5, 2), wav(0.3, 1));
    let audio = read(&[&stereo[..], &mono, &stereo].concat()).unwrap();
    assert_eq!(audio.seconds(), 1.3);
    assert!(audio.channels[0] == audio.channels[1]);
}

#[test]
fn chained_opus_is_read_to_its_end() {
    // One second at 0.5 and half a second at 0.25, in two streams.
    let audio = AudioFile::read(fixture("tone-chained.opus")).unwrap();
    assert_eq!(audio.frames(), 72_000);
    let [loud, soft] = [2_000..46_000, 50_000..70_000]
        .map(|range| amplitude(&audio.channels[0][range], audio.sample_rate));
    assert!((loud - 0.5).abs() < 0.03, "{loud}");
    assert!((soft - 0.25).abs() < 0.03, "{soft}");
}

#[test]
fn a_cut_file_does_not_go_on_in_the_one_behind_it() {
    for (name, bytes) in files() {
        // Of these the index is missing, or nothing says that they are cut, or the first page of sound is.
        if [
            "tone-aac.m4a",
            "tone-alac.m4a",
            "tone-alac.caf",
            "tone.flac",
            "tone.ogg",
            "tone.opus",
            "tone-flac.oga",
        ]
        .contains(&&*name)
        {
            continue;
        }
        let whole = read(&bytes).unwrap();
        let cut = &bytes[..bytes.len() * 6 / 10];
        let long = wav(3.0, 1);
        for (what, behind) in [
            ("itself", &bytes),
            ("a short wav", &wav(0.01, 1)),
            ("a wav", &long),
        ] {
            let joined = [cut, behind].concat();
            let (_folder, path) = keep(joined.len(), "joined", &joined);
            let (found, why) = all(&mut AudioReader::open(&path).unwrap());
            let seconds = found.len() as f64 / f64::from(whole.sample_rate);
            let of_wav = kind(&name) == "wav";
            let (least, most) = match what {
                "itself" => (1.4, 1.75),
                "a wav" if of_wav => (3.5, 3.65),
                _ => (0.4, 0.7),
            };
            assert!(
                (least..most).contains(&seconds),
                "{name}, {what}: {seconds} s, {why:?}"
            );
            // An mp3's header frame counts more frames than there are, or fewer.
            if kind(&name) == "mp3" {
                continue;
            }
            let same = (0.4 * f64::from(whole.sample_rate)) as usize;
            assert!(found[..same] == whole.channels[0][..same], "{name}, {what}");
            assert!(why.is_some(), "{name}, {what}");
        }
    }
    for name in ["tone.ogg", "tone.opus", "tone-flac.oga"] {
        let bytes = fs::read(fixture(name)).unwrap();
        let joined = [&bytes[..bytes.len() * 6 / 10], &bytes].concat();
        let (_folder, path) = keep(joined.len(), "joined", &joined);
        let (found, why) = all(&mut AudioReader::open(&path).unwrap());
        assert!(found == read(&bytes).unwrap().channels[0], "{name}");
        assert!(why.is_some(), "{name}");
    }
}
