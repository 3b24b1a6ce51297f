//! What goes in, what comes out, and the curve between them; now, and in the last seconds.

use egui::{Align2, Pos2, Rect, Ui, Vec2};

use crate::editor::{
    input::control::Edit,
    look::theme::{self, Metrics},
    panels::spectrum::{frequency::Axis, plot as spectrum_plot, spectrogram::Spectrogram},
    widgets::{
        button::{self, Kind},
        help,
    },
};
use crate::model::MelDb;
use crate::telemetry::{Snapshot, Spectrum};

pub mod frequency;
pub mod plot;
pub mod spectrogram;

/// Which lines are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub input: bool,
    pub output: bool,
    pub curve: bool,
    pub peaks: bool,
}

impl Default for Shown {
    fn default() -> Self {
        Self {
            input: true,
            output: true,
            curve: true,
            peaks: true,
        }
    }
}

/// What the panel remembers between two frames.
#[derive(Debug, Default)]
pub struct SpectrumState {
    shown: Shown,
    /// The output's highest levels since they were last forgotten, and the hop up to which.
    peaks: Option<(MelDb, u64)>,
    spectrogram: Spectrogram,
}

impl SpectrumState {
    /// Raises the peaks to the newest spectrum. Sound that begins anew has peaks of its own.
    fn hold(&mut self, spectrum: &Spectrum) {
        match &mut self.peaks {
            Some((peaks, hop)) if *hop <= spectrum.hop => {
                *hop = spectrum.hop;
                for (peak, level) in peaks.iter_mut().zip(&spectrum.output) {
                    *peak = peak.max(*level);
                }
            }
            _ => self.peaks = Some((spectrum.output, spectrum.hop)),
        }
    }
}

/// Draws the panel into `rect`.
pub fn draw(ui: &Ui, metrics: Metrics, rect: Rect, snapshot: &Snapshot, edit: &mut Edit<'_>) {
    let inside = theme::panel(ui, metrics, rect);
    let (head, body) = inside.split_top_bottom_at_y(inside.top() + metrics.units(3.0));
    let state = &mut edit.state.spectrum;
    draw_head(ui, metrics, head, &mut state.shown);
    let body = body.with_min_y(body.top() + metrics.units(0.5));
    let (Some(axis), Some(spectrum)) = (Axis::new(&snapshot.band_hz), &snapshot.spectrum) else {
        draw_empty(ui, metrics, body);
        return;
    };
    state.hold(spectrum);
    state.spectrogram.follow(ui, axis, snapshot);

    let plot_height = (0.58 * body.height()).max(body.height() - metrics.units(34.0));
    let (plot, below) = body.split_top_bottom_at_y(body.top() + plot_height);
    let peaks = state.peaks.as_ref().map(|(peaks, _)| peaks);
    let peaks = peaks.filter(|_| state.shown.peaks);
    let response = spectrum_plot::draw(ui, metrics, plot, axis, snapshot, peaks, state.shown);
    let words =
        "Levels over frequency, and the curve’s gain at the right edge; click: forget the peaks";
    help::line(&response, words);
    if response.clicked() {
        state.peaks = None;
    }
    let below = below.with_min_y(below.top() + metrics.units(1.0));
    state.spectrogram.draw(ui, metrics, below, axis);
}

fn draw_empty(ui: &Ui, metrics: Metrics, rect: Rect) {
    let (above, below) = rect.split_top_bottom_at_y(rect.center().y);
    for (rect, align, text, font, color) in [
        (
            above,
            Align2::CENTER_BOTTOM,
            "Play something",
            metrics.title(),
            metrics.palette.text,
        ),
        (
            below,
            Align2::CENTER_TOP,
            "The spectrum of what goes in and what comes out appears here",
            metrics.body(),
            metrics.palette.dim,
        ),
    ] {
        theme::label(ui, rect, align, text, font, color);
    }
}

/// Title and switches.
fn draw_head(ui: &Ui, metrics: Metrics, rect: Rect, shown: &mut Shown) {
    theme::paint_text(
        ui,
        rect,
        Align2::LEFT_CENTER,
        "Spectrum",
        metrics.heading(),
        metrics.palette.text,
    );
    let mut right = rect.right();
    for (on, name, words) in [
        (
            &mut shown.peaks,
            "Peak Hold",
            "Thin line: the output’s highest levels; click into the picture to forget them",
        ),
        (
            &mut shown.curve,
            "Curve",
            "Dashed line: the gain that turns the input into the output; its dB are at the right edge",
        ),
        (
            &mut shown.output,
            "Output",
            "Thick filled line: what comes out",
        ),
        (&mut shown.input, "Input", "Thin grey line: what goes in"),
    ] {
        let width = button::width(ui, metrics, name);
        let cell = Rect::from_min_size(
            Pos2::new(right - width, rect.top()),
            Vec2::new(width, metrics.units(2.5)),
        );
        let response = button::button(ui, metrics, cell, name, name, Kind::Toggle(*on));
        if help::tip(response, words).clicked() {
            *on = !*on;
        }
        right = cell.left() - metrics.units(0.5);
    }
}
