//! Spreads the instances' work over the hop, so that it doesn't all fall due in one block of the host.

use std::sync::Arc;

use super::ForkSafeMutex;

/// The places in the hop, and which of them are taken; the engine's. Locks: not for the audio thread.
#[derive(Clone, Default)]
pub(super) struct HopStaggers(Arc<ForkSafeMutex<Vec<bool>>>);

/// One instance's place in the hop; owned by its activation, given back when dropped on the main thread, which locks.
pub struct HopStagger {
    all: HopStaggers,
    index: usize,
}

impl HopStaggers {
    /// The lowest number that is free.
    pub(super) fn take(&self) -> HopStagger {
        let mut taken = self.0.lock();
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
        HopStagger {
            all: self.clone(),
            index,
        }
    }
}

impl HopStagger {
    /// How far into the time that there is for it this instance's work is done, 0 to 1 without 1. Wait-free. Any number of neighbours are spread evenly, and the first is at 0.
    pub fn fraction(&self) -> f64 {
        // The bits of the number, mirrored at the binary point (van der Corput's sequence).
        (self.index as u32).reverse_bits() as f64 / (1_u64 << 32) as f64
    }
}

impl Drop for HopStagger {
    fn drop(&mut self) {
        let mut taken = self.all.0.lock();
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
        let hop_staggers = HopStaggers::default();
        let mut taken: Vec<HopStagger> = (0..4).map(|_| hop_staggers.take()).collect();
        let fractions: Vec<f64> = taken.iter().map(HopStagger::fraction).collect();
        assert_eq!(fractions, [0.0, 0.5, 0.25, 0.75]);
        drop(taken.remove(0));
        assert_eq!(hop_staggers.take().fraction(), 0.0);
    }
}
