//! The menu of a control, and of the window: the host's own where the host shows one, with Moodring's entries in it; else Moodring's, with
//! whatever entries the host has.

use std::time::Duration;

use egui::{
    Button, Id, Layout, Popup, PopupAnchor, PopupKind, ScrollArea, SetOpenCommand, TextWrapMode,
    Ui, containers::menu::menu_style,
};
use nice_plug::prelude::ParamPtr;

use crate::{
    editor::{
        input::{
            EntryKind, HostAnswer, HostEntry, HostSide, HostWish, MenuAction, MenuWish, TextEntry,
            copied, copy, lines,
        },
        scene::Scene,
        widgets::menu_id,
    },
    params::AnyParam,
};

/// How long the host has to answer, in seconds: it may be busy, and the user waits for a menu.
const PATIENCE: f64 = 0.3;

/// What is remembered of the menu between two frames, on the window's thread.
#[derive(Debug, Default)]
pub struct ContextMenu {
    open: Option<OpenMenu>,
    /// The menu that the host was asked for last: what is chosen in it belongs to that control.
    asked: Option<MenuWish>,
}

/// A menu that is open, or waits for the host.
#[derive(Debug)]
struct OpenMenu {
    wish: MenuWish,
    /// Until when the host may answer, on egui's clock; `None` once it has, or none is asked.
    waits: Option<f64>,
    /// What the host has to offer.
    entries: Vec<HostEntry>,
    /// Whether it has just come up.
    is_new: bool,
}

/// What was chosen in the menu.
enum Chosen {
    Own(usize, MenuAction),
    Host(u32),
    Travel(bool),
    UnlockAll,
}

impl ContextMenu {
    /// Opens what was asked for in this frame, draws what is open, and does what is chosen. Call it when all controls are drawn.
    pub fn draw(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, host: &HostSide) {
        let asked = scene.edit.recorder.take_menu();
        if let Some(wish) = asked.or_else(|| self.window_menu(ui)) {
            self.ask(ui, wish, host);
        }
        for (param, action) in host.take_chosen() {
            let asked = self.asked.as_ref();
            let asked = asked.filter(|asked| asked.params.contains(&param));
            let control = asked.and_then(|asked| asked.control);
            act(ui, scene, param, control, action);
        }
        let Some(mut menu) = self.open.take() else {
            return;
        };
        if !menu.is_answered(ui, host) {
            return;
        }
        if menu.waits.is_some() {
            self.open = Some(menu);
            return;
        }
        let chosen = menu.show(ui, scene);
        if let Some(chosen) = chosen {
            match chosen {
                Chosen::Own(index, action) => {
                    if let Some(param) = menu.wish.params.get(index) {
                        act(ui, scene, *param, menu.wish.control, action);
                    }
                }
                Chosen::Host(action) => host.ask(HostWish::Perform {
                    target: menu.wish.target(),
                    action,
                }),
                Chosen::Travel(back) => {
                    let (recorder, params) = (scene.edit.recorder, scene.params);
                    if back {
                        recorder.undo(params);
                    } else {
                        recorder.redo(params);
                    }
                }
                Chosen::UnlockAll => scene.params.locks.clear(scene.edit.recorder.thread()),
            }
            Popup::close_id(ui.ctx(), menu_id());
            ui.ctx().request_repaint();
        } else if Popup::is_id_open(ui.ctx(), menu_id()) {
            self.open = Some(menu);
        }
    }

    /// The window's own menu, for a press of the right button where no control is.
    fn window_menu(&self, ui: &Ui) -> Option<MenuWish> {
        let at = ui.input(|input| {
            let pointer = &input.pointer;
            let clicked = pointer.secondary_clicked();
            clicked.then(|| pointer.interact_pos()).flatten()
        })?;
        // Not through a menu or a question that lies above, nor where another menu has just opened.
        let is_free = ui.ctx().layer_id_at(at) == Some(ui.layer_id());
        let is_another = Popup::is_any_open(ui.ctx()) && !Popup::is_id_open(ui.ctx(), menu_id());
        (is_free && !is_another).then(|| MenuWish {
            params: Vec::new(),
            control: None,
            is_typed: false,
            at,
        })
    }

