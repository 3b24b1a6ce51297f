//! The source of Morph and its amount: where Morph leads, and how far.

use egui::{Align2, Color32, Rect, Role, Sense, Ui, Vec2, WidgetInfo};
use nice_plug::prelude::{Enum, FloatParam, Param};

use super::{aim, browser::TargetBrowser};
use crate::{
    editor::{
        input::{FocusGroup, steps},
        look::{self, Metrics},
        scene::Scene,
        widgets::{
            Control,
            button::{self, Kind},
            help, offer_menu,
            slider::{self, Shape},
        },
    },
    params::{MorphSource, Target},
};

/// The four sources and what one reads of them.
const MORPH_SOURCES: [(MorphSource, &str); 4] = [
    (
        MorphSource::Named,
        "Morph leads to a timbre that you choose by name",
    ),
    (MorphSource::Map, "Morph leads to the handle on the map"),
    (
        MorphSource::Captures,
        "Morph leads to a place between the timbres that you captured as A and B",
    ),
    (
        MorphSource::Sidechain,
        "Morph leads to whatever plays at the sidechain input, and follows it",
    ),
];

/// What is said while nothing comes in at the sidechain.
const NOT_CONNECTED: &str = "Not connected: route a track to Moodring’s sidechain input";

/// Whether selector, source and amount fit into one row.
fn is_wide(metrics: Metrics, width: f32) -> bool {
    width >= metrics.units(86.0)
}

/// Least widths of two sliders, in spacing units.
const MORPH: f32 = 10.5;
const ARTICULATION: f32 = 14.2;

fn is_named(scene: &Scene<'_>) -> bool {
    scene.params.morph_source.unmodulated_plain_value() == MorphSource::Named
}

/// Whether a named timbre and its two sliders take all that there is of a row.
fn is_tight(scene: &Scene<'_>, width: f32) -> bool {
    is_named(scene) && width < scene.metrics.units(104.0)
}

/// The height that the panel needs at a width.
pub fn height(metrics: Metrics, width: f32) -> f32 {
    metrics.units(if is_wide(metrics, width) { 5.0 } else { 8.25 })
}

/// Draws the panel into `rect`, of which it uses [`height`].
pub fn draw(ui: &Ui, scene: &mut Scene<'_>, rect: Rect, browser: &mut TargetBrowser) {
    let (metrics, params) = (scene.metrics, scene.params);
    let gap = metrics.units(1.5);
    let (selector, rest) = if is_wide(metrics, rect.width()) {
        let width = metrics.units(if is_tight(scene, rect.width()) {
            35.5
        } else {
            38.0
        });
        let (left, rest) = rect.split_left_right_at_x(rect.left() + width);
        let row = Rect::from_min_size(
            left.min + Vec2::new(0.0, metrics.units(2.0)),
            Vec2::new(width, metrics.units(2.75)),
        );
        look::paint_text(
            ui,
            left.with_max_y(row.top()),
            Align2::LEFT_CENTER,
            params.morph_source.name(),
            metrics.body(),
            metrics.palette.dim,
        );
        (row, rest.with_min_x(rest.left() + gap))
    } else {
        let (row, rest) = rect.split_top_bottom_at_y(rect.top() + metrics.units(2.75));
        (row, rest.with_min_y(rest.top() + metrics.units(0.5)))
    };
    draw_selector(ui, scene, selector);
    let middle = if is_named(scene) {
        rest.right() - (0.21 * rest.width()).max(metrics.units(MORPH))
    } else {
        rest.left() + 0.58 * rest.width()
    };
    let (source, amount) = rest.split_left_right_at_x(middle);
    let source = source.with_max_x(middle - gap / 2.0);
    draw_source(ui, scene, source, browser);
    help::tip(
        slider::slider(
            ui,
            metrics,
            amount.with_min_x(middle + gap / 2.0),
            Shape::Tall,
            &params.morph,
            &mut scene.edit,
        ),
        "How far the sound is drawn to where Morph leads",
    );
}

/// Draws the four sources, of which one is chosen.
fn draw_selector(ui: &Ui, scene: &mut Scene<'_>, rect: Rect) {
    let (metrics, params) = (scene.metrics, scene.params);
    let present = params.morph_source.unmodulated_plain_value();
    let gap = metrics.units(0.25);
    let names =
        MORPH_SOURCES.map(|(source, _)| MorphSource::variants().get(source.to_index()).copied());
    let names = names.map(Option::unwrap_or_default);
    let wanted = names.map(|name| button::width(ui, metrics, name));
    // Each as wide as its name needs, and an equal share of what is left over.
    let spare = (rect.width() - wanted.iter().sum::<f32>()) / MORPH_SOURCES.len() as f32 - gap;
    let mut left = rect.left();
    let group = &mut FocusGroup::new(ui, "sources");
    for (((source, words), name), wanted) in MORPH_SOURCES.into_iter().zip(names).zip(wanted) {
        let width = wanted + spare;
        let cell = rect.with_min_x(left).with_max_x(left + width);
        let kind = Kind::Choice(source == present);
        let response = button::member(ui, metrics, cell, name, name, kind, group);
        let pointer = params.morph_source.as_ptr();
        offer_menu(ui, scene.edit.recorder, &response, &[pointer], false);
        if help::tip(response, words).clicked() {
            scene.edit.choose(&params.morph_source, source);
            let captures = params.captures.both(scene.edit.recorder.thread());
            let leads_somewhere = match source {
                MorphSource::Named | MorphSource::Map => true,
                MorphSource::Captures => captures.iter().any(Option::is_some),
                MorphSource::Sidechain => scene.snapshot.sidechain.connected,
            };
            if leads_somewhere {
                aim::make_heard(ui, scene);
            }
        }
        left += width + gap;
    }
}

