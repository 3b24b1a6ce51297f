//! How the window's pixels come about, and how often there may be others.

use std::time::Duration;

use super::page::Page;

/// Who computes the pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Painting {
    /// A graphics card.
    #[default]
    Card,
    /// The processor, and of a picture only what has changed: see [`partial_paint`](super::partial_paint).
    Parts,
    /// The processor, and all of every picture: some ten milliseconds of its time.
    Whole,
}

impl Painting {
    /// Whether the processor computes the pixels.
    pub fn is_by_software(self) -> bool {
        self != Self::Card
    }

    /// For how many spectra one that is measured stands: many where each costs a third of the page's pixels.
    pub fn spectra_together(self) -> u32 {
        if self.is_by_software() { 8 } else { 1 }
    }

    /// How many new columns the spectrogram waits for: each time all of it moves.
    pub fn columns_together(self) -> u64 {
        if self.is_by_software() { 30 } else { 1 }
    }
}

/// How often what moves all the time is drawn anew: meters, spectra and places on the map. A graphics card is asked as often as an eye can tell; where
/// the processor computes the pixels, so often that they take [`Self::SHARE`] of the time, however fast the machine is and whatever the page shows.
/// Pictures that the user asks for, by moving the pointer say, come at once as ever.
#[derive(Debug)]
pub struct Pace {
    /// The thread's processor time when the last picture was begun.
    used: Option<Duration>,
    /// What a picture costs the thread: a mean over the latest ones, in seconds.
    picture: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            used: None,
            picture: Self::FIRST,
        }
    }
}

impl Pace {
    /// Of a core, the driver's threads included.
    const SHARE: f64 = 0.031;
    /// How much the driver's threads work, of what the window's thread does, which alone is measured: llvmpipe's, where large areas are new in each
    /// picture as the Spectrum page's are, and elsewhere.
    const DRIVER: [f64; 2] = [1.7, 0.7];
    /// What a picture is expected to cost before one is drawn, in seconds.
    const FIRST: f64 = 0.0022;
    /// The share of the newest picture in the mean.
    const NEWEST: f64 = 1.0 / 16.0;
    /// The shortest and the longest time between two pictures of which only parts are painted, in seconds.
    const LIMITS: [f64; 2] = [0.06, 0.3];

    /// A picture is begun, on the window's thread, which has worked for so long; `None` where the system doesn't say.
    pub fn picture(&mut self, used: Option<Duration>) {
        if let (Some(before), Some(now)) = (self.used, used) {
            let cost = now.saturating_sub(before).as_secs_f64();
            self.picture += Self::NEWEST * (cost - self.picture);
        }
        self.used = used;
    }

    /// The least time until another picture is asked for because something moves, on that page.
    pub fn motion(&self, painting: Painting, page: Page) -> Duration {
        match painting {
            Painting::Card => Duration::from_millis(30),
            Painting::Parts => {
                let [shortest, longest] = Self::LIMITS;
                let [large, small] = Self::DRIVER;
                let driver = if page == Page::Spectrum { large } else { small };
                let picture = self.picture * (1.0 + driver);
                Duration::from_secs_f64((picture / Self::SHARE).clamp(shortest, longest))
            }
            Painting::Whole => Duration::from_secs(1),
        }
    }
}

/// For how long this thread has worked since it began; `None` where the system isn't asked.
pub fn thread_time() -> Option<Duration> {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        let (seconds, rest) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
        Some(Duration::new(seconds.ok()?, rest.ok()?))
    }
    #[cfg(not(unix))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What lies between two pictures, in ms, once many have cost the thread so much of them.
    fn interval(cost_ms: f64, page: Page) -> f64 {
        let mut pace = Pace::default();
        for picture in 0..200 {
            let used = Duration::from_secs_f64(1e-3 * cost_ms * f64::from(picture));
            pace.picture(Some(used));
        }
        1e3 * pace.motion(Painting::Parts, page).as_secs_f64()
    }

    #[test]
    fn the_dearer_a_picture_is_the_rarer_it_comes() {
        for (cost_ms, expected) in [(0.1, 60.0), (2.0, 109.7), (4.0, 219.4), (80.0, 300.0)] {
            let found = interval(cost_ms, Page::Morph);
            assert!((found - expected).abs() < 1.0, "{cost_ms}: {found}");
        }
        assert!(interval(2.0, Page::Spectrum) > 150.0);
    }

    #[test]
    fn where_the_system_does_not_say_what_a_picture_costs_it_is_what_was_expected() {
        let mut pace = Pace::default();
        for _ in 0..10 {
            pace.picture(None);
        }
        let found = pace.motion(Painting::Parts, Page::Listen);
        assert!(found > Duration::from_millis(100) && found < Duration::from_millis(130));
        let by_card = pace.motion(Painting::Card, Page::Listen);
        assert_eq!(by_card, Duration::from_millis(30));
    }

    #[test]
    #[cfg(unix)]
    #[cfg_attr(miri, ignore = "a clock")]
    fn a_thread_that_works_has_worked() {
        let before = thread_time().unwrap();
        let mut sum = 0_u64;
        while thread_time().unwrap() == before {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(thread_time().unwrap() > before);
    }
}