    fn ask(&mut self, ui: &Ui, wish: MenuWish, host: &HostSide) {
        // The host's menus are of one parameter, or of the plugin.
        let waits = (host.has_menu() && wish.params.len() < 2).then(|| {
            let pixels = wish.at.to_vec2() * ui.ctx().pixels_per_point();
            host.ask(HostWish::Menu {
                target: wish.target(),
                at: [pixels.x.round() as i32, pixels.y.round() as i32],
                is_typed: wish.is_typed,
            });
            ui.ctx()
                .request_repaint_after(Duration::from_secs_f64(PATIENCE));
            ui.input(|input| input.time) + PATIENCE
        });
        self.asked = Some(wish.clone());
        self.open = Some(OpenMenu {
            wish,
            waits,
            entries: Vec::new(),
            is_new: true,
        });
    }
}

impl MenuWish {
    /// The parameter that the host's menu is of.
    fn target(&self) -> Option<ParamPtr> {
        self.params.first().copied()
    }
}

impl OpenMenu {
    /// Takes the host's answer in, or gives up waiting for it. `false` if the host shows the menu.
    fn is_answered(&mut self, ui: &Ui, host: &HostSide) -> bool {
        let Some(until) = self.waits else {
            return true;
        };
        match host.take_answer() {
            Some(HostAnswer::Shown) => return false,
            Some(HostAnswer::Entries(entries)) => {
                self.entries = entries;
                self.waits = None;
            }
            // One that has begun shows a menu for as long as the user looks at it, or answers.
            None if ui.input(|input| input.time) >= until && host.withdraw() => self.waits = None,
            None => {}
        }
        true
    }

    fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) -> Option<Chosen> {
        let opens = std::mem::take(&mut self.is_new).then_some(SetOpenCommand::Bool(true));
        let anchor = PopupAnchor::Position(self.wish.at);
        let mut popup = Popup::new(menu_id(), ui.ctx().clone(), anchor, ui.layer_id())
            .kind(PopupKind::Menu)
            .layout(Layout::top_down_justified(egui::Align::Min))
            .style(menu_style)
            .open_memory(opens)
            .accessible_name("Menu of a control");
        if let Some(control) = self.wish.control {
            popup = popup.anchor_widget(control);
        }
        let most = ui.ctx().content_rect().height() - scene.metrics.units(4.0);
        let shown = popup.show(|ui| {
            // A name is never broken; the menu grows with it.
            ui.style_mut().wrap_mode = Some(TextWrapMode::Extend);
            ScrollArea::vertical()
                .max_height(most)
                .show(ui, |ui| self.contents(ui, scene))
                .inner
        });
        shown?.inner
    }

    fn contents(&self, ui: &mut Ui, scene: &Scene<'_>) -> Option<Chosen> {
        let thread = scene.edit.recorder.thread();
        let mut chosen = None;
        for (index, pointer) in self.wish.params.iter().enumerate() {
            let Some(param) = scene.params.any(*pointer) else {
                continue;
            };
            if index > 0 {
                ui.separator();
            }
            ui.weak(param.name());
            for line in lines(scene.params, &param, self.wish.is_typed, thread) {
                let button = match line.is_checked {
                    Some(is_checked) => Button::selectable(is_checked, line.text),
                    None => Button::new(line.text),
                };
                if ui.add_enabled(line.is_enabled, button).clicked() {
                    chosen = Some(Chosen::Own(index, line.action));
                }
            }
        }
        if self.wish.params.is_empty() {
            chosen = window_lines(ui, scene);
        }
        if !self.entries.is_empty() {
            ui.separator();
            let mut entries = self.entries.iter();
            if let Some(action) = host_lines(ui, &mut entries) {
                chosen = Some(Chosen::Host(action));
            }
        }
        chosen
    }
}

/// Draws what can be done where no control is.
fn window_lines(ui: &mut Ui, scene: &Scene<'_>) -> Option<Chosen> {
    let recorder = scene.edit.recorder;
    let mut chosen = None;
    for (back, word, step) in [
        (true, "Undo", recorder.undo_name()),
        (false, "Redo", recorder.redo_name()),
    ] {
        let text = match &step {
            Some(step) => format!("{word} {step}"),
            None => word.to_owned(),
        };
        if ui.add_enabled(step.is_some(), Button::new(text)).clicked() {
            chosen = Some(Chosen::Travel(back));
        }
    }
    let locked = scene.params.locks.get(recorder.thread()).len();
    let text = match locked {
        0 => "Nothing is locked".to_owned(),
        1 => "Unlock the one that is locked".to_owned(),
        more => format!("Unlock all {more} that are locked"),
    };
    if ui.add_enabled(locked > 0, Button::new(text)).clicked() {
        chosen = Some(Chosen::UnlockAll);
    }
    chosen
}

