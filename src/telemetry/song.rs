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

/// Where the song is as the sound is heard. The audio thread sets it as a block begins, others read it; wait-free for all. Its values are
/// read one by one: beats may be a block ahead of the seconds.
#[derive(Debug)]
pub struct SongClock {
    /// When the newest block began. Not a number where the host doesn't tell; the same for the others.
    seconds: AtomicF64,
    /// Where the song would be at the beginning of the stream.
    origin: AtomicF64,
    beats: AtomicF64,
    tempo: AtomicF64,
    playing: AtomicBool,
}

impl Default for SongClock {
    fn default() -> Self {
        let nothing = || AtomicF64::new(f64::NAN);
        Self {
            seconds: nothing(),
            origin: nothing(),
            beats: nothing(),
            tempo: nothing(),
            playing: AtomicBool::new(false),
        }
    }
}

impl SongClock {
    /// Says where the song is as a block begins, `heard` seconds from the stream's beginning; `None` where the host doesn't tell.
    pub fn set(&self, position: Option<SongPosition>, heard: f64) {
        let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
        let beats = position.and_then(|position| position.beats);
        let tempo = position.and_then(|position| position.tempo);
        let seconds = position.map(|position| position.seconds);
        self.seconds.store(number(seconds), Ordering::Relaxed);
        let origin = seconds.map(|seconds| seconds - heard);
        self.origin.store(number(origin), Ordering::Relaxed);
        self.beats.store(number(beats), Ordering::Relaxed);
        self.tempo.store(number(tempo), Ordering::Relaxed);
        let playing = position.is_some_and(|position| position.playing);
        self.playing.store(playing, Ordering::Relaxed);
    }

    /// Where the song is at a place in the stream, in seconds from its beginning: a song that runs does so as the stream does. `None` where
    /// the host doesn't tell.
    pub fn at(&self, heard: f64) -> Option<SongPosition> {
        let number = |value: &AtomicF64| {
            let value = value.load(Ordering::Relaxed);
            value.is_finite().then_some(value)
        };
        let (told, tempo) = (number(&self.seconds)?, number(&self.tempo));
        let playing = self.playing.load(Ordering::Relaxed);
        let seconds = if playing {
            number(&self.origin)? + heard
        } else {
            told
        };
        let minutes = (seconds - told) / 60.0;
        let beats = number(&self.beats).map(|beats| beats + minutes * tempo.unwrap_or(0.0));
        Some(SongPosition {
            seconds,
            beats,
            tempo,
            playing,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_what_it_was_told_and_no_more() {
        let clock = SongClock::default();
        assert_eq!(clock.at(0.0), None);
        let position = SongPosition {
            seconds: 61.5,
            beats: None,
            tempo: Some(120.0),
            playing: false,
        };
        clock.set(Some(position), 4.0);
        assert_eq!(clock.at(2.0), Some(position), "it stands");
        clock.set(
            Some(SongPosition {
                seconds: f64::INFINITY,
                ..position
            }),
            4.0,
        );
        assert_eq!(clock.at(4.0), None);
        clock.set(None, 4.0);
        assert_eq!(clock.at(4.0), None);
    }

    #[test]
    fn a_song_that_runs_is_told_for_the_sound_that_was_heard_and_not_for_the_newest_block() {
        let clock = SongClock::default();
        let position = SongPosition {
            seconds: 61.5,
            beats: Some(123.0),
            tempo: Some(120.0),
            playing: true,
        };
        clock.set(Some(position), 4.0);
        let heard = SongPosition {
            seconds: 60.0,
            beats: Some(120.0),
            ..position
        };
        assert_eq!(clock.at(2.5), Some(heard));
    }
}
