//! Captured timbres on Morph's thread: those that the shaper leads to, and those that are taken from live sound on request.

use std::{collections::VecDeque, sync::Arc};

use super::Shaper;
use crate::{
    model::{LATENTS, Latent, ModelError},
    params::{LONGEST_CAPTURE, MoodringParams, Slot},
    thread::WorkerThread,
};

/// Gives a shaper the captured timbres, and fills the slots for which a capture was requested; owned by Morph's thread.
pub(super) struct CaptureRecorder {
    params: Arc<MoodringParams>,
    /// [`Captures::changes`](crate::params::Captures::changes) of the timbres that the shaper has.
    handed_over: Option<u32>,
    recent: RecentLatents,
}

impl CaptureRecorder {
    /// Before any sound.
    pub fn new(params: Arc<MoodringParams>) -> Self {
        Self {
            params,
            handed_over: None,
            recent: RecentLatents::default(),
        }
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        self.recent.latents.clear();
    }

    /// Gives the shaper the captured timbres, unless it has them. `changes` is the frame's own count, so that a bounce has them
    /// from the very frame at which they were there.
    ///
    /// # Errors
    /// When the network fails.
    pub fn hand_over(
        &mut self,
        shaper: &mut Shaper,
        changes: u32,
        thread: &WorkerThread,
    ) -> Result<(), ModelError> {
        if self.handed_over != Some(changes) {
            shaper.set_captures(&self.params.captures.both(thread))?;
            self.handed_over = Some(changes);
        }
        Ok(())
    }

    /// Takes in the latent of the newest frame that was not too quiet to have one.
    pub fn record(&mut self, latent: Latent, hop_seconds: f32) {
        self.recent.push(latent, hop_seconds);
    }

    /// Fills each slot for which a capture was requested, and says whether there was one. Without any sound the request stays.
    ///
    /// # Errors
    /// When the network fails.
    pub fn fulfil(
        &self,
        shaper: &Shaper,
        hop_seconds: f32,
        thread: &WorkerThread,
    ) -> Result<bool, ModelError> {
        let captures = &self.params.captures;
        let mut filled = false;
        for slot in Slot::ALL {
            if let Some(wish) = captures.wish(slot, thread)
                && let Some(latent) = self.recent.mean(wish.seconds, hop_seconds)
            {
                let name = format!("Capture {}", slot.letter());
                let captured = shaper.captured(name, latent)?;
                filled |= captures.fulfil(slot, wish, captured, thread);
            }
        }
        Ok(filled)
    }
}

/// The latents of the last seconds of sound; frames that were too quiet to have one are left out.
#[derive(Default)]
struct RecentLatents {
    /// Oldest first.
    latents: VecDeque<Latent>,
}

impl RecentLatents {
    /// Takes in the latent of the newest frame.
    fn push(&mut self, latent: Latent, hop_seconds: f32) {
        let most = (LONGEST_CAPTURE / hop_seconds).ceil() as usize;
        while self.latents.len() >= most.max(1) {
            self.latents.pop_front();
        }
        self.latents.push_back(latent);
    }

    /// The mean over the last `seconds`, or over as much as there is; `None` where there is nothing.
    fn mean(&self, seconds: f32, hop_seconds: f32) -> Option<Latent> {
        let wanted = ((seconds / hop_seconds).round() as usize).max(1);
        let count = self.latents.len().min(wanted);
        let mut mean = [0.0; LATENTS];
        for latent in self.latents.iter().rev().take(count) {
            for (mean, value) in mean.iter_mut().zip(latent) {
                *mean += value / count as f32;
            }
        }
        (count > 0).then_some(mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_averages_the_last_seconds_and_no_more_than_there_is() {
        let mut recent = RecentLatents::default();
        assert_eq!(recent.mean(1.0, 0.01), None);
        for index in 0..2_000 {
            recent.push([index as f32; LATENTS], 0.01);
        }
        assert_eq!(recent.mean(0.01, 0.01), Some([1_999.0; LATENTS]));
        let mean = recent.mean(1.0, 0.01).unwrap()[0];
        assert!((mean - 1_949.5).abs() < 0.1, "{mean}");
        assert_eq!(
            recent.latents.len(),
            800,
            "no more than the longest capture"
        );
        recent.latents.clear();
        recent.push([3.0; LATENTS], 0.01);
        let mean = recent.mean(8.0, 0.01).unwrap()[0];
        assert!((mean - 3.0).abs() < 1e-3, "{mean}");
    }
}
