//! How far it is, on a terminal.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// What a user sees of a run of several files.
const LINE: &str = "{wide_bar} {human_pos}/{human_len} files, {hours}";

/// A bar on the standard error, if that is a terminal; shared by all that work.
pub struct Progress {
    bar: ProgressBar,
    /// Sound that was heard, in ms.
    heard: Arc<AtomicU64>,
}

impl Progress {
    /// Shows nothing.
    pub fn hidden() -> Self {
        Self {
            bar: ProgressBar::hidden(),
            heard: Arc::default(),
        }
    }

    /// Shows a bar for as many files as `count` gives, which is asked only if somebody sees it.
    pub fn of(count: impl FnOnce() -> u64) -> Self {
        let bar = ProgressBar::no_length();
        if bar.is_hidden() {
            return Self::hidden();
        }
        let heard = Arc::<AtomicU64>::default();
        let hours = {
            let heard = heard.clone();
            move |state: &ProgressState, text: &mut dyn std::fmt::Write| {
                let hours = heard.load(Ordering::Relaxed) as f64 / 3.6e6;
                let minutes = state.elapsed().as_secs_f64() / 60.0;
                let rate = hours / minutes.max(1.0 / 60.0);
                // Nobody to complain to.
                let _ = write!(text, "{hours:.1} hours, {rate:.1} a minute");
            }
        };
        if let Ok(style) = ProgressStyle::with_template(LINE) {
            bar.set_style(style.with_key("hours", hours));
        }
        bar.set_length(count());
        Self { bar, heard }
    }

    /// So many seconds more of some file were heard.
    pub fn heard(&self, seconds: f64) {
        let ms = (seconds * 1000.0).max(0.0) as u64;
        self.heard.fetch_add(ms, Ordering::Relaxed);
        self.bar.tick();
    }

    /// A file is done.
    pub fn file(&self) {
        self.bar.inc(1);
    }

    /// Does something that writes to the terminal.
    pub fn aside<T>(&self, what: impl FnOnce() -> T) -> T {
        self.bar.suspend(what)
    }

    /// Takes it away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
