//! The status line: says what the plugin costs, which models it uses, and what is wrong.

use egui::{Align2, CursorIcon, Popup, Pos2, Rect, Response, Role, Sense, Ui, WidgetInfo};

use crate::{
    editor::{app::models_menu::ModelsMenu, look, scene::Scene},
    params::{LatencyChoice, LatencyMode},
    telemetry::Status,
};

/// Latency in ms and samples, and what it was chosen to be like, as it is shown.
fn latency(status: &Status, mode: LatencyMode) -> String {
    let mode = mode.name();
    if status.sample_rate > 0.0 {
        let ms = status.latency as f32 / status.sample_rate * 1_000.0;
        format!("Latency {ms:.1} ms ({} samples), {mode}", status.latency)
    } else {
        format!("Latency –, {mode}")
    }
}

/// Offers both kinds of latency when `anchor` is clicked.
fn latency_menu(anchor: &Response, choice: &LatencyChoice) {
    Popup::menu(anchor).show(|ui| {
        for mode in LatencyMode::ALL {
            let words = match mode {
                LatencyMode::Studio => {
                    "Sound and timbre together, a little later: the host makes up for it"
                }
                LatencyMode::Live => {
                    "No delay, to play through: a change of timbre comes a moment after the sound"
                }
            };
            let entry = ui
                .selectable_label(choice.get() == mode, mode.name())
                .on_hover_text(words);
            if entry.clicked() {
                choice.choose(mode);
            }
        }
    });
}

/// Makes a text that is shown already a button of that name.
fn button(ui: &Ui, text: &Response, name: &'static str) -> Response {
    let button = ui
        .interact(text.rect, ui.scope_id().with(name), Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    button
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
    let shown = look::label(
        ui,
        rect,
        Align2::LEFT_CENTER,
        &latency(status, scene.params.latency.get()),
        metrics.small(),
        metrics.palette.dim,
    );
    let words = "The delay that is reported to the host; it is the same for dry, wet and bypass: click to choose Studio or Live";
    let choices = button(ui, &shown, "Studio or Live").on_hover_text(words);
    latency_menu(&choices, &scene.params.latency);
    let mut left = shown.rect.right() + metrics.units(1.75);
    for (text, words, color) in [
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
    let choices = button(ui, &shown, "Models").on_hover_ui(|ui| {
        if status.fault.is_some() {
            ui.label(&text);
        }
        ui.label(words);
    });
    menu.show(&choices, &scene.params.models, scene.edit.recorder.thread());
}
