//! What is done to the sound, driven without a window: typed values, the map with its handle, what Morph leads to, captures,
//! and the spectrum.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod common;

use std::{cell::Cell, rc::Rc, sync::Arc};

use common::editor::{
    Call, MARGIN, SIZES, World, assert_gesture, control, double_click, drag, left_on, open_in,
    playing, press, settle, texts, usual, window,
};
use egui::{Event, ImageData, Key, Modifiers, Pos2, Rect, Role, TexturesDelta, Vec2};
use egui_kittest::{
    Harness, Node, TestRenderer,
    kittest::{NodeT, Queryable},
};
use moodring::{
    editor::{Page, Preferences, Theme, UiState, UserFiles},
    library::Library,
    model::{BANDS, LATENTS, ModelSource, TimbreMap},
    params::{Captured, LONGEST_CAPTURE, MoodringParams, MorphSource, Slot, Target},
    telemetry::{Sidechain, Snapshot, Spectrum},
};
use nice_plug::prelude::{Enum, FloatParam, Param, ParamPtr, ParamSetter};

/// A snapshot with everything that these pages can show.
fn snapshot() -> Snapshot {
    let card = ModelSource::embedded_timbre_card().unwrap();
    Snapshot {
        map: Some(Arc::new(TimbreMap::new(card))),
        sidechain: Sidechain {
            connected: true,
            at: Some([0.5, 0.6]),
        },
        band_hz: (0..BANDS)
            .map(|band| 40.0 * 500f32.powf(band as f32 / (BANDS - 1) as f32))
            .collect(),
        spectrum: Some(spectrum(0, -30.0)),
        ..playing()
    }
}

/// The output is flat at a level, the input 10 dB below, the curve 10 dB.
fn spectrum(hop: u64, level: f32) -> Spectrum {
    Spectrum {
        input: [level - 10.0; BANDS],
        output: [level; BANDS],
        curve: [10.0; BANDS],
        hop,
        hop_seconds: 512.0 / 48_000.0,
    }
}

fn captured(name: &str) -> Captured {
    Captured {
        name: name.to_owned(),
        latent: [0.5; LATENTS],
        levels: (0..BANDS).map(|band| -0.3 * band as f32).collect(),
        model: "pilot 1".to_owned(),
    }
}

/// The editor on a page.
fn open(page: Page, size: Vec2) -> Harness<'static, World> {
    let state = left_on(page, Theme::Dark);
    open_in(window(size, 1.0), snapshot(), state)
}

fn params(harness: &Harness<'_, World>) -> Arc<MoodringParams> {
    Arc::clone(&harness.state().params)
}

/// Everything the host was told since the last time.
fn calls(harness: &Harness<'_, World>) -> Vec<(ParamPtr, Call)> {
    std::mem::take(&mut *harness.state().host.calls.lock().unwrap())
}

/// What the host was told about one of the parameters.
fn of(calls: &[(ParamPtr, Call)], param: &impl Param) -> Vec<Call> {
    calls
        .iter()
        .filter(|(ptr, _)| *ptr == param.as_ptr())
        .map(|(_, call)| *call)
        .collect()
}

fn lead_to(harness: &mut Harness<'_, World>, source: MorphSource) {
    let setter = ParamSetter::new(&*harness.state().host);
    setter.set_parameter(&harness.state().params.morph_source, source);
    calls(harness);
    harness.run();
}

fn click(harness: &mut Harness<'_, World>, at: Pos2) {
    harness.hover_at(at);
    harness.step();
    press(harness, at, true);
    press(harness, at, false);
    settle(harness);
}

fn key(harness: &mut Harness<'_, World>, key: Key) {
    harness.key_press(key);
    harness.run();
}

fn handle<'a>(harness: &'a Harness<'_, World>) -> Node<'a> {
    control(harness, "Map handle")
}

/// Opens the field for a control's value and enters `text` into it.
fn enter(harness: &mut Harness<'_, World>, text: &str) {
    harness.event(Event::Text(text.to_owned()));
    harness.run();
    key(harness, Key::Enter);
}

