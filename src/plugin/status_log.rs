//! The status line as a file that grows: for a host that wants to know how an activation went.

use std::{fs::OpenOptions, io::Write};

use crate::telemetry::Status;
use serde_json::json;

/// Names a file to which each deactivation appends its status as one line of JSON.
pub(super) const STATUS_VARIABLE: &str = "MOODRING_STATUS";

/// Appends to the file that [`STATUS_VARIABLE`] names, if it names one. For the main thread.
///
/// # Errors
/// What the system said.
pub(super) fn append(status: &Status) -> std::io::Result<()> {
    let Some(path) = std::env::var_os(STATUS_VARIABLE).filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let line = json!({
        "sample_rate": status.sample_rate,
        "latency": status.latency,
        "late_curves": status.late_curves,
        "no_priority": status.no_priority,
        "curve_ms": status.curve_ms,
        "tagger": status.tagger,
        "timbre": status.timbre,
        "fault": status.fault,
    });
    // One write, so that the lines of several instances stay whole.
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)?
        .write_all(format!("{line}\n").as_bytes())
}
