//! Listen's half on the engine's thread: one instance's listener behind a ring.

use std::time::Duration;

use crate::{
    engine::{Faults, Job, Progress, Receiver},
    model::TaggerModel,
    params::LONGEST_AVERAGE,
    thread::WorkerThread,
};

use super::{Chunk, HeadlineTracker, Listener, parents_of, tap::CHUNK, telemetry::ListenTelemetry};

/// With more sound than this waiting, in seconds, the older half is passed over: the latest wins. A tagger that answers more seldom
/// may take as long for an answer, up to the second of these, and loses nothing.
const LEAST_QUEUE: f64 = 1.0;
const MOST_QUEUE: f64 = 8.0;

/// The sound that may wait for a tagger, in seconds; the ring holds a second more at least.
pub fn longest_queue(tagger: &TaggerModel) -> f64 {
    tagger.card().pace.clamp(LEAST_QUEUE, MOST_QUEUE)
}

/// Runs a [`Listener`] behind a ring; owned by Listen's thread.
pub struct ListenJob {
    listener: Listener,
    headlines: HeadlineTracker,
    chunks: Receiver<Chunk>,
    /// Chunks that may wait in real time; offline nothing is ever passed over.
    longest_queue: Option<usize>,
    generation: Option<u32>,
    faults: Faults,
    telemetry: ListenTelemetry,
}

impl ListenJob {
    /// The job of one activation; `offline` says that no sound may be passed over.
    pub fn new(
        listener: Listener,
        offline: bool,
        chunks: Receiver<Chunk>,
        telemetry: ListenTelemetry,
    ) -> Self {
        let frames = CHUNK / listener.channels();
        let seconds = longest_queue(listener.tagger());
        let longest_queue = seconds * listener.sample_rate() / frames as f64;
        let tags = &listener.tagger().card().tags;
        let parents = parents_of(tags);
        Self {
            headlines: HeadlineTracker::new(tags, |tag| parents.get(tag).copied().flatten()),
            listener,
            chunks,
            longest_queue: (!offline).then_some(longest_queue.ceil() as usize),
            generation: None,
            faults: Faults::default(),
            telemetry,
        }
    }

    /// Tells the audio thread how far everything was heard, and how far the readout says that there is silence, if it does.
    fn note_heard(&self, generation: u32) {
        let (state, heard) = (self.listener.state(), self.listener.heard());
        self.telemetry.note_silence(state, generation, heard);
        self.telemetry.note_heard(generation, heard);
    }
}

impl Job for ListenJob {
    fn work(&mut self, thread: &WorkerThread) -> Progress {
        if self.chunks.is_closed() && self.telemetry.is_outlived() {
            return Progress::Finished;
        }
        if let Some(most) = self.longest_queue
            && self.chunks.len() > most
        {
            for _ in 0..self.chunks.len() / 2 {
                self.chunks.receive();
            }
        }
        let mut worked = false;
        while let Some(chunk) = self.chunks.receive() {
            worked = true;
            if self.generation != Some(chunk.generation) {
                self.generation = Some(chunk.generation);
                self.listener.reset();
                self.headlines.reset();
                self.telemetry.reset();
            }
            if chunk.position != self.listener.position() {
                self.listener.skip_to(chunk.position);
            }
            let averaging = f64::from(chunk.averaging);
            let longest = LONGEST_AVERAGE as f64;
            match self.listener.push(&chunk.samples, averaging, longest) {
                Ok(None) => self.note_heard(chunk.generation),
                Ok(Some(mut readout)) => {
                    self.headlines.hear(&mut readout, averaging, longest);
                    // An answer takes its time: let other instances have theirs.
                    let tags = &self.listener.tagger().card().tags;
                    let place = (chunk.generation, self.listener.heard());
                    return if self.telemetry.publish(readout, tags, place, thread) {
                        self.note_heard(chunk.generation);
                        Progress::Worked
                    } else {
                        Progress::Finished
                    };
                }
                Err(why) => {
                    self.telemetry.give_up(why.to_string());
                    return Progress::Finished;
                }
            }
        }
        if worked {
            Progress::Worked
        } else if self.chunks.is_closed() {
            Progress::Finished
        } else {
            Progress::Idle
        }
    }

    /// Nothing waits for an answer; the ring has room for much more, even if a host computes as fast as it can.
    fn patience(&self) -> Duration {
        Duration::from_millis(10)
    }

