//! A 32-bit-float wav, written block by block.
//!
//! The format is the plain one (tag 3): the extensible one would have to name loudspeakers, and would put mono at the front left.
//! Layout: mmreg.h, and EBU Tech 3306 for files that turn out larger than 32 bits can tell.

use std::{
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::{AudioFileError, source::STANDARD};
use crate::atomic_file::AtomicFile;

/// Bytes of a sample.
const SAMPLE: u64 = 4;

/// Bytes of the chunk that is set aside for 64-bit sizes, without its header.
const LONG_SIZES: u64 = 28;

/// Bytes behind the first chunk and in front of the samples: `fmt `, `fact` and the header of `data`.
const HEADERS: u64 = (8 + 18) + (8 + 4) + 8;

/// Writes a wav beside its place, which it takes when it is finished.
pub struct WavWriter {
    path: PathBuf,
    file: BufWriter<AtomicFile>,
    sample_rate: u32,
    channels: u16,
    frames: u64,
    /// Whether there is room for 64-bit sizes.
    roomy: bool,
}

impl WavWriter {
    /// Begins a wav; `frames` is how many are to be expected, if that's known. `-` is the standard output.
    ///
    /// # Errors
    /// [`AudioFileError::Write`]: the place can't be written to, or there is no channel or more than a wav has.
    pub fn create(
        path: impl AsRef<Path>,
        sample_rate: u32,
        channels: usize,
        frames: Option<u64>,
    ) -> Result<Self, AudioFileError> {
        let path = path.as_ref();
        let failed = |found: String| AudioFileError::Write {
            path: path.to_owned(),
            found,
        };
        let channels = match u16::try_from(channels) {
            Ok(count) if count > 0 => count,
            _ => return Err(failed(format!("{channels} channels"))),
        };
        let draft = if path.as_os_str() == STANDARD {
            standard_output().and_then(AtomicFile::into_stream)
        } else {
            AtomicFile::create(path)
        };
        let bytes = frames.map(|frames| frames.saturating_mul(u64::from(channels) * SAMPLE));
        let mut writer = Self {
            file: BufWriter::new(draft.map_err(|why| failed(why.to_string()))?),
            path: path.to_owned(),
            sample_rate,
            channels,
            frames: 0,
            // What was declared may be a little less than there is.
            roomy: bytes.is_none_or(|bytes| bytes > u64::from(u32::MAX / 2)),
        };
        let header = writer.header();
        let written = writer.file.write_all(&header);
        written.map_err(|why| writer.failed(&why))?;
        Ok(writer)
    }

    /// Appends a block, indexed by `[channel_idx][frame_idx]`.
    ///
    /// # Errors
    /// [`AudioFileError::Write`]: the channels are not as many as announced or differ in length, or the disk is full.
    pub fn write(&mut self, block: &[impl AsRef<[f32]>]) -> Result<(), AudioFileError> {
        let frames = block.first().map_or(0, |channel| channel.as_ref().len());
        if block.len() != usize::from(self.channels) {
            return Err(self.refused(format!("{} channels", block.len())));
        }
        if block.iter().any(|channel| channel.as_ref().len() != frames) {
            return Err(self.refused("the channels differ in length".to_owned()));
        }
        self.frames += frames as u64;
        if !self.roomy && self.is_long() {
            return Err(self.refused("more than the 4 GiB that were announced".to_owned()));
        }
        for frame in 0..frames {
            for channel in block {
                let sample = channel.as_ref().get(frame).copied().unwrap_or_default();
                let written = self.file.write_all(&sample.to_le_bytes());
                written.map_err(|why| self.failed(&why))?;
            }
        }
        Ok(())
    }

    /// Puts the wav in its place.
    ///
    /// # Errors
    /// [`AudioFileError::Write`]; the place then has what it had. [`AudioFileError::NobodyReads`] for a pipe.
    pub fn finish(mut self) -> Result<(), AudioFileError> {
        let header = self.header();
        let mut finish = || -> io::Result<()> {
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(&header)?;
            self.file.flush()
        };
        finish().map_err(|why| self.failed(&why))?;
        let Self { path, file, .. } = self;
        let placed = match file.into_inner() {
            Ok(draft) => draft.finish(),
            Err(why) => Err(why.into_error()),
        };
        placed.map_err(|why| failure(&path, &why))
    }

    fn data_bytes(&self) -> u64 {
        self.frames * u64::from(self.channels) * SAMPLE
    }

    /// Bytes behind the first header.
    fn riff_bytes(&self) -> u64 {
        let room = if self.roomy { 8 + LONG_SIZES } else { 0 };
        4 + room + HEADERS + self.data_bytes()
    }

    fn is_long(&self) -> bool {
        self.riff_bytes() > u64::from(u32::MAX)
    }

    /// All in front of the samples, for as many as there are now.
    fn header(&self) -> Vec<u8> {
        let long = self.is_long();
        // Sizes that don't fit stand in the chunk for long ones.
        let size = |value: u64| u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes();
        let mut header = Vec::new();
        header.extend(if long { b"RF64" } else { b"RIFF" });
        header.extend(size(self.riff_bytes()));
        header.extend(b"WAVE");
        if self.roomy {
            header.extend(if long { b"ds64" } else { b"JUNK" });
            header.extend(size(LONG_SIZES));
            for value in [self.riff_bytes(), self.data_bytes(), self.frames] {
                header.extend(value.to_le_bytes());
            }
            header.extend(0_u32.to_le_bytes());
        }
        let frame = u64::from(self.channels) * SAMPLE;
        header.extend(b"fmt ");
        header.extend(18_u32.to_le_bytes());
        header.extend(3_u16.to_le_bytes());
        header.extend(self.channels.to_le_bytes());
        header.extend(self.sample_rate.to_le_bytes());
        header.extend(size(u64::from(self.sample_rate) * frame));
        // Of more channels than that nobody reads the alignment.
        header.extend(u16::try_from(frame).unwrap_or(u16::MAX).to_le_bytes());
        header.extend(32_u16.to_le_bytes());
        header.extend(0_u16.to_le_bytes());
        header.extend(b"fact");
        header.extend(4_u32.to_le_bytes());
        header.extend(size(self.frames));
        header.extend(b"data");
        header.extend(size(self.data_bytes()));
        header
    }

    fn refused(&self, found: String) -> AudioFileError {
        AudioFileError::Write {
            path: self.path.clone(),
            found,
        }
    }

    fn failed(&self, why: &io::Error) -> AudioFileError {
        failure(&self.path, why)
    }
}

fn failure(path: &Path, why: &io::Error) -> AudioFileError {
    let path = path.to_owned();
    if why.kind() == io::ErrorKind::BrokenPipe {
        return AudioFileError::NobodyReads { path };
    }
    AudioFileError::Write {
        path,
        found: why.to_string(),
    }
}

#[cfg(unix)]
fn standard_output() -> io::Result<std::fs::File> {
    use std::os::fd::AsFd;
    Ok(io::stdout().as_fd().try_clone_to_owned()?.into())
}

#[cfg(windows)]
fn standard_output() -> io::Result<std::fs::File> {
    use std::os::windows::io::AsHandle;
    Ok(io::stdout().as_handle().try_clone_to_owned()?.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio_file::AudioFile;

    /// A wav that says that it has `frames` already.
    fn header(frames: u64, expected: Option<u64>) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("x.wav");
        let mut writer = WavWriter::create(place, 48_000, 2, expected).unwrap();
        writer.frames = frames;
        writer.header()
    }

    #[test]
    fn sizes_of_more_than_32_bits_have_a_place_of_their_own() {
        let short = header(10, Some(10));
        assert_eq!((&short[..4], &short[12..16]), (&b"RIFF"[..], &b"fmt "[..]));
        // Of unknown length, and short after all.
        let roomy = header(10, None);
        assert_eq!((&roomy[..4], &roomy[12..16]), (&b"RIFF"[..], &b"JUNK"[..]));
        let frames = 1 << 30;
        let long = header(frames, Some(frames));
        assert_eq!(
            (&long[..8], &long[12..16]),
            (&b"RF64\xff\xff\xff\xff"[..], &b"ds64"[..])
        );
        assert_eq!(long[28..36], (frames * 8).to_le_bytes());
        assert_eq!(long[36..44], frames.to_le_bytes());
        assert_eq!(long.len(), roomy.len(), "nothing moves when it gets long");
    }

    #[test]
    fn a_wav_of_unknown_length_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("x.wav");
        let mut writer = WavWriter::create(&place, 22_050, 1, None).unwrap();
        for block in [vec![0.25_f32; 3], vec![], vec![-0.5; 2]] {
            writer.write(&[block]).unwrap();
        }
        writer.finish().unwrap();
        let read = AudioFile::read(&place).unwrap();
        assert_eq!(read.channels, [[0.25, 0.25, 0.25, -0.5, -0.5]]);
    }
}
