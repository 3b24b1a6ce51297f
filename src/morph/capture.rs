//! Taking a timbre from live sound: the latents of the last seconds, and their mean on request.

use std::collections::VecDeque;

use crate::{
    model::{LATENTS, Latent},
    params::LONGEST_CAPTURE,
};

/// The latents of the last seconds of sound; frames that were too quiet to have one are left out.
#[derive(Default)]
pub(super) struct RecentLatents {
    /// Oldest first.
    latents: VecDeque<Latent>,
}

impl RecentLatents {
    /// Takes in the latent of the newest frame.
    pub fn push(&mut self, latent: Latent, hop_seconds: f32) {
        let most = (LONGEST_CAPTURE / hop_seconds).ceil() as usize;
        while self.latents.len() >= most.max(1) {
            self.latents.pop_front();
        }
        self.latents.push_back(latent);
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        self.latents.clear();
    }

    /// The mean over the last `seconds`, or over as much as there is; `None` where there is nothing.
    pub fn mean(&self, seconds: f32, hop_seconds: f32) -> Option<Latent> {
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
        recent.reset();
        recent.push([3.0; LATENTS], 0.01);
        let mean = recent.mean(8.0, 0.01).unwrap()[0];
        assert!((mean - 3.0).abs() < 1e-3, "{mean}");
    }
}