    fn recover(&mut self) -> bool {
        match self.faults.another("Listen") {
            Ok(restarted) => self.telemetry.set_fault(restarted),
            Err(stopped) => {
                self.telemetry.give_up(stopped);
                return false;
            }
        }
        self.listener.reset();
        self.headlines.reset();
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::{
        audio_file::AudioReader,
        engine::{Sender, ring},
        listen::ListenMonitor,
        model::{ModelSource, MusicPlace, TagKind},
        outputs::{Cue, Outputs},
        telemetry::{ListenState, Readout, ReadoutHistory},
    };

    const RATE: f64 = 16_000.0;

    /// The job of the next activation of whoever has that history, with two seconds of noise in its ring.
    fn fed(history: &Arc<Mutex<ReadoutHistory>>) -> (ListenJob, Sender<Chunk>) {
        let tagger = TaggerModel::load(&ModelSource::Embedded).unwrap();
        let chunks = 2 * RATE as usize / CHUNK;
        let (mut sender, receiver) = ring(chunks, Chunk::blank());
        let mut state = 1u32;
        for index in 0..chunks {
            let mut chunk = Chunk::blank();
            chunk.position = (index * CHUNK) as u64;
            for sample in &mut chunk.samples {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *sample = state as f32 / u32::MAX as f32 - 0.5;
            }
            assert!(sender.send(chunk).is_ok());
        }
        let monitor = Arc::new(ListenMonitor {
            history: history.clone(),
            activation: history.lock().unwrap().begin(),
            ..ListenMonitor::default()
        });
        let telemetry = ListenTelemetry::new(
            monitor,
            triple_buffer::triple_buffer(&Readout::default()).0,
            Outputs::new(Arc::default(), false),
            ring(4, Cue::blank()).0,
            Box::new(|| ()),
        );
        let listener = Listener::new(tagger, RATE, 1).unwrap();
        let job = ListenJob::new(listener, true, receiver, telemetry);
        (job, sender)
    }

    /// Works until there is nothing to do; gives how much the history has grown.
    fn exhaust(job: &mut ListenJob, history: &Mutex<ReadoutHistory>) -> (Progress, u64) {
        let before = history.lock().unwrap().count();
        let progress = loop {
            match job.work(&WorkerThread::assume()) {
                Progress::Worked => {}
                progress => break progress,
            }
        };
        (progress, history.lock().unwrap().count() - before)
    }

    #[test]
    fn a_job_stops_writing_when_the_next_activation_begins() {
        let history = Arc::default();
        let (mut old, sender) = fed(&history);
        // As the audio thread's end goes before the next activation begins.
        drop(sender);
        assert_eq!(
            old.work(&WorkerThread::assume()),
            Progress::Worked,
            "the first answer"
        );
        let (mut new, _sender) = fed(&history);
        assert_eq!(exhaust(&mut old, &history), (Progress::Finished, 0));
        assert_eq!(exhaust(&mut new, &history), (Progress::Idle, 4));
    }

    #[test]
    fn an_answer_that_comes_too_late_is_not_written() {
        let history = Arc::default();
        let (mut old, _sender) = fed(&history);
        assert_eq!(old.work(&WorkerThread::assume()), Progress::Worked);
        let heard = history.lock().unwrap().count();
        // While the tagger runs.
        let _new = fed(&history);
        assert!(
            !old.telemetry
                .publish(Readout::default(), &[], (0, 0), &WorkerThread::assume())
        );
        assert_eq!(history.lock().unwrap().count(), heard);
    }

    #[test]
    fn silence_has_no_place_among_songs() {
        let history = Arc::default();
        let (mut job, _sender) = fed(&history);
        for (state, place) in [
            (ListenState::Live, Some(MusicPlace::default())),
            (ListenState::Silence, None),
        ] {
            let readout = Readout {
                state,
                place,
                ..Readout::default()
            };
            let thread = &WorkerThread::assume();
            assert!(job.telemetry.publish(readout, &[], (0, 0), thread));
        }
        let history = history.lock().unwrap();
        let places: Vec<_> = history.moments().map(|moment| moment.place).collect();
        assert_eq!(places, [Some([0.0; 2]), None]);
    }

    #[test]
    fn real_music_has_headlines() {
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/music/war_of_freedom.ogg"
        );
        let mut reader = AudioReader::open(file).unwrap();
        let rate = f64::from(reader.sample_rate());
        let tagger = TaggerModel::load(&ModelSource::Embedded).unwrap();
        let tags = tagger.card().tags.clone();
        let listener = Listener::new(tagger, rate, 1).unwrap();
        let seconds = 25.0;
        let (mut sender, receiver) = ring((seconds * rate) as usize / CHUNK, Chunk::blank());
        let mut samples = Vec::new();
        while let Some(block) = reader.next_block().unwrap() {
            samples.extend_from_slice(&block[0]);
        }
        for (index, part) in samples.chunks_exact(CHUNK).enumerate() {
            let mut chunk = Chunk::blank();
            chunk.position = (index * CHUNK) as u64;
            chunk.samples.copy_from_slice(part);
            let _ = sender.send(chunk);
        }
        let history = Arc::<Mutex<ReadoutHistory>>::default();
        let activation = history.lock().unwrap().begin();
        let monitor = Arc::new(ListenMonitor {
            history: history.clone(),
            activation,
            ..ListenMonitor::default()
        });
        let (input, mut output) = triple_buffer::triple_buffer(&Readout::default());
        let telemetry = ListenTelemetry::new(
            monitor,
            input,
            Outputs::new(Arc::default(), false),
            ring(4, Cue::blank()).0,
            Box::new(|| ()),
        );
        let mut job = ListenJob::new(listener, true, receiver, telemetry);
        exhaust(&mut job, &history);

        // A rock song: something plays, and the words for it hardly change.
        let instrument = output.read().headlines.get(TagKind::Instrument);
        assert_eq!(tags[instrument.unwrap()].kind, TagKind::Instrument);
        let history = history.lock().unwrap();
        let changes: Vec<_> = history
            .moments()
            .flat_map(|moment| &moment.headline_changes)
            .collect();
        for kind in TagKind::ALL {
            let own = changes.iter().filter(|change| change.kind == kind);
            assert!(own.count() <= 3, "{changes:?}");
        }
        let mut instruments = changes.iter().rev();
        let last = instruments.find(|change| change.kind == TagKind::Instrument);
        assert_eq!(last.unwrap().to, instrument);
    }

    #[test]
    fn what_was_heard_before_the_end_is_written_while_nothing_else_begins() {
        let history = Arc::default();
        let (mut job, sender) = fed(&history);
        drop(sender);
        assert_eq!(exhaust(&mut job, &history), (Progress::Finished, 4));
    }
}
