//! The status line: says the latency, which models are used, and what is wrong now.

use std::time::Duration;

use egui::{Align2, CursorIcon, Popup, Pos2, Rect, Response, Role, Sense, Ui, WidgetInfo};

use crate::{
    editor::{app::models_menu::ModelsMenu, look, scene::Scene, widgets::help},
    params::{LatencyChoice, LatencyMode},
    telemetry::Status,
};

/// How long the warning of late curves stays after the last one, in seconds.
const WARNING: f64 = 10.0;
/// What can be done about late curves.
const ADVICE: &str = "The computer can't keep up: raise the buffer size, or close other plugins";

/// What is said while Delta is on.
const DELTA: &str = "Delta is on: you hear only what Moodring changes";

/// Whether curves are late at the moment; on the window's thread.
#[derive(Debug, Default)]
pub struct LateWarning {
    /// How many were late when this was last looked at.
    seen: Option<u64>,
    /// Time at which the warning goes, on egui's clock.
    until: f64,
}

impl LateWarning {
    /// Takes in how many curves have been late since the start. Returns whether one was in the last seconds.
    fn is_up(&mut self, ui: &Ui, late_curves: u64) -> bool {
        let now = ui.input(|input| input.time);
        let before = self.seen.replace(late_curves);
        if before.is_some_and(|before| late_curves > before) {
            self.until = now + WARNING;
            ui.ctx()
                .request_repaint_after(Duration::from_secs_f64(WARNING));
        }
        now < self.until
    }
}

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

/// What late curves mean, and why they may come about.
fn late_words(status: &Status) -> String {
    let words = format!(
        "{} curves came too late: each time the one before went on",
        status.late_curves
    );
    match &status.no_priority {
        None => words,
        Some(why) => format!(
            "{words}. The system refuses Moodring's thread a real-time priority: they may be late on a busy machine ({why})"
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
pub fn draw(
    ui: &Ui,
    scene: &Scene<'_>,
    rect: Rect,
    menu: &mut ModelsMenu,
    warning: &mut LateWarning,
) {
    let (metrics, snapshot) = (scene.metrics, scene.snapshot);
    let status = &snapshot.status;
    let shown = look::label(
        ui,
        rect,
        Align2::LEFT_CENTER,
        &latency(status, scene.params.latency.get()),
        metrics.small(),
        metrics.palette.dim,
    );
    let words = "The delay that is reported to the host, the same for dry, wet and bypass; click to choose Studio or Live";
    let choices = help::tip(button(ui, &shown, "Studio or Live"), words);
    latency_menu(&choices, &scene.params.latency);
    let left = shown.rect.right() + metrics.units(1.75);
    let rest = Rect::from_min_max(Pos2::new(left, rect.top()), rect.max);
    let is_late = warning.is_up(ui, status.late_curves);
    let models = models(status);
    let (text, words, color) = match &status.fault {
        // One line, whatever the message brings along.
        Some(fault) => (
            fault.split_whitespace().collect::<Vec<_>>().join(" "),
            format!("{models}: click to choose others"),
            metrics.palette.warning,
        ),
        None if is_late => (
            ADVICE.to_owned(),
            late_words(status),
            metrics.palette.warning,
        ),
        None if scene.params.audition.delta() => (
            DELTA.to_owned(),
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
    let choices = button(ui, &shown, "Models");
    help::line(&choices, &words);
    let choices = choices.on_hover_ui(|ui| {
        if status.fault.is_some() {
            ui.label(&text);
        }
        ui.label(words);
    });
    menu.show(&choices, &scene.params.models, scene.edit.recorder.thread());
}