#[test]
fn a_number_that_is_clicked_can_be_typed() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    let knob = control(&harness, "Brightness").rect();
    let slider = control(&harness, "Smoothing").rect();
    for (param, number, text, plain) in [
        (
            &params.knobs[0].shift,
            knob.center_bottom() - Vec2::new(0.0, 6.0),
            "-1.25",
            -1.25,
        ),
        (
            &params.smoothing,
            slider.right_top() + Vec2::new(-6.0, 8.0),
            "250 ms",
            250.0,
        ),
    ] {
        click(&mut harness, number);
        let field = format!("{} value", param.name());
        let field = harness.get_by_role_and_label(Role::TextInput, &field);
        assert!(field.is_focused());
        let before = param.normalized_value_to_string(param.unmodulated_normalized_value(), true);
        assert_eq!(
            field.value(),
            Some(before),
            "it starts from the present value"
        );
        enter(&mut harness, text);
        assert_gesture(&of(&calls(&harness), param));
        assert!((param.unmodulated_plain_value() - plain).abs() < 1e-3);
        assert_eq!(harness.query_all_by_role(Role::TextInput).count(), 0);
        assert!(control(&harness, param.name()).is_focused());
        // The next one is clicked as by somebody who takes their time.
        settle(&mut harness);
    }
}

#[test]
fn nonsense_is_refused_visibly_and_escape_leaves_everything_as_it_was() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    control(&harness, "Body").focus();
    harness.run();
    key(&mut harness, Key::Enter);
    enter(&mut harness, "much more");
    harness.get_by_label_contains("This is no value");
    let field = harness.get_by_role(Role::TextInput);
    assert!(field.is_focused());
    assert_eq!(field.value().as_deref(), Some("much more"));
    assert!(calls(&harness).is_empty());

    // Typing on takes the complaint away.
    harness.event(Event::Text("!".to_owned()));
    harness.run();
    let complaints = harness.query_all_by_label_contains("This is no value");
    assert_eq!(complaints.count(), 0);
    key(&mut harness, Key::Escape);
    assert_eq!(harness.query_all_by_role(Role::TextInput).count(), 0);
    assert!(calls(&harness).is_empty());
    assert_eq!(params.knobs[1].shift.unmodulated_plain_value(), 0.0);
    assert!(control(&harness, "Body").is_focused());

    control(&harness, "Smoothing").focus();
    harness.run();
    key(&mut harness, Key::Enter);
    enter(&mut harness, "3 kHz");
    harness.get_by_label_contains("“kHz” stands for something else than ms or s");
    assert!(calls(&harness).is_empty());
}

#[test]
fn a_click_elsewhere_leaves_the_field_without_a_change() {
    let mut harness = open(Page::Morph, usual());
    control(&harness, "Body").focus();
    harness.run();
    key(&mut harness, Key::Enter);
    harness.event(Event::Text("2".to_owned()));
    harness.run();
    click(&mut harness, Pos2::new(2.0 * MARGIN, 60.0));
    assert_eq!(harness.query_all_by_role(Role::TextInput).count(), 0);
    assert!(calls(&harness).is_empty());
}

#[test]
fn a_typed_value_beyond_the_range_becomes_its_end() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    control(&harness, "Output").focus();
    harness.run();
    key(&mut harness, Key::Enter);
    enter(&mut harness, "900");
    assert_eq!(params.output.unmodulated_plain_value(), 24.0);
    let mut said = Vec::new();
    for clipped in &harness.output().shapes {
        texts(&clipped.shape, &mut said);
    }
    let notice = "Output: 900 is out of its range, 24.0 dB is the nearest";
    assert!(said.iter().any(|(said, ..)| said == notice), "{said:?}");
}

#[test]
fn screen_readers_change_every_knob_and_slider() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    let knobs = params.knobs.iter().map(|knob| &knob.shift);
    let sliders = [
        &params.morph,
        &params.resynthesis,
        &params.follow,
        &params.smoothing,
        &params.mix,
        &params.output,
    ];
    for param in knobs.chain(sliders) {
        let node = control(&harness, param.name());
        let range = (
            node.accesskit_node().min_numeric_value().unwrap(),
            node.accesskit_node().max_numeric_value().unwrap(),
        );
        let expected = [0.0, 1.0].map(|end| f64::from(param.preview_plain(end)));
        assert_eq!(range, expected.into());

        node.set_value_accesskit(f64::from(param.preview_plain(0.4)));
        harness.run();
        let set = assert_gesture(&of(&calls(&harness), param));
        assert!((set - 0.4).abs() < 1e-3, "{}: {set}", param.name());
        control(&harness, param.name()).increment_accesskit();
        harness.run();
        let more = assert_gesture(&of(&calls(&harness), param));
        assert!(more > set);
        control(&harness, param.name()).decrement_accesskit();
        harness.run();
        assert!(assert_gesture(&of(&calls(&harness), param)) < more);

        let text = param.normalized_value_to_string(0.75, true);
        control(&harness, param.name()).set_text_value_accesskit(&text);
        harness.run();
        assert_gesture(&of(&calls(&harness), param));
        let shown = param.normalized_value_to_string(param.unmodulated_normalized_value(), true);
        assert_eq!(shown, text);
    }
}

