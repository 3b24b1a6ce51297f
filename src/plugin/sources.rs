//! Where the editor's snapshot comes from: the receiving ends of one activation's hand-overs.

use std::sync::{Arc, PoisonError, atomic::Ordering};

use crate::{
    editor::{Codes, Snapshot, Status},
    listen::{ListenMonitor, Readout},
    model::TagInfo,
    morph::{MorphMonitor, MorphView},
};

/// Filled by each activation, read by the editor; the audio thread never comes here.
#[derive(Default)]
pub(super) struct Sources {
    pub tags: Arc<[TagInfo]>,
    pub readout: Option<triple_buffer::Output<Readout>>,
    pub view: Option<triple_buffer::Output<MorphView>>,
    pub morph: Arc<MorphMonitor>,
    pub listen: Arc<ListenMonitor>,
    pub status: Status,
}

impl Sources {
    /// Says what is wrong, unless something worse has been said already.
    pub fn set_fault(&mut self, why: String) {
        self.status.fault.get_or_insert(why);
    }

    /// Copies the newest values into what the editor draws.
    pub fn fill(&mut self, snapshot: &mut Snapshot) {
        snapshot.tags = self.tags.clone();
        if let Some(readout) = &mut self.readout {
            snapshot.readout.clone_from(readout.read());
        }
        snapshot.codes = self
            .view
            .as_mut()
            .and_then(|view| view.read().codes)
            .map(|codes| Codes {
                live: codes.live,
                shaped: codes.shaped,
            });
        snapshot.status.clone_from(&self.status);
        snapshot.status.curve_ms = self.morph.curve_ms.load(Ordering::Relaxed);
        snapshot.status.late_curves = self.morph.late_curves.load(Ordering::Relaxed);
        if snapshot.status.fault.is_none() && self.morph.stuck.load(Ordering::Relaxed) {
            snapshot.status.fault = Some(
                "Morph did not answer in time: this bounce is not exact, render it again"
                    .to_owned(),
            );
        }
        for fault in [&self.morph.fault, &self.listen.fault] {
            let fault = fault.lock().unwrap_or_else(PoisonError::into_inner);
            if snapshot.status.fault.is_none() {
                snapshot.status.fault.clone_from(&fault);
            }
        }
    }
}
