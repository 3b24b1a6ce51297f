//! Where the audio thread gets its curves from: Morph's thread, or the spot.

use std::{
    collections::VecDeque,
    sync::{Arc, atomic::Ordering},
};

use crate::{
    engine::{Patience, Receiver, Sender, WorkerWait},
    thread::AheadThread,
};

use super::{CurveMessage, FrameMessage, MorphMonitor, Shaper};

/// Whether a frame got its own curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It did.
    InTime,
    /// It has to do with the newest one before it.
    Late,
}

/// Where a stage gets its curves from.
pub trait CurveSource {
    /// Sends a frame off.
    fn send(&mut self, frame: &FrameMessage);

    /// Replaces `newest` by the curve of frame `index` if that has come before it is due, or by the newest one before it. Says whether it has come. Never
    /// waits. A source that never says so gives its curves where they are due.
    fn take_early(&mut self, _: u32, _: u64, _: &mut CurveMessage) -> bool {
        false
    }

    /// Replaces `newest` by the curve of frame `index`, or by the newest one before it, or leaves it alone. Says which.
    fn fetch(&mut self, generation: u32, index: u64, newest: &mut CurveMessage) -> Arrival;
}

/// Makes curves on the spot, on the thread that asks: for the command line and as the reference of the tests. Allocates.
pub struct DirectCurves {
    shaper: Shaper,
    generation: Option<u32>,
    made: VecDeque<CurveMessage>,
}

impl DirectCurves {
    /// Curves by this shaper.
    pub fn new(shaper: Shaper) -> Self {
        Self {
            shaper,
            generation: None,
            made: VecDeque::new(),
        }
    }
}

impl CurveSource for DirectCurves {
    fn send(&mut self, frame: &FrameMessage) {
        if self.generation != Some(frame.generation) {
            self.generation = Some(frame.generation);
            self.shaper.reset();
            self.made.clear();
        }
        // A frame whose network fails has no curve: the one before it stays.
        if let Ok(Some((due, shaped))) = self.shaper.shape_ahead(frame) {
            self.made.push_back(CurveMessage {
                generation: due.generation,
                index: due.index,
                gain_db: shaped.gain_db,
                drawn: shaped.drawn,
            });
        }
    }

    fn fetch(&mut self, _: u32, index: u64, newest: &mut CurveMessage) -> Arrival {
        while let Some(curve) = self.made.pop_front_if(|curve| curve.index <= index) {
            *newest = curve;
        }
        Arrival::InTime
    }
}

/// Fetches curves from Morph's thread; owned by the audio thread. Real-time safe, unless it was told that it may wait.
pub struct WorkerCurves {
    frames: Sender<FrameMessage>,
    curves: Receiver<CurveMessage>,
    monitor: Arc<MorphMonitor>,
    wait: WorkerWait,
    patience: Patience,
}

impl WorkerCurves {
    /// The audio thread's ends of a job's rings; `offline` it waits for every curve.
    pub fn new(
        frames: Sender<FrameMessage>,
        curves: Receiver<CurveMessage>,
        monitor: Arc<MorphMonitor>,
        wait: WorkerWait,
        offline: bool,
    ) -> Self {
        Self {
            frames,
            curves,
            monitor,
            wait,
            patience: Patience::new(offline),
        }
    }

    /// In real time: from here on curves are waited for if the sound is `ahead` of the clock: see [`Patience::set_ahead`].
    pub fn set_ahead(&mut self, ahead: Option<&AheadThread>) {
        self.patience.set_ahead(ahead);
    }
}

impl CurveSource for WorkerCurves {
    fn send(&mut self, frame: &FrameMessage) {
        let frames = &self.frames;
        let room = || frames.has_room() || frames.is_closed();
        // A ring with room doesn't mean that the worker answers: a wait that gave up is resumed by a curve.
        if !room() {
            self.patience.wait(&mut self.wait, room);
        }
        // A full ring means a worker that is far behind: this frame will do without its curve.
        let _ = self.frames.send(*frame);
        self.patience.hurry(&self.wait);
    }

    fn take_early(&mut self, generation: u32, index: u64, newest: &mut CurveMessage) -> bool {
        while let Some(curve) = self.curves.peek() {
            if curve.generation == generation {
                if curve.index > index {
                    return false;
                }
                *newest = *curve;
            }
            let found = (curve.generation, curve.index) == (generation, index);
            self.curves.receive();
            if found {
                return true;
            }
        }
        false
    }

    fn fetch(&mut self, generation: u32, index: u64, newest: &mut CurveMessage) -> Arrival {
        loop {
            let curves = &self.curves;
            let answered = || !curves.is_empty() || curves.is_closed();
            if !self.patience.wait(&mut self.wait, answered) && self.patience == Patience::Offline {
                self.monitor.stuck.store(true, Ordering::Relaxed);
            }
            let waiting = self.curves.len();
            if self.take_early(generation, index, newest) {
                return Arrival::InTime;
            }
            if waiting > 0 && self.curves.is_empty() {
                // Those that waited were older: its own may come yet.
                continue;
            }
            // Either the curve is late, or it was never made because its frame was dropped.
            if self.curves.is_empty() && self.curves.is_closed() {
                // The worker has given up, and says so in the status line: back to dry.
                *newest = CurveMessage::blank();
            }
            self.monitor.late_curves.fetch_add(1, Ordering::Relaxed);
            return Arrival::Late;
        }
    }
}

#[cfg(test)]
mod tests;
