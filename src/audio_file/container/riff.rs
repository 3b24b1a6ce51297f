//! Chunks: wav, with 64-bit sizes, too, and aiff.
//!
//! Layouts: Microsoft's "Multimedia Programming Interface and Data Specifications 1.0" and mmreg.h for wav, EBU Tech 3306 for RF64,
//! ITU-R BS.2088 for BW64, Apple's "Audio Interchange File Format" 1.3 and its AIFF-C draft.

use std::{fs::File, io, ops::Range, sync::Arc};

use symphonia::core::codecs::audio::{AudioCodecId, well_known::*};

use super::{Coding, Link, NoLink, Part, joint, mark, mpeg};
use crate::audio_file::view::{Bytes, Piece, View};

/// Most bytes of a format chunk that are looked at.
const FORMAT: usize = 64;

/// Where sizes lie that a program writes before it knows them, to a pipe, say: SoX, arecord and mplayer take about half of what 32
/// bits hold, ffmpeg all of it.
const UNKNOWN: [Range<u64>; 2] = [0x7fff_0000..0x8000_0100, 0xffff_0000..0x1_0000_0000];

/// How bare samples lie: interleaved frames.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::audio_file) struct Pcm {
    pub codec: AudioCodecId,
    pub channels: u16,
    /// In Hz.
    pub sample_rate: u32,
    /// Bytes of a sample of one channel.
    pub sample_bytes: u16,
}

impl Pcm {
    /// Bytes of a frame, at least 1.
    pub fn frame_bytes(&self) -> u64 {
        (u64::from(self.channels) * u64::from(self.sample_bytes)).max(1)
    }
}

/// The wav that `sound` begins with.
pub(super) fn wave(file: &Arc<File>, bytes: &mut Bytes, sound: Range<u64>) -> Result<Part, NoLink> {
    let (mut format, mut long_size) = (None, None);
    let mut position = sound.start + 12;
    while let Some([a, b, c, d, size @ ..]) = chunk(bytes, position, &sound)? {
        let (body, size) = (position + 8, u64::from(u32::from_le_bytes(size)));
        match &[a, b, c, d] {
            b"ds64" => long_size = bytes.array::<8>(body + 8)?.map(u64::from_le_bytes),
            b"fmt " => format = Some(bytes.at(body, FORMAT.min(size as usize))?.to_vec()),
            b"data" => {
                let size = match long_size {
                    Some(long) if size == u64::from(u32::MAX) => long,
                    _ => size,
                };
                let format = format.ok_or_else(|| no("a wav without a format chunk"))?;
                let data = body..sound.end;
                if half(&format, 0) == Some(0x55) {
                    let mut part = mpeg::part(file, bytes, data)?
                        .ok_or_else(|| no("a wav of mp3 without a frame"))?;
                    if let Some(first) = part.links.first_mut() {
                        first.start = sound.start;
                    }
                    return Ok(part);
                }
                let layout = wave_format(&format)?;
                let length = Length::of(bytes, size, data, u32::from_le_bytes)?;
                return Ok(length.part(file, sound.start, layout));
            }
            _ => {}
        }
        position = body.saturating_add(size).saturating_add(size & 1);
    }
    Err(no("a wav without sound in it"))
}

/// The aiff that `sound` begins with.
pub(super) fn aiff(file: &Arc<File>, bytes: &mut Bytes, sound: Range<u64>) -> Result<Part, NoLink> {
    let (mut common, mut data) = (None, None);
    let mut position = sound.start + 12;
    let mut whole = sound.clone();
    while let Some([a, b, c, d, size @ ..]) = chunk(bytes, position, &whole)? {
        let (body, size) = (position + 8, u64::from(u32::from_be_bytes(size)));
        match &[a, b, c, d] {
            b"COMM" => common = Some(bytes.at(body, FORMAT.min(size as usize))?.to_vec()),
            b"SSND" => {
                let offset = bytes.array(body)?.map_or(0, u32::from_be_bytes);
                let skipped = 8 + u64::from(offset);
                let start = body.saturating_add(skipped).min(sound.end);
                let size = size.saturating_sub(skipped);
                let length = Length::of(bytes, size, start..sound.end, u32::from_be_bytes)?;
                whole.end = length.end;
                let last = size == 0 || length.declared.is_none();
                data = Some(length);
                if last {
                    break;
                }
            }
            _ => {}
        }
        position = body.saturating_add(size).saturating_add(size & 1);
    }
    let common = common.ok_or_else(|| no("an aiff without a common chunk"))?;
    let data = data.ok_or_else(|| no("an aiff without sound in it"))?;
    Ok(data.part(file, sound.start, aiff_format(&common)?))
}

