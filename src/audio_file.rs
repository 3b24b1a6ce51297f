//! Audio files in and out: wav, flac, mp3 and ogg (Vorbis) are read, 32-bit-float wav is written.
//!
//! A file that can't be read whole is an error, never a shorter result: a user who measures or morphs half a song
//! should know it.

use std::fs::File;
use std::path::{Path, PathBuf};

use symphonia::core::audio::GenericAudioBufferRef;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::formats::well_known::{FORMAT_ID_MP3, FORMAT_ID_OGG, FORMAT_ID_WAVE};
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType, probe::Hint};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

/// How many frames an mp3 may fall short of its header: one MPEG frame, since encoders disagree on whether the header's
/// own frame counts.
const MP3_TOLERANCE_FRAMES: u64 = 1152;

/// Decoded audio: planar 32-bit float, nominally -1..1.
#[derive(Debug, Clone, PartialEq)]
pub struct AudioFile {
    /// Samples per second and channel, in Hz.
    pub sample_rate: u32,
    /// The samples, indexed by `[channel_idx][frame_idx]`. At least one channel; all channels have the same length.
    pub channels: Vec<Vec<f32>>,
}

/// Why a file could not be read or written. Each message is one line: the file, what was found, what to do.
#[derive(Debug, thiserror::Error)]
pub enum AudioFileError {
    /// The path can't be opened.
    #[error("{}: can't be opened ({source}); check the path and its permissions", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The content is none of the formats that are read.
    #[error("{}: not a readable wav, flac, mp3 or ogg (Vorbis) file ({found}); convert it to wav first", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What the reader stumbled over.
        found: String,
    },
    /// A well-formed file without a single frame of audio.
    #[error("{}: holds no audio ({found}); export it again", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
        /// What is missing.
        found: &'static str,
    },
    /// The audio ends before the file says that it does.
    #[error("{}: truncated, {read_seconds:.2} s could be read {}; get a complete copy", path.display(), of_declared(*declared_seconds))]
    Truncated {
        /// The file.
        path: PathBuf,
        /// How much could be decoded, in seconds.
        read_seconds: f64,
        /// How much the file declares, in seconds, if it does.
        declared_seconds: Option<f64>,
    },
    /// Undecodable data, or a change of layout, within the stream.
    #[error("{}: damaged {read_seconds:.2} s into the audio ({found}); get an intact copy", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How much could be decoded, in seconds.
        read_seconds: f64,
        /// What the decoder stumbled over.
        found: String,
    },
    /// The wav could not be written.
    #[error("{}: can't be written ({found}); check the folder, its permissions and the free space", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system or the encoder said.
        found: String,
    },
}

fn of_declared(declared_seconds: Option<f64>) -> String {
    match declared_seconds {
        Some(seconds) => format!("of the {seconds:.2} s that its header declares"),
        None => "and its end mark is missing".to_owned(),
    }
}

impl AudioFile {
    /// Reads a whole wav, flac, mp3 or ogg (Vorbis) file, told apart by content, not by name.
    ///
    /// # Errors
    /// Every variant of [`AudioFileError`] but `Write`.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, AudioFileError> {
        let path = path.as_ref();
        let mut format = probe(path)?;
        let unknown = |found: String| AudioFileError::Unknown {
            path: path.to_owned(),
            found,
        };

        let track = format
            .default_track(TrackType::Audio)
            .ok_or_else(|| unknown("no audio track in the container".to_owned()))?
            .clone();
        // symphonia drops the end of such a file, and nobody could tell whether it is complete.
        if track.num_frames.is_none() && format.format_info().format == FORMAT_ID_WAVE {
            return Err(unknown(
                "a wav that was written to a pipe and doesn't say how long it is".to_owned(),
            ));
        }
        let params = track
            .codec_params
            .as_ref()
            .and_then(|params| params.audio())
            .ok_or_else(|| unknown("no codec parameters in the container".to_owned()))?;
        // Of an mp3 without a header frame symphonia would cut off what exceeds its own estimate of the length.
        let trim = format.format_info().format != FORMAT_ID_MP3 || track.delay.is_some();
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(params, &AudioDecoderOptions::default().gapless(trim))
            .map_err(|error| unknown(error.to_string()))?;

