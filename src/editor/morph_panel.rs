//! What is done to the sound: the latent knobs, the target, and the blend.

use egui::{Align2, ComboBox, Pos2, Rect, Sense, Ui, UiBuilder, Vec2};
use nice_plug::prelude::{Enum, Param};

use super::{
    Snapshot,
    control::{self, Edit},
    knob::{self, Place},
    slider::{self, Shape},
    theme::{self, Metrics},
};
use crate::{
    model::ModelSource,
    params::{MoodringParams, Target},
};

/// Cells in a row of the lower part.
const COLUMNS: usize = 4;

/// The height below which the panel can't be drawn without cutting something off.
pub(super) fn least_height(metrics: Metrics) -> f32 {
    metrics.units(2.0 + 3.0 + 11.0 + 0.5 + 5.0 + 0.5 + 5.0)
}

/// Draws the panel into `rect`.
pub(super) fn draw(
    ui: &mut Ui,
    metrics: Metrics,
    rect: Rect,
    params: &MoodringParams,
    snapshot: &Snapshot,
    edit: &mut Edit<'_>,
) {
    let inside = theme::panel(ui, metrics, rect);
    let (head, rest) = inside.split_top_bottom_at_y(inside.top() + metrics.units(3.0));
    draw_head(ui, metrics, head, snapshot);
    let controls = metrics.units(5.0 + 0.5 + 5.0);
    let (knobs, cells) = rest.split_top_bottom_at_y(rest.bottom() - controls);
    draw_knobs(
        ui,
        metrics,
        knobs.with_max_y(knobs.bottom() - metrics.units(0.5)),
        params,
        snapshot,
        edit,
    );
    draw_cells(ui, metrics, cells, params, edit);
}

fn draw_head(ui: &Ui, metrics: Metrics, rect: Rect, snapshot: &Snapshot) {
    theme::paint_text(
        ui,
        rect,
        Align2::LEFT_CENTER,
        "Morph",
        metrics.heading(),
        metrics.palette.text,
    );
    if snapshot.codes.is_none() {
        return;
    }
    // The legend, from the right.
    let mut right = rect.right();
    for (text, mark) in [
        ("output", knob::shaped_mark as fn(&Ui, Metrics, Pos2)),
        ("input", knob::live_mark),
    ] {
        let response = theme::label(
            ui,
            rect.with_max_x(right),
            Align2::RIGHT_CENTER,
            text,
            metrics.small(),
            metrics.palette.dim,
        );
        let x = response.rect.left() - metrics.units(1.0);
        mark(ui, metrics, Pos2::new(x, rect.center().y));
        response.on_hover_text(match text {
            "input" => "Ring: where the input is on each axis",
            _ => "Dot: where the knobs and Morph take it",
        });
        right = x - metrics.units(2.0);
    }
}

