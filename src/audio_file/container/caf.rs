//! CAF: chunks (Apple's "Core Audio Format Specification 1.0"). The decoding library reads what is in them.

use std::{fs::File, io, ops::Range, sync::Arc};

use super::{Coding, Link, NoLink, Part, joint, mark};
use crate::audio_file::view::{Bytes, Piece, View};

/// Bytes of a chunk's header: its name and size.
const HEADER: u64 = 12;

/// The CAF that `sound` begins with.
pub(super) fn part(file: &Arc<File>, bytes: &mut Bytes, sound: Range<u64>) -> Result<Part, NoLink> {
    let mut needs_table = false;
    let mut has_table = false;
    let mut data = None;
    let mut end = sound.start.saturating_add(8).min(sound.end);
    while let Some(chunk) = Chunk::at(bytes, end, sound.end)? {
        match &chunk.kind {
            b"desc" => needs_table = has_variable_packets(bytes, chunk.start)?,
            b"pakt" if chunk.missing == 0 => has_table = true,
            b"data" if data.is_none() => {
                end = chunk.end;
                data = Some(chunk);
                continue;
            }
            _ if chunk.missing > 0 => break,
            _ => {}
        }
        end = chunk.end;
    }
    let mut data = data.ok_or_else(|| NoLink::Unknown("a caf without sound in it".to_owned()))?;
    if (data.missing > 0 || joint::is_junk(bytes, end..sound.end)?)
        && let Some((next, ..)) = joint::inside(bytes, data.start..data.end)?
    {
        data.missing += data.end - next;
        data.end = next;
        end = next;
    }
    if needs_table && !has_table {
        return Err(NoLink::NoIndex(
            "the chunk `pakt`, which many programs write last of all",
        ));
    }
    let size = (data.end - data.start).to_be_bytes().to_vec();
    let link = Link {
        start: sound.start,
        // The decoding library takes no data chunk that is cut, or that doesn't know its own size.
        view: View::new(
            file.clone(),
            [
                Piece::File(sound.start..data.start - 8),
                Piece::Bytes(size),
                Piece::File(data.start..end),
            ],
        ),
        coding: Coding::Other,
        cut: data.missing > 0,
    };
    Ok(Part {
        links: vec![link],
        end,
    })
}

/// Whether a description says that packets differ in length, in bytes or in frames.
fn has_variable_packets(bytes: &mut Bytes, description: u64) -> io::Result<bool> {
    let lengths = [
        bytes.array(description + 16)?,
        bytes.array(description + 20)?,
    ];
    Ok(lengths.contains(&Some([0; 4])))
}

struct Chunk {
    kind: [u8; 4],
    /// Where its content begins, and where that ends, as far as it is there.
    start: u64,
    end: u64,
    /// How many bytes of it are not.
    missing: u64,
}

impl Chunk {
    /// The chunk at `position`, if one begins there and no other file.
    fn at(bytes: &mut Bytes, position: u64, file_end: u64) -> io::Result<Option<Self>> {
        if position.saturating_add(HEADER) > file_end || mark::at(bytes, position)?.is_some() {
            return Ok(None);
        }
        let (Some(kind), Some(size)) = (bytes.array(position)?, bytes.array(position + 4)?) else {
            return Ok(None);
        };
        let start = position + HEADER;
        let (end, missing) = match u64::try_from(i64::from_be_bytes(size)) {
            Ok(size) => {
                let declared = start.saturating_add(size);
                (declared.min(file_end), declared.saturating_sub(file_end))
            }
            // To the end, which is wherever another file begins.
            Err(_) if &kind == b"data" => {
                let next = joint::inside(bytes, start..file_end)?;
                (next.map_or(file_end, |(.., end)| end), 0)
            }
            Err(_) => return Ok(None),
        };
        let is_chunk = kind.iter().all(|letter| (b' '..=b'~').contains(letter));
        Ok(is_chunk.then_some(Self {
            kind,
            start,
            end,
            missing,
        }))
    }
}
