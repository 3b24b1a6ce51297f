//! The meters beside the page: how loud input and output are, what the one adds to the other, and the switches that compare them.

use std::time::Duration;

use egui::{Align2, CornerRadius, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo};

use self::level::Level;
use crate::{
    editor::{
        look::{self, Metrics},
        scene::Scene,
        widgets::{
            button::{self, Kind},
            help,
        },
    },
    params::Audition,
};

mod level;

/// The strip's width, in spacing units.
pub const WIDTH: f32 = 6.0;

/// Time from one frame to the next while peaks fall after the sound's end, in seconds.
const FALLING: f64 = 0.05;

/// What the meters remember between two frames, on the window's thread.
#[derive(Debug, Default)]
pub struct MeterPanel {
    input: Level,
    output: Level,
    /// When the frame comes that was asked for last.
    next: f64,
}

impl MeterPanel {
    /// Takes in what was measured since the last frame. Call it in every frame: a peak that isn't taken in is lost.
    pub fn follow(&mut self, ui: &Ui, scene: &Scene<'_>) {
        let meters = &scene.snapshot.meters;
        let now = ui.input(|input| input.time);
        self.input.follow(&meters.input, now);
        self.output.follow(&meters.output, now);
        // Nobody else asks for frames when the sound has ended. Each that is asked for comes.
        let is_falling =
            self.input.is_falling(&meters.input) || self.output.is_falling(&meters.output);
        if is_falling && now >= self.next {
            self.next = now + FALLING;
            ui.ctx()
                .request_repaint_after(Duration::from_secs_f64(FALLING));
        }
    }

    /// Draws switches and meters into `rect`.
    pub fn draw(&mut self, ui: &Ui, scene: &Scene<'_>, rect: Rect) {
        let metrics = scene.metrics;
        let row = |top: f32, height: f32| {
            let top = rect.top() + metrics.units(top);
            rect.with_min_y(top).with_max_y(top + metrics.units(height))
        };
        let audition = &scene.params.audition;
        draw_match(ui, metrics, row(0.0, 2.5), row(2.5, 1.75), audition);
        draw_delta(ui, metrics, row(4.5, 2.5), audition);

        let bottom = rect.bottom() - metrics.units(3.5);
        let meters = rect
            .with_min_y(rect.top() + metrics.units(7.5))
            .with_max_y(bottom);
        let (input, output) = meters.split_left_right_at_x(meters.center().x);
        for (level, rect, name, short, words) in [
            (
                &mut self.input,
                input,
                "Input Meter",
                "In",
                "what goes in, at the time of what comes out",
            ),
            (
                &mut self.output,
                output,
                "Output Meter",
                "Out",
                "what comes out",
            ),
        ] {
            let name = level::Name { name, short, words };
            level.draw(ui, metrics, rect.shrink2(egui::vec2(1.0, 0.0)), &name);
        }
        let gain = rect.with_min_y(bottom + metrics.units(0.25));
        draw_gain(ui, metrics, gain, scene.snapshot.meters.gain());
    }
}

/// The switch that makes the bypassed sound as loud as the processed one, and below it the gain that it has measured.
fn draw_match(ui: &Ui, metrics: Metrics, rect: Rect, below: Rect, audition: &Audition) {
    let on = audition.is_matched();
    let response = button::button(ui, metrics, rect, "Match", "Match", Kind::Toggle(on));
    let response = help::tip(
        response,
        "While Bypass is on, the input is as loud as the processed sound was: for a fair comparison; never in a bounce",
    );
    if response.clicked() {
        audition.set_matched(!on);
    }
    if on {
        let text = decibels(audition.match_db());
        value(ui, metrics, below, "Match Gain", &text);
    }
}

/// The switch that leaves only what is changed. While it is on, nobody can overlook it.
fn draw_delta(ui: &Ui, metrics: Metrics, rect: Rect, audition: &Audition) {
    let palette = metrics.palette;
    let on = audition.delta();
    let response = button::button(ui, metrics, rect, "Delta", "Delta", Kind::Toggle(on));
    if on {
        ui.painter().rect(
            rect,
            CornerRadius::same(look::rounded(metrics.units(0.5))),
            palette.warning,
            Stroke::new(1.0, palette.text),
            StrokeKind::Inside,
        );
        let (align, font) = (Align2::CENTER_CENTER, metrics.body());
        look::paint_text(ui, rect, align, "Delta", font, palette.background);
    }
    let response = help::tip(
        response,
        "Lets you hear only what Moodring changes: the output less the input; kept in no project or preset",
    );
    if response.clicked() {
        audition.set_delta(!on);
    }
}

/// What the output is louder than the input by.
fn draw_gain(ui: &Ui, metrics: Metrics, rect: Rect, gain: Option<f32>) {
    let (caption, number) = rect.split_top_bottom_at_y(rect.center().y);
    let (small, dim) = (metrics.small(), metrics.palette.dim);
    look::paint_text(ui, caption, Align2::CENTER_BOTTOM, "Change", small, dim);
    let text = gain.map_or("–".to_owned(), decibels);
    let response = value(ui, metrics, number, "Loudness Change", &text);
    help::line(
        &response,
        "How much louder the output is than the input at the moment, in dB (0.4 s, BS.1770)",
    );
}

/// Writes a number with its sign: one decimal.
fn decibels(db: f32) -> String {
    let db = if db.abs() < 0.05 { 0.0 } else { db };
    format!("{db:+.1} dB")
}

/// Draws a number that has a name.
fn value(ui: &Ui, metrics: Metrics, rect: Rect, name: &str, text: &str) -> egui::Response {
    let font = look::fitting(ui, text, rect.width(), metrics.small());
    let ink = metrics.palette.text;
    look::paint_text(ui, rect, Align2::CENTER_CENTER, text, font, ink);
    let response = ui.interact(rect, ui.scope_id().with(name), Sense::hover());
    response.widget_info(|| WidgetInfo {
        current_text_value: Some(text.to_owned()),
        ..WidgetInfo::labeled(Role::Status, true, name)
    });
    response
}

/// A place along a bar: `down` is 0 at its top.
fn along(bar: Rect, down: f32) -> Pos2 {
    Pos2::new(bar.left(), bar.top() + down.clamp(0.0, 1.0) * bar.height())
}
