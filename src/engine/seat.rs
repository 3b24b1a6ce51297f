//! Numbers for the instances that play, so that they can take turns.

use std::sync::{Arc, Mutex, PoisonError};

/// Which numbers are taken.
#[derive(Clone, Default)]
pub(super) struct Seats(Arc<Mutex<Vec<bool>>>);

/// A number that nobody else has; given back when dropped.
pub struct Seat {
    seats: Seats,
    index: usize,
}

impl Seats {
    /// The lowest number that is free.
    pub(super) fn take(&self) -> Seat {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = match taken.iter().position(|taken| !taken) {
            Some(free) => free,
            None => {
                taken.push(false);
                taken.len() - 1
            }
        };
        if let Some(place) = taken.get_mut(index) {
            *place = true;
        }
        drop(taken);
        Seat {
            seats: self.clone(),
            index,
        }
    }
}

impl Seat {
    /// This one's share of a round, 0 to 1 without 1: any number of neighbours are spread evenly, and the first is at 0.
    pub fn turn(&self) -> f64 {
        // The bits of the number, mirrored at the binary point (van der Corput's sequence).
        (self.index as u32).reverse_bits() as f64 / (1_u64 << 32) as f64
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = taken.get_mut(self.index) {
            *place = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_instance_is_at_the_start_and_the_others_are_spread_evenly() {
        let seats = Seats::default();
        let mut taken: Vec<Seat> = (0..4).map(|_| seats.take()).collect();
        let turns: Vec<f64> = taken.iter().map(Seat::turn).collect();
        assert_eq!(turns, [0.0, 0.5, 0.25, 0.75]);
        drop(taken.remove(0));
        assert_eq!(seats.take().turn(), 0.0);
    }
}
