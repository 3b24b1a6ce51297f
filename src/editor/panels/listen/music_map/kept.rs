//! The places that were kept: their marks, and the menu that keeps, renames and removes them.

use egui::{
    Align2, Button, Key, Popup, PopupCloseBehavior, Rect, Role, Sense, Shape, Stroke, TextEdit, Ui,
    Vec2, WidgetInfo,
};

use super::plane::Plane;
use crate::{
    editor::{
        look::Metrics,
        scene::Scene,
        widgets::{
            button::{self, Kind},
            help,
        },
    },
    model::MusicMap,
    params::{KeptPlace, KeptPlaces, LONGEST_PLACE_NAME, MOST_PLACES},
    thread::EditorThread,
};

/// What screen readers call the field for the present place's name.
const PRESENT_NAME: &str = "Name of this place";

/// The names that are suggested, in their order.
const NAMES: [&str; 4] = ["verse", "chorus", "bridge", "solo"];

/// What the menu remembers between two frames, on the window's thread.
#[derive(Debug, Default)]
pub struct KeepMenu {
    /// What is typed as the next name; empty is the suggested one.
    name: String,
    /// The name that is being changed, and of which place.
    renamed: Option<(usize, String)>,
}

impl KeepMenu {
    /// Draws the button at the right end of `rect`, and the menu below it while that is open; gives the button's place.
    pub fn draw(&mut self, ui: &Ui, scene: &mut Scene<'_>, rect: Rect, map: &MusicMap) -> Rect {
        let metrics = scene.metrics;
        let width = button::width(ui, metrics, "Keep");
        let place = rect.with_min_x(rect.right() - width);
        let button = button::button(ui, metrics, place, "Keep", "Keep", Kind::Push);
        let words = "Keeps the place where the sound is now under a name: verse, chorus; and renames or removes those that are kept";
        let shown = Popup::menu(&help::tip(button, words))
            .width(metrics.units(30.0))
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .show(|ui| {
                let edge = Stroke::new(1.0, metrics.palette.dim);
                ui.visuals_mut().widgets.inactive.bg_stroke = edge;
                self.keep(ui, scene, map);
                let thread = scene.edit.recorder.thread();
                self.list(ui, &scene.params.places, thread, map);
            });
        if shown.is_none() {
            self.renamed = None;
        }
        place
    }

    fn keep(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, map: &MusicMap) {
        let thread = scene.edit.recorder.thread();
        let places = &scene.params.places;
        let kept = places.get(thread);
        let Some(place) = scene.snapshot.readout.place else {
            ui.weak("Nothing plays that could be kept");
            return;
        };
        if kept.len() >= MOST_PLACES {
            ui.weak(format!(
                "{MOST_PLACES} places are kept: remove one to keep another"
            ));
            return;
        }
        let suggested = suggested(&kept);
        ui.horizontal(|ui| {
            let before = self.name.clone();
            let field = ui.add(
                TextEdit::singleline(&mut self.name)
                    .hint_text(&suggested)
                    .align(Align2::LEFT_CENTER)
                    .desired_width(ui.spacing().interact_size.y * 6.0)
                    .char_limit(LONGEST_PLACE_NAME),
            );
            field.widget_info(|| WidgetInfo {
                label: Some(PRESENT_NAME.to_owned()),
                ..WidgetInfo::text_edit(true, &before, &self.name, &suggested)
            });
            let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if ui.button("Keep this place").clicked() || entered {
                let typed = self.name.trim();
                let name = if typed.is_empty() { &suggested } else { typed };
                let kept = KeptPlace {
                    name: name.to_owned(),
                    at: place.at,
                    map: map.id.clone(),
                };
                if places.keep(kept, thread) {
                    scene.notice.say(ui, format!("Kept this place as {name}"));
                    self.name.clear();
                } else {
                    scene.notice.refuse(ui, format!("“{name}” can't be a name"));
                }
            }
        });
    }

