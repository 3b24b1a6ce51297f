//! Fixed delays: of sound, so that the dry path is as late as the wet one, and of what acts on it.

use std::collections::VecDeque;

/// Delays one channel by a fixed number of samples.
#[derive(Clone)]
pub struct Delay {
    /// The last `len` inputs, oldest at `next`.
    ring: Vec<f32>,
    /// Where the next input goes and the next output comes from.
    next: usize,
}

impl Delay {
    /// A delay of `samples`, filled with silence.
    pub fn new(samples: usize) -> Self {
        Self {
            ring: vec![0.0; samples],
            next: 0,
        }
    }

    /// Takes one sample in and gives the one of `samples` ago out.
    #[inline]
    pub fn tick(&mut self, input: f32) -> f32 {
        let Some(slot) = self.ring.get_mut(self.next) else {
            return input;
        };
        let output = std::mem::replace(slot, input);
        self.next += 1;
        if self.next == self.ring.len() {
            self.next = 0;
        }
        output
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.ring.fill(0.0);
        self.next = 0;
    }
}

/// Delays the changes of a value by a fixed number of samples. Nothing in it allocates after construction.
pub struct DelayedValue<T> {
    delay: u64,
    /// Samples so far.
    now: u64,
    /// The changes that don't act yet, and when they will.
    waiting: VecDeque<(u64, T)>,
    /// What came last.
    newest: T,
    /// What acts.
    present: T,
}

impl<T: Copy + PartialEq> DelayedValue<T> {
    /// A delay of so many samples, with `value` at both ends.
    pub fn new(delay: usize, value: T) -> Self {
        // There is no more than one change a sample. All of the memory has been written to, see `engine::ring`.
        let mut waiting = VecDeque::from(vec![(0, value); delay + 1]);
        waiting.clear();
        Self {
            delay: delay as u64,
            now: 0,
            waiting,
            newest: value,
            present: value,
        }
    }

    /// Forgets all changes, and jumps to `value`.
    pub fn reset(&mut self, value: T) {
        self.waiting.clear();
        self.newest = value;
        self.present = value;
    }

    /// Takes in the value from the next sample on.
    pub fn take(&mut self, value: T) {
        if value != self.newest && self.waiting.len() < self.waiting.capacity() {
            self.newest = value;
            self.waiting.push_back((self.now + self.delay, value));
        }
    }

    /// Goes on by `most` samples at most, 1 at least: to the next change. Returns the value that acts on these, and how many they are.
    pub fn advance(&mut self, most: usize) -> (T, usize) {
        while let Some((_, value)) = self.waiting.pop_front_if(|(due, _)| *due <= self.now) {
            self.present = value;
        }
        let until_next = self.waiting.front().map(|(due, _)| due - self.now);
        let len = until_next.map_or(most, |left| most.min(left as usize));
        self.now += len as u64;
        (self.present, len)
    }

    /// Goes on by so many samples, and returns the value that acts on the last of them.
    pub fn skip(&mut self, samples: usize) -> T {
        let mut left = samples;
        while left > 0 {
            left -= self.advance(left).1;
        }
        self.present
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_acts_as_many_samples_later_however_the_sound_is_cut() {
        const DELAY: usize = 100;
        // The value changes with every sample for a while, and then stands.
        let value = |n: usize| n.min(300);
        for most in [1, 7, 64, 1_000] {
            let mut delayed = DelayedValue::new(DELAY, 0);
            let mut seen = Vec::new();
            for n in 0..600 {
                delayed.take(value(n));
                let (present, len) = delayed.advance(1);
                assert_eq!(len, 1);
                seen.push(present);
            }
            while seen.len() < 1_000 {
                let (present, len) = delayed.advance(most);
                seen.extend(std::iter::repeat_n(present, len));
            }
            for (n, seen) in seen.into_iter().enumerate() {
                assert_eq!(seen, value(n.saturating_sub(DELAY)), "{n}");
            }
            delayed.take(5);
            assert_eq!(delayed.skip(DELAY), 300);
            assert_eq!(delayed.skip(1), 5);
            delayed.take(6);
            delayed.reset(7);
            assert_eq!(delayed.advance(1_000), (7, 1_000));
        }
    }

    #[test]
    fn without_a_delay_a_change_acts_at_once_and_the_sound_is_cut_at_a_change() {
        let mut delayed = DelayedValue::new(0, 1);
        delayed.take(2);
        assert_eq!(delayed.advance(64), (2, 64));
        let mut delayed = DelayedValue::new(10, 1);
        delayed.take(2);
        assert_eq!(delayed.advance(64), (1, 10));
        assert_eq!(delayed.advance(64), (2, 64));
    }
}
