//! Packets of a link, whatever its container.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read};

use symphonia::core::{
    audio::Channels,
    codecs::audio::{
        AudioCodecParameters, AudioDecoder, AudioDecoderOptions, well_known::CODEC_ID_OPUS,
    },
    errors::Error,
    formats::{FormatOptions, FormatReader, Track, TrackType, probe::Hint, well_known::*},
    io::MediaSourceStream,
    meta::MetadataOptions,
    packet::Packet,
    units::{Duration, Timestamp},
};

use super::{
    container::{Broken, Coding, Link, Pcm},
    flac_frames::FlacFrames,
    guarded::guarded,
    opus::{self, Opus},
    view::View,
};

/// Frames of bare samples that are decoded at a time.
const PCM_FRAMES: u64 = 1152;

/// Most channels that are decoded; Opus, which has the most, has 255.
const MOST_CHANNELS: usize = 255;

/// Most frames of a packet: twice the longest of any format.
const MOST_FRAMES: u64 = 1 << 17;

/// Frames of a full packet in the containers that the library reads by itself: ALAC's, the longest.
const FULL_PACKET: u64 = 4096;

/// Most packets that end on a page of an ogg, whose table has a byte for each.
const PAGE_PACKETS: usize = 255;

/// A link that is open: packets, and what decodes them.
pub(super) struct Packets {
    source: Source,
    decoder: Decoder,
    coding: Coding,
    cut: bool,
    /// What the container declares, in frames.
    declared: Option<u64>,
    /// Packets of an ogg that have been read to know whether the ends of those in front are to be cut off.
    ahead: VecDeque<Packet>,
    /// Whether an ogg has no further packet.
    no_more: bool,
    /// Frames of the decoder's output that are not to be heard, and then frames that are.
    edit: Option<(usize, Option<u64>)>,
    flac: FlacFrames,
}

enum Source {
    Pcm {
        view: View,
        layout: Pcm,
        position: u64,
    },
    Container(Box<dyn FormatReader>, Box<Track>),
}

enum Decoder {
    Library(Box<dyn AudioDecoder>),
    Opus(Opus),
}

impl Decoder {
    fn new(params: &AudioCodecParameters, gapless: bool, coding: &Coding) -> Result<Self, Error> {
        // Decoders set their memory aside by these, which a damaged header may say anything about.
        let channels = params.channels.as_ref().map_or(1, Channels::count);
        let frames = params.max_frames_per_packet.unwrap_or(0);
        if channels > MOST_CHANNELS || frames > MOST_FRAMES {
            return Err(Error::Unsupported(
                "more channels, or longer packets, than any format has",
            ));
        }
        if params.codec == CODEC_ID_OPUS {
            let header = params.extra_data.as_deref().unwrap_or_default();
            let opus = match coding {
                Coding::Mp4 { edit, .. } => Opus::in_mp4(header, edit.is_some()),
                _ => Opus::new(header),
            };
            return Ok(Self::Opus(opus?));
        }
        // Native flac has a hash of all its sound, and none of its container but for each frame.
        let options = AudioDecoderOptions::default()
            .gapless(gapless)
            .verify(matches!(coding, Coding::Flac { .. }));
        let codecs = symphonia::default::get_codecs();
        Ok(Self::Library(codecs.make_audio_decoder(params, &options)?))
    }
}

/// How a link ended.
pub(super) enum End {
    /// All that it declares is there.
    Whole,
    /// Less than that; the declared number of frames, if it's known.
    Short(Option<u64>),
    /// A page of an ogg is missing or damaged, or something else is wrong with it.
    Broken(Broken),
}

impl Packets {
    /// Opens a link.
    ///
    /// # Errors
    /// What isn't understood, or the system's complaint.
    pub fn open(link: Link) -> Result<Self, Error> {
        guarded(|| Self::open_unguarded(link))
    }

