//! What the plugin costs, and how it fares.

use super::block::Block;
use crate::telemetry::Snapshot;

/// A time, or that there is none yet.
fn milliseconds(ms: f32, digits: usize) -> String {
    if ms > 0.0 && ms.is_finite() {
        format!("{ms:.digits$} ms")
    } else {
        "–".to_owned()
    }
}

fn or_none(name: &str) -> &str {
    if name.is_empty() { "none" } else { name }
}

/// The values of this moment.
pub fn blocks(snapshot: &Snapshot) -> Vec<Block> {
    let status = &snapshot.status;
    let latency = if status.sample_rate > 0.0 {
        let ms = status.latency as f32 / status.sample_rate * 1_000.0;
        format!(
            "{ms:.1} ms: {} samples at {} Hz",
            status.latency, status.sample_rate
        )
    } else {
        "– (the host hasn't started it yet)".to_owned()
    };
    let late = match status.late_curves {
        0 => "none".to_owned(),
        late => format!(
            "{late} since the last start: each time the curve before it went on. Where there are many, raise the host's buffer size or close other plugins"
        ),
    };
    let priority = match &status.no_priority {
        None => "real time".to_owned(),
        Some(why) => format!("an ordinary one: the system refuses another ({why})"),
    };
    let curve = format!(
        "{} for each, many times a second",
        milliseconds(status.curve_ms, 2)
    );
    let answer = format!(
        "{} for each, {}; each looks at the last {:.1} s",
        milliseconds(snapshot.readout.inference_ms, 1),
        snapshot.answers_come(),
        snapshot.answer_seconds
    );
    let system = format!("{}, {}", std::env::consts::OS, std::env::consts::ARCH);
    Block::rows(&[
        ("Version", concat!("Moodring ", env!("CARGO_PKG_VERSION"))),
        ("System", &system),
        ("Latency", &latency),
        ("Curves", &curve),
        ("Late curves", &late),
        ("Priority of its thread", &priority),
        ("Answers of the tagger", &answer),
        ("Tagger", or_none(&status.tagger)),
        ("Timbre model", or_none(&status.timbre)),
        (
            "What went wrong",
            status.fault.as_deref().unwrap_or("nothing"),
        ),
    ])
}
