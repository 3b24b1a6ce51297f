//! The message that stands in place of the columns while there is nothing to list.

use egui::{Align2, CornerRadius, Pos2, Rect, Shape, Stroke, Ui, Vec2};

use crate::{
    editor::look::{self, Metrics},
    model::TagKind,
    telemetry::{ListenState, Snapshot},
};

/// A message: a large line, a small one, and a drawing above them.
pub struct Message {
    title: &'static str,
    text: String,
    /// What can be done about it.
    hint: &'static str,
    sign: Sign,
}

/// The drawing above a message.
enum Sign {
    /// A triangle, as on a play button.
    Play,
    /// Three bars that are being listened to.
    Listening,
    /// A ring that is struck through.
    Missing,
}

/// Returns the message for `snapshot`; `None` while there is something to list.
pub fn message(snapshot: &Snapshot) -> Option<Message> {
    let readout = &snapshot.readout;
    match readout.state {
        ListenState::Unavailable => {
            let fault = snapshot.status.fault.as_deref();
            let text = fault.unwrap_or("The tagger could not be loaded");
            Some(Message {
                title: "No tagger",
                text: text.to_owned(),
                hint: "Morph works without it; other models: click on their names at the bottom right",
                sign: Sign::Missing,
            })
        }
        _ if !readout.average.is_empty() || !readout.probabilities.is_empty() => None,
        ListenState::WarmingUp | ListenState::Live => Some(Message {
            title: "Listening",
            text: "The first answer comes within a second".to_owned(),
            hint: "",
            sign: Sign::Listening,
        }),
        ListenState::Waiting | ListenState::Silence => Some(Message {
            title: "Play something",
            text: "Genre, instrument and mood appear within a second of sound".to_owned(),
            hint: "",
            sign: Sign::Play,
        }),
    }
}

/// Draws a message into `rect`.
pub fn draw(ui: &Ui, metrics: Metrics, rect: Rect, message: &Message) {
    let sign = metrics.units(2.5);
    let with_sign = rect.height() >= metrics.units(14.0);
    let middle = rect.center().y + if with_sign { sign } else { 0.0 };
    if with_sign {
        let center = Pos2::new(rect.center().x, middle - metrics.units(4.25) - sign);
        draw_sign(ui, metrics, center, sign, &message.sign);
    }
    look::label(
        ui,
        rect.with_min_y(middle - metrics.units(3.0))
            .with_max_y(middle),
        Align2::CENTER_CENTER,
        message.title,
        metrics.title(),
        metrics.palette.text,
    );
    look::label(
        ui,
        rect.with_min_y(middle)
            .with_max_y(middle + metrics.units(2.5)),
        Align2::CENTER_CENTER,
        &message.text,
        metrics.body(),
        metrics.palette.dim,
    );
    if message.hint.is_empty() {
        return;
    }
    let below = middle + metrics.units(2.5);
    look::label(
        ui,
        rect.with_min_y(below)
            .with_max_y(below + metrics.units(2.5)),
        Align2::CENTER_CENTER,
        message.hint,
        metrics.small(),
        metrics.palette.dim,
    );
}

fn draw_sign(ui: &Ui, metrics: Metrics, center: Pos2, radius: f32, sign: &Sign) {
    let palette = metrics.palette;
    let stroke = Stroke::new(metrics.units(0.35), palette.dim);
    let painter = ui.painter();
    match sign {
        Sign::Play => {
            painter.circle_stroke(center, radius, stroke);
            let corners = [(-0.3, -0.5), (0.55, 0.0), (-0.3, 0.5)]
                .map(|(x, y)| center + radius * Vec2::new(x, y));
            painter.add(Shape::convex_polygon(
                corners.to_vec(),
                palette.text,
                Stroke::NONE,
            ));
        }
        Sign::Listening => {
            for (kind, (x, height)) in
                TagKind::COLUMNS
                    .into_iter()
                    .zip([(-0.6, 0.5), (0.0, 1.0), (0.6, 0.7)])
            {
                let bar = Rect::from_center_size(
                    center + radius * Vec2::new(x, 0.0),
                    radius * Vec2::new(0.35, 2.0 * height),
                );
                painter.rect_filled(bar, CornerRadius::same(2), palette.kind(kind));
            }
        }
        Sign::Missing => {
            let stroke = Stroke::new(stroke.width, palette.warning);
            painter.circle_stroke(center, radius, stroke);
            let across = radius * Vec2::angled(std::f32::consts::FRAC_PI_4);
            painter.line_segment([center - across, center + across], stroke);
        }
    }
}
