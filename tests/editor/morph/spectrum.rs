//! The spectrum: its lines, what the pointer reads, averaging, range, tilt and freeze, peaks, the spectrogram.

use std::{cell::Cell, rc::Rc};

use crate::common::editor::{World, left_on, open_in, settle, usual, window};
use egui::{ImageData, Pos2, Role, TexturesDelta, accesskit::Toggled};
use egui_kittest::{
    Harness, TestRenderer,
    kittest::{NodeT, Queryable},
};
use moodring::{
    editor::{Page, Theme},
    telemetry::{COLUMNS, Column, POINTS, ROWS, point_hz},
};

use super::{click, open, snapshot, spectra};

/// How many shapes the last frame has.
fn shapes(harness: &Harness<'_, World>) -> usize {
    harness.output().shapes.len()
}

fn press(harness: &mut Harness<'_, World>, role: Role, name: &str) {
    harness.get_by_role_and_label(role, name).click_accesskit();
    harness.run();
}

/// Chooses an entry of a menu.
fn choose(harness: &mut Harness<'_, World>, menu: &str, entry: &str) {
    press(harness, Role::Button, menu);
    harness.get_by_label(entry).click();
    settle(harness);
}

#[test]
fn each_line_of_the_spectrum_is_switched_by_name() {
    let mut harness = open(Page::Spectrum, usual());
    for name in ["Input", "Output", "Curve", "Peak Hold"] {
        let drawn = |harness: &mut Harness<'_, World>| {
            press(harness, Role::CheckBox, name);
            shapes(harness)
        };
        let without = drawn(&mut harness);
        let with = drawn(&mut harness);
        assert!(with > without, "{name}: {with} and {without} shapes");
    }
}

/// Where a frequency in Hz is in the plot.
fn place(harness: &Harness<'_, World>, hz: f32) -> Pos2 {
    let rect = harness.get_by_label("Spectrum Plot").rect();
    let share = (hz / 20.0).ln() / 1_000_f32.ln();
    Pos2::new(rect.left() + share * rect.width(), rect.center().y)
}

/// What the pointer reads at a frequency in Hz, line by line.
fn read(harness: &mut Harness<'_, World>, hz: f32) -> Vec<String> {
    let at = place(harness, hz);
    harness.hover_at(at);
    harness.run();
    let said = harness.get_by_label_contains(" ct").value().unwrap();
    said.lines().map(str::to_owned).collect()
}

#[test]
fn the_pointer_reads_frequency_note_and_levels() {
    let mut harness = open(Page::Spectrum, usual());
    let plot = harness.get_by_label("Spectrum Plot");
    assert_eq!(
        plot.value().as_deref(),
        Some("output loudest at 20.00 kHz, -31 dB")
    );
    // The average is of medium speed, and what is read isn't tilted.
    let lines = read(&mut harness, 440.0);
    assert!(lines[0].contains("Hz, A4 "), "{lines:?}");
    let hz: f32 = lines[0].split(' ').next().unwrap().parse().unwrap();
    assert!((hz / 440.0 - 1.0).abs() < 0.01, "{lines:?}");
    assert_eq!(
        lines[1..],
        ["input -41.0 dB", "output -31.0 dB", "curve +10.0 dB"]
    );
    let lowest = read(&mut harness, 20.01);
    assert!(lowest[0].starts_with("20.0 Hz, D#0"), "{lowest:?}");
    press(&mut harness, Role::CheckBox, "Input");
    let lines = read(&mut harness, 440.0);
    assert_eq!(lines[1..], ["output -31.0 dB", "curve +10.0 dB"]);
}

/// The plot's lines from its left end to its right one, each with a place for every point of a spectrum: what is drawn has fewer.
fn lines_of(harness: &Harness<'_, World>) -> Vec<Vec<Pos2>> {
    let plot = harness.get_by_label("Spectrum Plot").rect();
    let ends = |line: &[Pos2]| {
        let (first, last) = (line.first().unwrap().x, line.last().unwrap().x);
        (first - plot.left()).abs() < 1.0 && (last - plot.right()).abs() < 1.0
    };
    let paths = harness.output().shapes.iter().filter_map(|clipped| {
        let egui::Shape::Path(path) = &clipped.shape else {
            return None;
        };
        ends(&path.points).then_some(&path.points)
    });
    let at = |line: &[Pos2], hz: f32| {
        let x = place(harness, hz).x;
        let behind = line.iter().position(|point| point.x >= x);
        let behind = behind.unwrap_or(line.len() - 1).max(1);
        let (from, to) = (line[behind - 1], line[behind]);
        Pos2::new(x, egui::remap(x, from.x..=to.x, from.y..=to.y))
    };
    paths
        .map(|line| (0..POINTS).map(|point| at(line, point_hz(point))).collect())
        .collect()
}

