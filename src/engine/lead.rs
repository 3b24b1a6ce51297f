//! How far the sound is ahead of the clock.

use std::time::{Duration, Instant};

/// Tells how far a host computes ahead; owned by the audio thread. Wait-free.
///
/// A host plays each sample at its own time, a constant after the time that the sample has in the sound. It calls for every block before that is due. So the latest of
/// its calls, compared with the sound's time, was still early enough, and what another call is earlier than that is time that nobody waits for: the
/// lead. A host that plays from its buffer as it calls has none; one that computes ahead in bursts, or as fast as it can, has gained one by the
/// second block.
///
/// Only what has happened within the last 5 to 10 s counts, since the clock of the sound and that of the machine drift apart.
#[derive(Debug)]
pub struct Lead {
    sample_rate: f64,
    /// When the first call since the restart came.
    begun: Option<Instant>,
    /// Samples since then.
    samples: u64,
    /// How early the latest calls of this stretch and of the one before were, in ns; only differences mean something.
    latest: [i64; 2],
    /// Whether the host has computed ahead in this stretch and in the one before.
    ahead: [bool; 2],
    /// When this stretch began.
    stretch_begun: Duration,
}

/// How long a call is remembered at least.
const STRETCH: Duration = Duration::from_secs(5);

/// Part of a lead that isn't believed in: no host calls by the tick, and clocks that are 0.01 % apart drift by half of this in ten seconds.
const DOUBT: Duration = Duration::from_millis(2);

impl Lead {
    /// Before any sound, at a rate in Hz.
    pub fn new(sample_rate: f64) -> Self {
        Self {
            sample_rate,
            begun: None,
            samples: 0,
            latest: [i64::MAX; 2],
            ahead: [false; 2],
            stretch_begun: Duration::ZERO,
        }
    }

    /// The host begins anew: forgets what was, but whether the host computes ahead, which it does in its own way each time.
    pub fn restart(&mut self) {
        *self = Self {
            ahead: [self.computes_ahead(), false],
            ..Self::new(self.sample_rate)
        };
    }

    /// Whether a lead has been gained within the last 5 to 10 s.
    fn computes_ahead(&self) -> bool {
        self.ahead.contains(&true)
    }

    /// The host calls for a block. Gives the time until which it may be kept waiting; `None` if it is in step with the clock. Half of the lead is left
    /// to whatever else the host has to compute. Of a host that has computed ahead of late the first block of a burst has no lead that could be seen; the time is `now`, so that
    /// nothing is waited for, but a worker is woken for the burst that has begun: what it would sleep for is most of what the second block's curve may take.
    pub fn call(&mut self, now: Instant) -> Option<Instant> {
        let begun = *self.begun.get_or_insert(now);
        let since = now.saturating_duration_since(begun);
        let sound = self.samples as f64 / self.sample_rate * 1e9;
        let early = (sound as i64).saturating_sub(nanoseconds(since));
        if since.saturating_sub(self.stretch_begun) > STRETCH {
            self.stretch_begun = since;
            self.latest = [i64::MAX, self.latest[0]];
            self.ahead = [false, self.ahead[0]];
        }
        self.latest[0] = self.latest[0].min(early);
        let lead = early.saturating_sub(self.latest[0].min(self.latest[1]));
        let believed = u64::try_from(lead.saturating_sub(nanoseconds(DOUBT)) / 2).unwrap_or(0);
        self.ahead[0] |= believed > 0;
        self.computes_ahead()
            .then(|| now + Duration::from_nanos(believed))
    }

    /// So many samples have been computed.
    pub fn computed(&mut self, samples: usize) {
        self.samples += samples as u64;
    }
}

