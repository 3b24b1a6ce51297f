//! Sound files in and out: [`FORMATS`] are read, 32-bit-float wav is written.
//!
//! What is there is read to its end, whatever headers say; what is missing is told, never passed over: a user who measures or morphs
//! half a song should know it.
//!
//! - `source`: opening files and pipes
//! - `container`: where in a file the sound is, by its own frames, pages and chunks
//! - `packets`, `opus`, `flac_frames`: decoding, `guarded` against the library's panics
//! - `reading`: a file block by block, in a bounded amount of memory
//! - `wav_writer`: a wav block by block, which takes its place when it is whole

mod container;
mod error;
mod flac_frames;
mod guarded;
mod opus;
mod packets;
mod reading;
mod source;
mod view;
mod wav_writer;

use std::path::Path;

pub use error::{AudioFileError, FORMATS};
pub use reading::AudioReader;
pub use wav_writer::WavWriter;

/// Decoded audio: planar 32-bit float, nominally -1..1.
#[derive(Debug, Clone, PartialEq)]
pub struct AudioFile {
    /// Samples per second and channel, in Hz.
    pub sample_rate: u32,
    /// The samples, indexed by `[channel_idx][frame_idx]`. At least one channel; all channels have the same length.
    pub channels: Vec<Vec<f32>>,
}

impl AudioFile {
    /// Reads a whole file, told by its content and not by its name.
    ///
    /// # Errors
    /// Every variant of [`AudioFileError`] that is about reading. Part of a file is none: see [`AudioReader`] for that.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, AudioFileError> {
        let path = path.as_ref();
        let mut reader = AudioReader::open(path)?;
        let mut audio = Self {
            sample_rate: reader.sample_rate(),
            channels: vec![Vec::new(); reader.channel_count()],
        };
        while let Some(block) = reader.next_block()? {
            for (channel, samples) in audio.channels.iter_mut().zip(block) {
                if channel.try_reserve(samples.len()).is_err() {
                    return Err(AudioFileError::Memory {
                        path: path.to_owned(),
                        seconds: seconds(channel.len() as u64, audio.sample_rate),
                    });
                }
                channel.extend_from_slice(samples);
            }
        }
        Ok(audio)
    }

    /// Writes a 32-bit-float wav. A file of that name is replaced once the new one is whole.
    ///
    /// # Errors
    /// [`AudioFileError::Write`] when there is no channel, the channels differ in length or the system refuses.
    pub fn write_wav(&self, path: impl AsRef<Path>) -> Result<(), AudioFileError> {
        let (channels, frames) = (self.channels.len(), self.frames() as u64);
        let mut writer = WavWriter::create(path, self.sample_rate, channels, Some(frames))?;
        writer.write(&self.channels)?;
        writer.finish()
    }

    /// Length in frames, i.e. samples per channel.
    pub fn frames(&self) -> usize {
        self.channels.first().map_or(0, Vec::len)
    }

    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        seconds(self.frames() as u64, self.sample_rate)
    }
}

fn seconds(frames: u64, sample_rate: u32) -> f64 {
    frames as f64 / f64::from(sample_rate.max(1))
}