    fn open_unguarded(link: Link) -> Result<Self, Error> {
        let Link {
            view, coding, cut, ..
        } = link;
        if let Coding::Unread(why) = &coding {
            return Err(Error::Unsupported(why));
        }
        if let Coding::Pcm { layout, frames } = &coding {
            let mut params = AudioCodecParameters::new();
            params
                .for_codec(layout.codec)
                .with_sample_rate(layout.sample_rate)
                .with_channels(Channels::Discrete(layout.channels));
            let decoder = Decoder::new(&params, false, &coding)?;
            let declared = *frames;
            let source = Source::Pcm {
                view,
                layout: layout.clone(),
                position: 0,
            };
            return Ok(Self {
                source,
                decoder,
                coding,
                cut,
                declared,
                ahead: VecDeque::new(),
                no_more: false,
                edit: None,
                flac: FlacFrames::default(),
            });
        }

        let stream = MediaSourceStream::new(Box::new(view), Default::default());
        let format = symphonia::default::get_probe()
            .probe(
                &Hint::new(),
                stream,
                FormatOptions::default(),
                MetadataOptions::default(),
            )
            .map_err(|why| match why {
                Error::Unsupported(_) => Error::Unsupported("nothing in it looks like one"),
                why => why,
            })?;
        let track = format
            .default_track(TrackType::Audio)
            .ok_or(Error::Unsupported("no audio track in the container"))?
            .clone();
        let params = track
            .codec_params
            .as_ref()
            .and_then(|params| params.audio())
            .ok_or(Error::Unsupported("no codec parameters in the container"))?;
        // What an encoder has added is cut off where its header is about the whole file, and there is one.
        let gapless = match &coding {
            Coding::Mpeg { believed } => *believed && track.delay.is_some(),
            _ => format.format_info().format != FORMAT_ID_MP3,
        };
        let decoder = Decoder::new(params, gapless, &coding)?;
        let declared = match &coding {
            // The library estimates how long raw AAC is.
            Coding::Mpeg { believed: false } | Coding::Adts => None,
            // Ogg counts from the start of the stream that the file may be an excerpt of.
            Coding::Ogg { .. } => track.num_frames.map(|frames| {
                let start = track.start_ts.get() + i64::from(track.delay.unwrap_or(0));
                frames.saturating_add_signed(start.saturating_neg())
            }),
            // One in fragments says zero.
            _ => track.num_frames.filter(|frames| *frames > 0),
        };
        let edit = match &coding {
            Coding::Mp4 {
                edit: Some(edit), ..
            } => {
                let rate = f64::from(params.sample_rate.unwrap_or(0));
                let length = edit.length.map(|length| (length * rate).ceil() as u64);
                Some(((edit.skip * rate).round() as usize, length))
            }
            _ => None,
        };
        let declared = match edit {
            Some((_, Some(length))) => declared.map(|declared| declared.min(length)),
            _ => declared,
        };
        Ok(Self {
            source: Source::Container(format, Box::new(track)),
            decoder,
            coding,
            cut,
            declared,
            ahead: VecDeque::new(),
            no_more: false,
            edit,
            flac: FlacFrames::default(),
        })
    }

    /// How many frames the link declares, if it is known.
    pub fn declared(&self) -> Option<u64> {
        self.declared
    }

    /// Whether packets at the very beginning may be undecodable without anything being wrong: an mp3 that was cut out of a longer
    /// one starts with frames that refer to missing ones.
    pub fn may_stumble(&self) -> bool {
        matches!(self.coding, Coding::Mpeg { .. })
    }

    /// The next packet; `None` at the end.
    ///
    /// # Errors
    /// What the reader stumbled over; there are no packets beyond.
    pub fn next(&mut self) -> Result<Option<Packet>, Error> {
        match &mut self.source {
            Source::Pcm {
                view,
                layout,
                position,
            } => {
                let frame = layout.frame_bytes();
                let mut data = Vec::new();
                view.take(PCM_FRAMES * frame).read_to_end(&mut data)?;
                let frames = data.len() as u64 / frame;
                data.truncate((frames * frame) as usize);
                let start = Timestamp::from(i64::try_from(*position).unwrap_or(i64::MAX));
                *position += frames;
                Ok((frames > 0).then(|| Packet::new(0, start, Duration::from(frames), data)))
            }
            Source::Container(..) if matches!(self.coding, Coding::Ogg { .. }) => {
                self.next_of_ogg()
            }
            Source::Container(..) => {
                let packet = self.next_of_container()?;
                if let (Coding::Flac { .. }, Some(packet)) = (&self.coding, &packet) {
                    self.flac.add(packet);
                }
                Ok(packet)
            }
        }
    }

    /// Whether there should be another packet in front of the newest.
    pub fn is_behind_gap(&self) -> bool {
        self.flac.is_behind_gap()
    }