#[test]
fn the_handle_is_dragged_in_two_gestures_and_takes_the_aim() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    let at = handle(&harness).rect().center();
    drag(&mut harness, at, Vec2::new(60.0, -40.0));
    let told = calls(&harness);
    let x = assert_gesture(&of(&told, &params.map_x));
    let y = assert_gesture(&of(&told, &params.map_y));
    assert!(x > 0.55 && y > 0.55, "right and up are more: {x} {y}");
    assert_eq!(
        of(&told, &params.morph_source).len(),
        3,
        "chosen once: {told:?}"
    );
    assert_eq!(
        params.morph_source.unmodulated_plain_value(),
        MorphSource::Map
    );
    let moved = handle(&harness).rect().center() - at;
    assert!((moved - Vec2::new(60.0, -40.0)).length() < 1.5, "{moved}");
    let said = handle(&harness).value().unwrap();
    assert!(said.starts_with('+') && said.contains(", near "), "{said}");

    // It stops at the edge, whatever the mouse does.
    drag(&mut harness, at + moved, Vec2::new(-3_000.0, 3_000.0));
    assert_eq!(params.map_x.unmodulated_plain_value(), -1.0);
    assert_eq!(params.map_y.unmodulated_plain_value(), -1.0);
}

#[test]
fn shift_makes_the_handle_ten_times_finer() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    let at = handle(&harness).rect().center();
    drag(&mut harness, at, Vec2::new(60.0, 0.0));
    let coarse = params.map_x.unmodulated_plain_value();
    let there = handle(&harness).rect().center();
    double_click(&mut harness, there);
    assert_eq!(params.map_x.unmodulated_plain_value(), 0.0);
    harness.event(Event::ModifiersChanged(Modifiers::SHIFT));
    drag(&mut harness, at, Vec2::new(60.0, 0.0));
    let fine = params.map_x.unmodulated_plain_value();
    assert!((coarse / fine - 10.0).abs() < 0.2, "{coarse} {fine}");
}

#[test]
fn the_map_s_free_room_fetches_the_handle_and_a_double_click_resets_it() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    let start = handle(&harness).rect().center();
    // Up and to the left of the middle there is no named timbre.
    let free = start + Vec2::new(-150.0, -150.0);
    click(&mut harness, free);
    assert!((handle(&harness).rect().center() - free).length() < 1.5);
    assert_eq!(
        params.morph_source.unmodulated_plain_value(),
        MorphSource::Map
    );
    calls(&harness);

    drag(
        &mut harness,
        free + Vec2::new(30.0, 0.0),
        Vec2::new(0.0, 20.0),
    );
    let dragged = handle(&harness).rect().center();
    assert!((dragged - free - Vec2::new(30.0, 20.0)).length() < 1.5);
    let told = calls(&harness);
    assert_gesture(&of(&told, &params.map_x));
    assert_gesture(&of(&told, &params.map_y));

    double_click(&mut harness, dragged);
    assert_eq!(params.map_x.unmodulated_plain_value(), 0.0);
    assert_eq!(params.map_y.unmodulated_plain_value(), 0.0);
}

#[test]
fn arrow_keys_move_the_handle_both_ways() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    handle(&harness).focus();
    harness.run();
    for (pressed, param, up) in [
        (Key::ArrowRight, &params.map_x, true),
        (Key::ArrowLeft, &params.map_x, false),
        (Key::ArrowUp, &params.map_y, true),
        (Key::ArrowDown, &params.map_y, false),
    ] {
        let before = param.unmodulated_normalized_value();
        key(&mut harness, pressed);
        let after = assert_gesture(&of(&calls(&harness), param));
        assert_eq!(after > before, up, "{pressed:?}: {before} to {after}");
    }
    assert_eq!(
        params.morph_source.unmodulated_plain_value(),
        MorphSource::Map
    );
}