/// Draws the host's entries, up to the end of the menu that they are in. Returns the number of the one that was chosen.
fn host_lines<'a>(ui: &mut Ui, entries: &mut impl Iterator<Item = &'a HostEntry>) -> Option<u32> {
    let mut chosen = None;
    while let Some(entry) = entries.next() {
        match entry.kind {
            EntryKind::Action(action) => {
                let button = Button::new(&entry.text);
                if ui.add_enabled(entry.is_enabled, button).clicked() {
                    chosen = Some(action);
                }
            }
            EntryKind::Check(action, is_checked) => {
                let button = Button::selectable(is_checked, &entry.text);
                if ui.add_enabled(entry.is_enabled, button).clicked() {
                    chosen = Some(action);
                }
            }
            EntryKind::Separator => {
                ui.separator();
            }
            EntryKind::Title => {
                ui.weak(&entry.text);
            }
            EntryKind::Begin => {
                let mut inner = Vec::new();
                let mut depth = 0;
                for entry in entries.by_ref() {
                    match entry.kind {
                        EntryKind::Begin => depth += 1,
                        EntryKind::End if depth == 0 => break,
                        EntryKind::End => depth -= 1,
                        _ => {}
                    }
                    inner.push(entry);
                }
                let shown = ui.add_enabled_ui(entry.is_enabled, |ui| {
                    ui.menu_button(&entry.text, |ui| submenu(ui, &inner))
                });
                chosen = chosen.or(shown.inner.inner.flatten());
            }
            EntryKind::End => break,
        }
    }
    chosen
}

/// Draws a menu within a host's menu.
fn submenu(ui: &mut Ui, entries: &[&HostEntry]) -> Option<u32> {
    // A boxed iterator, since a menu may hold another of any depth.
    let mut entries: Box<dyn Iterator<Item = &HostEntry>> = Box::new(entries.iter().copied());
    host_lines(ui, &mut entries)
}

/// Does what was chosen to a parameter.
fn act(ui: &Ui, scene: &mut Scene<'_>, pointer: ParamPtr, control: Option<Id>, action: MenuAction) {
    let Some(param) = scene.params.any(pointer) else {
        return;
    };
    let recorder = scene.edit.recorder;
    match action {
        MenuAction::Reset => set(ui, scene, &param, param.default_value()),
        MenuAction::Type => {
            if let Some(control) = control {
                let text = param.text(param.value());
                scene.edit.gestures.entry = Some(TextEntry::new(control, &text));
            }
        }
        MenuAction::Copy => {
            let text = param.text(param.value());
            ui.ctx().copy_text(text.clone());
            scene
                .notice
                .say(ui, format!("Copied {text}, {}", param.name()));
            copy(text);
        }
        MenuAction::Paste => {
            let Some(text) = copied() else {
                return;
            };
            match param.read(&text) {
                Ok(value) => set(ui, scene, &param, value),
                Err(why) => {
                    let text = format!("{}: {text} is {why}", param.name());
                    scene.notice.refuse(ui, text);
                }
            }
        }
        MenuAction::Lock => {
            let locks = &scene.params.locks;
            locks.toggle(param.id(), recorder.thread());
            let is_locked = locks.get(recorder.thread()).contains(param.id());
            let text = if is_locked {
                "is locked: presets and 1/2 leave it alone"
            } else {
                "is unlocked"
            };
            scene.notice.say(ui, format!("{} {text}", param.name()));
        }
    }
    ui.ctx().request_repaint();
}

fn set(ui: &Ui, scene: &mut Scene<'_>, param: &AnyParam<'_>, value: f32) {
    scene.edit.gestures.forget(param.pointer());
    scene.edit.recorder.set_any(param, value);
    // One frame, to show what the host made of it.
    ui.ctx().request_repaint_after(Duration::from_millis(200));
}
