//! The Spectrum panel: what goes in, what comes out, and the curve between them; now, and in the last seconds.

use egui::{Align2, Rect, Ui};

use self::{plot::Curves, spectrogram::Spectrogram};
use crate::{
    editor::{
        look::{self, Metrics},
        scene::Scene,
        widgets::help,
    },
    model::MelDb,
    telemetry::{Levels, Spectra, Speed},
};

mod frequency;
mod head;
mod plot;
mod settings;
mod spectrogram;

pub use settings::SpectrumSettings;

/// What the panel remembers between two frames, on the window's thread.
#[derive(Debug, Default)]
pub struct SpectrumPanel {
    /// The output's highest levels since they were last forgotten, and of which speed.
    peaks: Option<(Levels, Speed)>,
    /// What was seen when the user froze the picture.
    frozen: Option<Box<(Spectra, Option<[MelDb; 3]>)>>,
    spectrogram: Spectrogram,
}

impl SpectrumPanel {
    /// Draws the panel into `rect`, as the settings say; they are changed by what is clicked. The spectrogram moves by so many columns at a time.
    pub fn draw(
        &mut self,
        ui: &Ui,
        scene: &Scene<'_>,
        rect: Rect,
        settings: &mut SpectrumSettings,
        columns_together: u64,
    ) {
        let (metrics, snapshot) = (scene.metrics, scene.snapshot);
        let inside = look::panel(ui, metrics, rect);
        let height = head::height(ui, metrics, inside.width(), settings);
        let (head, body) = inside.split_top_bottom_at_y(inside.top() + height);
        let mut freeze = self.frozen.is_some();
        head::draw(ui, metrics, head, settings, &mut freeze);
        let body = body.with_min_y(body.top() + metrics.units(0.5));
        let Some(present) = &snapshot.spectra else {
            draw_empty(ui, metrics, body);
            return;
        };
        if !freeze {
            self.frozen = None;
            self.hold(present, settings.speed);
            let history = &snapshot.spectrum_history;
            self.spectrogram.follow(ui, history, columns_together);
        } else if self.frozen.is_none() {
            self.frozen = Some(Box::new((*present, snapshot.curves)));
        }
        let (spectra, curves) = match &self.frozen {
            Some(frozen) => (&frozen.0, &frozen.1),
            None => (present, &snapshot.curves),
        };

        let plot_height = (0.58 * body.height()).max(body.height() - metrics.units(34.0));
        let (plot, below) = body.split_top_bottom_at_y(body.top() + plot_height);
        let curves = Curves {
            band_hz: &snapshot.band_hz,
            spectrum: spectra.at(settings.speed),
            curve: curves
                .as_ref()
                .and_then(|curves| curves.get(settings.speed as usize)),
            peaks: self.peaks.as_ref().map(|(peaks, _)| peaks),
            settings: *settings,
        };
        let response = plot::draw(ui, metrics, plot, &curves);
        help::line(
            &response,
            "Levels over frequency, of windows of 0.17 s, which tell tones apart from 12 Hz on; click: forget the peaks",
        );
        if response.clicked() {
            self.peaks = None;
        }
        let below = below.with_min_y(below.top() + metrics.units(1.0));
        self.spectrogram.draw(ui, metrics, below);
    }

    /// Raises the peaks to the newest spectrum. Those of another speed are others.
    fn hold(&mut self, spectra: &Spectra, speed: Speed) {
        let output = &spectra.at(speed).output;
        match &mut self.peaks {
            Some((peaks, of)) if *of == speed => {
                for (peak, level) in peaks.iter_mut().zip(output) {
                    *peak = peak.max(*level);
                }
            }
            _ => self.peaks = Some((*output, speed)),
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