/// The height of the highest line of the plot at 1 kHz, where no tilt is, in dB down from its top, with so many dB from top to bottom.
fn highest(harness: &Harness<'_, World>, range: f32) -> f32 {
    let plot = harness.get_by_label("Spectrum Plot").rect();
    let at = (0..POINTS)
        .min_by(|a, b| {
            let apart = |point: usize| (point_hz(point) - 1_000.0).abs();
            apart(*a).total_cmp(&apart(*b))
        })
        .unwrap();
    let tops = lines_of(harness).into_iter().map(|line| line[at].y);
    let top = tops.fold(f32::INFINITY, f32::min);
    range * (top - plot.top()) / plot.height()
}

#[test]
fn speed_range_and_tilt_are_chosen_and_remembered() {
    let mut harness = open(Page::Spectrum, usual());
    assert!((highest(&harness, 90.0) - 31.0).abs() < 0.3);
    choose(&mut harness, "Spectrum Range", "120 dB");
    assert!((highest(&harness, 120.0) - 31.0).abs() < 0.3);
    for (speed, level) in [("Fast 0.1 s", 30.0), ("Slow 2 s", 32.0)] {
        choose(&mut harness, "Spectrum Speed", speed);
        let read = highest(&harness, 120.0);
        assert!((read - level).abs() < 0.3, "{speed}: {read}");
    }
    // Flat levels rise with the frequency while they are tilted.
    let rise = |harness: &Harness<'_, World>| {
        let plot = harness.get_by_label("Spectrum Plot").rect();
        let line = lines_of(harness).remove(0);
        120.0 * (line[100].y - line[148].y) / plot.height()
    };
    assert!((rise(&harness) - 4.5).abs() < 0.1, "{}", rise(&harness));
    choose(&mut harness, "Spectrum Tilt", "3 dB/oct");
    assert!((rise(&harness) - 3.0).abs() < 0.1, "{}", rise(&harness));
    choose(&mut harness, "Spectrum Tilt", "0 dB/oct");
    assert!(rise(&harness).abs() < 0.1, "{}", rise(&harness));
    // Another page and back.
    for page in ["Morph", "Spectrum"] {
        press(&mut harness, Role::Tab, page);
    }
    assert!(rise(&harness).abs() < 0.1);
}

#[test]
fn freeze_keeps_the_picture_until_it_is_let_go() {
    let mut harness = open(Page::Spectrum, usual());
    press(&mut harness, Role::CheckBox, "Freeze Spectrum");
    harness.state_mut().snapshot.spectra = Some(spectra(1, -60.0));
    assert_eq!(read(&mut harness, 440.0)[2], "output -31.0 dB");
    press(&mut harness, Role::CheckBox, "Freeze Spectrum");
    assert_eq!(read(&mut harness, 440.0)[2], "output -61.0 dB");
}

/// Whoever froze it to compare finds it as it was. A window that is opened anew shows what plays.
#[test]
fn freeze_outlives_other_pages_and_about_but_not_the_window() {
    let mut harness = open(Page::Spectrum, usual());
    press(&mut harness, Role::CheckBox, "Freeze Spectrum");
    for (away, role, back) in [
        ("Morph", Role::Tab, "Spectrum"),
        ("Overview", Role::Tab, "Spectrum"),
        ("About Moodring", Role::Button, "Close About"),
    ] {
        press(&mut harness, role, away);
        harness.state_mut().snapshot.spectra = Some(spectra(1, -60.0));
        harness.run();
        harness.get_by_label(back).click_accesskit();
        harness.run();
        assert_eq!(read(&mut harness, 440.0)[2], "output -31.0 dB", "{away}");
    }
    press(&mut harness, Role::CheckBox, "Freeze Spectrum");
    assert_eq!(read(&mut harness, 440.0)[2], "output -61.0 dB");

    press(&mut harness, Role::CheckBox, "Freeze Spectrum");
    harness.state_mut().state = left_on(Page::Spectrum, Theme::Dark);
    harness.state_mut().snapshot.spectra = Some(spectra(2, -40.0));
    harness.run();
    let freeze = harness.get_by_label("Freeze Spectrum");
    assert_eq!(freeze.accesskit_node().toggled(), Some(Toggled::False));
    assert_eq!(read(&mut harness, 440.0)[2], "output -41.0 dB");
}

