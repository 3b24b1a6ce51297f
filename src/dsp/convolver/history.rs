//! The newest input.

/// Remembers the newest samples of a channel by their position in the stream. What is before its beginning is silence.
pub(super) struct History {
    /// A ring, whose length is a power of two.
    ring: Vec<f32>,
}

impl History {
    /// Remembers so many samples at least.
    pub(super) fn new(samples: usize) -> Self {
        Self {
            ring: vec![0.0; samples.next_power_of_two()],
        }
    }

    /// Forgets all sound.
    pub(super) fn reset(&mut self) {
        self.ring.fill(0.0);
    }

    /// Where a position is in the ring.
    fn place(&self, position: i64) -> usize {
        position.rem_euclid(self.ring.len() as i64) as usize
    }

    /// Takes in the samples from a position on.
    pub(super) fn write(&mut self, position: i64, samples: &[f32]) {
        let place = self.place(position);
        let (first, second) = samples.split_at(samples.len().min(self.ring.len() - place));
        for (start, part) in [(place, first), (0, second)] {
            if let Some(place) = self.ring.get_mut(start..start + part.len()) {
                place.copy_from_slice(part);
            }
        }
    }

    /// The samples before a position.
    pub(super) fn read(&self, end: i64, samples: &mut [f32]) {
        let place = self.place(end - samples.len() as i64);
        let first = samples.len().min(self.ring.len() - place);
        let (first, second) = samples.split_at_mut(first);
        for (start, part) in [(place, first), (0, second)] {
            if let Some(place) = self.ring.get(start..start + part.len()) {
                part.copy_from_slice(place);
            }
        }
    }
}