/// The header of the chunk at `position`: its name and size.
fn chunk(bytes: &mut Bytes, position: u64, sound: &Range<u64>) -> io::Result<Option<[u8; 8]>> {
    if position.saturating_add(8) > sound.end || mark::at(bytes, position)?.is_some() {
        return Ok(None);
    }
    bytes.array(position)
}

/// How much sound there is, and how much there was said to be.
struct Length {
    /// Where it is.
    data: Range<u64>,
    /// In bytes, if what the header says can be believed.
    declared: Option<u64>,
    /// Where the file ends: behind the chunks that follow the sound.
    end: u64,
}

impl Length {
    /// `size` is what the header says of sound that begins with `data` and may reach to its end.
    fn of(
        bytes: &mut Bytes,
        size: u64,
        mut data: Range<u64>,
        number: fn([u8; 4]) -> u32,
    ) -> io::Result<Self> {
        let last = data.start.saturating_add(size);
        if last <= data.end
            && let Some(end) = chunks(bytes, last..data.end, size & 1 == 1, number)?
        {
            return Ok(Self {
                data: data.start..last,
                declared: Some(size),
                end,
            });
        }
        // The size is wrong, so that there may be another file in what seems to be the sound.
        if let Some((next, _, end)) = joint::inside(bytes, data.clone())? {
            data.end = end;
            if size > 0 && last < next && joint::is_empty(bytes, last..next)? {
                data.end = last;
            }
            return Ok(Self {
                declared: (last >= data.end && is_known(size)).then_some(size),
                data,
                end: next,
            });
        }
        Ok(Self {
            // What follows is no chunk, so it is more of the sound if that is shorter: the size was never put right.
            declared: (last > data.end && is_known(size)).then_some(size),
            end: data.end,
            data,
        })
    }

    fn part(self, file: &Arc<File>, start: u64, layout: Pcm) -> Part {
        let frames = self.declared.map(|size| size / layout.frame_bytes());
        let there = (self.data.end - self.data.start) / layout.frame_bytes();
        let link = Link {
            start,
            view: View::new(file.clone(), [Piece::File(self.data)]),
            coding: Coding::Pcm { layout, frames },
            cut: frames.is_some_and(|frames| there < frames),
        };
        Part {
            links: vec![link],
            end: self.end,
        }
    }
}

/// Whether a size was put into a header by a program that knew it.
fn is_known(size: u64) -> bool {
    !UNKNOWN.iter().any(|range| range.contains(&size))
}

/// Where the chunks that stand one behind the other in `range` end: with it, or where another file begins. `None` if there is
/// something else. Less than a chunk's header is filling. `odd` is whether a byte of filling should stand in front of them, which
/// some leave out.
fn chunks(
    bytes: &mut Bytes,
    range: Range<u64>,
    odd: bool,
    number: fn([u8; 4]) -> u32,
) -> io::Result<Option<u64>> {
    if odd && mark::at(bytes, range.start)?.is_some() {
        return Ok(Some(range.start));
    }
    let end = range.end;
    let mut position = range.start.saturating_add(u64::from(odd));
    while position.saturating_add(8) <= end {
        if mark::at(bytes, position)?.is_some() {
            return Ok(Some(position));
        }
        let next = match bytes.array::<8>(position)? {
            Some([a, b, c, d, size @ ..])
                if [a, b, c, d]
                    .iter()
                    .all(|letter| (b' '..=b'~').contains(letter)) =>
            {
                let size = u64::from(number(size));
                position.saturating_add(8 + size + (size & 1))
            }
            _ => u64::MAX,
        };
        // One that is cut itself is a chunk none the less, but the byte that fills an odd one may be missing.
        if next > end.saturating_add(7) {
            let next = joint::next(bytes, position..end)?;
            return Ok(match next {
                Some((next, _)) if joint::is_empty(bytes, position..next)? => Some(position),
                _ => None,
            });
        }
        position = next;
    }
    Ok(Some(position.min(end)))
}

fn no(what: &str) -> NoLink {
    NoLink::Unknown(what.to_owned())
}

fn half(bytes: &[u8], offset: usize) -> Option<u16> {
    let half = bytes.get(offset..offset + 2)?;
    half.try_into().ok().map(u16::from_le_bytes)
}

