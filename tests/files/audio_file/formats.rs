//! Every format that is read, whole and by its content.

use super::*;
use moodring::audio_file::FORMATS;

/// A file of each format and coding, but wav.
pub fn fixtures() -> Vec<PathBuf> {
    TONES.iter().map(|(name, ..)| fixture(name)).collect()
}

/// Name, channels, and how many frames may be more than there were.
const TONES: [(&str, usize, usize); 12] = [
    ("tone.flac", 1, 0),
    ("tone-flac.oga", 1, 0),
    ("tone.mp3", 2, 0),
    ("tone.ogg", 2, 0),
    ("tone.aiff", 1, 0),
    ("tone-sowt.aifc", 1, 0),
    ("tone.caf", 1, 0),
    ("tone-alac.caf", 1, 0),
    ("tone-alac.m4a", 1, 0),
    ("tone-aac.m4a", 1, 30),
    ("tone.opus", 1, 0),
    // The same packets. An MP4's clock is a thousandth of a second here.
    ("tone-opus.mp4", 1, 48),
];

#[test]
fn every_format_in_the_list_is_read_whole() {
    for (name, channel_count, more) in TONES {
        let audio = AudioFile::read(fixture(name)).unwrap_or_else(|why| panic!("{why}"));
        // Opus knows one rate only.
        let rate = if name.contains("opus") {
            48_000
        } else {
            22_050
        };
        assert_eq!(audio.sample_rate, rate, "{name}");
        assert_eq!(audio.channels.len(), channel_count, "{name}");
        let frames = audio.frames();
        assert!(
            (rate as usize..=rate as usize + more).contains(&frames),
            "{name}: {frames} frames: encoder delay and padding are to be removed"
        );
        for channel in &audio.channels {
            let found = amplitude(&channel[..rate as usize], audio.sample_rate);
            assert!((found - 0.5).abs() < 0.03, "{name}: amplitude {found}");
        }
    }
    for word in [
        "wav", "RF64", "aiff", "caf", "flac", "mp3", "Vorbis", "Opus", "AAC", "ALAC",
    ] {
        assert!(FORMATS.contains(word), "{word}");
    }
}

#[test]
fn opus_is_the_same_in_an_mp4() {
    let read = |name: &str| AudioFile::read(fixture(name)).unwrap().channels.remove(0);
    let (ogg, mp4) = (read("tone.opus"), read("tone-opus.mp4"));
    // ffmpeg gives the same for both, too.
    assert_eq!(mp4[..ogg.len()], ogg);
}

/// A header in front of `data`: format tag, bits, bytes of a sample, and what a format chunk has behind that.
fn wav_of(tag: u16, bits: u16, sample: u16, behind: &[u8], data: &[u8]) -> Vec<u8> {
    let mut bytes = b"RIFF\0\0\0\0WAVEfmt ".to_vec();
    bytes.extend((16 + behind.len() as u32).to_le_bytes());
    for value in [tag, 1] {
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend(8_000_u32.to_le_bytes());
    bytes.extend((8_000 * u32::from(sample)).to_le_bytes());
    bytes.extend(sample.to_le_bytes());
    bytes.extend(bits.to_le_bytes());
    bytes.extend(behind);
    bytes.extend(b"data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    let riff = (bytes.len() as u32 - 8).to_le_bytes();
    bytes[4..8].copy_from_slice(&riff);
    bytes
}

#[test]
fn every_layout_of_a_wav_is_read() {
    let extensible = |sub: u16| {
        let mut behind = vec![22, 0, 16, 0, 4, 0, 0, 0];
        behind.extend(sub.to_le_bytes());
        behind.extend(*b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71");
        behind
    };
    let half_16 = 0x4000_i16.to_le_bytes();
    for (what, tag, bits, sample, behind, data) in [
        ("8 bits", 1, 8, 1, vec![], vec![0xc0]),
        ("16 bits", 1, 16, 2, vec![], half_16.to_vec()),
        (
            "an extension of odd length",
            1,
            16,
            2,
            vec![4, 0, 1, 2, 3, 4],
            half_16.to_vec(),
        ),
        ("12 bits in 16", 1, 12, 2, vec![], half_16.to_vec()),
        ("24 bits", 1, 24, 3, vec![], vec![0, 0, 0x40]),
        ("24 bits in 32", 1, 24, 4, vec![], vec![0, 0, 0, 0x40]),
        ("32 bits", 1, 32, 4, vec![], vec![0, 0, 0, 0x40]),
        (
            "float",
            3,
            32,
            4,
            vec![0, 0],
            0.5_f32.to_le_bytes().to_vec(),
        ),
        ("double", 3, 64, 8, vec![], 0.5_f64.to_le_bytes().to_vec()),
        ("extensible", 0xfffe, 16, 2, extensible(1), half_16.to_vec()),
        (
            "extensible float",
            0xfffe,
            32,
            4,
            extensible(3),
            0.5_f32.to_le_bytes().to_vec(),
        ),
    ] {
        let bytes = wav_of(tag, bits, sample, &behind, &data.repeat(3));
        let audio = read(&bytes).unwrap_or_else(|why| panic!("{what}: {why}"));
        assert_eq!(audio.sample_rate, 8_000, "{what}");
        assert_eq!(audio.channels, [vec![0.5; 3]], "{what}");
    }
    for (tag, bits, sample) in [(0x11, 4, 1), (1, 0, 0), (3, 16, 2), (0x161, 16, 2)] {
        let why = read(&wav_of(tag, bits, sample, &[], &[0; 64]))
            .unwrap_err()
            .to_string();
        assert!(why.contains("coding"), "{why}");
    }
}

#[test]
fn an_mp3_in_a_wav_is_read() {
    let mp3 = fs::read(fixture("tone.mp3")).unwrap();
    let audio = read(&wav_of(0x55, 0, 1, &[12, 0], &mp3)).unwrap();
    assert_eq!(audio, AudioFile::read(fixture("tone.mp3")).unwrap());
}

#[test]
fn sizes_of_64_bits_are_read() {
    // As EBU Tech 3306 has it: the true sizes in `ds64`, -1 where they don't fit.
    for mark in [b"RF64", b"BW64"] {
        let short = wav_of(1, 16, 2, &[], &[0, 0x40].repeat(1_000));
        let mut long = mark.to_vec();
        long.extend(b"\xff\xff\xff\xffWAVEds64");
        long.extend(28_u32.to_le_bytes());
        for size in [short.len() as u64 + 28, 2_000, 1_000] {
            long.extend(size.to_le_bytes());
        }
        long.extend(0_u32.to_le_bytes());
        long.extend(&short[12..]);
        let data = long.windows(4).position(|id| id == b"data").unwrap();
        long[data + 4..data + 8].fill(0xff);
        // What stands behind the sound is no sound.
        long.extend(b"LIST\x04\0\0\0INFO");
        assert_eq!(read(&long).unwrap().channels, [vec![0.5; 1_000]]);
        let cut = &long[..data + 8 + 1_000];
        let why = read(cut).unwrap_err().to_string();
        assert!(why.contains("truncated"), "{why}");
    }
}

#[test]
fn a_header_alone_takes_no_memory() {
    // The most that the fields hold, and hardly anything behind them.
    let mut bytes = wav_of(3, 64, 8, &[], &[1; 800]);
    bytes[22..24].fill(0xff);
    bytes[32..34].fill(0xff);
    let data = bytes.len() - 804;
    bytes[data..data + 4].copy_from_slice(&0xfff0_0000_u32.to_le_bytes());
    assert!(read(&bytes).is_err());
}