#[test]
fn a_drag_of_the_handle_is_ended_when_the_window_closes_in_the_middle_of_it() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    let host = Arc::clone(&harness.state().host);
    let at = handle(&harness).rect().center();
    harness.hover_at(at);
    harness.step();
    press(&mut harness, at, true);
    harness.hover_at(at + Vec2::new(30.0, 30.0));
    harness.step();
    let setter = ParamSetter::new(&*host);
    harness.state_mut().state.end_gesture(&setter);
    let told = calls(&harness);
    assert_gesture(&of(&told, &params.map_x));
    assert_gesture(&of(&told, &params.map_y));
}

#[test]
fn every_named_timbre_is_a_button_that_makes_it_the_target() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    let names = Target::variants();
    assert!(names.len() > 20);
    for (index, name) in names.iter().enumerate() {
        lead_to(&mut harness, MorphSource::Map);
        harness
            .get_by_role_and_label(Role::Button, name)
            .click_accesskit();
        harness.run();
        assert_eq!(params.target.unmodulated_plain_value(), Target(index));
        assert_eq!(
            params.morph_source.unmodulated_plain_value(),
            MorphSource::Named
        );
        assert_gesture(&of(&calls(&harness), &params.morph_source));
    }
}

#[test]
fn a_place_is_clicked_with_the_mouse_and_tells_what_for() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    let at = harness
        .get_by_role_and_label(Role::Button, "Clarinet")
        .rect()
        .center();
    harness.hover_at(at);
    settle(&mut harness);
    let told = harness.query_all_by_label_contains("Clarinet: click to make it");
    assert!(told.count() >= 1);
    click(&mut harness, at);
    let chosen = params.target.unmodulated_plain_value().to_index();
    assert_eq!(Target::variants()[chosen], "Clarinet");
    assert_eq!(
        params.map_x.unmodulated_plain_value(),
        0.0,
        "the handle stays"
    );
}

#[test]
fn each_aim_is_chosen_by_name_and_shows_what_belongs_to_it() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    for source in [
        MorphSource::Sidechain,
        MorphSource::Captures,
        MorphSource::Map,
        MorphSource::Named,
    ] {
        let name = MorphSource::variants()[source.to_index()];
        harness
            .get_by_role_and_label(Role::RadioButton, name)
            .click_accesskit();
        harness.run();
        assert_gesture(&of(&calls(&harness), &params.morph_source));
        assert_eq!(params.morph_source.unmodulated_plain_value(), source);
        let shows = |role, name| harness.query_all_by_role_and_label(role, name).count() == 1;
        assert_eq!(
            shows(Role::ComboBox, "Target"),
            source == MorphSource::Named
        );
        assert_eq!(shows(Role::Slider, "Map X"), source == MorphSource::Map);
        assert_eq!(shows(Role::Slider, "Map Y"), source == MorphSource::Map);
        assert_eq!(
            shows(Role::Slider, "A to B"),
            source == MorphSource::Captures
        );
        let heard = harness.query_all_by_label_contains("Sidechain heard");
        assert_eq!(heard.count() == 1, source == MorphSource::Sidechain);
        control(&harness, "Morph");
    }
    harness.state_mut().snapshot.sidechain = Sidechain::default();
    lead_to(&mut harness, MorphSource::Sidechain);
    harness.get_by_label_contains("route a track to Moodring’s sidechain input");
}

#[test]
fn what_belongs_to_an_aim_is_moved_by_keys() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    for (source, param) in [
        (MorphSource::Map, &params.map_x),
        (MorphSource::Map, &params.map_y),
        (MorphSource::Captures, &params.captures_blend),
    ] as [(MorphSource, &FloatParam); 3]
    {
        lead_to(&mut harness, source);
        control(&harness, param.name()).focus();
        harness.run();
        key(&mut harness, Key::ArrowRight);
        assert_gesture(&of(&calls(&harness), param));
    }
}

