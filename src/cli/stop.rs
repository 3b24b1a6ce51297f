//! What asks a process to end (Ctrl-C, a closed terminal, a shutdown), heard while a file is being written: the draft has to go
//! first.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use signal_hook::{consts, flag, low_level};

#[cfg(unix)]
const SIGNALS: [i32; 3] = [consts::SIGINT, consts::SIGTERM, consts::SIGHUP];
#[cfg(not(unix))]
const SIGNALS: [i32; 2] = [consts::SIGINT, consts::SIGTERM];

/// Hears what asks this process to end; from its making on the process doesn't end by itself.
pub(super) struct Stop(Vec<(i32, Arc<AtomicBool>)>);

impl Stop {
    /// Listens from now on.
    ///
    /// # Errors
    /// What the system has against it.
    pub fn listen() -> io::Result<Self> {
        // A file that gets larger than the system allows is an error of the write, not the end of the process.
        #[cfg(unix)]
        flag::register(consts::SIGXFSZ, Arc::default())?;
        let heard = SIGNALS.into_iter().map(|signal| {
            let asked = Arc::new(AtomicBool::new(false));
            // The second one ends the process at once, whatever it waits for.
            flag::register_conditional_shutdown(signal, 128 + signal, asked.clone())?;
            flag::register(signal, asked.clone())?;
            Ok((signal, asked))
        });
        heard.collect::<io::Result<_>>().map(Self)
    }

    /// The signal that has come, if one has.
    pub fn asked(&self) -> Option<i32> {
        let asked = self
            .0
            .iter()
            .find(|(_, asked)| asked.load(Ordering::Relaxed));
        asked.map(|(signal, _)| *signal)
    }
}

/// Ends the process as `signal` would have, so that whoever started it sees why.
pub(super) fn end_by(signal: i32) {
    // It comes back only if the system knows no such signal; then the exit code has to do.
    let _ = low_level::emulate_default_handler(signal);
}

/// Ends the process as a command does whose reader has gone.
pub(super) fn end_by_broken_pipe() {
    #[cfg(unix)]
    end_by(consts::SIGPIPE);
}