fn draw_knobs(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    params: &MoodringParams,
    snapshot: &Snapshot,
    edit: &mut Edit<'_>,
) {
    let latents = ModelSource::embedded_timbre_card().map_or(&[][..], |card| &card.latents);
    // One row, or two where they leave room for larger dials.
    let count = params.knobs.len();
    let text = metrics.units(4.0);
    let dial = |rows: usize| {
        let width = rect.width() / count.div_ceil(rows) as f32;
        width.min(rect.height() / rows as f32 - text)
    };
    let rows = if dial(2) > dial(1) { 2 } else { 1 };
    let columns = count.div_ceil(rows);
    let size = rect.size() / Vec2::new(columns as f32, rows as f32);
    for (index, param) in params.knobs.iter().enumerate() {
        let at = Vec2::new((index % columns) as f32, (index / columns) as f32);
        let cell = Rect::from_min_size(rect.min + at * size, size);
        let place = snapshot.codes.as_ref().and_then(|codes| {
            Some(Place {
                live: *codes.live.get(index)?,
                shaped: *codes.shaped.get(index)?,
            })
        });
        let cell = cell.shrink2(Vec2::new(metrics.units(0.25), 0.0));
        let response = knob::knob(ui, metrics, cell, &param.shift, place, edit);
        // No bubble over the knob that is being turned.
        if !response.dragged() {
            response.on_hover_ui(|ui| {
                let words = latents
                    .get(index)
                    .map_or("", |latent| latent.descriptor.as_str());
                ui.label(capitalised(words));
                if let Some(place) = place {
                    ui.label(format!(
                        "Input {:+.2} σ, output {:+.2} σ",
                        place.live, place.shaped
                    ));
                }
                ui.weak("Drag up or down, or use the wheel; Shift: fine; double-click: reset");
            });
        }
    }
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn draw_cells(
    ui: &mut Ui,
    metrics: Metrics,
    rect: Rect,
    params: &MoodringParams,
    edit: &mut Edit<'_>,
) {
    let gap = Vec2::new(metrics.units(1.5), metrics.units(0.5));
    let columns = COLUMNS as f32;
    let size = Vec2::new(
        (rect.width() - gap.x * (columns - 1.0)) / columns,
        (rect.height() - gap.y) / 2.0,
    );
    let cell = |index: usize| {
        let place = Vec2::new((index % COLUMNS) as f32, (index / COLUMNS) as f32);
        Rect::from_min_size(rect.min + place * (size + gap), size)
    };
    draw_target(ui, metrics, cell(0), params, edit);
    for (index, param, words) in [
        (
            1,
            &params.morph,
            "How far the sound is drawn to the target's timbre",
        ),
        (
            2,
            &params.resynthesis,
            "0 % changes only what the knobs change; 100 % imposes the model's own spectrum",
        ),
        (
            3,
            &params.follow,
            "100 % tracks the input's timbre; 0 % holds the present one",
        ),
        (
            4,
            &params.smoothing,
            "How slowly the timbre follows the knobs and the input",
        ),
        (5, &params.mix, "Share of the processed sound in the output"),
        (6, &params.output, "Gain behind the mix"),
    ] {
        let response = slider::slider(ui, metrics, cell(index), Shape::Tall, param, edit);
        if !response.dragged() {
            response.on_hover_ui(|ui| {
                ui.label(words);
                ui.weak("Drag or click, or use the wheel; Shift: fine; double-click: reset");
            });
        }
    }
    slider::switch(
        ui,
        metrics,
        cell(7),
        &params.keep_loudness,
        metrics.palette.accent,
        edit.setter,
    )
    .on_hover_text("The output stays as loud as the input while its timbre changes");
}

fn draw_target(
    ui: &mut Ui,
    metrics: Metrics,
    rect: Rect,
    params: &MoodringParams,
    edit: &mut Edit<'_>,
) {
    let param = &params.target;
    let (caption, room) = rect.split_top_bottom_at_y(rect.top() + metrics.units(2.25));
    let room = room.with_max_y(room.bottom() - metrics.units(0.25));
    theme::paint_text(
        ui,
        caption,
        Align2::LEFT_CENTER,
        param.name(),
        metrics.body(),
        metrics.palette.dim,
    );
    // The list itself opens with a click, so the reset is on its name.
    let reset = ui
        .interact(
            caption,
            ui.scope_id().with("target caption"),
            Sense::click(),
        )
        .on_hover_text("Double-click: back to the default")
        .double_clicked();
    let names = Target::variants();
    let current = param.unmodulated_plain_value().to_index();
    let mut chosen = current;
    let mut child = ui.new_child(UiBuilder::new().max_rect(room).id_salt("target"));
    let spacing = child.spacing_mut();
    spacing.interact_size.y = room.height();
    spacing.button_padding.x = metrics.units(0.75);
    spacing.icon_width = metrics.units(1.25);
    spacing.item_spacing.x = metrics.units(0.25);
    let response = child.name_inputs(param.name(), |ui| {
        ComboBox::from_id_salt("target")
            .selected_text(names.get(current).copied().unwrap_or_default())
            .width(room.width())
            .height(metrics.units(28.0))
            .truncate()
            .show_ui(ui, |ui| {
                for (index, name) in names.iter().enumerate() {
                    ui.selectable_value(&mut chosen, index, *name);
                }
            })
            .response
    });
    if response.hovered() {
        let steps = control::wheel(ui);
        if steps > 0.0 {
            chosen = chosen.saturating_sub(1);
        } else if steps < 0.0 {
            chosen = (chosen + 1).min(names.len().saturating_sub(1));
        }
    }
    if reset {
        chosen = param.default_plain_value().to_index();
    }
    if chosen != current {
        edit.setter.begin_set_parameter(param);
        edit.setter.set_parameter(param, Target(chosen));
        edit.setter.end_set_parameter(param);
    }
    response.on_hover_text("The timbre that Morph leads to");
}