#[test]
fn captures_are_asked_for_with_the_chosen_time_and_taken_back() {
    let mut harness = open(Page::Morph, usual());
    let captures = &params(&harness).captures;
    harness
        .get_by_role_and_label(Role::ComboBox, "Capture Time")
        .click();
    harness.run();
    harness.get_by_label("8 s").click_accesskit();
    harness.run();
    for (slot, name) in [(Slot::A, "Capture A"), (Slot::B, "Capture B")] {
        let press = |harness: &mut Harness<'_, World>| {
            harness
                .get_by_role_and_label(Role::CheckBox, name)
                .click_accesskit();
            harness.run();
        };
        press(&mut harness);
        let seconds = captures.wish(slot).map(|wish| wish.seconds);
        assert_eq!(seconds, Some(LONGEST_CAPTURE));
        press(&mut harness);
        assert!(!captures.pending(slot), "a second click gives up");
    }
}

#[test]
fn a_capture_is_seen_with_its_name_and_its_place_on_the_map() {
    let mut harness = open(Page::Morph, usual());
    let empty = harness.get_by_label("Picture of A").value();
    assert_eq!(empty.as_deref(), Some("empty"));
    assert_eq!(harness.query_all_by_label("A on the map").count(), 0);
    let captures = &params(&harness).captures;
    captures.set(Slot::A, Some(captured("Dusk")));
    harness.run();
    let name = harness.get_by_label("Picture of A").value();
    assert_eq!(name.as_deref(), Some("Dusk"));
    harness.get_by_label("A on the map");
    assert_eq!(harness.query_all_by_label("B on the map").count(), 0);
}

/// The editor of a user who keeps timbres in a folder, with a capture in A.
fn with_library(folder: &std::path::Path) -> Harness<'static, World> {
    let preferences = Preferences {
        page: Page::Morph,
        ..Preferences::default()
    };
    let files = UserFiles {
        library: Library::at(folder.to_owned()),
        ..UserFiles::default()
    };
    let state = UiState::new(preferences, files);
    let mut harness = open_in(window(usual(), 1.0), snapshot(), state);
    let captures = &params(&harness).captures;
    captures.set(Slot::A, Some(captured("Dusk")));
    harness.run();
    harness
}

fn menu(harness: &mut Harness<'_, World>, entries: &[&str]) {
    for entry in entries {
        let at = harness.get_by_role_and_label(Role::Button, entry).rect();
        click(harness, at.center());
    }
}

#[test]
fn a_capture_is_kept_as_a_timbre_and_loaded_renamed_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = with_library(folder.path());
    let captures = &params(&harness).captures;
    let store = Library::at(folder.path().to_owned()).timbres();

    menu(&mut harness, &["Timbre A", "Save as timbre"]);
    let names = || -> Vec<String> { store.list().into_iter().map(|kept| kept.name).collect() };
    assert_eq!(names(), ["Dusk"]);
    // Saved again it would replace the first: that is asked for.
    menu(&mut harness, &["Timbre A", "Save as timbre"]);
    harness.get_by_label_contains("there is a `Dusk` already");
    menu(&mut harness, &["Replace"]);

    menu(&mut harness, &["Timbre B", "Dusk"]);
    assert_eq!(captures.get(Slot::B), Some(captured("Dusk")));

    menu(&mut harness, &["Timbre B", "Rename Dusk"]);
    harness
        .get_by_role_and_label(Role::TextInput, "New name of Dusk")
        .focus();
    harness.run();
    harness.event(Event::Text(" 2".to_owned()));
    harness.run();
    menu(&mut harness, &["Rename Dusk now"]);
    assert_eq!(names(), ["Dusk 2"]);

    menu(&mut harness, &["Delete: Dusk 2"]);
    assert_eq!(names(), ["Dusk 2"], "one click is not enough");
    menu(&mut harness, &["Delete for good: Dusk 2"]);
    assert!(names().is_empty());
}

#[test]
fn a_capture_is_cleared_and_a_broken_file_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let timbres = folder.path().join("timbres");
    std::fs::create_dir_all(&timbres).unwrap();
    std::fs::write(timbres.join("Broken.json"), "{").unwrap();
    let mut harness = with_library(folder.path());
    let captures = &params(&harness).captures;
    menu(&mut harness, &["Timbre A", "Broken"]);
    harness.get_by_label_contains("fix or remove this file");
    assert_eq!(captures.get(Slot::A), Some(captured("Dusk")));
    menu(&mut harness, &["Clear A"]);
    assert_eq!(captures.get(Slot::A), None);
    undo(&mut harness);
    assert_eq!(captures.get(Slot::A), Some(captured("Dusk")));
}

