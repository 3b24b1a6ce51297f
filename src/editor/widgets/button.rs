//! The push button, and the one that stays pressed.

use egui::{
    Align2, CornerRadius, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo,
};

use crate::editor::{
    input::FocusGroup,
    look::{self, Metrics},
};

/// What a button is, to whoever can't see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Does something when it is pressed.
    Push,
    /// Opens a menu.
    Menu,
    /// Would do something, but there is nothing to do.
    Idle,
    /// Stays pressed or not: `true` is pressed.
    Toggle(bool),
    /// One of several pages of which one is seen: `true` is this one.
    Tab(bool),
    /// One of several of which one is chosen: `true` is this one.
    Choice(bool),
}

/// Returns the width that a button with `text` wants.
pub fn width(ui: &Ui, metrics: Metrics, text: &str) -> f32 {
    look::text_width(ui, text, metrics.body()).ceil() + 1.0 + metrics.units(1.5)
}

/// Draws a button with `text` into `rect`; screen readers call it `name`. Whatever it does is up to who asks
/// `clicked()`.
pub fn button(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    name: &str,
    text: &str,
    kind: Kind,
) -> Response {
    draw(ui, metrics, rect, name, text, kind, None)
}

/// Draws a button as [`button`] does, one of a group that is one stop of Tab.
pub fn member(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    name: &str,
    text: &str,
    kind: Kind,
    group: &mut FocusGroup,
) -> Response {
    draw(ui, metrics, rect, name, text, kind, Some(group))
}

fn draw(
    ui: &Ui,
    metrics: Metrics,
    rect: Rect,
    name: &str,
    text: &str,
    kind: Kind,
    group: Option<&mut FocusGroup>,
) -> Response {
    let id = ui.scope_id().with(("button", name));
    let response = match (kind, group) {
        (Kind::Idle, _) => ui.interact(rect, id, Sense::hover()),
        (_, None) => ui.interact(rect, id, Sense::click()),
        (_, Some(group)) => {
            let is_chosen = matches!(kind, Kind::Tab(true) | Kind::Choice(true));
            let response = ui.interact(rect, id, group.sense(id, Sense::click(), is_chosen));
            group.follow(ui, &response);
            response
        }
    };
    response.widget_info(|| match kind {
        Kind::Push | Kind::Menu => WidgetInfo::labeled(Role::Button, true, name),
        Kind::Idle => WidgetInfo::labeled(Role::Button, false, name),
        Kind::Toggle(on) => WidgetInfo::selected(Role::CheckBox, true, on, name),
        Kind::Tab(on) => WidgetInfo::selected(Role::Tab, true, on, name),
        Kind::Choice(on) => WidgetInfo::selected(Role::RadioButton, true, on, name),
    });
    let palette = metrics.palette;
    let on = matches!(
        kind,
        Kind::Toggle(true) | Kind::Tab(true) | Kind::Choice(true)
    );
    let hot = kind != Kind::Idle && (response.hovered() || response.has_focus());
    let fill = match (on, hot) {
        (true, _) => look::mix(palette.face_hot, palette.accent, 0.25),
        (false, true) => palette.face_hot,
        (false, false) => palette.face,
    };
    let edge = if on { palette.dim } else { palette.edge };
    ui.painter().rect(
        rect,
        CornerRadius::same(look::rounded(metrics.units(0.5))),
        fill,
        Stroke::new(1.0, edge),
        egui::StrokeKind::Inside,
    );
    if response.has_focus() {
        look::focus_ring(ui, metrics, rect);
    }
    if matches!(kind, Kind::Tab(true) | Kind::Choice(true)) {
        // Shape as well as colour says which one this is.
        let foot = rect
            .shrink2(Vec2::new(metrics.units(0.75), 0.0))
            .with_min_y(rect.bottom() - metrics.units(0.3));
        ui.painter()
            .rect_filled(foot, CornerRadius::ZERO, palette.accent);
    }
    let mut room = rect;
    if kind == Kind::Menu {
        let size = metrics.units(0.45);
        let tip = Pos2::new(rect.right() - metrics.units(1.25), rect.center().y);
        let points = [(-1.0, -0.6), (1.0, -0.6), (0.0, 0.7)];
        let points = points.map(|(x, y)| tip + size * Vec2::new(x, y));
        ui.painter().add(Shape::convex_polygon(
            points.to_vec(),
            palette.dim,
            Stroke::NONE,
        ));
        room = rect
            .with_min_x(rect.left() + metrics.units(0.75))
            .with_max_x(tip.x - metrics.units(1.0));
    }
    look::paint_text(
        ui,
        room,
        Align2::CENTER_CENTER,
        text,
        metrics.body(),
        match kind {
            Kind::Idle => look::mix(palette.face, palette.dim, 0.5),
            _ if hot || on => palette.text,
            _ => palette.dim,
        },
    );
    response
}
