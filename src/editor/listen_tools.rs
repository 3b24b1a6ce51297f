//! What can be done with the readout: hide the weak tags, freeze, copy, save.

use std::sync::Arc;

use egui::{Popup, Rect, Ui};
use nice_plug::prelude::Param;

use super::{
    button::{self, Kind},
    control::Edit,
    help,
    readout_file::{self, Report},
    tag_columns::percent,
    theme::Metrics,
};
use crate::params::MoodringParams;
use crate::telemetry::Snapshot;

/// The choices of what is hidden: everything below this probability.
const THRESHOLDS: [f32; 7] = [0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

fn threshold_text(threshold: f32) -> String {
    if threshold > 0.0 {
        format!("Hide below {}", percent(threshold))
    } else {
        "Show all".to_owned()
    }
}

/// Draws the tools at the right end of `rect`. Returns the room that is left of them.
pub(super) fn draw(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    params: &MoodringParams,
    snapshot: &Snapshot,
    edit: &mut Edit<'_>,
) -> Rect {
    let thread = edit.setter.thread();
    let mut room = rect;
    let mut place = |text: &str| {
        let width = button::width(ui, metrics, text);
        let (rest, place) = room.split_left_right_at_x(room.right() - width);
        room = rest.with_max_x(rest.right() - metrics.units(0.5));
        place
    };
    let report = |snapshot| Report {
        snapshot,
        settings: params.view.get(thread),
        averaging: params.average.unmodulated_plain_value(),
    };
    let heard = !snapshot.readout.average.is_empty();

    let save = button::button(ui, metrics, place("Save"), "Save", "Save", Kind::Push);
    let words = "Writes the answers of the last ten minutes to two files, CSV and JSON";
    if help::tip(save, words).clicked() {
        match readout_file::save(edit.state.readout_folder(), &report(snapshot)) {
            Ok(file) => {
                let text = format!("Saved {} and the same as .json", file.display());
                edit.state.notice.say(ui, text);
            }
            Err(why) => edit.state.notice.refuse(ui, why.to_string()),
        }
    }
    let copy = button::button(ui, metrics, place("Copy"), "Copy", "Copy", Kind::Push);
    if help::tip(copy, "Copies what is shown as text").clicked() {
        if heard {
            ui.ctx().copy_text(report(snapshot).text());
            edit.state.notice.say(ui, "Copied what is shown");
        } else {
            edit.state.notice.refuse(ui, "There is nothing to copy yet");
        }
    }
    let frozen = edit.state.frozen.is_some();
    let freeze = place("Freeze");
    let freeze = button::button(
        ui,
        metrics,
        freeze,
        "Freeze",
        "Freeze",
        Kind::Toggle(frozen),
    );
    if help::tip(freeze, "Holds what is shown while the sound goes on").clicked() {
        edit.state.frozen = if frozen {
            None
        } else {
            Some(Arc::new(snapshot.clone()))
        };
        ui.ctx().request_repaint();
    }

    let threshold = params.view.get(thread).threshold();
    let text = threshold_text(threshold);
    // As wide as its longest words, so that nothing moves when they change.
    let widest = THRESHOLDS.map(threshold_text);
    let widest = widest.iter().max_by_key(|text| text.len());
    let hide = place(widest.map_or(text.as_str(), String::as_str));
    let hide = button::button(ui, metrics, hide, "Threshold", &text, Kind::Push);
    let hide = help::tip(
        hide,
        "Hides tags that are less likely than this; pinned ones stay",
    );
    Popup::menu(&hide).show(|ui| {
        for choice in THRESHOLDS {
            let chosen = choice == threshold;
            if ui
                .selectable_label(chosen, threshold_text(choice))
                .clicked()
            {
                params.view.hide_below(choice, thread);
            }
        }
    });
    room
}
