//! The Measure panel: how loud what comes out is, how fast, in which key, and how it is felt.

use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo};

use crate::{
    editor::{
        look::{self, Metrics},
        scene::Scene,
        widgets::{
            button::{self, Kind},
            help,
        },
    },
    telemetry::Measures,
};

mod loudness;
mod music;
mod timbre;

/// Height of the head, in spacing units.
const HEAD: f32 = 3.0;

/// Height of the loudness, in spacing units, and the most that it grows to.
const LOUDNESS: f32 = 9.5;
const MOST_LOUDNESS: f32 = 15.0;

/// What the panel remembers between two frames, on the window's thread.
#[derive(Debug)]
pub struct MeasurePanel {
    /// Counts how often it was begun anew, from 1 on.
    run: u32,
}

impl Default for MeasurePanel {
    fn default() -> Self {
        Self { run: 1 }
    }
}

impl MeasurePanel {
    /// Which run is wanted: another number than before begins the measures anew. Never 0.
    pub fn run(&self) -> u32 {
        self.run
    }

    /// Draws the panel into `rect`.
    pub fn draw(&mut self, ui: &Ui, scene: &Scene<'_>, rect: Rect) {
        let metrics = scene.metrics;
        let inside = look::panel(ui, metrics, rect);
        let (head, body) = inside.split_top_bottom_at_y(inside.top() + metrics.units(HEAD));
        let measures = scene.snapshot.measures.unwrap_or_default();
        self.draw_head(ui, metrics, head, &measures);
        let body = body.with_min_y(body.top() + metrics.units(0.5));
        let height = (0.3 * body.height())
            .clamp(metrics.units(LOUDNESS), metrics.units(MOST_LOUDNESS))
            .min(body.height());
        let (above, below) = body.split_top_bottom_at_y(body.top() + height);
        loudness::draw(ui, metrics, above, &measures.loudness);
        let below = below.with_min_y(below.top() + metrics.units(1.5));
        let middle = below.left() + 0.46 * below.width();
        let (left, right) = below.split_left_right_at_x(middle);
        music::draw(ui, metrics, left, &measures);
        let right = right.with_min_x(right.left() + metrics.units(1.5));
        timbre::draw(ui, metrics, right, measures.timbre.as_ref());
    }

    fn draw_head(&mut self, ui: &Ui, metrics: Metrics, rect: Rect, measures: &Measures) {
        let palette = metrics.palette;
        let row = rect.with_max_y(rect.top() + metrics.units(2.5));
        let width = button::width(ui, metrics, "Restart");
        let restart = row.with_min_x(row.right() - width);
        let name = "Restart Measuring";
        let response = button::button(ui, metrics, restart, name, "Restart", Kind::Push);
        let words = "Begins anew: integrated loudness, range, true peak, tuning and all averages";
        if help::tip(response, words).clicked() {
            self.run = self.run.wrapping_add(1).max(1);
        }
        let (align, font) = (Align2::LEFT_CENTER, metrics.heading());
        let (title, _) = look::paint_text(ui, row, align, "Measure", font, palette.text);
        let beside = row
            .with_min_x(title.right() + metrics.units(1.0))
            .with_max_x(restart.left() - metrics.units(1.0));
        let text = if measures.seconds > 0.0 {
            let seconds = measures.seconds as u64;
            format!("the output, for {}:{:02}", seconds / 60, seconds % 60)
        } else {
            "play something".to_owned()
        };
        look::label(ui, beside, align, &text, metrics.body(), palette.dim);
    }
}

/// A number that has a name and words, to whoever reads, points or listens.
struct Reading<'a> {
    name: &'a str,
    /// As it is written.
    text: String,
    words: &'a str,
}

impl Reading<'_> {
    /// Makes `rect` the reading's place.
    fn place(&self, ui: &Ui, rect: Rect) {
        let response = ui.interact(rect, ui.scope_id().with(self.name), Sense::hover());
        response.widget_info(|| WidgetInfo {
            current_text_value: Some(self.text.clone()),
            ..WidgetInfo::labeled(Role::Status, true, self.name)
        });
        help::line(&response, &format!("{}: {}", self.name, self.words));
    }

    /// Writes the words where there is room for all of them. Where there is none, the help line has them.
    fn explain(&self, ui: &Ui, metrics: Metrics, rect: Rect) {
        let font = metrics.small();
        let fits = look::text_width(ui, self.words, font.clone()) <= rect.width()
            && rect.height() >= font.size;
        if fits {
            let (align, dim) = (Align2::LEFT_CENTER, metrics.palette.dim);
            look::paint_text(ui, rect, align, self.words, font, dim);
        }
    }
}