    fn next_of_container(&mut self) -> Result<Option<Packet>, Error> {
        let Source::Container(format, track) = &mut self.source else {
            return Ok(None);
        };
        loop {
            match guarded(|| format.next_packet()) {
                Ok(Some(packet)) if packet.track_id == track.id => return Ok(Some(packet)),
                Ok(Some(_)) => {}
                Ok(None) => return Ok(None),
                Err(Error::IoError(why)) if why.kind() == ErrorKind::UnexpectedEof => {
                    self.cut |= self.declared.is_none();
                    return Ok(None);
                }
                Err(why) => return Err(why),
            }
        }
    }

    /// The library cuts off the ends of packets wherever a page's clock is behind its sound. Only a stream's last page may be cut
    /// so (RFC 7845, section 4.4; the Vorbis I specification, section A.2): what has packets with nothing cut off behind it is whole.
    fn next_of_ogg(&mut self) -> Result<Option<Packet>, Error> {
        while !self.no_more
            && self.ahead.len() <= PAGE_PACKETS
            && (self.ahead.back()).is_none_or(|packet| packet.trim_end.get() > 0)
        {
            match self.next_of_container()? {
                Some(packet) => self.ahead.push_back(packet),
                None => self.no_more = true,
            }
        }
        let is_followed = self.ahead.len() > PAGE_PACKETS
            || self
                .ahead
                .back()
                .is_some_and(|packet| packet.trim_end.get() == 0);
        let mut packet = self.ahead.pop_front();
        if let Some(packet) = packet.as_mut().filter(|_| is_followed) {
            packet.dur = packet.dur.saturating_add(packet.trim_end);
            packet.trim_end = Duration::ZERO;
        }
        Ok(packet)
    }

    /// Decodes a packet into `block`, indexed by `[channel_idx][frame_idx]`; it may have no frame. Returns the rate, in Hz.
    ///
    /// # Errors
    /// When the packet can't be decoded; the next one may be.
    pub fn decode(&mut self, packet: &Packet, block: &mut Vec<Vec<f32>>) -> Result<u32, Error> {
        let rate = match &mut self.decoder {
            Decoder::Library(decoder) => guarded(|| {
                let buffer = decoder.decode(packet)?;
                buffer.copy_to_vecs_planar(block);
                Ok(buffer.spec().rate())
            })?,
            Decoder::Opus(decoder) => {
                decoder.decode(packet, block)?;
                opus::RATE
            }
        };
        if let Some((skip, left)) = &mut self.edit {
            let frames = block.first().map_or(0, Vec::len);
            let start = frames.min(*skip);
            *skip -= start;
            let rest = (frames - start) as u64;
            let kept = left.map_or(rest, |left| left.min(rest));
            if let Some(left) = left {
                *left -= kept;
            }
            for channel in block {
                channel.truncate(start + kept as usize);
                channel.drain(..start);
            }
        }
        Ok(rate)
    }

    /// The rate that the container declares, in Hz; 0 if it doesn't.
    pub fn declared_rate(&self) -> u32 {
        match &self.decoder {
            Decoder::Library(decoder) => decoder.codec_params().sample_rate.unwrap_or(0),
            Decoder::Opus(_) => opus::RATE,
        }
    }

    /// How many streams of sound run beside this one.
    pub fn beside(&self) -> usize {
        self.coding.beside()
    }

    /// Whether `frames` are all that the link has.
    pub fn end(&mut self, frames: u64) -> End {
        let short = match &self.coding {
            // The frames themselves have been counted.
            Coding::Mpeg { .. } | Coding::Adts => self.cut,
            // Each page has come, whatever the clock says: programs that cut and join let it jump.
            Coding::Ogg { broken: None, .. } => self.cut,
            Coding::Ogg {
                broken: Some(broken),
                ..
            } => return End::Broken(*broken),
            Coding::Flac { bytes } if self.declared.is_none() => self.flac.bytes() < *bytes,
            // Some count the last packet as if it were full.
            Coding::Mp4 { .. } | Coding::Other => {
                let least = |declared: u64| declared.saturating_sub(FULL_PACKET - 1);
                self.cut
                    || self
                        .declared
                        .is_some_and(|declared| frames < least(declared))
            }
            _ => self.cut || self.declared.is_some_and(|declared| frames < declared),
        };
        if short {
            return End::Short(self.declared.filter(|declared| frames < *declared));
        }
        if let Decoder::Library(decoder) = &mut self.decoder
            && decoder.finalize().verify_ok == Some(false)
        {
            return End::Broken(Broken {
                clock: 0,
                found: "its sound isn't what was encoded, by the hash in its header",
            });
        }
        End::Whole
    }
}