fn nanoseconds(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 48_000.0;

    /// A host: what it is granted at calls for blocks of so many samples, each so many ms after the start.
    fn granted(lead: &mut Lead, begun: Instant, calls: &[(f64, usize)]) -> Vec<f64> {
        calls
            .iter()
            .map(|(ms, samples)| {
                let now = begun + Duration::from_secs_f64(ms / 1e3);
                let until = lead.call(now);
                lead.computed(*samples);
                until.map_or(0.0, |until| (until - now).as_secs_f64() * 1e3)
            })
            .collect()
    }

    /// The times at which blocks of so many samples are due, as [`granted`] takes them, each moved by what `jitter` says, in ms.
    fn paced(blocks: usize, samples: usize, jitter: impl Fn(usize) -> f64) -> Vec<(f64, usize)> {
        let due = |block: usize| (block * samples) as f64 / RATE * 1e3;
        (0..blocks)
            .map(|block| (due(block) + jitter(block), samples))
            .collect()
    }

    #[test]
    fn a_host_that_is_in_step_has_no_lead_whatever_its_blocks_and_however_it_stumbles() {
        for samples in [32, 512, 4_096] {
            let calls = paced(400, samples, |block| (block * 7 % 5) as f64 * 0.4);
            let granted = granted(&mut Lead::new(RATE), Instant::now(), &calls);
            assert!(granted.iter().all(|ms| *ms == 0.0), "{samples}");
        }
        // It stands still for a second now and then, and goes on from there.
        let calls = paced(400, 512, |block| (block / 100) as f64 * 1e3);
        let granted = granted(&mut Lead::new(RATE), Instant::now(), &calls);
        assert!(granted.iter().all(|ms| *ms == 0.0));
    }

    #[test]
    fn a_clock_that_drifts_gains_no_lead() {
        let calls = paced(100_000, 512, |block| -1e-4 * block as f64 * 512.0 / 48.0);
        let granted = granted(&mut Lead::new(RATE), Instant::now(), &calls);
        assert!(granted.iter().all(|ms| *ms == 0.0));
    }

    #[test]
    fn within_a_burst_half_of_the_sound_that_is_not_due_may_be_waited_for() {
        // Ten blocks of 10 ms at once, every 100 ms; each takes 1 ms.
        let burst = |number: usize| (0..10).map(move |block| ((number * 100 + block) as f64, 480));
        let calls: Vec<_> = (0..30).flat_map(burst).collect();
        let granted = granted(&mut Lead::new(RATE), Instant::now(), &calls);
        for burst in granted.chunks(10) {
            for (block, ms) in burst.iter().enumerate() {
                let expected = (9.0 * block as f64 - 2.0).max(0.0) / 2.0;
                assert!((ms - expected).abs() < 1e-3, "{burst:?}");
            }
        }
    }

    #[test]
    fn a_lead_is_forgotten_once_the_host_is_back_in_step_and_with_a_restart() {
        // A minute in a second, then in step.
        let mut calls: Vec<_> = (0..600).map(|block| (block as f64 / 0.6, 4_800)).collect();
        calls.extend(paced(200, 4_800, |_| 1_000.0));
        let mut lead = Lead::new(RATE);
        let begun = Instant::now();
        let granted_by = granted(&mut lead, begun, &calls);
        assert!(granted_by[599] > 25_000.0, "{}", granted_by[599]);
        assert!(granted_by[600 + 110..].iter().all(|ms| *ms == 0.0));
        granted(&mut lead, begun + Duration::from_secs(30), &calls[..600]);
        lead.restart();
        let now = Instant::now();
        assert_eq!(lead.call(now), Some(now));
    }

    #[test]
    fn a_host_that_computed_ahead_is_expected_to_do_it_again_until_it_has_been_in_step_for_ten_seconds()
     {
        let begun = Instant::now();
        let at = |ms: f64| begun + Duration::from_secs_f64(ms / 1e3);
        let mut lead = Lead::new(RATE);
        assert_eq!(lead.call(begun), None);
        lead.computed(4_800);
        // A second block at once: 100 ms ahead.
        assert!(lead.call(begun).is_some_and(|until| until > begun));
        lead.computed(4_800);
        assert_eq!(lead.call(at(200.0)), Some(at(200.0)));
        lead.computed(4_800);
        // In step from here on.
        let expected = (3..300).map(|block| {
            let now = at(block as f64 * 100.0);
            let until = lead.call(now);
            lead.computed(4_800);
            assert!(until.is_none_or(|until| until == now), "no lead");
            until.is_some()
        });
        let expected: Vec<_> = expected.collect();
        assert!(expected[..40].iter().all(|expected| *expected));
        assert!(expected[110..].iter().all(|expected| !expected));
    }
}