#[test]
fn peaks_are_held_until_a_click() {
    let mut harness = open(Page::Spectrum, usual());
    let show = |harness: &mut Harness<'_, World>, number, level| {
        harness.state_mut().snapshot.spectra = Some(spectra(number, level));
        harness.run();
        highest(harness, 90.0)
    };
    let loud = show(&mut harness, 3, -10.0);
    let held = show(&mut harness, 6, -60.0);
    assert_eq!(held, loud);
    let at = place(&harness, 1_000.0);
    click(&mut harness, at);
    let forgotten = show(&mut harness, 9, -60.0);
    assert!((forgotten - loud - 50.0).abs() < 0.5, "{forgotten} {loud}");
}

/// Counts what the spectrogram uploads.
#[derive(Default, Clone)]
struct Uploads {
    /// Uploads of columns, and the columns in them.
    parts: Rc<Cell<usize>>,
    columns: Rc<Cell<usize>>,
    /// Those without any light.
    dark: Rc<Cell<usize>>,
    /// Pictures as wide and as high as all of it, and the columns with light in the last of them.
    wholes: Rc<Cell<usize>>,
    lit: Rc<Cell<usize>>,
}

impl TestRenderer for Uploads {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        for (_, changes) in delta.set.drain() {
            for change in changes {
                let ImageData::Color(image) = &change.image;
                let lit =
                    |column: usize| (0..image.height()).any(|row| image[(column, row)].a() > 0);
                match image.size {
                    [COLUMNS, ROWS] => {
                        self.wholes.set(self.wholes.get() + 1);
                        let columns = (0..COLUMNS).filter(|column| lit(*column));
                        self.lit.set(columns.count());
                    }
                    [width, ROWS] => {
                        self.parts.set(self.parts.get() + 1);
                        self.columns.set(self.columns.get() + width);
                        let dark = (0..width).filter(|column| !lit(*column)).count();
                        self.dark.set(self.dark.get() + dark);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Lets columns of these numbers be heard.
fn hear(harness: &mut Harness<'_, World>, numbers: std::ops::Range<u64>) {
    let history = &mut harness.state_mut().snapshot.spectrum_history;
    for number in numbers {
        history.add(Column::new(number, &[-40.0; POINTS]));
    }
    harness.step();
}

#[test]
fn the_spectrogram_has_the_last_seconds_at_the_first_look_and_then_grows_by_columns() {
    let uploads = Uploads::default();
    let mut heard = snapshot();
    for number in 100..350 {
        let column = Column::new(number, &[-40.0; POINTS]);
        heard.spectrum_history.add(column);
    }
    let state = left_on(Page::Spectrum, Theme::Dark);
    let renderer = window(usual(), 1.0).renderer(uploads.clone());
    let mut harness = open_in(renderer, heard, state);
    harness.get_by_label("Spectrogram");
    let (columns, wholes) = (&uploads.columns, &uploads.wholes);
    assert_eq!((wholes.get(), uploads.lit.get()), (1, 250));
    columns.set(0);
    for number in 350..400 {
        hear(&mut harness, number..number + 1);
    }
    assert_eq!((columns.get(), wholes.get()), (50, 1));

    // Where nobody looked it is dark.
    columns.set(0);
    uploads.parts.set(0);
    hear(&mut harness, 430..440);
    assert_eq!((columns.get(), uploads.dark.get()), (40, 30));
    assert_eq!(uploads.parts.get(), 1, "they go up at once");

    // Frames without a new column cost nothing. After a long time it is drawn anew.
    columns.set(0);
    harness.run_steps(30);
    assert_eq!((columns.get(), wholes.get()), (0, 1));
    hear(&mut harness, 2_000..2_100);
    assert_eq!((columns.get(), wholes.get()), (0, 2));
    assert_eq!(uploads.lit.get(), 100);
}
