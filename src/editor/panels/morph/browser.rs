//! The browser of named timbres: by families, searched as one types, with how far each was measured to reach.

use egui::{
    Align, Align2, CornerRadius, Key, Layout, Modifiers, Popup, PopupCloseBehavior, PopupKind,
    Pos2, Rect, Response, Role, ScrollArea, Sense, TextEdit, Ui, Vec2, WidgetInfo,
};
use nice_plug::prelude::Enum;

use super::families::{self, Family};
use crate::{
    editor::look::{self, Metrics},
    model::NotePlayers,
    params::Target,
};

/// Width of a column of the list, and height of one of its lines, in spacing units.
const WIDTH: f32 = 36.0;
const LINE: f32 = 2.5;
/// Height of all but the list, and the least and the greatest height of the list; one that is lower than the last has two columns.
const AROUND: f32 = 10.5;
const LEAST: f32 = 14.0;
const MOST: f32 = 44.0;
const LOW: f32 = 22.0;

/// What the numbers are.
const REACH: &str = "How far a listener hears recorded solos go towards it, with Morph and Resynthesis at 100 %: at 100 % they sound like the target itself, – was not measured";

/// What the browser remembers between two frames, on the window's thread.
#[derive(Debug, Default)]
pub struct TargetBrowser {
    is_open: bool,
    search: String,
    /// The timbre that Enter chooses.
    lit: Option<usize>,
}

impl TargetBrowser {
    /// Opens below `anchor` when that is clicked, never over the readout above it. `current` is the target, as its place among the values. With models of the user's own
    /// nothing is known of reach. Returns the one that was chosen.
    pub fn show(
        &mut self,
        anchor: &Response,
        metrics: Metrics,
        current: usize,
        with_reach: bool,
    ) -> Option<usize> {
        let room = ListRoom::below(metrics, anchor);
        let shown = Popup::from_toggle_button_response(anchor)
            .kind(PopupKind::Menu)
            .layout(Layout::top_down_justified(Align::Min))
            .align_alternatives(&[])
            .width(room.width)
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .accessible_name("Targets")
            .show(|ui| self.contents(ui, metrics, room, current, with_reach));
        let Some(shown) = shown else {
            self.is_open = false;
            return None;
        };
        if shown.inner.is_some() {
            Popup::close_all(&anchor.ctx);
            anchor.request_focus();
        }
        shown.inner
    }

    fn contents(
        &mut self,
        ui: &mut Ui,
        metrics: Metrics,
        room: ListRoom,
        current: usize,
        with_reach: bool,
    ) -> Option<usize> {
        // A popup stays as wide as it was when it was open last, in another room.
        ui.set_width(room.width);
        let opened = !std::mem::replace(&mut self.is_open, true);
        if opened {
            self.search.clear();
            self.lit = Some(current);
        }
        let (up, down, enter) = ui.input_mut(|input| {
            let mut pressed = |key| input.count_and_consume_key(Modifiers::NONE, key);
            let (up, down) = (pressed(Key::ArrowUp), pressed(Key::ArrowDown));
            // The Enter that has opened it chooses nothing.
            (up, down, pressed(Key::Enter) > 0 && !opened)
        });
        let before = self.search.clone();
        let field = ui.add(
            TextEdit::singleline(&mut self.search)
                .align(Align2::LEFT_CENTER)
                .hint_text("Search")
                .desired_width(f32::INFINITY),
        );
        field.widget_info(|| WidgetInfo {
            label: Some("Search targets".to_owned()),
            ..WidgetInfo::text_edit(true, &before, &self.search, "Search")
        });
        if opened || !field.has_focus() {
            // What is typed is always the search.
            field.request_focus();
        }
        let families = families::found(&self.search);
        let order: Vec<usize> = families
            .iter()
            .flat_map(|(_, members)| members.clone())
            .collect();
        let has_moved = self.move_light(&order, field.changed(), up, down);
        let comes_into_view = (opened, opened || has_moved);
        let mut chosen = None;
        ScrollArea::vertical()
            .max_height(room.height)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = metrics.units(0.1);
                let columns = room.columns_for(metrics, &families);
                let first = if columns == 1 {
                    families.len()
                } else {
                    families_of_first_column(&families)
                };
                let (left, right) = families.split_at(first);
                ui.columns(columns, |columns| {
                    for (ui, families) in columns.iter_mut().zip([left, right]) {
                        for family in families {
                            let picked = self.family(
                                ui,
                                metrics,
                                family,
                                current,
                                with_reach,
                                comes_into_view,
                            );
                            chosen = chosen.or(picked);
                        }
                    }
                });
                if families.is_empty() {
                    ui.weak("No timbre of that name");
                }
            });
        if with_reach {
            ui.separator();
            ui.weak("Reach: how far solos were heard to go")
                .on_hover_text(REACH);
        }
        if enter {
            chosen = chosen.or(self.lit.filter(|lit| order.contains(lit)));
        }
        chosen
    }

    /// Moves the light through what is found; returns whether it has moved.
    fn move_light(&mut self, order: &[usize], is_new: bool, up: usize, down: usize) -> bool {
        let before = self.lit;
        let place = order.iter().position(|index| Some(*index) == self.lit);
        if is_new || (place.is_none() && up + down > 0) {
            self.lit = order.first().copied();
        } else if let (Some(place), true) = (place, up + down > 0) {
            let last = order.len().saturating_sub(1);
            let next = (place + down).min(last).saturating_sub(up);
            self.lit = order.get(next).copied();
        }
        self.lit != before
    }

    /// Draws a family's heading and its timbres; returns the one that was clicked.
    fn family(
        &mut self,
        ui: &mut Ui,
        metrics: Metrics,
        (name, members): &Family,
        current: usize,
        with_reach: bool,
        (opened, comes_into_view): (bool, bool),
    ) -> Option<usize> {
        ui.add_space(metrics.units(0.4));
        ui.weak(*name);
        let mut chosen = None;
        for index in members.iter().copied() {
            let is_lit = self.lit == Some(index);
            let response = line(ui, metrics, index, index == current, is_lit, with_reach);
            if response.hovered() && ui.input(|input| input.pointer.delta() != Vec2::ZERO) {
                self.lit = Some(index);
            }
            if is_lit && comes_into_view {
                response.scroll_to_me(opened.then_some(Align::Center));
            }
            if response.clicked() {
                chosen = Some(index);
            }
        }
        chosen
    }
}

