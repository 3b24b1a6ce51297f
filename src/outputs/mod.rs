//! Where the answers go beside the editor: OSC, the session's log, the file that `MOODRING_READOUT` names, and the audio thread, which
//! makes MIDI of them. All of it on Listen's thread, after the answer is published; what fails is told once, and the rest goes on.

mod cue;
mod log;
mod osc;

use std::{path::PathBuf, sync::Arc};

use crate::{
    model::TagInfo,
    params::{MoodringParams, OutputSettings},
    telemetry::{ListenState, Readout},
    thread::WorkerThread,
    user_folder,
};

use self::{log::ReadoutLog, osc::OscSender};

pub use self::{
    cue::{Cue, MOST_MESSAGES, MidiMessage},
    log::READOUT_VARIABLE,
    osc::TOP_TAGS,
};

/// The outputs of one activation; owned by Listen's thread.
pub struct Outputs {
    params: Arc<MoodringParams>,
    /// Whether it plays: a bounce would send minutes at once.
    live: bool,
    /// Where session logs are; `None` is nowhere.
    folder: Option<PathBuf>,
    settings: OutputSettings,
    /// How often the settings had changed when they were read.
    changes: Option<u32>,
    variable: Option<ReadoutLog>,
    session: Option<ReadoutLog>,
    osc: Option<OscSender>,
}

impl Outputs {
    /// The outputs that an instance's parameters name; `live` says that it plays in real time.
    pub fn new(params: Arc<MoodringParams>, live: bool) -> Self {
        Self::with_folder(params, live, user_folder::documents_folder())
    }

    fn with_folder(params: Arc<MoodringParams>, live: bool, folder: Option<PathBuf>) -> Self {
        Self {
            params,
            live,
            folder,
            settings: OutputSettings::default(),
            changes: None,
            variable: ReadoutLog::from_environment(),
            session: None,
            osc: None,
        }
    }

    /// Tells an answer, or that there is silence. `tags` are the tagger's.
    ///
    /// # Errors
    /// What is wrong, in one line for the user; it is off then until it is chosen again.
    pub fn tell(
        &mut self,
        readout: &Readout,
        tags: &[TagInfo],
        thread: &WorkerThread,
    ) -> Result<(), String> {
        let chosen = self.choose(thread);
        if let Some(osc) = &self.osc {
            osc.send(readout, tags, &self.params.view.get(thread));
        }
        if readout.state == ListenState::Silence {
            return chosen;
        }
        let (mut wrong, line) = (chosen.err(), log::line(readout, tags));
        for log in [&mut self.variable, &mut self.session] {
            if let Some(Err(why)) = log.as_ref().map(|log| log.append(&line)) {
                *log = None;
                wrong.get_or_insert(why);
            }
        }
        wrong.map_or(Ok(()), Err)
    }

    /// What the audio thread is to do with an answer that has been told, at its place in the stream: generation, and frames since its
    /// beginning.
    pub fn cue(&self, readout: &Readout, tags: &[TagInfo], place: (u32, u64)) -> Cue {
        Cue::of(readout, tags, &self.settings, place)
    }

    /// Follows the settings, if they have changed.
    fn choose(&mut self, thread: &WorkerThread) -> Result<(), String> {
        let changes = self.params.outputs.changes();
        if self.changes.replace(changes) == Some(changes) {
            return Ok(());
        }
        let settings = self.params.outputs.get(thread);
        let receiver = settings.receiver().filter(|_| settings.osc && self.live);
        let opened = receiver.map(|receiver| OscSender::new(receiver, &settings.name));
        let session = match (settings.log, self.session.take()) {
            (true, Some(session)) if self.settings.log => Some(Ok(session)),
            (true, _) => Some(ReadoutLog::of_a_session(self.folder.as_deref())),
            (false, _) => None,
        };
        self.settings = settings;
        let (osc, no_osc) = split(opened.map(|osc| osc.map_err(|why| format!("OSC: {why}"))));
        let (session, no_session) = split(session);
        (self.osc, self.session) = (osc, session);
        no_osc.or(no_session).map_or(Ok(()), Err)
    }
}

fn split<T>(made: Option<Result<T, String>>) -> (Option<T>, Option<String>) {
    match made {
        Some(Ok(made)) => (Some(made), None),
        Some(Err(why)) => (None, Some(why)),
        None => (None, None),
    }
}

#[cfg(test)]
mod tests;