fn undo(harness: &mut Harness<'_, World>) {
    harness
        .get_by_role_and_label(Role::Button, "Undo")
        .click_accesskit();
    harness.run();
}

#[test]
fn a_capture_that_the_sound_has_filled_can_be_undone() {
    let mut harness = open(Page::Morph, usual());
    let captures = &params(&harness).captures;
    captures.set(Slot::B, Some(captured("Before")));
    harness.run();
    captures.request(Slot::B, 1.0);
    harness.run();
    captures.set(Slot::B, Some(captured("After")));
    captures.withdraw(Slot::B);
    harness.run();
    undo(&mut harness);
    assert_eq!(captures.get(Slot::B), Some(captured("Before")));
}

#[test]
fn a_drag_of_the_handle_is_one_step_to_undo() {
    let mut harness = open(Page::Morph, usual());
    let params = params(&harness);
    let at = handle(&harness).rect().center();
    drag(&mut harness, at, Vec2::new(60.0, -40.0));
    undo(&mut harness);
    assert_eq!(params.map_x.unmodulated_plain_value(), 0.0);
    assert_eq!(params.map_y.unmodulated_plain_value(), 0.0);
    assert_eq!(
        params.morph_source.unmodulated_plain_value(),
        MorphSource::Named
    );
}

#[test]
fn nothing_is_cut_off_and_no_words_overlap_at_any_size() {
    for size in SIZES.map(Vec2::from) {
        for page in [Page::Overview, Page::Morph, Page::Spectrum] {
            for source in [
                MorphSource::Named,
                MorphSource::Map,
                MorphSource::Captures,
                MorphSource::Sidechain,
            ] {
                let mut harness = open(page, size);
                let captures = &params(&harness).captures;
                captures.set(Slot::A, Some(captured("Dusk")));
                captures.request(Slot::B, 1.0);
                lead_to(&mut harness, source);
                for view in ["Show Map", "Show Knobs"] {
                    if let Some(view) = harness.query_by_label(view) {
                        view.click_accesskit();
                        harness.run();
                    }
                    assert_tidy(&harness, size, &format!("{page:?}, {source:?}, {view}"));
                }
            }
        }
    }
}

fn assert_tidy(harness: &Harness<'_, World>, size: Vec2, at: &str) {
    let window = Rect::from_min_size(Pos2::new(MARGIN, MARGIN), size);
    let mut painted = Vec::new();
    for clipped in &harness.output().shapes {
        texts(&clipped.shape, &mut painted);
    }
    assert!(painted.len() > 10, "{painted:?} at {size}, {at}");
    for (index, (one, rect, cut)) in painted.iter().enumerate() {
        assert!(!cut, "`{one}` is cut off at {size}, {at}");
        assert!(
            window.contains_rect(*rect),
            "`{one}` {rect} at {size}, {at}"
        );
        for (other, place, _) in painted.iter().skip(index + 1) {
            let both = rect.intersect(place.shrink(0.5));
            assert!(
                both.width() <= 0.5 || both.height() <= 0.5,
                "`{one}` {rect} and `{other}` {place} overlap at {size}, {at}"
            );
        }
    }
}

#[test]
fn without_model_or_sound_the_pages_say_so() {
    let open = |page| {
        let state = left_on(page, Theme::Dark);
        open_in(window(usual(), 1.0), Snapshot::default(), state)
    };
    open(Page::Morph).get_by_label("No map without a timbre model");
    open(Page::Spectrum).get_by_label("Play something");
}

#[test]
fn places_that_are_no_numbers_are_drawn_all_the_same() {
    for page in [Page::Morph, Page::Spectrum] {
        let mut harness = open(page, usual());
        for hop in 1..40 {
            let snapshot = &mut harness.state_mut().snapshot;
            let latents = snapshot.latents.as_mut().unwrap();
            latents.live_at = [f32::NAN, f32::INFINITY];
            latents.shaped_at = [-1e30, f32::NAN];
            snapshot.sidechain.at = Some([f32::NEG_INFINITY, 0.0]);
            let level = [f32::NAN, f32::INFINITY, -1e30][hop as usize % 3];
            snapshot.spectrum = Some(spectrum(3 * hop, level));
            harness.step();
        }
    }
}

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
