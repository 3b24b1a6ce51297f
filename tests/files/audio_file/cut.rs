//! Files that end before their sound does.

use super::*;

#[test]
fn what_is_left_of_a_cut_file_is_given_before_it_is_told() {
    for (file, share) in [
        (fixture("tone.flac"), 0.7),
        (fixture("tone.mp3"), 0.7),
        (case("chained.ogg"), 0.3),
        (case("chained.ogg"), 0.9),
        (fixture("tone.aiff"), 0.7),
        (fixture("tone.caf"), 0.7),
        // The index first.
        (fixture("tone-fast.m4a"), 0.6),
        // Two seconds at 8 kHz.
        (fixture("tone-alac-fast.m4a"), 0.6),
        // In the sound of a fragment, in the header of one, and between the two.
        (fixture("tone-fragments.m4a"), 0.6),
        (fixture("tone-fragments.m4a"), 0.56),
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

/// The positions of this mark.
fn positions(bytes: &[u8], mark: &[u8]) -> Vec<usize> {
    let windows = bytes.windows(mark.len()).enumerate();
    windows
        .filter(|(_, at)| *at == mark)
        .map(|(at, _)| at)
        .collect()
}

#[test]
fn an_m4a_in_fragments_is_read_up_to_the_last_whole_packet() {
    let whole = AudioFile::read(fixture("tone-fragments.m4a")).unwrap();
    let bytes = fs::read(fixture("tone-fragments.m4a")).unwrap();
    let headers = positions(&bytes, b"moof");
    assert_eq!(headers.len(), 4);
    // Within the header of a fragment: what is in front of it is all there, and that something is missing is known.
    for (index, header) in headers.iter().enumerate().skip(1) {
        for behind in [5, 60, 119] {
            let (_folder, path) = keep(header + behind, "cut", &bytes);
            let (found, why) = all(&mut AudioReader::open(&path).unwrap());
            assert!(
                matches!(why, Some(AudioFileError::Truncated { .. })),
                "{why:?}"
            );
            let share = found.len() as f64 / whole.frames() as f64;
            let fragments = index as f64 / headers.len() as f64;
            assert!((share - fragments).abs() < 0.06, "{index}: {share}");
            assert_eq!(found, whole.channels[0][..found.len()]);
        }
    }
    // Behind the sound nothing that is missing is sound.
    let index = positions(&bytes, b"mfra")[0];
    for length in [index - 4, index + 50] {
        assert!(read(&bytes[..length]).unwrap() == whole);
    }
}

#[test]
fn an_m4a_or_caf_that_was_cut_before_its_index_says_so() {
    for (name, index) in [
        ("tone-aac.m4a", "moov"),
        ("tone-alac.m4a", "moov"),
        ("tone-alac.caf", "pakt"),
    ] {
        let bytes = fs::read(fixture(name)).unwrap();
        let place = positions(&bytes, index.as_bytes())[0];
        for length in [bytes.len() / 2, place - 4, place + 30] {
            let (_folder, path) = keep(length, name, &bytes);
            let (why, message) = error(&path);
            assert!(matches!(why, AudioFileError::NoIndex { .. }), "{message}");
            for words in ["index", index, "complete copy"] {
                assert!(message.contains(words), "{message}");
            }
        }
    }
}
