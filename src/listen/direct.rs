//! Listen without a thread of its own: for the command line.

use std::collections::VecDeque;

use super::{Chunk, HeadlineTracker, Listener, parents_of};
use crate::{
    model::TaggerModel,
    outputs::Cue,
    params::{LONGEST_AVERAGE, MoodringParams, OutputSettings},
    telemetry::ListenState,
    thread::MayBlock,
};

/// Hears a stream on the thread that plays it, as [`ListenJob`](super::ListenJob) does on its own. Allocates.
pub struct DirectEar {
    listener: Listener,
    headlines: HeadlineTracker,
    settings: OutputSettings,
    cues: VecDeque<Cue>,
}

impl DirectEar {
    /// An ear at the beginning of a stream of `channels` at `sample_rate` Hz, with the settings of an instance as they are now.
    ///
    /// # Errors
    /// When no resampler can be made for the rate.
    pub fn new(
        tagger: TaggerModel,
        sample_rate: f64,
        channels: usize,
        params: &MoodringParams,
        thread: &impl MayBlock,
    ) -> Result<Self, rubato::ResamplerConstructionError> {
        let tags = &tagger.card().tags;
        let parents = parents_of(tags);
        Ok(Self {
            headlines: HeadlineTracker::new(tags, |tag| parents.get(tag).copied().flatten()),
            listener: Listener::new(tagger, sample_rate, channels)?,
            settings: params.outputs.get(thread),
            cues: VecDeque::new(),
        })
    }

    pub(super) fn reset(&mut self) {
        self.listener.reset();
        self.headlines.reset();
        self.cues.clear();
    }

    /// Hears what comes next. A network that fails has no answer: what steers stays where it is.
    pub(super) fn hear(&mut self, chunk: &Chunk) {
        let longest = f64::from(LONGEST_AVERAGE);
        let averaging = f64::from(chunk.averaging);
        let heard = self.listener.push(&chunk.samples, averaging, longest);
        let Ok(Some(mut readout)) = heard else {
            return;
        };
        self.headlines.hear(&mut readout, averaging, longest);
        if readout.state != ListenState::Silence {
            let place = (chunk.generation, self.listener.heard());
            let tags = &self.listener.tagger().card().tags;
            self.cues
                .push_back(Cue::of(&readout, tags, &self.settings, place));
        }
    }

    pub(super) fn next_cue(&mut self, before: u64) -> Option<Cue> {
        self.cues.pop_front_if(|cue| cue.position < before)
    }
}
