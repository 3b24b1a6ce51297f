//! When a track may sleep.

use std::sync::Arc;

use crate::listen::{ListenMonitor, ListenTap};

/// Watches a chain's sound for silence; owned by the audio thread. Silence is every sample 0, so that not processing it makes
/// no difference.
pub(super) struct SilenceDetector {
    /// Samples of silence that leave nothing of the sound before them.
    tail: u32,
    /// Samples of input since the last that wasn't 0.
    silent_samples: u32,
    /// Whether the newest output is 0 as well.
    output: bool,
    /// Where the last sound was among the chunks that are listened to, as a sequence number of the tap's.
    heard_at: u64,
    /// A bounce must not depend on what its host makes of silence: it has none.
    offline: bool,
    monitor: Arc<ListenMonitor>,
}

impl SilenceDetector {
    /// Before any sound. `tail` is how long the output goes on after the input, in samples.
    pub fn new(tail: u32, offline: bool, monitor: Arc<ListenMonitor>) -> Self {
        Self {
            tail,
            silent_samples: 0,
            output: false,
            heard_at: 0,
            offline,
            monitor,
        }
    }

    /// Starts anew; `tap` has been reset already.
    pub fn reset(&mut self, tap: Option<&ListenTap>) {
        self.silent_samples = 0;
        self.output = false;
        self.heard_at = tap.map_or(0, ListenTap::sequence_number);
    }

    /// Takes in what was processed: so many samples, and whether all that came in and went out was 0. `tap` has had them.
    pub fn note(&mut self, samples: usize, input: bool, output: bool, tap: Option<&ListenTap>) {
        if input {
            self.silent_samples = self.silent_samples.saturating_add(samples as u32);
        } else {
            self.silent_samples = 0;
            self.heard_at = tap.map_or(0, ListenTap::sequence_number);
        }
        self.output = output;
    }

    /// Whether there is silence in and out, nothing is under way, and the readout has said so. Wait-free.
    pub fn is_known(&self, tap: Option<&ListenTap>) -> bool {
        let is_published =
            tap.is_none_or(|tap| tap.is_closed() || self.monitor.says_silence_after(self.heard_at));
        !self.offline && self.silent_samples >= self.tail && self.output && is_published
    }
}

/// Whether every sample is 0.
pub(super) fn is_silent(samples: &[f32]) -> bool {
    samples.iter().all(|sample| *sample == 0.0)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::{engine::ring, listen::Chunk};

    const TAIL: u32 = 100;

    fn detector(offline: bool) -> (SilenceDetector, Arc<ListenMonitor>) {
        let monitor = Arc::<ListenMonitor>::default();
        (
            SilenceDetector::new(TAIL, offline, monitor.clone()),
            monitor,
        )
    }

    #[test]
    fn without_a_tagger_silence_is_known_after_the_tail_and_over_with_any_sound() {
        let (mut silence, _) = detector(false);
        silence.note(99, true, true, None);
        assert!(!silence.is_known(None), "one sample too soon");
        silence.note(1, true, true, None);
        assert!(silence.is_known(None));
        silence.note(64, true, false, None);
        assert!(!silence.is_known(None), "the output still sounds");
        silence.note(64, true, true, None);
        assert!(silence.is_known(None));
        silence.note(64, false, true, None);
        silence.note(64, true, true, None);
        assert!(!silence.is_known(None), "the input has sounded");
        silence.note(64, true, true, None);
        silence.reset(None);
        assert!(!silence.is_known(None));
    }

    #[test]
    fn a_bounce_is_never_silent() {
        let (mut silence, _) = detector(true);
        silence.note(usize::MAX, true, true, None);
        assert!(!silence.is_known(None));
    }

    #[test]
    fn with_a_tagger_the_readout_must_have_said_so_of_all_that_was_heard() {
        let (mut silence, monitor) = detector(false);
        let (sender, receiver) = ring(4, Chunk::blank());
        let mut tap = ListenTap::without_answers(sender);
        silence.reset(Some(&tap));
        silence.note(200, false, false, Some(&tap));
        silence.note(200, true, true, Some(&tap));
        assert!(!silence.is_known(Some(&tap)), "nobody has said anything");
        let last_sound = tap.sequence_number();
        let chunk = crate::listen::CHUNK as u64;
        monitor
            .silent_until
            .store(last_sound + chunk, Ordering::Release);
        assert!(
            !silence.is_known(Some(&tap)),
            "the sound may be in that chunk"
        );
        monitor
            .silent_until
            .store(last_sound + chunk + 1, Ordering::Release);
        assert!(silence.is_known(Some(&tap)));
        tap.reset();
        silence.note(200, false, true, Some(&tap));
        silence.note(200, true, true, Some(&tap));
        assert!(!silence.is_known(Some(&tap)), "that was before the reset");
        drop(receiver);
        assert!(silence.is_known(Some(&tap)), "nobody listens any more");
    }
}