/// Draws what belongs to the source.
fn draw_source(ui: &Ui, scene: &mut Scene<'_>, rect: Rect, browser: &mut TargetBrowser) {
    let (metrics, params) = (scene.metrics, scene.params);
    match params.morph_source.unmodulated_plain_value() {
        MorphSource::Named => {
            let middle = rect.right() - (0.37 * rect.width()).max(metrics.units(ARTICULATION));
            let room = rect.with_max_x(middle - metrics.units(1.0));
            draw_target(ui, scene, room, browser);
            let place = rect.with_min_x(middle);
            let param = &params.articulation;
            let response = slider::slider(ui, metrics, place, Shape::Tall, param, &mut scene.edit);
            help::tip(
                response,
                "How far notes rise, move and die away as the target’s do: with Resynthesis, on a single line",
            );
        }
        MorphSource::Map => {
            let middle = rect.center().x;
            let gap = metrics.units(0.75);
            for (param, place, words) in [
                (
                    &params.map_x,
                    rect.with_max_x(middle - gap),
                    "The handle’s place on the map, from left to right",
                ),
                (
                    &params.map_y,
                    rect.with_min_x(middle + gap),
                    "The handle’s place on the map, from bottom to top",
                ),
            ] {
                draw_place(ui, scene, place, param, words);
            }
        }
        MorphSource::Captures => {
            draw_place(
                ui,
                scene,
                rect,
                &params.captures_blend,
                "The place between the captured timbres: 0 % is A, 100 % is B",
            );
        }
        MorphSource::Sidechain => {
            let (text, color) = if scene.snapshot.sidechain.connected {
                (
                    "Sidechain heard: its place on the map is the diamond",
                    metrics.palette.text,
                )
            } else {
                (NOT_CONNECTED, metrics.palette.warning)
            };
            draw_paragraph(ui, metrics, rect, text, color);
        }
    }
}

/// Draws a slider for a place that Morph leads to.
fn draw_place(ui: &Ui, scene: &mut Scene<'_>, rect: Rect, param: &FloatParam, words: &str) {
    let response = slider::slider(ui, scene.metrics, rect, Shape::Tall, param, &mut scene.edit);
    if response.changed() {
        aim::make_heard(ui, scene);
    }
    help::tip(response, words);
}

/// Draws text on as many lines as it needs, in the middle of `rect`.
fn draw_paragraph(ui: &Ui, metrics: Metrics, rect: Rect, text: &str, color: Color32) {
    let galley = ui
        .painter()
        .layout(text.to_owned(), metrics.small(), color, rect.width());
    let place = Align2::LEFT_CENTER.align_size_within_rect(galley.size(), rect);
    ui.painter().galley(place.min, galley, color);
    let response = ui.interact(place, ui.scope_id().with("source says"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    help::tip(response, text);
}

/// Draws the named timbre that is the target, which opens the browser.
fn draw_target(ui: &Ui, scene: &mut Scene<'_>, rect: Rect, browser: &mut TargetBrowser) {
    let (metrics, params) = (scene.metrics, scene.params);
    let param = &params.target;
    let (caption, room) = rect.split_top_bottom_at_y(rect.top() + metrics.units(2.0));
    let room = room.with_max_y(room.top() + metrics.units(2.75));
    let (name_place, _) = look::paint_text(
        ui,
        caption,
        Align2::LEFT_CENTER,
        param.name(),
        metrics.body(),
        metrics.palette.dim,
    );
    // The browser itself opens with a click, so the reset is on its name.
    let reset = ui.interact(caption, ui.scope_id().with("target caption"), Sense::CLICK);
    offer_menu(ui, scene.edit.recorder, &reset, &[param.as_ptr()], false);
    let reset = help::tip(reset, "Double-click or Alt-click: back to the default");
    let reset = steps::is_reset(ui, &reset);
    let names = Target::variants();
    let current = param.unmodulated_plain_value().to_index();
    let text = names.get(current).copied().unwrap_or_default();
    let response = button::button(ui, metrics, room, param.name(), text, Kind::Menu);
    response.widget_info(|| WidgetInfo {
        current_text_value: Some(text.to_owned()),
        ..WidgetInfo::labeled(Role::ComboBox, true, param.name())
    });
    let control = Control {
        param: param.as_ptr(),
        name: name_place,
        is_typed: false,
    };
    control.finish(ui, metrics, scene.edit.recorder, &response);
    let thread = scene.edit.recorder.thread();
    let with_reach = params.models.get(thread).is_none();
    let picked = browser.show(&response, metrics, current, with_reach);
    let mut chosen = picked.unwrap_or(current);
    if response.hovered() {
        let steps = steps::wheel(ui);
        if steps > 0.0 {
            chosen = chosen.saturating_sub(1);
        } else if steps < 0.0 {
            chosen = (chosen + 1).min(names.len().saturating_sub(1));
        }
    }
    let was_picked = picked.is_some() || chosen != current;
    if reset {
        chosen = param.default_plain_value().to_index();
    }
    scene.edit.choose(param, Target(chosen));
    if was_picked {
        aim::make_heard(ui, scene);
    }
    help::tip(
        response,
        "The timbre that Morph leads to: click for all of them, by families",
    );
}
