//! What was heard of the newest hops, until it is played: what becomes clear of a note within them is known from its beginning on.

use std::collections::VecDeque;

use super::{
    chord::HeardChord,
    follower::{HeardNote, SOFT_DB, is_part},
};

/// Within so many hops of an onset the pitch that a line comes to, and the notes of a chord, count from there on.
const BEGINNING_HOPS: u32 = 16;
const CHORD_HOPS: u32 = 9;
/// What is so many times lower than the pitch that a line comes to is no note before it, but what knocks as a string is plucked, or the wood around it.
const KNOCK: f32 = 1.9;
/// A line that has become as sure as this is one from its beginning on: drums ring like one for a moment.
const SURELY: f32 = 0.7;

/// What was heard of a hop.
#[derive(Clone, Copy)]
pub struct Heard {
    /// As a single line.
    pub line: HeardNote,
    /// As a chord.
    pub chord: HeardChord,
    /// By how much the level rises to the next hop, in dB.
    pub rises_db: f32,
    /// Counts the line's onsets.
    strikes: u32,
}

/// Keeps what was heard for as many hops as there are ahead of what is played; runs on Morph's thread.
#[derive(Default)]
pub struct Ahead {
    /// From the hop that is to be played next to the newest; none where nothing is listened for.
    heard: VecDeque<Option<Heard>>,
    strikes: u32,
    /// Hops since the last of them.
    since_struck: u32,
    /// The note that is played, and for how many hops it was without its pitch being clear.
    playing: (u32, u32),
}

impl Ahead {
    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Takes in the newest hop, in which nothing was listened for, where so many are ahead of what is played. Allocates.
    pub fn skip(&mut self, lookahead: usize) {
        self.keep(None, lookahead);
    }

    /// Keeps what can still be played: nothing is before a stream's first sound.
    fn keep(&mut self, heard: Option<Heard>, lookahead: usize) {
        self.heard.push_back(heard);
        while self.heard.len() > lookahead.max(1) {
            self.heard.pop_front();
        }
    }

    /// Takes in the newest hop, where so many are ahead of what is played. Allocates.
    pub fn hear(&mut self, line: HeardNote, chord: HeardChord, rises_db: f32, lookahead: usize) {
        self.since_struck = self.since_struck.saturating_add(1);
        if line.struck {
            self.strikes = self.strikes.wrapping_add(1);
            self.since_struck = 0;
        }
        let newest = Heard {
            line,
            chord,
            rises_db,
            strikes: self.strikes,
        };
        self.tell_line(&newest);
        if self.since_struck <= CHORD_HOPS {
            self.tell_chord(&newest);
        }
        self.keep(Some(newest), lookahead);
    }

    /// The hop that is to be played next.
    pub fn play(&mut self) -> Option<Heard> {
        let mut heard = self.heard.pop_front()??;
        let line = &mut heard.line;
        if self.playing.0 != line.note {
            self.playing = (line.note, 0);
        }
        if !line.clear {
            self.playing.1 = self.playing.1.saturating_add(1);
        }
        line.unclear = self.playing.1;
        Some(heard)
    }

    /// What the newest hop tells of the line's note: how loud it becomes, its pitch, and how surely it is a line's.
    fn tell_line(&mut self, newest: &Heard) {
        let now = &newest.line;
        for earlier in self.heard.iter_mut().rev() {
            let Some(Heard { line, .. }) = earlier else {
                break;
            };
            if line.since.is_none() || now.since.is_none() || line.note != now.note {
                break;
            }
            line.loudest_db = now.loudest_db;
            if now.solo > SURELY {
                line.solo = line.solo.max(now.solo);
            }
            let begins = line.since.is_some_and(|since| since <= BEGINNING_HOPS);
            let tone = line.level_db > now.loudest_db - SOFT_DB;
            // A part or a multiple of the pitch was heard wrongly, and a knock; another was that of a quick note, or of a glide.
            let knock = now.hz > KNOCK * line.hz;
            let wrong =
                line.clear && (knock || is_part(line.hz, now.hz) || is_part(now.hz, line.hz));
            let known = line.clear && line.pitched;
            if now.clear && now.pitched && begins && tone && (!known || wrong) {
                line.clear = true;
                line.pitched = true;
                line.hz = now.hz;
                line.steady_hz = now.steady_hz;
            }
        }
    }

    /// What the newest hop tells of the chord that began: its notes, and how surely it is one.
    fn tell_chord(&mut self, newest: &Heard) {
        let now = &newest.chord;
        for (back, earlier) in (1..).zip(self.heard.iter_mut().rev()) {
            let Some(Heard {
                line,
                chord,
                strikes,
                ..
            }) = earlier
            else {
                break;
            };
            if *strikes != newest.strikes || line.since.is_none() {
                break;
            }
            chord.sure = chord.sure.max(now.sure);
            chord.plural = chord.plural.max(now.plural);
            let quieter = line.level_db - newest.line.level_db;
            for (note, now) in chord.notes.iter_mut().zip(&now.notes) {
                let Some(since) = now.since.filter(|_| note.since.is_none()) else {
                    continue;
                };
                *note = HeardNote {
                    since: Some(since.saturating_sub(back)),
                    level_db: now.level_db + quieter,
                    ..*now
                };
            }
        }
    }
}
