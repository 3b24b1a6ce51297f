//! The status line: says what the plugin costs, which models it uses, and what is wrong.

use egui::{Align2, CursorIcon, Pos2, Rect, Role, Sense, Ui, WidgetInfo};

use crate::{
    editor::{app::models_menu::ModelsMenu, look, scene::Scene},
    telemetry::Status,
};

/// Latency in ms and samples, as it is shown.
fn latency(status: &Status) -> String {
    if status.sample_rate > 0.0 {
        let ms = status.latency as f32 / status.sample_rate * 1_000.0;
        format!("Latency {ms:.1} ms ({} samples)", status.latency)
    } else {
        "Latency –".to_owned()
    }
}

fn inference(name: &str, ms: f32, digits: usize) -> String {
    if ms > 0.0 && ms.is_finite() {
        format!("{name} {ms:.digits$} ms")
    } else {
        format!("{name} –")
    }
}

/// How many curves were late, and what that means.
fn late_curves(status: &Status) -> (String, String) {
    let text = format!("Late curves {}", status.late_curves);
    let words = "Curves that came too late; the one before was used instead";
    match &status.no_priority {
        None => (text, words.to_owned()),
        Some(why) => (
            format!("{text} · no real-time priority"),
            format!(
                "{words}. The system refuses Moodring's thread a real-time priority: they may be late on a busy machine ({why})"
            ),
        ),
    }
}

fn models(status: &Status) -> String {
    let or_none = |name: &str, kind: &str| {
        if name.is_empty() {
            format!("no {kind}")
        } else {
            name.to_owned()
        }
    };
    format!(
        "{} · {}",
        or_none(&status.tagger, "tagger"),
        or_none(&status.timbre, "timbre model")
    )
}

/// Draws the line into `rect`.
pub fn draw(ui: &Ui, scene: &Scene<'_>, rect: Rect, menu: &mut ModelsMenu) {
    let (metrics, snapshot) = (scene.metrics, scene.snapshot);
    let status = &snapshot.status;
    let (late, late_words) = late_curves(status);
    let mut left = rect.left();
    for (text, words, color) in [
        (
            latency(status),
            "The delay that is reported to the host; it is the same for dry, wet and bypass",
            metrics.palette.dim,
        ),
        (
            inference("Curve", status.curve_ms, 2),
            "Time that the timbre model takes for one gain curve",
            metrics.palette.dim,
        ),
        (
            inference("Tagger", snapshot.readout.inference_ms, 0),
            "Time that the tagger takes for one answer",
            metrics.palette.dim,
        ),
        (
            late,
            late_words.as_str(),
            if status.late_curves > 0 {
                metrics.palette.warning
            } else {
                metrics.palette.dim
            },
        ),
    ] {
        let response = look::label(
            ui,
            Rect::from_min_max(Pos2::new(left, rect.top()), rect.max),
            Align2::LEFT_CENTER,
            &text,
            metrics.small(),
            color,
        )
        .on_hover_text(words);
        left = response.rect.right() + metrics.units(1.75);
    }
    let rest = Rect::from_min_max(Pos2::new(left, rect.top()), rect.max);
    let models = models(status);
    let (text, words, color) = match &status.fault {
        // One line, whatever the message brings along.
        Some(fault) => (
            fault.split_whitespace().collect::<Vec<_>>().join(" "),
            format!("{models}: click to choose others"),
            metrics.palette.warning,
        ),
        None => (
            models,
            "The tagger and the timbre model: click to choose others".to_owned(),
            metrics.palette.dim,
        ),
    };
    let shown = look::label(
        ui,
        rest,
        Align2::RIGHT_CENTER,
        &text,
        metrics.small(),
        color,
    );
    let button = ui
        .interact(shown.rect, ui.scope_id().with("models"), Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand)
        .on_hover_ui(|ui| {
            if status.fault.is_some() {
                ui.label(&text);
            }
            ui.label(words);
        });
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Models"));
    menu.show(&button, &scene.params.models, scene.edit.recorder.thread());
}