    fn list(&mut self, ui: &mut Ui, places: &KeptPlaces, thread: &EditorThread, map: &MusicMap) {
        let kept = places.get(thread);
        let others = kept.iter().filter(|place| place.map != map.id).count();
        if others < kept.len() {
            ui.separator();
        }
        for (index, place) in kept.iter().enumerate() {
            if place.map == map.id {
                ui.horizontal(|ui| self.entry(ui, places, thread, (index, place)));
            }
        }
        if others > 0 {
            ui.separator();
            ui.weak(format!("{others} more, kept on the map of another tagger"));
            if named_button(ui, "Remove them", "Remove those of another tagger") {
                for index in (0..kept.len()).rev() {
                    if kept.get(index).is_some_and(|place| place.map != map.id) {
                        places.remove(index, thread);
                    }
                }
            }
        }
    }

    /// Draws the line of a place: its name, which can be changed, and the button that removes it.
    fn entry(
        &mut self,
        ui: &mut Ui,
        places: &KeptPlaces,
        thread: &EditorThread,
        (index, place): (usize, &KeptPlace),
    ) {
        let mut name = match &self.renamed {
            Some((renamed, name)) if *renamed == index => name.clone(),
            _ => place.name.clone(),
        };
        let before = name.clone();
        let field = ui.add(
            TextEdit::singleline(&mut name)
                .id_salt(("kept place", index))
                .align(Align2::LEFT_CENTER)
                .desired_width(ui.spacing().interact_size.y * 6.0)
                .char_limit(LONGEST_PLACE_NAME),
        );
        field.widget_info(|| WidgetInfo {
            label: Some(format!("Name of {}", place.name)),
            ..WidgetInfo::text_edit(true, &before, &name, "")
        });
        if field.changed() {
            self.renamed = Some((index, name.clone()));
        }
        if field.lost_focus() && self.renamed.take().is_some() {
            places.rename(index, &name, thread);
        }
        if named_button(ui, "Remove", &format!("Remove {}", place.name)) {
            places.remove(index, thread);
            self.renamed = None;
        }
    }
}

/// The first of the usual names that isn't taken, or else a number.
fn suggested(kept: &[KeptPlace]) -> String {
    let is_free = |name: &str| kept.iter().all(|place| place.name != name);
    let usual = NAMES.into_iter().map(str::to_owned);
    let numbered = (1..).map(|number| format!("place {number}"));
    let mut names = usual.chain(numbered).filter(|name| is_free(name));
    names.next().unwrap_or_default()
}

/// A button with `text` that screen readers call `name`, since there are several with the same text. Says whether it was clicked.
fn named_button(ui: &mut Ui, text: &str, name: &str) -> bool {
    let response = ui.add(Button::new(text));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    response.clicked()
}

/// Draws the mark of a kept place, with its name.
pub fn draw_mark(ui: &Ui, metrics: Metrics, plane: Plane, place: &KeptPlace) {
    let palette = metrics.palette;
    let at = plane.screen(place.at);
    let arm = metrics.units(0.8);
    let corners = [(0.0, -arm), (arm, 0.0), (0.0, arm), (-arm, 0.0)];
    ui.painter().add(Shape::convex_polygon(
        corners.map(|(x, y)| at + Vec2::new(x, y)).to_vec(),
        palette.panel,
        Stroke::new(metrics.units(0.2), palette.accent),
    ));
    plane.name(ui, metrics, at, &place.name);
    let rect = Rect::from_center_size(at, Vec2::splat(2.0 * arm));
    let id = ui
        .scope_id()
        .with(("kept place", place.name.as_str(), at.x.to_bits()));
    let response = ui.interact(rect, id, Sense::hover());
    let name = format!("{} on the map of music", place.name);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
    help::tip_with(response, || {
        format!("{}: kept here; Keep renames and removes it", place.name)
    });
}
