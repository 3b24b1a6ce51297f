//! Morph's half on the engine's thread: one instance's shaper between two rings.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    engine::{Faults, Job, Progress, Receiver, Sender},
    model::{BANDS, MelDb, ModelError},
    params::MoodringParams,
    thread::WorkerThread,
};

use super::{
    CurveMessage, Drawn, FrameMessage, Shaped, Shaper, capture::CaptureRecorder,
    telemetry::MorphTelemetry,
};

/// Frames handled before other instances have their turn.
const FRAMES_PER_TURN: usize = 8;

/// A flat curve, and nothing beside the source.
const NOTHING: (MelDb, Drawn) = ([0.0; BANDS], Drawn::NOTHING);

/// Runs a [`Shaper`] between two rings; owned by Morph's thread.
pub struct MorphJob {
    shaper: Shaper,
    captures: CaptureRecorder,
    frames: Receiver<FrameMessage>,
    curves: Sender<CurveMessage>,
    generation: Option<u32>,
    /// Generations and indices of frames that have no curve yet: after a panic they still have to be answered.
    unanswered: VecDeque<(u32, u64)>,
    /// The newest curve, and what was drawn with it.
    last: (MelDb, Drawn),
    patience: Duration,
    faults: Faults,
    telemetry: MorphTelemetry,
}

impl MorphJob {
    /// The job of one activation. A frame that comes after a pause may stay for as long as `patience` before it is looked at.
    pub fn new(
        shaper: Shaper,
        params: Arc<MoodringParams>,
        frames: Receiver<FrameMessage>,
        curves: Sender<CurveMessage>,
        patience: Duration,
        telemetry: MorphTelemetry,
    ) -> Self {
        Self {
            shaper,
            captures: CaptureRecorder::new(params),
            frames,
            curves,
            generation: None,
            unanswered: VecDeque::new(),
            last: NOTHING,
            patience,
            faults: Faults::default(),
            telemetry,
        }
    }

    /// Shapes the frame whose turn it is when this one is heard, after what it needs to know of the captured timbres; and captures what was asked for.
    fn shape(
        &mut self,
        frame: &FrameMessage,
        thread: &WorkerThread,
    ) -> Result<Option<(FrameMessage, Shaped)>, ModelError> {
        let changes = frame.controls.captures;
        self.captures.hand_over(&mut self.shaper, changes, thread)?;
        let shaped = self.shaper.shape_ahead(frame)?;
        if let Some(latent) = shaped.as_ref().and_then(|(_, shaped)| shaped.heard) {
            self.captures.record(latent, frame.hop_seconds);
        }
        if self
            .captures
            .fulfil(&self.shaper, frame.hop_seconds, thread)?
        {
            self.telemetry.notify();
        }
        Ok(shaped)
    }

    fn give_up(&mut self, why: &ModelError) -> Progress {
        self.telemetry.set_fault(why.to_string());
        Progress::Finished
    }

    fn answer(&mut self, (gain_db, drawn): (MelDb, Drawn)) {
        self.last = (gain_db, drawn);
        let Some((generation, index)) = self.unanswered.pop_front() else {
            return;
        };
        // There was room when the newest frame was taken, and more after a panic; a closed ring has nobody left to miss the curve.
        let _ = self.curves.send(CurveMessage {
            generation,
            index,
            gain_db,
            drawn,
        });
    }
}

impl Job for MorphJob {
    fn work(&mut self, thread: &WorkerThread) -> Progress {
        // After a frame nobody sleeps before all have been looked at once more: of many instances others' frames came meanwhile.
        let mut progress = Progress::Idle;
        for _ in 0..FRAMES_PER_TURN {
            if !self.curves.has_room() && !self.curves.is_closed() {
                // The audio thread has stopped fetching: what it fetches next must not be lost.
                return progress;
            }
            let Some(frame) = self.frames.receive() else {
                return if self.frames.is_closed() {
                    Progress::Finished
                } else {
                    progress
                };
            };
            progress = Progress::Worked;
            if self.generation != Some(frame.generation) {
                self.generation = Some(frame.generation);
                self.shaper.reset();
                self.captures.reset();
                self.last = NOTHING;
                self.unanswered.clear();
            }
            self.unanswered.push_back((frame.generation, frame.index));
            let started = Instant::now();
            match self.shape(&frame, thread) {
                Ok(Some((due, shaped))) => {
                    self.answer((shaped.gain_db, shaped.drawn));
                    self.telemetry.curve_took(started.elapsed());
                    self.telemetry.show(&due, &shaped, self.shaper.map());
                }
                Ok(None) => {}
                Err(why) => return self.give_up(&why),
            }
        }
        progress
    }

    fn catch_up(&mut self, _: &WorkerThread) -> Progress {
        match self.shaper.catch_up() {
            Ok(true) => Progress::Worked,
            Ok(false) => Progress::Idle,
            Err(why) => self.give_up(&why),
        }
    }

    fn patience(&self) -> Duration {
        self.patience
    }

    fn recover(&mut self) -> bool {
        match self.faults.another("Morph") {
            Ok(restarted) => self.telemetry.set_fault(restarted),
            Err(stopped) => {
                self.telemetry
                    .set_fault(format!("{stopped}: the sound passes unchanged"));
                return false;
            }
        }
        self.shaper.reset();
        while !self.unanswered.is_empty() {
            self.answer(self.last);
        }
        true
    }
}

#[cfg(test)]
mod tests;
