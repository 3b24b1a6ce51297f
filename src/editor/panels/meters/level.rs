//! One meter: bars, the highest peak, the clip light.

use egui::{
    Align2, CornerRadius, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
};

use super::along;
use crate::{
    editor::{
        look::{self, Metrics},
        widgets::help,
    },
    telemetry::Meter,
};

/// The levels at the bars' ends, in dB or LUFS.
const TOP: f32 = 6.0;
const BOTTOM: f32 = -60.0;
/// Levels that have a line.
const LINES: [f32; 5] = [0.0, -12.0, -24.0, -36.0, -48.0];
/// A peak falls by so many dB a second once nothing holds it up.
const FALL: f64 = 20.0;

/// What one meter remembers between two frames.
#[derive(Debug)]
pub struct Level {
    /// Peaks that fall slowly, in dB, left and right, and when they were last looked at.
    peaks: [f32; 2],
    seen: f64,
    /// The highest peak since the last reset, in dB.
    highest: f32,
    /// Whether a sample was at full scale or beyond since then.
    clipped: bool,
    /// In LUFS.
    loudness: f32,
}

impl Default for Level {
    fn default() -> Self {
        Self {
            peaks: [f32::NEG_INFINITY; 2],
            seen: 0.0,
            highest: f32::NEG_INFINITY,
            clipped: false,
            loudness: f32::NEG_INFINITY,
        }
    }
}

/// What a meter is called.
pub struct Name {
    /// By screen readers.
    pub name: &'static str,
    /// Above its bars.
    pub short: &'static str,
    /// In words, in the help.
    pub words: &'static str,
}

impl Level {
    /// Takes in what was measured until `now`, in seconds.
    pub fn follow(&mut self, meter: &Meter, now: f64) {
        let fallen = (FALL * (now - self.seen).max(0.0)) as f32;
        self.seen = now;
        for (peak, magnitude) in self.peaks.iter_mut().zip(meter.peaks) {
            let level = 20.0 * magnitude.log10();
            *peak = level.max(*peak - fallen);
            self.highest = self.highest.max(level);
            self.clipped |= magnitude >= 1.0;
        }
        self.loudness = meter.loudness;
    }

    /// Whether a peak falls, since nothing holds it up.
    pub fn is_falling(&self, meter: &Meter) -> bool {
        meter.peaks == [0.0; 2] && self.peaks.iter().any(|peak| *peak > BOTTOM)
    }

    /// Draws the meter into `rect`, from top to bottom: name, highest peak, clip light, bars. A click forgets peak and clip.
    pub fn draw(&mut self, ui: &Ui, metrics: Metrics, rect: Rect, name: &Name) {
        let palette = metrics.palette;
        let response = ui.interact(rect, ui.scope_id().with(name.name), Sense::click());
        if response.clicked() {
            self.highest = f32::NEG_INFINITY;
            self.clipped = false;
        }
        let highest = written(self.highest);
        response.widget_info(|| WidgetInfo {
            current_text_value: Some(self.describe()),
            ..WidgetInfo::labeled(Role::Button, true, name.name)
        });
        let line = metrics.units(1.6);
        let (head, bars) = rect.split_top_bottom_at_y(rect.top() + 2.0 * line);
        let (caption, number) = head.split_top_bottom_at_y(head.center().y);
        let hot = response.hovered() || response.has_focus();
        let ink = if hot { palette.text } else { palette.dim };
        let centred = Align2::CENTER_CENTER;
        look::paint_text(ui, caption, centred, name.short, metrics.small(), ink);
        let ink = if self.clipped {
            palette.warning
        } else {
            palette.text
        };
        let font = look::fitting(ui, "-88.8", number.width(), metrics.small());
        look::paint_text(ui, number, centred, highest, font, ink);

        let light = bars.with_max_y(bars.top() + metrics.units(0.9));
        let corner = CornerRadius::same(look::rounded(metrics.units(0.2)));
        let (fill, edge) = if self.clipped {
            (palette.warning, palette.warning)
        } else {
            (palette.track, palette.edge)
        };
        let stroke = Stroke::new(1.0, edge);
        ui.painter()
            .rect(light, corner, fill, stroke, StrokeKind::Inside);
        self.draw_bars(
            ui,
            metrics,
            bars.with_min_y(light.bottom() + metrics.units(0.3)),
        );
        if response.has_focus() {
            let stroke = Stroke::new(1.0, palette.accent);
            ui.painter()
                .rect_stroke(rect, corner, stroke, StrokeKind::Outside);
        }
        help::line(
            &response,
            &format!(
                "{}, {}: bars are loudness, bright lines peaks, a line every 12 dB from 0; click: forget the highest and the clip light",
                name.name, name.words
            ),
        );
    }

    /// Draws the two channels' bars: the loudness, which both share, and each one's peak.
    fn draw_bars(&self, ui: &Ui, metrics: Metrics, rect: Rect) {
        let palette = metrics.palette;
        let painter = ui.painter();
        let width = (rect.width() - metrics.units(0.25)) / 2.0;
        for (index, peak) in self.peaks.iter().enumerate() {
            let left = rect.left() + index as f32 * (width + metrics.units(0.25));
            let bar =
                Rect::from_min_size(Pos2::new(left, rect.top()), Vec2::new(width, rect.height()));
            painter.rect_filled(bar, CornerRadius::ZERO, palette.track);
            let faint = look::mix(palette.track, palette.accent, 0.4);
            painter.rect_filled(from(bar, *peak), CornerRadius::ZERO, faint);
            let loud = from(bar, self.loudness);
            painter.rect_filled(loud, CornerRadius::ZERO, palette.accent);
            let hold = |level: f32, color, thick: f32| {
                if level > BOTTOM {
                    let y = along(bar, share(level)).y;
                    painter.hline(bar.x_range(), y, Stroke::new(metrics.units(thick), color));
                }
            };
            hold(*peak, palette.text, 0.15);
            hold(self.highest, palette.warning, 0.15);
        }
        let grid = Stroke::new(1.0, look::mix(palette.background, palette.edge, 0.8));
        for level in LINES {
            painter.hline(rect.x_range(), along(rect, share(level)).y, grid);
        }
    }

    fn describe(&self) -> String {
        format!(
            "highest peak {} dB, loudness {} LUFS, {}",
            written(self.highest),
            written(self.loudness),
            if self.clipped {
                "clipped"
            } else {
                "not clipped"
            }
        )
    }
}

/// A level as it is written; below everything that is heard it is a dash.
fn written(level: f32) -> String {
    if level > -100.0 {
        // "-0.0" would be a strange thing to read.
        let level = if level.abs() < 0.05 { 0.0 } else { level };
        format!("{level:.1}")
    } else {
        "–".to_owned()
    }
}

/// Where a level is along a bar, 0 at its top.
fn share(level: f32) -> f32 {
    ((TOP - level) / (TOP - BOTTOM)).clamp(0.0, 1.0)
}

/// The part of a bar below a level.
fn from(bar: Rect, level: f32) -> Rect {
    bar.with_min_y(along(bar, share(level)).y)
}
