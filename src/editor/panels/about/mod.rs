//! The About panel: name and version, the manual, words explained, keys, licences, and what the plugin costs.

use egui::{Align2, Label, Pos2, Rect, RichText, ScrollArea, Ui, UiBuilder, Vec2};

use self::block::Block;
use crate::editor::{
    look::{self, Metrics},
    scene::Scene,
    widgets::{
        button::{self, Kind},
        help,
    },
};

mod block;
mod diagnostics;
mod manual;
mod words;

/// Name and version, as they are shown.
const TITLE: &str = concat!("Moodring ", env!("CARGO_PKG_VERSION"));

/// The share of the width that the left column has.
const LEFT: f32 = 0.28;

/// One of the things that there are to read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Section {
    #[default]
    Manual,
    Glossary,
    Shortcuts,
    Licences,
    Diagnostics,
}

impl Section {
    const ALL: [Self; 5] = [
        Self::Manual,
        Self::Glossary,
        Self::Shortcuts,
        Self::Licences,
        Self::Diagnostics,
    ];

    fn title(self) -> &'static str {
        match self {
            Self::Manual => "Manual",
            Self::Glossary => "Glossary",
            Self::Shortcuts => "Shortcuts",
            Self::Licences => "Licences",
            Self::Diagnostics => "Diagnostics",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Manual => "What every control does",
            Self::Glossary => "What the words mean: σ, latent, probability ...",
            Self::Shortcuts => "Mouse and keys",
            Self::Licences => "Of Moodring, its models, its fonts and its libraries",
            Self::Diagnostics => "Latency, what the models cost, and what went wrong",
        }
    }
}

/// What the panel remembers between two frames, on the window's thread.
#[derive(Debug, Default)]
pub struct AboutPanel {
    /// Whether it is seen, in place of the page.
    pub is_open: bool,
    section: Section,
}

impl AboutPanel {
    /// Draws the panel into `rect`.
    pub fn draw(&mut self, ui: &mut Ui, scene: &Scene<'_>, rect: Rect) {
        let metrics = scene.metrics;
        let inside = look::panel(ui, metrics, rect);
        let (head, body) = inside.split_top_bottom_at_y(inside.top() + metrics.units(3.5));
        self.draw_head(
            ui,
            metrics,
            head.with_max_y(head.top() + metrics.units(2.75)),
        );
        let diagnostics;
        let blocks = match self.section {
            Section::Manual => manual::blocks(),
            Section::Glossary => words::glossary(),
            Section::Shortcuts => words::shortcuts(),
            Section::Licences => words::licences(),
            Section::Diagnostics => {
                diagnostics = diagnostics::blocks(scene.snapshot);
                &diagnostics
            }
        };
        let mut child = ui.new_child(UiBuilder::new().max_rect(body).id_salt("about"));
        ScrollArea::vertical()
            .id_salt(self.section.title())
            .auto_shrink(false)
            .show(&mut child, |ui| {
                for block in blocks {
                    draw_block(ui, metrics, block);
                }
            });
    }

    /// Draws name and version, the choice of what is read, and the button that closes it all.
    fn draw_head(&mut self, ui: &Ui, metrics: Metrics, rect: Rect) {
        let close = button::width(ui, metrics, "Close");
        let (rest, close) = rect.split_left_right_at_x(rect.right() - close);
        let response = button::button(ui, metrics, close, "Close About", "Close", Kind::Push);
        if help::tip(response, "Back to the page").clicked() {
            self.is_open = false;
        }
        let mut right = rest.right() - metrics.units(1.5);
        for section in Section::ALL.into_iter().rev() {
            let width = button::width(ui, metrics, section.title());
            let cell = Rect::from_min_max(
                Pos2::new(right - width, rest.top()),
                Pos2::new(right, rest.bottom()),
            );
            let kind = Kind::Choice(self.section == section);
            let title = section.title();
            let response = button::button(ui, metrics, cell, title, title, kind);
            if help::tip(response, section.words()).clicked() {
                self.section = section;
            }
            right -= width + metrics.units(0.25);
        }
        let room = rest.with_max_x(right - metrics.unit);
        let font = look::fitting(ui, TITLE, room.width(), metrics.heading());
        look::label(
            ui,
            room,
            Align2::LEFT_CENTER,
            TITLE,
            font,
            metrics.palette.text,
        );
    }
}

fn draw_block(ui: &mut Ui, metrics: Metrics, block: &Block) {
    let palette = metrics.palette;
    let text = |words: &str, color| Label::new(RichText::new(words).color(color)).wrap();
    match block {
        Block::Heading(words) => {
            ui.add_space(metrics.units(1.0));
            let words = RichText::new(words).font(metrics.heading());
            ui.add(Label::new(words.color(palette.text)).wrap());
        }
        Block::Text(words) => {
            ui.add(text(words, palette.text));
        }
        Block::Row(term, words) => {
            let width = ui.available_width();
            ui.horizontal_top(|ui| {
                let left = LEFT * width;
                ui.allocate_ui(Vec2::new(left, 0.0), |ui| {
                    ui.set_width(left);
                    ui.add(text(term, palette.accent));
                });
                ui.vertical(|ui| ui.add(text(words, palette.text)));
            });
        }
    }
}
