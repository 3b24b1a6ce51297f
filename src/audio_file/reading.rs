//! A sound file, read block by block in a bounded amount of memory.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use symphonia::core::errors::Error;

use super::{
    AudioFileError,
    container::{self, Broken, Link, NoLink, Sound, Unread},
    packets::{End, Packets},
    source,
};

/// Most frames of silence that stand for a packet that can't be decoded: the longest that any of the formats has.
const LONGEST_PACKET: u64 = 65_536;

/// Reads a sound file from its beginning to its end, through the links of a joined one.
///
/// All that can be read is given; only then comes the error that says what is missing or damaged, so that whoever wants to may go on
/// with what there is.
pub struct AudioReader {
    path: PathBuf,
    links: std::vec::IntoIter<Link>,
    /// What is behind the last link.
    unread: Option<Unread>,
    link: Option<Packets>,
    /// Where in the file the link begins, in bytes.
    link_start: u64,
    sample_rate: u32,
    /// The present block, indexed by `[channel_idx][frame_idx]`; what the decoder gives at a time.
    block: Vec<Vec<f32>>,
    /// What a packet is decoded into, before its layout is looked at.
    decoded: Vec<Vec<f32>>,
    /// Whether the present block has not been given yet.
    fresh: bool,
    /// Read so far, of the whole file and of the link.
    frames: u64,
    link_frames: u64,
    expected: Option<u64>,
    /// How many streams of sound run beside the one that is read.
    beside: usize,
    /// The first thing that was wrong, for the end.
    wrong: Option<AudioFileError>,
}

