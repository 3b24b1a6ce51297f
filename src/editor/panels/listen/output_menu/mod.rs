//! Where the answers go beside the window: OSC and the session's log, MIDI, and back into Morph, behind one button.

mod midi;
mod osc;
mod steer;
mod tags;

use egui::{
    Align, Layout, Popup, PopupCloseBehavior, Rect, RichText, Role, ScrollArea, Stroke, Ui,
    WidgetInfo,
};

use self::tags::TagsPage;
use crate::{
    editor::{
        input::FocusGroup,
        scene::Scene,
        widgets::{
            button::{self, Kind},
            help,
        },
    },
    params::{OutputSettings, SteerSource},
};

/// The longer of the button's texts.
pub const WIDEST: &str = "Output on";

/// What is chosen from at the top of the menu.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Page {
    #[default]
    Osc,
    Tags,
    Midi,
    Steer,
}

const PAGES: [(Page, &str, &str); 4] = [
    (
        Page::Osc,
        "OSC, log",
        "Sends what is heard to lights, visuals and other programs, or keeps it in a file",
    ),
    (
        Page::Tags,
        "Tags",
        "The tags that MIDI, the host and Steer know as Tag 1 to Tag 8",
    ),
    (
        Page::Midi,
        "MIDI",
        "Sends what is heard as controllers and notes, to the host",
    ),
    (
        Page::Steer,
        "Steer",
        "Lets what is heard turn a knob of Morph",
    ),
];

/// What the menu remembers between two frames, on the window's thread.
#[derive(Debug, Default)]
pub struct OutputMenu {
    page: Page,
    tags: TagsPage,
}

/// Explains something, with even spaces between the words.
fn note(ui: &mut Ui, words: impl Into<RichText>) {
    ui.with_layout(Layout::top_down(Align::Min), |ui| ui.weak(words));
}

impl OutputMenu {
    /// Draws the button, and the menu below it while that is open.
    pub fn draw(&mut self, ui: &Ui, scene: &mut Scene<'_>, rect: Rect, group: &mut FocusGroup) {
        let metrics = scene.metrics;
        let params = scene.params;
        let thread = scene.edit.recorder.thread();
        let outputs = &params.outputs;
        let before = outputs.get(thread);
        let steers = params
            .steers
            .iter()
            .any(|steer| steer.source.value() != SteerSource::Off);
        let text = if before.osc || before.log || before.midi.on || steers {
            WIDEST
        } else {
            "Output"
        };
        let anchor = button::member(ui, metrics, rect, "Output", text, Kind::Push, group);
        let words = "Sends what is heard to lights, visuals and instruments (OSC, MIDI), keeps it in a file, or lets it play Morph";
        let anchor = help::tip(anchor, words);
        Popup::menu(&anchor)
            .width(metrics.units(46.0))
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .show(|ui| {
                // Boxes and fields have to be seen on the menu's own colour.
                let edge = Stroke::new(1.0, metrics.palette.dim);
                ui.visuals_mut().widgets.inactive.bg_stroke = edge;
                let mut settings = before.clone();
                let most = ui.ctx().content_rect().bottom() - anchor.rect.bottom();
                ui.horizontal(|ui| {
                    for (page, name, words) in PAGES {
                        let tab = ui.selectable_label(self.page == page, name);
                        tab.widget_info(|| {
                            WidgetInfo::selected(Role::Tab, true, self.page == page, name)
                        });
                        if help::tip(tab, words).clicked() {
                            self.page = page;
                        }
                    }
                });
                ui.separator();
                // A page takes the room that it needs, also when the one before needed less.
                let most = (most - metrics.units(9.0)).max(metrics.units(16.0));
                ScrollArea::vertical()
                    .max_height(most)
                    .min_scrolled_height(most)
                    .show(ui, |ui| self.contents(ui, scene, &mut settings));
                if settings != before {
                    outputs.choose(settings, scene.edit.recorder.thread());
                }
            });
    }

    fn contents(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, settings: &mut OutputSettings) {
        match self.page {
            Page::Osc => osc::contents(ui, scene.metrics, settings),
            Page::Tags => self
                .tags
                .contents(ui, scene.metrics, &scene.snapshot.tags, settings),
            Page::Midi => midi::contents(ui, scene, settings),
            Page::Steer => steer::contents(ui, scene, settings),
        }
    }
}
