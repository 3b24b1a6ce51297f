//! The sound on the map: a ring where it is, and a line to where it was lately.

use egui::{Pos2, Shape, Stroke, Ui};

use super::plane::Plane;
use crate::{
    editor::look::{self, Metrics},
    telemetry::Snapshot,
};

/// How long the trail is, in seconds.
const TRAIL: f64 = 30.0;
/// Points of one stretch of the trail, all of one colour.
const STRETCH: usize = 8;
/// Two answers that are farther apart than so many of the usual steps have something between them that wasn't heard.
const LONGEST_STEP: f64 = 2.5;

/// Draws where the sound was in the last half minute: paler the longer ago, and not across silence.
pub fn draw_trail(ui: &Ui, metrics: Metrics, plane: Plane, snapshot: &Snapshot) {
    let palette = metrics.palette;
    let step = LONGEST_STEP * f64::from(snapshot.answer_pace.max(0.5));
    let mut moments = snapshot.history.moments().rev();
    let Some(newest) = moments.next() else {
        return;
    };
    let Some(at) = newest.place else { return };
    let (mut points, mut after) = (vec![plane.screen(at)], newest.seconds);
    for moment in moments {
        let ago = after - moment.seconds;
        let age = newest.seconds - moment.seconds;
        let Some(at) = moment
            .place
            .filter(|_| age <= TRAIL && (0.0..=step).contains(&ago))
        else {
            break;
        };
        points.push(plane.screen(at));
        after = moment.seconds;
    }
    let mut start = 0;
    while let Some(stretch) = points.get(start..).filter(|rest| rest.len() > 1) {
        // Each begins where the one before it ends.
        let stretch: Vec<Pos2> = stretch.iter().copied().take(STRETCH + 1).collect();
        let fresh = 1.0 - start as f32 / points.len() as f32;
        let color = look::mix(palette.background, palette.text, 0.15 + 0.6 * fresh);
        let stroke = Stroke::new(metrics.units(0.2), color);
        ui.painter().add(Shape::line(stretch, stroke));
        start += STRETCH;
    }
}

/// Draws where the sound is: a full ring, or an empty one where it is like none of the songs. Nothing in silence.
pub fn draw_dot(ui: &Ui, metrics: Metrics, plane: Plane, snapshot: &Snapshot) {
    let Some(place) = snapshot.readout.place else {
        return;
    };
    let palette = metrics.palette;
    let at = plane.screen(place.at);
    // Its edge stands out from every dot and from the ground.
    ui.painter()
        .circle_filled(at, metrics.units(1.15), palette.background);
    let fill = if place.is_familiar {
        palette.text
    } else {
        palette.background
    };
    let ring = Stroke::new(metrics.units(0.25), palette.text);
    ui.painter().circle(at, metrics.units(0.75), fill, ring);
}
