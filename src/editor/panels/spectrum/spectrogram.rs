//! The spectrogram: shows the output of the last seconds, time to the right, frequency up, light where it was loud.

use egui::{
    Align2, Color32, ColorImage, CornerRadius, Pos2, Rect, Role, Sense, TextureHandle,
    TextureOptions, Ui, Vec2, WidgetInfo,
};

use super::{frequency, plot};
use crate::editor::{
    look::{self, Metrics},
    widgets::help,
};
use crate::telemetry::{COLUMNS, Column, ROWS, SPECTRUM_RATE, SpectrumHistory};

/// Seconds that are seen.
const SECONDS: f32 = COLUMNS as f32 / SPECTRUM_RATE;
/// With more new columns than this the whole picture is uploaded at once.
const FEW: u64 = COLUMNS as u64 / 2;
/// Levels from which on there is light, and full light, in dB.
const DARK: f32 = -85.0;
const LIGHT: f32 = -15.0;

/// The picture, on the window's thread: a ring of columns, in which each spectrum is written over the oldest one.
#[derive(Default)]
pub struct Spectrogram {
    texture: Option<TextureHandle>,
    /// Number of the newest column that is in the picture; `None` before the first.
    newest: Option<u64>,
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
    /// Adds the columns that are not in the picture yet. Where there are none, nobody looked, and it is dark.
    /// At least `together` of them, a column or more.
    pub fn follow(&mut self, ui: &Ui, history: &SpectrumHistory, together: u64) {
        let Some(newest) = history.newest() else {
            return;
        };
        let first = match self.newest {
            Some(shown) if (shown..shown + together).contains(&newest) => return,
            Some(shown) if shown < newest && newest - shown <= FEW => shown + 1,
            _ => {
                self.draw_anew(ui, history, newest);
                return;
            }
        };
        let Some(texture) = &mut self.texture else {
            self.draw_anew(ui, history, newest);
            return;
        };
        // Each upload costs, however little it holds: what is new goes at once, in two parts where the ring ends.
        let mut columns = history.since(self.newest).peekable();
        let mut first = first;
        while first <= newest {
            let at = place(first);
            let last = newest.min(first + (COLUMNS - at) as u64 - 1);
            let width = (last - first + 1) as usize;
            let mut image = ColorImage::filled([width, ROWS], Color32::TRANSPARENT);
            while let Some(column) = columns.next_if(|column| column.number <= last) {
                paint(&mut image, place(column.number).saturating_sub(at), column);
            }
            texture.set_partial([at, 0], image, TextureOptions::LINEAR);
            first = last + 1;
        }
        self.newest = Some(newest);
    }

    /// Draws the whole picture up to a column.
    fn draw_anew(&mut self, ui: &Ui, history: &SpectrumHistory, newest: u64) {
        let mut image = ColorImage::filled([COLUMNS, ROWS], Color32::TRANSPARENT);
        for column in history.since(newest.checked_sub(COLUMNS as u64)) {
            paint(&mut image, place(column.number), column);
        }
        match &mut self.texture {
            Some(texture) => texture.set(image, TextureOptions::LINEAR),
            None => {
                let context = ui.ctx();
                let options = TextureOptions::LINEAR;
                self.texture = Some(context.load_texture("spectrogram", image, options));
            }
        }
        self.newest = Some(newest);
    }

    /// Draws the picture into `rect`, with the frequencies left of it and the times below.
    pub fn draw(&self, ui: &Ui, metrics: Metrics, rect: Rect) {
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
        for (share, name) in frequency::lines(picture.height(), metrics.units(2.0)) {
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
        describe(ui, picture);
    }
}

/// Where in the ring a column is.
fn place(number: u64) -> usize {
    (number % COLUMNS as u64) as usize
}

/// Draws a spectrum into a column of an image.
fn paint(image: &mut ColorImage, at: usize, column: &Column) {
    let [width, _] = image.size;
    for (row, color) in pixels(column).enumerate() {
        if let Some(pixel) = image.pixels.get_mut(row * width + at) {
            *pixel = color;
        }
    }
}

fn describe(ui: &Ui, picture: Rect) {
    let response = ui.interact(picture, ui.scope_id().with("spectrogram"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Spectrogram"));
    if let Some(at) = response.hover_pos() {
        let up = (picture.bottom() - at.y) / picture.height();
        let ago = SECONDS * (picture.right() - at.x) / picture.width();
        let hz = frequency::at(up);
        let words = format!(
            "{}, {}, {ago:.1} s ago; the output, time to the right, high notes up",
            frequency::words(hz),
            frequency::note(hz)
        );
        help::line(&response, &words);
    }
}

/// A column's pixels, from the top down.
fn pixels(column: &Column) -> impl Iterator<Item = Color32> {
    column.levels().rev().map(|level| {
        let light = ((level - DARK) / (LIGHT - DARK)).clamp(0.0, 1.0);
        // Curved, so that what stands out is seen to.
        Color32::from_white_alpha((255.0 * light.powf(1.5)) as u8)
    })
}