        decode(path, format.as_mut(), &track, decoder)
    }

    /// Writes a 32-bit-float wav, replacing a file of that name.
    ///
    /// # Errors
    /// [`AudioFileError::Write`] when there is no channel, the channels differ in length, the result would exceed
    /// wav's 4 GiB, or the system refuses.
    pub fn write_wav(&self, path: impl AsRef<Path>) -> Result<(), AudioFileError> {
        let path = path.as_ref();
        let failed = |found: String| AudioFileError::Write {
            path: path.to_owned(),
            found,
        };

        let frames = self.frames();
        if self.channels.iter().any(|channel| channel.len() != frames) {
            return Err(failed("the channels differ in length".to_owned()));
        }
        let channel_count = match u16::try_from(self.channels.len()) {
            Ok(count) if count > 0 => count,
            _ => return Err(failed(format!("{} channels", self.channels.len()))),
        };
        // hound counts bytes in 32 bits and doesn't check; the header needs a little room too.
        if frames as u64 * u64::from(channel_count) * 4 > u64::from(u32::MAX) - 1024 {
            return Err(failed("more than the 4 GiB that a wav can hold".to_owned()));
        }

        let spec = hound::WavSpec {
            channels: channel_count,
            sample_rate: self.sample_rate,
            bits_per_sample: 32,
            sample_format: hound::SampleFormat::Float,
        };
        let write = || -> hound::Result<()> {
            let mut writer = hound::WavWriter::create(path, spec)?;
            for frame in 0..frames {
                for channel in &self.channels {
                    writer.write_sample(channel.get(frame).copied().unwrap_or_default())?;
                }
            }
            writer.finalize()
        };
        write().map_err(|error| failed(error.to_string()))
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

/// Opens the file and finds the container format by its content.
fn probe(path: &Path) -> Result<Box<dyn FormatReader>, AudioFileError> {
    let open_error = |source| AudioFileError::Open {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(open_error)?;
    let metadata = file.metadata().map_err(open_error)?;
    if metadata.is_dir() {
        return Err(open_error(std::io::ErrorKind::IsADirectory.into()));
    }
    if metadata.len() == 0 {
        return Err(AudioFileError::Empty {
            path: path.to_owned(),
            found: "0 bytes long",
        });
    }

    symphonia::default::get_probe()
        .probe(
            &Hint::new(),
            MediaSourceStream::new(Box::new(file), Default::default()),
            FormatOptions::default(),
            MetadataOptions::default(),
        )
        .map_err(|error| AudioFileError::Unknown {
            path: path.to_owned(),
            found: error.to_string(),
        })
}

/// Decodes every packet of `track` and checks the result against what the container declares.
fn decode(
    path: &Path,
    format: &mut dyn FormatReader,
    track: &Track,
    mut decoder: Box<dyn AudioDecoder>,
) -> Result<AudioFile, AudioFileError> {
    let mut audio = AudioFile {
        sample_rate: 0,
        channels: Vec::new(),
    };
    let mut cut_off = false;
    loop {
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            Err(SymphoniaError::IoError(error))
                if error.kind() == std::io::ErrorKind::UnexpectedEof =>
            {
                cut_off = true;
                break;
            }
            Err(error) => return Err(damaged(path, &audio, error.to_string())),
        };
        if packet.track_id != track.id {
            continue;
        }
        match decoder.decode(&packet) {
            Ok(buffer) => append(path, &mut audio, &buffer)?,
            // An mp3 that was cut out of a longer one starts with frames that refer to missing ones.
            Err(SymphoniaError::DecodeError(_)) if audio.frames() == 0 => {}
            Err(error) => return Err(damaged(path, &audio, error.to_string())),
        }
    }

    let frames = audio.frames() as u64;
    let format_id = format.format_info().format;
    let truncated = match track.num_frames {
        // Without a header frame, symphonia estimates an mp3's length from the file's size: no evidence.
        Some(_) if format_id == FORMAT_ID_MP3 && track.delay.is_none() => cut_off,
        Some(declared) if format_id == FORMAT_ID_MP3 => frames + MP3_TOLERANCE_FRAMES < declared,
        // Ogg counts from the start of the stream that the file may be an excerpt of.
        Some(declared) if format_id == FORMAT_ID_OGG => {
            let start = track.start_ts.get() + i64::from(track.delay.unwrap_or(0));
            frames < declared.saturating_add_signed(start.saturating_neg())
        }
        Some(declared) => frames < declared,
        // An ogg declares its length by the end mark on its last page.
        None => format_id == FORMAT_ID_OGG,
    };
    if truncated {
        let sample_rate = declared_rate(track).unwrap_or(audio.sample_rate);
        return Err(AudioFileError::Truncated {
            path: path.to_owned(),
            read_seconds: seconds(frames, sample_rate),
            declared_seconds: track
                .num_frames
                .map(|declared| seconds(declared, sample_rate)),
        });
    }
    if frames == 0 {
        return Err(AudioFileError::Empty {
            path: path.to_owned(),
            found: "0 frames",
        });
    }
    Ok(audio)
}

fn declared_rate(track: &Track) -> Option<u32> {
    track.codec_params.as_ref()?.audio()?.sample_rate
}

fn damaged(path: &Path, audio: &AudioFile, found: String) -> AudioFileError {
    AudioFileError::Damaged {
        path: path.to_owned(),
        read_seconds: audio.seconds(),
        found,
    }
}

/// Appends one packet's frames; the first one fixes the sample rate and the number of channels.
fn append(
    path: &Path,
    audio: &mut AudioFile,
    buffer: &GenericAudioBufferRef<'_>,
) -> Result<(), AudioFileError> {
    let rate = buffer.spec().rate();
    let planes = buffer.num_planes();
    if audio.channels.is_empty() {
        if rate == 0 || planes == 0 {
            return Err(AudioFileError::Unknown {
                path: path.to_owned(),
                found: format!("{planes} channels at {rate} Hz"),
            });
        }
        audio.sample_rate = rate;
        audio.channels = vec![Vec::new(); planes];
    } else if rate != audio.sample_rate || planes != audio.channels.len() {
        let found = format!(
            "{} channels at {} Hz turn into {planes} at {rate} Hz",
            audio.channels.len(),
            audio.sample_rate
        );
        return Err(damaged(path, audio, found));
    }

    let mut packet: Vec<Vec<f32>> = Vec::new();
    buffer.copy_to_vecs_planar(&mut packet);
    for (channel, samples) in audio.channels.iter_mut().zip(&packet) {
        channel.extend_from_slice(samples);
    }
    Ok(())
}
