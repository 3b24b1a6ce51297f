//! Ogg: pages, and logical streams one behind the other (RFC 3533; a file of several is called chained).

use std::{collections::BTreeMap, fs::File, io, ops::Range, sync::Arc};

use super::{
    Coding, Link, NoLink, Part,
    mark::{self, Kind},
    ogg_page::Page,
    ogg_stream::{Codec, Stream},
};
use crate::audio_file::view::{Bytes, View};

/// Every chain link in `sound`, which begins with a page, up to a file of another kind.
pub(super) fn part(file: &Arc<File>, bytes: &mut Bytes, sound: Range<u64>) -> Result<Part, NoLink> {
    let mut streams = Streams {
        file,
        links: Vec::new(),
        start: sound.start,
        heard: None,
        others: BTreeMap::new(),
        last: None,
    };
    let (mut beginning, mut cut) = (true, false);
    let (mut position, mut end) = (sound.start, sound.end);
    while position < sound.end {
        let Some(page) = Page::at(bytes, position)? else {
            // Tags between two links, another file, or damage: the decoding library misses the page, then.
            let next = bytes.find(position + 1..sound.end, b"OggS")?;
            let last = streams.last.map_or(position, |(start, _)| start + 1);
            match mark::find(bytes, last..next.unwrap_or(sound.end))? {
                Some((mark, kind)) => {
                    // The last page was cut before its end, and something else was joined on.
                    if mark < position {
                        streams.pop();
                        streams.finish(true, mark);
                    }
                    if kind != Kind::Ogg {
                        end = mark;
                        break;
                    }
                    position = mark;
                }
                None => match next {
                    Some(next) => position = next,
                    None => {
                        end = position;
                        break;
                    }
                },
            }
            continue;
        };
        if page.begins && !beginning {
            // One that has no end mark and is followed by another may well be all there: tools that join don't set it.
            streams.finish(false, position);
        }
        beginning = page.begins;
        let behind = position + page.length;
        if behind > sound.end {
            cut = true;
            end = match mark::find(bytes, position + 1..sound.end)? {
                Some((mark, _)) => mark,
                None => sound.end,
            };
            break;
        }
        streams.add(bytes, page, position..behind)?;
        position = behind;
    }
    // What another file follows is treated as above.
    let missing = cut || (!streams.has_ended() && end == sound.end);
    streams.finish(missing, end);
    if streams.links.is_empty() {
        return Err(NoLink::Unknown("an ogg without a whole page".to_owned()));
    }
    Ok(Part {
        links: streams.links,
        end,
    })
}

/// The links that have been found, and the one that is being read.
struct Streams<'a> {
    file: &'a Arc<File>,
    links: Vec<Link>,
    /// Where the link begins.
    start: u64,
    /// The first stream that can be read, and its number.
    heard: Option<(u32, Stream)>,
    /// What is in those beside it, by their numbers.
    others: BTreeMap<u32, Codec>,
    /// Where the last page begins, and whether it is of the stream that is heard.
    last: Option<(u64, bool)>,
}

impl Streams<'_> {
    /// Adds a page that is at `place`.
    fn add(&mut self, bytes: &mut Bytes, page: Page, place: Range<u64>) -> io::Result<()> {
        let serial = page.serial;
        if page.begins {
            match Codec::of(bytes, place.start, &page)? {
                Codec::Read(headers) if self.heard.is_none() => {
                    self.heard = Some((serial, Stream::new(headers)));
                }
                codec => {
                    self.others.insert(serial, codec);
                }
            }
        }
        self.last = Some((place.start, false));
        match &mut self.heard {
            Some((heard, stream)) if *heard == serial => {
                let checksum = page.checksum(bytes, place.start)?;
                self.last = Some((place.start, true));
                stream.add(page, place, checksum);
            }
            Some((_, stream)) if !self.others.contains_key(&serial) && !page.is_empty() => {
                stream.complain("the beginning of what follows is missing");
            }
            _ => {}
        }
        Ok(())
    }

    /// The last page is none.
    fn pop(&mut self) {
        if let (Some((start, true)), Some((_, stream))) = (self.last, &mut self.heard) {
            stream.pop(start);
        }
    }

    fn has_ended(&self) -> bool {
        (self.heard.as_ref()).is_none_or(|(_, stream)| stream.has_ended)
    }

    /// Ends the link; the next one begins at `next`.
    fn finish(&mut self, cut: bool, next: u64) {
        let others = std::mem::take(&mut self.others);
        let link = match self.heard.take() {
            Some((_, stream)) if stream.is_empty() => None,
            Some((_, stream)) => {
                let is_sound = |codec: &&Codec| !matches!(codec, Codec::Other(_));
                let coding = Coding::Ogg {
                    broken: stream.broken(),
                    beside: others.values().filter(is_sound).count(),
                };
                Some((stream.view(self.file), coding))
            }
            None => self.last.map(|_| {
                let view = View::new(self.file.clone(), []);
                (view, Coding::Unread(reason(&others)))
            }),
        };
        self.links.extend(link.map(|(view, coding)| Link {
            start: self.start,
            view,
            coding,
            cut,
        }));
        self.start = next;
        self.last = None;
    }
}

/// Why none of these streams is heard.
fn reason(streams: &BTreeMap<u32, Codec>) -> &'static str {
    let unread = streams.values().find_map(|codec| match codec {
        Codec::Unread(why) => Some(*why),
        _ => None,
    });
    let other = streams.values().find_map(|codec| match codec {
        Codec::Other(why) => Some(*why),
        _ => None,
    });
    unread.or(other).unwrap_or("an ogg without its beginning")
}
