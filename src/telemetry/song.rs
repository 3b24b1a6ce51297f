//! Where the host's song is.

use std::sync::atomic::{AtomicBool, Ordering};

use atomic_float::AtomicF64;

/// A place in the host's song.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SongPosition {
    /// In seconds since its beginning.
    pub seconds: f64,
    /// In quarter notes, if the host tells them.
    pub beats: Option<f64>,
    /// In quarter notes a minute, if the host tells it.
    pub tempo: Option<f64>,
    /// Whether it runs.
    pub playing: bool,
}

/// Where the song was when the newest block began. The audio thread sets it, others read it; wait-free for all. Its values are read one
/// by one: beats may be a block ahead of the seconds.
#[derive(Debug)]
pub struct SongClock {
    /// Not a number where the host doesn't tell; the same for the others.
    seconds: AtomicF64,
    beats: AtomicF64,
    tempo: AtomicF64,
    playing: AtomicBool,
}

impl Default for SongClock {
    fn default() -> Self {
        let nothing = || AtomicF64::new(f64::NAN);
        Self {
            seconds: nothing(),
            beats: nothing(),
            tempo: nothing(),
            playing: AtomicBool::new(false),
        }
    }
}

impl SongClock {
    /// Says where the song is; `None` where the host doesn't tell.
    pub fn set(&self, position: Option<SongPosition>) {
        let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
        let beats = position.and_then(|position| position.beats);
        let tempo = position.and_then(|position| position.tempo);
        let seconds = position.map(|position| position.seconds);
        self.seconds.store(number(seconds), Ordering::Relaxed);
        self.beats.store(number(beats), Ordering::Relaxed);
        self.tempo.store(number(tempo), Ordering::Relaxed);
        let playing = position.is_some_and(|position| position.playing);
        self.playing.store(playing, Ordering::Relaxed);
    }

    /// Where the song is; `None` where the host doesn't tell.
    pub fn get(&self) -> Option<SongPosition> {
        let number = |value: &AtomicF64| {
            let value = value.load(Ordering::Relaxed);
            value.is_finite().then_some(value)
        };
        Some(SongPosition {
            seconds: number(&self.seconds)?,
            beats: number(&self.beats),
            tempo: number(&self.tempo),
            playing: self.playing.load(Ordering::Relaxed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_what_it_was_told_and_no_more() {
        let clock = SongClock::default();
        assert_eq!(clock.get(), None);
        let position = SongPosition {
            seconds: 61.5,
            beats: None,
            tempo: Some(120.0),
            playing: true,
        };
        clock.set(Some(position));
        assert_eq!(clock.get(), Some(position));
        clock.set(Some(SongPosition {
            seconds: f64::INFINITY,
            ..position
        }));
        assert_eq!(clock.get(), None);
        clock.set(None);
        assert_eq!(clock.get(), None);
    }
}