impl AudioReader {
    /// Opens a sound file, told by its content and not by its name, and decodes its beginning. `-` is the standard input.
    ///
    /// # Errors
    /// Every variant of [`AudioFileError`] that is about reading; a file from which nothing can be read is one.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, AudioFileError> {
        let path = path.as_ref();
        let file = source::open(path)?;
        let Sound { links, unread } = container::sound(&file).map_err(|why| match why {
            NoLink::Io(source) => AudioFileError::Read {
                path: path.to_owned(),
                source,
            },
            NoLink::Unknown(found) => unknown(path, found),
            NoLink::Empty(found) => AudioFileError::Empty {
                path: path.to_owned(),
                found,
            },
            NoLink::NoIndex(found) => AudioFileError::NoIndex {
                path: path.to_owned(),
                found,
            },
        })?;
        let mut links = links.into_iter();
        let mut wrong = None;
        let first = match links.next().map(Packets::open).transpose() {
            Ok(first) => first,
            Err(why) if links.len() == 0 => return Err(refused(path, why)),
            Err(why) => {
                wrong = Some(AudioFileError::Damaged {
                    path: path.to_owned(),
                    at_seconds: 0.0,
                    read_seconds: 0.0,
                    found: why.to_string(),
                });
                None
            }
        };
        let expected = match (&first, links.len()) {
            (Some(first), 0) if unread.is_none() => first.declared(),
            _ => None,
        };
        let mut reader = Self {
            path: path.to_owned(),
            links,
            unread,
            link: first,
            link_start: 0,
            sample_rate: 0,
            block: Vec::new(),
            decoded: Vec::new(),
            fresh: false,
            frames: 0,
            link_frames: 0,
            expected,
            beside: 0,
            wrong,
        };
        reader.fresh = reader.fill();
        if reader.fresh {
            return Ok(reader);
        }
        Err(reader.wrong.unwrap_or(AudioFileError::Empty {
            path: reader.path,
            found: "0 frames",
        }))
    }

    /// Samples per second and channel, in Hz.
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// At least one.
    pub fn channel_count(&self) -> usize {
        self.block.len()
    }

    /// How many frames the file says that it has, if it says so.
    pub fn expected_frames(&self) -> Option<u64> {
        self.expected
    }

    /// Length of what has been read so far, in seconds.
    pub fn seconds(&self) -> f64 {
        self.seconds_at(self.frames)
    }

    /// The next frames, indexed by `[channel_idx][frame_idx]`, at least one in each channel; `None` at the end.
    ///
    /// # Errors
    /// What was wrong with the file, once, behind the last block.
    pub fn next_block(&mut self) -> Result<Option<&[Vec<f32>]>, AudioFileError> {
        if std::mem::take(&mut self.fresh) || self.fill() {
            return Ok(Some(&self.block));
        }
        match self.wrong.take() {
            Some(wrong) => Err(self.with_length(wrong)),
            None => Ok(None),
        }
    }

    fn seconds_at(&self, frames: u64) -> f64 {
        super::seconds(frames, self.sample_rate)
    }

    /// Messages tell how much was read in the end.
    fn with_length(&self, wrong: AudioFileError) -> AudioFileError {
        match wrong {
            AudioFileError::Damaged {
                path,
                at_seconds,
                found,
                ..
            } => AudioFileError::Damaged {
                path,
                at_seconds,
                read_seconds: self.seconds(),
                found,
            },
            other => other,
        }
    }

    fn damaged(&mut self, found: String) {
        self.damaged_at(self.frames, found);
    }

    /// Reading goes on behind what is damaged from that frame on.
    fn damaged_at(&mut self, frame: u64, found: String) {
        let damaged = AudioFileError::Damaged {
            path: self.path.clone(),
            at_seconds: self.seconds_at(frame),
            read_seconds: self.seconds(),
            found,
        };
        self.wrong.get_or_insert(damaged);
    }

    /// Decodes the next packet that has sound in it into the block; `false` at the end.
    fn fill(&mut self) -> bool {
        loop {
            let Some(link) = &mut self.link else {
                let Some(next) = self.links.next() else {
                    if let Some(Unread { start, found }) = self.unread.take() {
                        self.end_at(start, found);
                    }
                    self.tell_beside();
                    return false;
                };
                self.link_start = next.start;
                match Packets::open(next) {
                    Ok(open) => self.link = Some(open),
                    Err(why) => self.damaged(why.to_string()),
                }
                self.link_frames = 0;
                continue;
            };
            let packet = match link.next() {
                Ok(Some(packet)) => packet,
                Ok(None) => {
                    self.finish_link();
                    continue;
                }
                Err(why) => {
                    self.link = None;
                    self.damaged(why.to_string());
                    continue;
                }
            };
            let stumble = self.link_frames == 0 && link.may_stumble();
            let is_behind_gap = link.is_behind_gap();
            let decoded = link.decode(&packet, &mut self.decoded);
            if is_behind_gap {
                self.damaged("a frame is missing, or isn't what was written".to_owned());
            }
            match decoded {
                Ok(rate) => {
                    let planes = self.decoded.len();
                    if self.decoded.first().is_none_or(Vec::is_empty) {
                        continue;
                    }
                    if self.frames == 0 && rate > 0 {
                        self.sample_rate = rate;
                    } else if !self.fits(rate) {
                        self.change(rate, planes);
                        return false;
                    }
                    std::mem::swap(&mut self.block, &mut self.decoded);
                }
                // Nobody knows yet what layout the silence should have.
                Err(Error::DecodeError(_)) if stumble => continue,
                Err(why) => {
                    self.damaged(why.to_string());
                    let length = packet.dur.get().min(LONGEST_PACKET) as usize;
                    if self.frames == 0 || length == 0 {
                        continue;
                    }
                    for channel in &mut self.block {
                        channel.clear();
                        channel.resize(length, 0.0);
                    }
                }
            }
            let length = self.block.first().map_or(0, Vec::len) as u64;
            self.frames += length;
            self.link_frames += length;
            return true;
        }
    }

    /// Whether what has been decoded can go on behind the present block. A mono part of a stereo file is heard on both sides.
    fn fits(&mut self, rate: u32) -> bool {
        if let ([_, _], [mono]) = (&*self.block, &*self.decoded) {
            let other = mono.clone();
            self.decoded.push(other);
        }
        rate == self.sample_rate && self.decoded.len() == self.block.len()
    }

    /// Ends reading where the layout changes to `planes` channels at `rate`, in Hz.
    fn change(&mut self, rate: u32, planes: usize) {
        let channels = |count: usize| match count {
            1 => "1 channel".to_owned(),
            count => format!("{count} channels"),
        };
        let (before, after) = (channels(self.block.len()), channels(planes));
        if self.link_frames == 0 {
            let found = format!(
                "{after} at {rate} Hz, not {before} at {} Hz",
                self.sample_rate
            );
            self.end_at(self.link_start, found);
        } else {
            let changed = AudioFileError::Changed {
                path: self.path.clone(),
                read_seconds: self.seconds(),
                found: format!(
                    "{before} at {} Hz turn into {after} at {rate} Hz",
                    self.sample_rate
                ),
            };
            self.wrong.get_or_insert(changed);
        }
        self.link = None;
        self.links = Vec::new().into_iter();
        self.unread = None;
    }

    /// Reading ends in front of another file, which begins at `byte`.
    fn end_at(&mut self, byte: u64, mut found: String) {
        if let Some(AudioFileError::Truncated { .. }) = &self.wrong {
            self.wrong = None;
            found.push_str(", and the one in front of it is cut");
        }
        let joined = AudioFileError::Joined {
            path: self.path.clone(),
            read_seconds: self.seconds(),
            byte,
            found,
        };
        self.wrong.get_or_insert(joined);
    }

    fn tell_beside(&mut self) {
        let beside = std::mem::take(&mut self.beside);
        if beside > 0 {
            let parallel = AudioFileError::Parallel {
                path: self.path.clone(),
                read_seconds: self.seconds(),
                count: beside + 1,
            };
            self.wrong.get_or_insert(parallel);
        }
    }

    fn finish_link(&mut self) {
        let Some(mut link) = self.link.take() else {
            return;
        };
        self.beside = self.beside.max(link.beside());
        let declared = match link.end(self.link_frames) {
            End::Whole => return,
            End::Broken(Broken { clock, found }) => {
                let before = self.frames - self.link_frames;
                let at = before + clock.min(self.link_frames);
                self.damaged_at(at, found.to_owned());
                return;
            }
            End::Short(declared) => declared,
        };
        if self.links.len() > 0 {
            self.damaged("one of the files that were joined is cut there".to_owned());
            return;
        }
        let before = self.frames - self.link_frames;
        let rate = match self.sample_rate {
            0 => link.declared_rate(),
            rate => rate,
        };
        let truncated = AudioFileError::Truncated {
            path: self.path.clone(),
            read_seconds: super::seconds(self.frames, rate),
            declared_seconds: declared.map(|declared| super::seconds(before + declared, rate)),
        };
        self.wrong.get_or_insert(truncated);
    }
}

/// Why nothing can be read.
fn refused(path: &Path, why: Error) -> AudioFileError {
    match why {
        Error::IoError(why) if why.kind() == ErrorKind::UnexpectedEof => {
            AudioFileError::Truncated {
                path: path.to_owned(),
                read_seconds: 0.0,
                declared_seconds: None,
            }
        }
        Error::Unsupported(what) => unknown(path, what.to_owned()),
        why => unknown(path, why.to_string()),
    }
}

fn unknown(path: &Path, found: String) -> AudioFileError {
    AudioFileError::Unknown {
        path: path.to_owned(),
        found,
    }
}