/// Reads a wav's format chunk.
fn wave_format(format: &[u8]) -> Result<Pcm, NoLink> {
    let field = |offset| half(format, offset).ok_or_else(|| no("a format chunk that is cut"));
    let (mut tag, channels, align, bits) = (field(0)?, field(2)?, field(12)?, field(14)?);
    let sample_rate = u32::from(field(4)?) | u32::from(field(6)?) << 16;
    if tag == 0xfffe {
        // Extensible: the true tag is the beginning of a GUID.
        tag = field(24)?;
    }
    if channels == 0 || sample_rate == 0 {
        return Err(NoLink::Unknown(format!(
            "{channels} channels at {sample_rate} Hz"
        )));
    }
    // Samples of any width are in the high bits of as many whole bytes as the alignment says.
    let whole = bits.div_ceil(8);
    let container = match align / channels {
        bytes if bytes >= whole && bytes * channels == align => bytes,
        _ => whole,
    };
    let (codec, sample_bytes) = match (tag, container) {
        (1, 1) => (CODEC_ID_PCM_U8, 1),
        (1, 2) => (CODEC_ID_PCM_S16LE, 2),
        (1, 3) => (CODEC_ID_PCM_S24LE, 3),
        (1, 4) => (CODEC_ID_PCM_S32LE, 4),
        (3, 4) => (CODEC_ID_PCM_F32LE, 4),
        (3, 8) => (CODEC_ID_PCM_F64LE, 8),
        (6, 1) => (CODEC_ID_PCM_ALAW, 1),
        (7, 1) => (CODEC_ID_PCM_MULAW, 1),
        _ => {
            return Err(NoLink::Unknown(format!(
                "a wav of coding {tag:#06x} with {bits} bits"
            )));
        }
    };
    Ok(Pcm {
        codec,
        channels,
        sample_rate,
        sample_bytes,
    })
}

/// Reads an aiff's common chunk.
fn aiff_format(common: &[u8]) -> Result<Pcm, NoLink> {
    let cut = || no("a common chunk that is cut");
    let field = |offset: usize| half(common, offset).map(u16::swap_bytes).ok_or_else(cut);
    let (channels, bits) = (field(0)?, field(6)?);
    let rate: [u8; 10] = common
        .get(8..18)
        .and_then(|rate| rate.try_into().ok())
        .ok_or_else(cut)?;
    let sample_rate = extended(rate).round() as u32;
    if channels == 0 || sample_rate == 0 {
        return Err(NoLink::Unknown(format!(
            "{channels} channels at {sample_rate} Hz"
        )));
    }
    let kind: [u8; 4] = common
        .get(18..22)
        .and_then(|kind| kind.try_into().ok())
        .unwrap_or(*b"NONE");
    let (codec, sample_bytes) = match (
        &kind.map(|letter| letter.to_ascii_lowercase()),
        bits.div_ceil(8),
    ) {
        (b"none" | b"twos" | b"sowt", 1) => (CODEC_ID_PCM_S8, 1),
        (b"none" | b"twos", 2) => (CODEC_ID_PCM_S16BE, 2),
        (b"none" | b"twos", 3) | (b"in24", _) => (CODEC_ID_PCM_S24BE, 3),
        (b"none" | b"twos", 4) | (b"in32", _) => (CODEC_ID_PCM_S32BE, 4),
        (b"sowt", 2) => (CODEC_ID_PCM_S16LE, 2),
        (b"sowt", 3) => (CODEC_ID_PCM_S24LE, 3),
        (b"sowt", 4) => (CODEC_ID_PCM_S32LE, 4),
        (b"raw ", 1) => (CODEC_ID_PCM_U8, 1),
        (b"fl32", _) => (CODEC_ID_PCM_F32BE, 4),
        (b"fl64", _) => (CODEC_ID_PCM_F64BE, 8),
        (b"alaw", _) => (CODEC_ID_PCM_ALAW, 1),
        (b"ulaw", _) => (CODEC_ID_PCM_MULAW, 1),
        _ => {
            return Err(NoLink::Unknown(format!(
                "an aiff of coding `{}` with {bits} bits",
                kind.escape_ascii()
            )));
        }
    };
    Ok(Pcm {
        codec,
        channels,
        sample_rate,
        sample_bytes,
    })
}

/// A positive IEEE 754 number of 80 bits; 0 if it is none.
fn extended(bytes: [u8; 10]) -> f64 {
    let [sign, exponent, mantissa @ ..] = bytes;
    let exponent = i32::from(sign & 0x7f) << 8 | i32::from(exponent);
    let value = u64::from_be_bytes(mantissa) as f64 * 2_f64.powi(exponent - 16_383 - 63);
    if sign < 0x80 && value.is_finite() {
        value
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_of_80_bits_are_read() {
        for (bytes, rate) in [
            ([0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0], 44_100.0),
            ([0x40, 0x0e, 0xbb, 0x80, 0, 0, 0, 0, 0, 0], 48_000.0),
            ([0x3f, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0], 1.0),
            ([0xff; 10], 0.0),
            ([0x7f; 10], 0.0),
            ([0; 10], 0.0),
        ] {
            assert_eq!(extended(bytes), rate);
        }
    }
}
