//! The spectrum: its lines, what the pointer reads, peaks, the spectrogram.

use std::{cell::Cell, rc::Rc};

use crate::common::editor::{World, left_on, open_in, usual, window};
use egui::{ImageData, Role, TexturesDelta};
use egui_kittest::{Harness, TestRenderer, kittest::Queryable};
use moodring::{
    editor::{Page, Theme},
    model::BANDS,
};

use super::{open, snapshot, spectrum};

/// How many shapes the last frame has.
fn shapes(harness: &Harness<'_, World>) -> usize {
    harness.output().shapes.len()
}

#[test]
fn each_line_of_the_spectrum_is_switched_by_name() {
    let mut harness = open(Page::Spectrum, usual());
    for name in ["Input", "Output", "Curve", "Peak Hold"] {
        let drawn = |harness: &mut Harness<'_, World>| {
            harness
                .get_by_role_and_label(Role::CheckBox, name)
                .click_accesskit();
            harness.run();
            shapes(harness)
        };
        let without = drawn(&mut harness);
        let with = drawn(&mut harness);
        assert!(with > without, "{name}: {with} and {without} shapes");
    }
}

#[test]
fn the_pointer_reads_frequency_and_levels() {
    let mut harness = open(Page::Spectrum, usual());
    let plot = harness.get_by_label("Spectrum Plot");
    assert_eq!(
        plot.value().as_deref(),
        Some("output loudest at 20.00 kHz, -30 dB")
    );
    let rect = plot.rect();
    // In the middle of 40 Hz to 20 kHz, and of 0 to -100 dB.
    harness.hover_at(rect.center());
    harness.run();
    let said = harness.get_by_label_contains("pointer at").value().unwrap();
    let lines: Vec<_> = said.lines().collect();
    assert!(lines[0].ends_with("pointer at -50 dB"), "{said}");
    let hz: f32 = lines[0].split(' ').next().unwrap().parse().unwrap();
    assert!((hz / 894.0 - 1.0).abs() < 0.03, "{said}");
    assert_eq!(
        lines[1..],
        ["input -40.0 dB", "output -30.0 dB", "curve +10.0 dB"]
    );
}

/// The height of the highest line of the plot at its left edge, from the top of the picture.
fn highest(harness: &Harness<'_, World>) -> f32 {
    let plot = harness.get_by_label("Spectrum Plot").rect();
    let mut top = f32::INFINITY;
    for clipped in &harness.output().shapes {
        if let egui::Shape::Path(path) = &clipped.shape
            && path.points.len() == BANDS
            && path
                .points
                .iter()
                .all(|point| plot.expand(1.0).contains(*point))
        {
            top = path.points.iter().map(|point| point.y).fold(top, f32::min);
        }
    }
    top
}

#[test]
fn peaks_are_held_until_a_click() {
    let mut harness = open(Page::Spectrum, usual());
    // The curve is not among the levels.
    harness
        .get_by_role_and_label(Role::CheckBox, "Curve")
        .click_accesskit();
    let show = |harness: &mut Harness<'_, World>, hop, level| {
        harness.state_mut().snapshot.spectrum = Some(spectrum(hop, level));
        harness.run();
        highest(harness)
    };
    let loud = show(&mut harness, 3, -10.0);
    let held = show(&mut harness, 6, -60.0);
    assert_eq!(held, loud);
    harness.get_by_label("Spectrum Plot").click_accesskit();
    harness.run();
    let forgotten = show(&mut harness, 9, -60.0);
    assert!(forgotten > loud + 20.0, "{forgotten} and {loud}");
}

/// Counts what the spectrogram uploads.
#[derive(Default, Clone)]
struct Uploads {
    columns: Rc<Cell<usize>>,
    /// Those without any light.
    dark: Rc<Cell<usize>>,
    /// Pictures as wide and as high as all of it.
    wholes: Rc<Cell<usize>>,
}

impl TestRenderer for Uploads {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        for (_, changes) in delta.set.drain() {
            for change in changes {
                let ImageData::Color(image) = &change.image;
                match image.size {
                    [1, 128] => {
                        self.columns.set(self.columns.get() + 1);
                        if image.pixels.iter().all(|pixel| pixel.a() == 0) {
                            self.dark.set(self.dark.get() + 1);
                        }
                    }
                    [300, 128] => self.wholes.set(self.wholes.get() + 1),
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn the_spectrogram_is_uploaded_a_column_at_a_time() {
    let uploads = Uploads::default();
    let state = left_on(Page::Spectrum, Theme::Dark);
    let mut harness = open_in(
        window(usual(), 1.0).renderer(uploads.clone()),
        snapshot(),
        state,
    );
    harness.get_by_label("Spectrogram");
    let (columns, wholes) = (&uploads.columns, &uploads.wholes);
    assert_eq!(wholes.get(), 1);
    columns.set(0);
    for turn in 1..=60 {
        harness.state_mut().snapshot.spectrum = Some(spectrum(3 * turn, -40.0));
        harness.step();
    }
    // 60 spectra in 1.92 s, at thirty columns a second.
    assert!((55..=60).contains(&columns.get()), "{}", columns.get());
    assert_eq!(wholes.get(), 1);

    // One that is late stands for the time since the last one; after a long pause it doesn't.
    columns.set(0);
    harness.state_mut().snapshot.spectrum = Some(spectrum(3 * 60 + 94, -40.0));
    harness.step();
    assert!((29..=31).contains(&columns.get()), "{}", columns.get());
    assert_eq!(uploads.dark.get(), 0);
    harness.state_mut().snapshot.spectrum = Some(spectrum(3 * 60 + 94 + 300, -40.0));
    harness.step();
    assert!(
        (90..=97).contains(&uploads.dark.get()),
        "{}",
        uploads.dark.get()
    );

    // Frames without a new spectrum cost nothing, and sound that begins anew has a picture of its own.
    columns.set(0);
    harness.run_steps(30);
    assert_eq!(columns.get(), 0);
    harness.state_mut().snapshot.spectrum = Some(spectrum(0, -40.0));
    harness.step();
    assert_eq!((columns.get(), wholes.get()), (1, 2));
}
