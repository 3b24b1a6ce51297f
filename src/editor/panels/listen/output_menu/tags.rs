//! The page on which tags get their numbers.

use egui::{Align2, Role, ScrollArea, TextEdit, Ui, WidgetInfo};

use super::note;
use crate::{
    editor::{look::Metrics, widgets::help},
    model::TagInfo,
    params::{OutputSettings, OutputTag},
};

/// What the page remembers between two frames, on the window's thread.
#[derive(Debug, Default)]
pub struct TagsPage {
    /// The number that is chosen for, counted from 0.
    number: usize,
    /// What is searched for.
    search: String,
}

impl TagsPage {
    /// Draws the numbers, and below them the tags that one of them is chosen from.
    pub fn contents(
        &mut self,
        ui: &mut Ui,
        metrics: Metrics,
        tags: &[TagInfo],
        settings: &mut OutputSettings,
    ) {
        ui.horizontal_wrapped(|ui| {
            for (index, tag) in settings.tags.iter().enumerate() {
                let number = index + 1;
                let name = tag.as_ref().map_or("none", |tag| &tag.name);
                let chosen = self.number == index;
                let place = ui.selectable_label(chosen, format!("{number}: {name}"));
                let spoken = format!("Tag {number}: {name}");
                place
                    .widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, &spoken));
                if help::tip(place, "Choose this number’s tag from the list below").clicked() {
                    self.number = index;
                }
            }
        });
        ui.horizontal(|ui| {
            let caption = ui.label("Search");
            ui.add(
                TextEdit::singleline(&mut self.search)
                    .align(Align2::LEFT_CENTER)
                    .desired_width(metrics.units(20.0))
                    .hint_text("a part of a name"),
            )
            .labelled_by(caption.id);
            let present = settings.tags.get_mut(self.number);
            if let Some(present) = present
                && ui
                    .button(format!("Clear Tag {}", self.number + 1))
                    .clicked()
            {
                *present = None;
            }
        });
        if tags.is_empty() {
            note(ui, "There is no tagger: the status line says why");
            return;
        }
        let wanted = self.search.trim().to_lowercase();
        let found = |tag: &&TagInfo| tag.name.to_lowercase().contains(&wanted);
        let mut chosen = None;
        ScrollArea::vertical()
            .max_height(metrics.units(18.0))
            .min_scrolled_height(metrics.units(18.0))
            .auto_shrink([false, true])
            .show(ui, |ui| {
                let mut any = false;
                for tag in tags.iter().filter(found) {
                    any = true;
                    let taken = settings.tags.iter().flatten();
                    let is_taken = taken.into_iter().any(|taken| *taken == OutputTag::of(tag));
                    let words = format!("{} ({})", tag.name, tag.kind.id());
                    if ui.selectable_label(is_taken, words).clicked() {
                        chosen = Some(OutputTag::of(tag));
                    }
                }
                if !any {
                    note(ui, format!("No tag has “{wanted}” in its name"));
                }
            });
        if let (Some(chosen), Some(place)) = (chosen, settings.tags.get_mut(self.number)) {
            *place = Some(chosen);
            let free = settings.tags.iter().position(Option::is_none);
            self.number = free.unwrap_or(self.number);
        }
        note(
            ui,
            "Hosts show them as Tag 1 to Tag 8, parameters that can be read and not set",
        );
    }
}