/// The room of the list, in logical pixels.
#[derive(Debug, Clone, Copy)]
struct ListRoom {
    width: f32,
    height: f32,
    /// 1 or 2.
    columns: usize,
}

impl ListRoom {
    /// The room below `anchor`, and over it in so low a window that there would be none.
    fn below(metrics: Metrics, anchor: &Response) -> Self {
        let window = anchor.ctx.content_rect();
        let height = window.bottom() - anchor.rect.bottom() - metrics.units(AROUND);
        let height = height.clamp(metrics.units(LEAST), metrics.units(MOST));
        let is_wide = window.width() >= metrics.units(2.0 * WIDTH + 4.0);
        let columns = if height < metrics.units(LOW) && is_wide {
            2
        } else {
            1
        };
        Self {
            width: metrics.units(WIDTH) * columns as f32,
            height,
            columns,
        }
    }

    /// One column is enough for what few timbres a search leaves.
    fn columns_for(self, metrics: Metrics, families: &[Family]) -> usize {
        if metrics.units(LINE) * lines(families) as f32 <= self.height {
            1
        } else {
            self.columns
        }
    }
}

/// How many lines some families have, their headings included.
fn lines(families: &[Family]) -> usize {
    let each = families.iter().map(|(_, members)| members.len() + 1);
    each.sum()
}

/// How many families the first of two columns of about the same height has.
fn families_of_first_column(families: &[Family]) -> usize {
    let half = lines(families).div_ceil(2);
    (0..families.len())
        .find(|count| families.get(..*count).map_or(0, lines) >= half)
        .unwrap_or(families.len())
}

/// Draws a timbre's line: whether it is the target, its name, and its reach.
fn line(
    ui: &mut Ui,
    metrics: Metrics,
    index: usize,
    is_current: bool,
    is_lit: bool,
    with_reach: bool,
) -> Response {
    let palette = metrics.palette;
    let name = Target::variants().get(index).copied().unwrap_or_default();
    let id = Target::ids().and_then(|ids| ids.get(index).copied());
    let size = Vec2::new(ui.available_width(), metrics.units(LINE));
    // No stop of Tab: the arrows go through the lines while the search has the focus.
    let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK);
    // A solo may be heard a little beyond the recordings of the target that it was compared with. It has gone all the way then.
    let way = id
        .and_then(NotePlayers::measured_way)
        .map(|way| way.clamp(0.0, 1.0));
    let number = match way {
        Some(way) => format!("{:.0} %", 100.0 * way),
        None => "–".to_owned(),
    };
    response.widget_info(|| WidgetInfo {
        current_text_value: with_reach.then(|| number.clone()),
        ..WidgetInfo::selected(Role::ListBoxOption, true, is_current, name)
    });
    if !ui.is_rect_visible(rect) {
        return response;
    }
    if is_lit {
        let radius = CornerRadius::same(look::rounded(metrics.units(0.4)));
        ui.painter().rect_filled(rect, radius, palette.face_hot);
    }
    if is_current {
        let mark = rect
            .with_max_x(rect.left() + metrics.units(0.4))
            .shrink2(Vec2::new(0.0, metrics.units(0.4)));
        ui.painter()
            .rect_filled(mark, CornerRadius::ZERO, palette.accent);
    }
    let ink = if is_current {
        palette.accent
    } else {
        palette.text
    };
    let right = rect.right() - metrics.units(1.0);
    if with_reach {
        let bar = Rect::from_min_max(
            Pos2::new(
                right - metrics.units(10.0),
                rect.center().y - metrics.units(0.3),
            ),
            Pos2::new(
                right - metrics.units(5.0),
                rect.center().y + metrics.units(0.3),
            ),
        );
        if let Some(way) = way {
            ui.painter()
                .rect_filled(bar, CornerRadius::same(1), palette.track);
            let length = bar.width() * way;
            let filled = bar.with_max_x(bar.left() + length);
            ui.painter()
                .rect_filled(filled, CornerRadius::same(1), palette.accent);
        }
        let room = rect.with_max_x(right);
        let color = if way.is_some() {
            palette.text
        } else {
            palette.dim
        };
        let font = metrics.small();
        look::paint_text(ui, room, Align2::RIGHT_CENTER, number, font, color);
    }
    let room = rect
        .with_min_x(rect.left() + metrics.units(1.25))
        .with_max_x(right - metrics.units(if with_reach { 11.0 } else { 0.0 }));
    look::paint_text(ui, room, Align2::LEFT_CENTER, name, metrics.body(), ink);
    response
}
