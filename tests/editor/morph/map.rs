//! The map: its handle, its places, and what Morph leads to.

use std::sync::Arc;

use crate::common::editor::{
    World, assert_gesture, control, double_click, drag, press, settle, texts, usual,
};
use egui::{Event, Key, Modifiers, Role, Vec2};
use egui_kittest::{Harness, Node, kittest::Queryable};
use moodring::{
    editor::Page,
    params::{MorphSource, Target},
    telemetry::Sidechain,
};
use nice_plug::prelude::{Enum, FloatParam, Param, ParamSetter};

use super::{calls, click, key, lead_to, of, open, params, spectra, undo};

fn handle<'a>(harness: &'a Harness<'_, World>) -> Node<'a> {
    control(harness, "Map handle")
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
            snapshot.spectra = Some(spectra(hop, level));
            harness.step();
        }
    }
}

/// All that is painted under the name of a place, and where it is among the shapes.
fn name_of(harness: &Harness<'_, World>, name: &str) -> Option<(usize, egui::Rect)> {
    let shapes = harness.output().shapes.iter().enumerate();
    shapes
        .filter_map(|(index, clipped)| {
            let mut painted = Vec::new();
            texts(&clipped.shape, &mut painted);
            let (_, rect, _) = painted.into_iter().find(|(text, _, _)| text == name)?;
            Some((index, rect))
        })
        .next()
}

#[test]
fn no_mark_covers_a_name_and_names_make_room_for_the_handle() {
    let mut harness = open(Page::Morph, usual());
    // The handle is led beside a place, where its name was.
    let (_, before) = name_of(&harness, "Steel guitar").unwrap();
    let params = params(&harness);
    let lead = |harness: &mut Harness<'_, World>, at: [f32; 2]| {
        let host = Arc::clone(&harness.state().host);
        let setter = ParamSetter::new(&*host);
        setter.set_parameter(&params.map_x, at[0]);
        setter.set_parameter(&params.map_y, at[1]);
        harness.run();
        handle(harness).rect().center()
    };
    let middle = lead(&mut harness, [0.0, 0.0]);
    let corner = lead(&mut harness, [1.0, 1.0]) - middle;
    let way = before.center() - middle;
    lead(&mut harness, [way.x / corner.x, way.y / corner.y]);
    let there = handle(&harness).rect();
    assert!(there.intersects(before), "{before} {there}");
    if let Some((_, after)) = name_of(&harness, "Steel guitar") {
        assert!(!after.intersects(there), "{after} {there}");
    }
    // Names are painted behind nothing: rings, dots and the handle come first.
    let circles = harness.output().shapes.iter().enumerate();
    let map = there.expand(400.0);
    let last = circles
        .filter(|(_, clipped)| match &clipped.shape {
            egui::Shape::Circle(circle) => map.contains(circle.center) && circle.center.x < 420.0,
            _ => false,
        })
        .map(|(index, _)| index)
        .max();
    let (name, _) = name_of(&harness, "Trumpet").unwrap();
    assert!(Some(name) > last, "{name} {last:?}");
}

#[test]
fn every_place_has_a_name_under_the_pointer_and_both_axes_have_theirs() {
    for page in [Page::Overview, Page::Morph] {
        let mut harness = open(page, usual());
        let map = harness.state().snapshot.map.clone().unwrap();
        for axis in map.axes.iter().flatten() {
            let name = format!("more {}", axis.name);
            // A small map may have no room for it.
            assert!(
                page != Page::Morph || harness.query_by_label(&name).is_some(),
                "{name}"
            );
        }
        for place in &map.places {
            let dot = harness.get_by_role_and_label(Role::Button, &place.name);
            dot.focus();
            harness.step();
            harness.step();
            assert!(
                name_of(&harness, &place.name).is_some(),
                "{page:?}: {}",
                place.name
            );
        }
    }
}
