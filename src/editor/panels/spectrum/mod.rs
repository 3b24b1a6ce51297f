//! The Spectrum panel: what goes in, what comes out, and the curve between them; now, and in the last seconds.

use egui::{Align2, Pos2, Rect, Ui, Vec2};

use self::{
    frequency::Axis,
    plot::{Curves, Shown},
    spectrogram::Spectrogram,
};
use crate::{
    editor::{
        look::{self, Metrics},
        scene::Scene,
        widgets::{
            button::{self, Kind},
            help,
        },
    },
    model::MelDb,
    telemetry::Spectrum,
};

mod frequency;
mod plot;
mod spectrogram;

/// What the panel remembers between two frames, on the window's thread.
#[derive(Debug, Default)]
pub struct SpectrumPanel {
    shown: Shown,
    /// The output's highest levels since they were last forgotten, and the hop up to which.
    peaks: Option<(MelDb, u64)>,
    spectrogram: Spectrogram,
}

impl SpectrumPanel {
    /// Draws the panel into `rect`.
    pub fn draw(&mut self, ui: &Ui, scene: &Scene<'_>, rect: Rect) {
        let (metrics, snapshot) = (scene.metrics, scene.snapshot);
        let inside = look::panel(ui, metrics, rect);
        let (head, body) = inside.split_top_bottom_at_y(inside.top() + metrics.units(3.0));
        draw_head(ui, metrics, head, &mut self.shown);
        let body = body.with_min_y(body.top() + metrics.units(0.5));
        let (Some(axis), Some(spectrum)) = (Axis::new(&snapshot.band_hz), &snapshot.spectrum)
        else {
            draw_empty(ui, metrics, body);
            return;
        };
        self.hold(spectrum);
        self.spectrogram
            .follow(ui, axis, &snapshot.band_hz, spectrum);

        let plot_height = (0.58 * body.height()).max(body.height() - metrics.units(34.0));
        let (plot, below) = body.split_top_bottom_at_y(body.top() + plot_height);
        let curves = Curves {
            axis,
            band_hz: &snapshot.band_hz,
            spectrum,
            peaks: self.peaks.as_ref().map(|(peaks, _)| peaks),
            shown: self.shown,
        };
        let response = plot::draw(ui, metrics, plot, &curves);
        help::line(
            &response,
            "Levels over frequency, and the curve’s gain at the right edge; click: forget the peaks",
        );
        if response.clicked() {
            self.peaks = None;
        }
        let below = below.with_min_y(below.top() + metrics.units(1.0));
        self.spectrogram.draw(ui, metrics, below, axis);
    }

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
        look::label(ui, rect, align, text, font, color);
    }
}

/// Draws title and switches.
fn draw_head(ui: &Ui, metrics: Metrics, rect: Rect, shown: &mut Shown) {
    look::paint_text(
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
