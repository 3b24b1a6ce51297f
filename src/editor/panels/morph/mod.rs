//! What is done to the sound: the map, the latent knobs, what Morph leads to, the captures, and the blend.

use egui::{Align2, Pos2, Rect, Ui, Vec2};
use nice_plug::prelude::Param;

use crate::editor::{
    input::control::Edit,
    look::theme::{self, Metrics},
    panels::morph::{
        captures as capture_panel, layout as morph_layout,
        layout::{ControlsLayout, MorphTab},
        map as map_panel, source as source_panel,
    },
    widgets::{
        button::{self, Kind},
        help,
        knob::{self, KnobLatents},
        slider::{self, Shape},
    },
};
use crate::{
    model::ModelSource,
    params::{MoodringParams, MorphSource},
    telemetry::Snapshot,
};

pub mod captures;
pub mod layout;
pub mod map;
pub mod source;
pub mod timbre_menu;

/// The height below which the panel can't be drawn without cutting something off.
pub fn least_height(metrics: Metrics) -> f32 {
    metrics.units(2.0 + 3.0 + 0.25 + 5.0 + 0.5 + 13.5)
}

/// Draws the panel into `rect`.
pub fn draw(
    ui: &mut Ui,
    metrics: Metrics,
    rect: Rect,
    params: &MoodringParams,
    snapshot: &Snapshot,
    edit: &mut Edit<'_>,
) {
    capture_panel::follow(params, edit);
    let inside = theme::panel(ui, metrics, rect);
    let (head, rest) = inside.split_top_bottom_at_y(inside.top() + metrics.units(3.0));
    let rest = rest.with_min_y(rest.top() + metrics.units(0.25));
    let source = rest.with_max_y(rest.top() + source_panel::height(metrics, rest.width()));
    source_panel::draw(ui, metrics, source, params, snapshot, edit);

    let body = rest.with_min_y(source.bottom() + metrics.units(0.5));
    let wanted = params.morph_source.unmodulated_plain_value() == MorphSource::Captures;
    let rooms = morph_layout::lay_out(metrics, body, wanted, edit.state.morph_view);
    let left = draw_head(ui, metrics, head, snapshot);
    if rooms.map.is_none() || rooms.controls.is_none() {
        draw_views(ui, metrics, head.with_min_x(left), edit);
    }
    if let Some(map) = rooms.map {
        map_panel::draw(ui, metrics, map, params, snapshot, edit);
    }
    if let Some(controls) = rooms.controls {
        draw_knobs(ui, metrics, controls.knobs, params, snapshot, edit);
        draw_cells(ui, metrics, controls, params, edit);
    }
    if let Some(captures) = rooms.captures {
        capture_panel::draw(ui, metrics, captures, params, edit);
    }
}

/// Title and legend. Returns where the title ends.
fn draw_head(ui: &Ui, metrics: Metrics, rect: Rect, snapshot: &Snapshot) -> f32 {
    let (title, _) = theme::paint_text(
        ui,
        rect,
        Align2::LEFT_CENTER,
        "Morph",
        metrics.heading(),
        metrics.palette.text,
    );
    let end = title.right() + metrics.units(1.5);
    if snapshot.latents.is_none() {
        return end;
    }
    // The legend, from the right.
    let mut right = rect.right();
    for (text, mark, words) in [
        (
            "output",
            knob::shaped_mark as fn(&Ui, Metrics, Pos2),
            "Dot: where knobs and Morph take the sound",
        ),
        ("input", knob::live_mark, "Ring: where the input is"),
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
        help::tip(response, words);
        right = x - metrics.units(2.0);
    }
    end
}

/// The choice between map and controls, where there isn't room for both.
fn draw_views(ui: &Ui, metrics: Metrics, rect: Rect, edit: &mut Edit<'_>) {
    let mut left = rect.left();
    for (view, text, name, words) in [
        (
            MorphTab::Map,
            "Map",
            "Show Map",
            "The map, in place of the knobs",
        ),
        (
            MorphTab::Knobs,
            "Knobs",
            "Show Knobs",
            "Knobs and sliders, in place of the map",
        ),
    ] {
        let width = button::width(ui, metrics, text);
        let cell = Rect::from_min_size(
            Pos2::new(left, rect.top()),
            Vec2::new(width, metrics.units(2.5)),
        );
        let kind = Kind::Choice(edit.state.morph_view == view);
        let response = button::button(ui, metrics, cell, name, text, kind);
        if help::tip(response, words).clicked() {
            edit.state.morph_view = view;
        }
        left += width + metrics.units(0.25);
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
        let place = snapshot.latents.as_ref().and_then(|latents| {
            Some(KnobLatents {
                live: *latents.live.get(index)?,
                shaped: *latents.shaped.get(index)?,
            })
        });
        let cell = cell.shrink2(Vec2::new(metrics.units(0.25), 0.0));
        let response = knob::knob(ui, metrics, cell, &param.shift, place, edit);
        help::tip_with(response, || {
            let words = latents
                .get(index)
                .map_or("", |latent| latent.descriptor.as_str());
            let place = place.map_or(String::new(), |place| {
                format!(
                    "\nInput {:+.2} σ, output {:+.2} σ",
                    place.live, place.shaped
                )
            });
            format!("{}{place}\n{HOW}", capitalised(words))
        });
    }
}

/// How a knob is turned.
const HOW: &str = "Drag up or down, or use the wheel; Shift: fine; double-click: reset; \
                   click the number, or Enter: type";

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn draw_cells(
    ui: &Ui,
    metrics: Metrics,
    controls: ControlsLayout,
    params: &MoodringParams,
    edit: &mut Edit<'_>,
) {
    let shape = if controls.flat {
        Shape::Flat
    } else {
        Shape::Tall
    };
    for (index, (param, words)) in [
        (
            &params.resynthesis,
            "0 % changes only what the knobs change; 100 % imposes the model's own spectrum",
        ),
        (
            &params.follow,
            "100 % tracks the input's timbre; 0 % holds the present one",
        ),
        (
            &params.smoothing,
            "How slowly the timbre follows the knobs and the input",
        ),
        (&params.mix, "Share of the processed sound in the output"),
        (&params.output, "Gain behind the mix"),
    ]
    .into_iter()
    .enumerate()
    {
        let cell = controls.cell(metrics, index);
        let response = slider::slider(ui, metrics, cell, shape, param, edit);
        help::tip_with(response, || format!("{words}\n{}", slider::HOW));
    }
    let response = slider::switch(
        ui,
        metrics,
        controls.cell(metrics, morph_layout::CELLS - 1),
        &params.keep_loudness,
        metrics.palette.accent,
        edit.setter,
    );
    help::tip(
        response,
        "The output stays as loud as the input while its timbre changes",
    );
}
