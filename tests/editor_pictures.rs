//! Pictures of every page, in both themes and at three sizes, compared with stored ones.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod common;

use common::{
    editor::{MARGIN, left_on, open_with, playing},
    picture::{Textures, compare, picture},
};
use egui::Vec2;
use moodring::editor::{LEAST_SIZE, Page, Theme};
use moodring::params::EDITOR_SIZE;

#[test]
fn every_page_looks_as_it_did() {
    for page in Page::ALL {
        for theme in [Theme::Dark, Theme::Light] {
            for (size, scale) in [
                (LEAST_SIZE, 1.0),
                (EDITOR_SIZE, 1.0),
                ((1_600.0, 1_000.0), 1.0),
            ] {
                let textures = Textures::default();
                let harness = open_with(
                    playing(),
                    Vec2::from(size),
                    scale,
                    left_on(page, theme),
                    textures.clone(),
                );
                let name = format!("{page:?}-{theme:?}-{}", size.0).to_lowercase();
                compare(&name, &picture(&harness, &textures, MARGIN));
            }
        }
    }
}
