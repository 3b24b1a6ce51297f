//! The spectrogram: shows the output of the last seconds, time to the right, frequency up, light where it was loud.

use egui::{
    Align2, Color32, ColorImage, CornerRadius, Pos2, Rect, Role, Sense, TextureHandle,
    TextureOptions, Ui, Vec2, WidgetInfo,
};

use super::{
    frequency::{self, Axis},
    plot,
};
use crate::editor::{
    look::{self, Metrics},
    widgets::help,
};
use crate::model::MelDb;
use crate::telemetry::Spectrum;

/// Seconds that are seen.
const SECONDS: f32 = 10.0;
/// Columns a second: about as many as there are spectra.
const RATE: f32 = 30.0;
/// Columns of the picture.
const COLUMNS: usize = (SECONDS * RATE) as usize;
/// Rows of the picture.
const ROWS: usize = 128;
/// Columns that one spectrum may stand for: where a processor computes every pixel, few are seen. After a longer pause
/// nothing is known of the time between.
const LATEST: u64 = (1.5 * RATE) as u64;
/// Levels from which on there is light, and full light, in dB.
const DARK: f32 = -85.0;
const LIGHT: f32 = -15.0;

/// The picture, on the window's thread: a ring of columns, in which each spectrum is written over the oldest one.
#[derive(Default)]
pub struct Spectrogram {
    texture: Option<TextureHandle>,
    /// Number of the newest column since the sound began; `None` before the first.
    newest: Option<u64>,
    /// For each row, where its frequency is among the bands, and the axis that this was worked out for.
    rows: Vec<f32>,
    axis: Option<Axis>,
}

impl std::fmt::Debug for Spectrogram {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Spectrogram")
            .field("newest", &self.newest)
            .finish_non_exhaustive()
    }
}

impl Spectrogram {
    /// Adds the newest spectrum, of bands with these centres in Hz, if it is a new one.
    pub fn follow(&mut self, ui: &Ui, axis: Axis, band_hz: &[f32], spectrum: &Spectrum) {
        if self.axis != Some(axis) {
            *self = Self {
                rows: (0..ROWS)
                    .map(|row| {
                        let hz = axis.hz(1.0 - (row as f32 + 0.5) / ROWS as f32);
                        frequency::position(band_hz, hz)
                    })
                    .collect(),
                axis: Some(axis),
                ..Self::default()
            };
        }
        let column = (spectrum.hop as f64 * f64::from(spectrum.hop_seconds * RATE)) as u64;
        let first = match self.newest {
            Some(newest) if column == newest => return,
            Some(newest) if column > newest && column - newest < COLUMNS as u64 => newest + 1,
            // The sound began anew, or this page has been away for longer than it can show.
            _ => {
                self.texture = None;
                column
            }
        };
        let texture = self.texture.get_or_insert_with(|| {
            let dark = ColorImage::filled([COLUMNS, ROWS], Color32::TRANSPARENT);
            ui.ctx()
                .load_texture("spectrogram", dark, TextureOptions::LINEAR)
        });
        let paused = column - first >= LATEST;
        for number in first..=column {
            let known = !paused || number == column;
            let pixels = self
                .rows
                .iter()
                .map(|place| {
                    let light = if known {
                        light(&spectrum.output, *place)
                    } else {
                        0.0
                    };
                    Color32::from_white_alpha((255.0 * light) as u8)
                })
                .collect();
            let at = (number % COLUMNS as u64) as usize;
            texture.set_partial(
                [at, 0],
                ColorImage::new([1, ROWS], pixels),
                TextureOptions::LINEAR,
            );
        }
        self.newest = Some(column);
    }

    /// Draws the picture into `rect`, with the frequencies left of it and the times below.
    pub fn draw(&self, ui: &Ui, metrics: Metrics, rect: Rect, axis: Axis) {
        let palette = metrics.palette;
        let picture = rect
            .with_min_x(rect.left() + metrics.units(plot::LEFT))
            .with_max_y(rect.bottom() - metrics.units(2.0));
        ui.painter()
            .rect_filled(picture, CornerRadius::ZERO, palette.background);
        if let (Some(texture), Some(newest)) = (&self.texture, self.newest) {
            // The ring in two parts: the oldest column is the one behind the newest.
            let seam = (newest + 1) % COLUMNS as u64;
            let seam = seam as f32 / COLUMNS as f32;
            let middle = picture.right() - seam * picture.width();
            for (part, from, to) in [
                (picture.with_max_x(middle), seam, 1.0),
                (picture.with_min_x(middle), 0.0, seam),
            ] {
                let uv = Rect::from_min_max(Pos2::new(from, 0.0), Pos2::new(to, 1.0));
                ui.painter().image(texture.id(), part, uv, palette.accent);
            }
        }
        for (share, name) in axis.lines(picture.height(), metrics.units(2.0)) {
            let y = picture.bottom() - share * picture.height();
            let line = Rect::from_center_size(
                Pos2::new(picture.left() - metrics.units(2.5), y),
                Vec2::new(metrics.units(4.0), metrics.units(2.0)),
            );
            let inside = rect.y_range().shrink(line.height() / 2.0);
            if inside.contains(y) {
                let small = metrics.small();
                look::paint_text(ui, line, Align2::RIGHT_CENTER, name, small, palette.dim);
            }
        }
        let times = rect.with_min_y(picture.bottom());
        for (share, align, text) in [
            (0.0, Align2::LEFT_CENTER, format!("{SECONDS:.0} s ago")),
            (
                0.5,
                Align2::CENTER_CENTER,
                format!("{:.0} s ago", SECONDS / 2.0),
            ),
            (1.0, Align2::RIGHT_CENTER, "now".to_owned()),
        ] {
            let x = picture.left() + share * picture.width();
            let at = Rect::from_center_size(
                Pos2::new(x, times.center().y),
                Vec2::new(metrics.units(16.0), times.height()),
            )
            .intersect(times.with_min_x(picture.left()));
            look::paint_text(ui, at, align, text, metrics.small(), palette.dim);
        }
        self.describe(ui, picture, axis);
    }

    fn describe(&self, ui: &Ui, picture: Rect, axis: Axis) {
        let response = ui.interact(picture, ui.scope_id().with("spectrogram"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Spectrogram"));
        if let Some(at) = response.hover_pos() {
            let up = (picture.bottom() - at.y) / picture.height();
            let ago = SECONDS * (picture.right() - at.x) / picture.width();
            let hz = frequency::words(axis.hz(up));
            let words =
                format!("{hz}, {ago:.1} s ago; the output, time to the right, high notes up");
            help::line(&response, &words);
        }
    }
}

/// How light a place among the bands is, 0 to 1.
fn light(levels: &MelDb, place: f32) -> f32 {
    let below = place as usize;
    let level = |band: usize| levels.get(band).or(levels.last()).copied().unwrap_or(DARK);
    let (low, high) = (level(below), level(below + 1));
    let level = low + (high - low) * place.fract();
    let light = (level - DARK) / (LIGHT - DARK);
    if light.is_finite() {
        // Curved, so that what stands out is seen to.
        light.clamp(0.0, 1.0).powf(1.5)
    } else {
        0.0
    }
}
