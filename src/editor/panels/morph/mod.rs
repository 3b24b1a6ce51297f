//! The Morph panel: the map, the latent knobs, what Morph leads to, the captures, and the blend.

use egui::{Align2, Pos2, Rect, Shape, Stroke, Ui, Vec2};
use nice_plug::prelude::Param;

use self::{browser::TargetBrowser, captures::CapturePanel, layout::MorphTab, map::MapPanel};
use crate::{
    editor::{
        input::FocusGroup,
        look::{self, Metrics},
        scene::Scene,
        widgets::{
            button::{self, Kind},
            help, live_mark, shaped_mark,
        },
    },
    library::Library,
    params::MorphSource,
    telemetry::Snapshot,
};

mod aim;
mod browser;
mod captures;
mod controls;
mod families;
mod layout;
mod map;
mod source;
mod timbre_menu;

/// The height below which the panel can't be drawn without cutting something off.
pub fn least_height(metrics: Metrics) -> f32 {
    metrics.units(2.0 + 3.0 + 0.25 + 5.0 + 0.5 + 13.5)
}

/// What the panel remembers between two frames, on the window's thread.
#[derive(Debug, Default)]
pub struct MorphPanel {
    /// What is shown where there isn't room for both.
    tab: MorphTab,
    map: MapPanel,
    captures: CapturePanel,
    browser: TargetBrowser,
}

impl MorphPanel {
    /// Makes a panel that keeps captured timbres in `library`.
    pub fn new(library: Library) -> Self {
        Self {
            captures: CapturePanel::new(library),
            ..Self::default()
        }
    }

    /// The height that the panel has in a low window even if others suffer: knobs want to be turned.
    pub fn wanted_height(&self, metrics: Metrics) -> f32 {
        let more = match self.tab {
            MorphTab::Map => 0.0,
            MorphTab::Knobs => 7.25,
        };
        least_height(metrics) + metrics.units(more)
    }

    /// Draws the panel into `rect`.
    pub fn draw(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, rect: Rect) {
        let metrics = scene.metrics;
        self.captures.follow(ui, scene);
        let inside = look::panel(ui, metrics, rect);
        let (head, rest) = inside.split_top_bottom_at_y(inside.top() + metrics.units(3.0));
        let rest = rest.with_min_y(rest.top() + metrics.units(0.25));
        let source = rest.with_max_y(rest.top() + source::height(metrics, rest.width()));

        let body = rest.with_min_y(source.bottom() + metrics.units(0.5));
        let morph_source = scene.params.morph_source.unmodulated_plain_value();
        let wanted = morph_source == MorphSource::Captures;
        let rooms = layout::lay_out(metrics, body, wanted, self.tab);
        if let Some(map) = rooms.map {
            let below = rooms.captures.map_or(map, |captures| map.union(captures));
            draw_block(ui, metrics, source, below);
        }
        let left = draw_head(ui, metrics, head, scene.snapshot);
        if rooms.map.is_none() || rooms.controls.is_none() {
            self.draw_tabs(ui, metrics, head.with_min_x(left));
        }
        source::draw(ui, scene, source, &mut self.browser);
        if let Some(rect) = rooms.map {
            self.map.draw(ui, scene, rect, &self.captures);
        }
        if let Some(rooms) = rooms.controls {
            controls::draw_knobs(ui, scene, rooms.knobs);
            controls::draw_cells(ui, scene, rooms);
        }
        if let Some(rect) = rooms.captures {
            self.captures.draw(ui, scene, rect);
        }
    }

    /// Draws the choice between map and controls, where there isn't room for both.
    fn draw_tabs(&mut self, ui: &Ui, metrics: Metrics, rect: Rect) {
        let mut left = rect.left();
        let group = &mut FocusGroup::new(ui, "map or knobs");
        for (tab, text, name, words) in [
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
            let kind = Kind::Choice(self.tab == tab);
            let response = button::member(ui, metrics, cell, name, text, kind, group);
            if help::tip(response, words).clicked() {
                self.tab = tab;
            }
            left += width + metrics.units(0.25);
        }
    }
}

/// Draws a line around what belongs together: where Morph leads, how far, the map and the captures `below` them.
fn draw_block(ui: &Ui, metrics: Metrics, source: Rect, below: Rect) {
    let margin = metrics.units(0.6);
    let (source, below) = (source.expand(margin), below.expand(margin));
    let step = below.top().max(source.bottom() - 0.5 * margin);
    let corners = [
        source.left_top(),
        source.right_top(),
        Pos2::new(source.right(), step),
        Pos2::new(below.right(), step),
        below.right_bottom(),
        below.left_bottom(),
    ];
    let palette = metrics.palette;
    let stroke = Stroke::new(1.0, look::mix(palette.panel, palette.accent, 0.45));
    ui.painter().add(Shape::closed_line(corners.into(), stroke));
}

/// Draws title and legend. Returns where the title ends.
fn draw_head(ui: &Ui, metrics: Metrics, rect: Rect, snapshot: &Snapshot) -> f32 {
    let (title, _) = look::paint_text(
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
            shaped_mark as fn(&Ui, Metrics, Pos2),
            "Dot: where knobs and Morph take the sound",
        ),
        ("input", live_mark, "Ring: where the input is"),
    ] {
        let response = look::label(
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
