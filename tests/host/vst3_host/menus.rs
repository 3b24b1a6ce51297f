//! A control's menu in real windows, in hosts that show it themselves, offer items, or refuse; and the folders of the parameters.
#![allow(unsafe_code, reason = "VST3 is a C++ interface")]

use std::collections::BTreeMap;
use std::sync::{Arc, atomic::Ordering};
use std::time::{Duration, Instant};

use egui::Role;
use moodring_host::Display;
use nice_plug::wrapper::vst3::vst3::{
    ComWrapper,
    Steinberg::{
        Vst::{
            IComponentHandler, IContextMenuTargetTrait, IEditControllerTrait, IUnitInfo,
            IUnitInfoTrait, ParameterInfo, UnitInfo,
        },
        kResultOk,
    },
};

use crate::common::{
    mouse::{click_at, place_of, right_click_at, xdotool},
    picture::screenshot,
    process::{alone, nobodys_files, this_test},
    vst3::{
        Library, library,
        menus::{MenuHandler, MenuTold, text},
        text_of,
        view::OpenView,
    },
};

fn serve(view: &OpenView, what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        view.pump();
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn serve_for(view: &OpenView, time: Duration) {
    let begun = Instant::now();
    serve(view, "time goes by", || begun.elapsed() > time);
}

/// Presses the right button on Mix until the host is asked for a menu.
fn ask(view: &OpenView, told: &MenuTold) {
    let (mix, before) = (
        place_of(&[(Role::Slider, "Mix")]),
        told.made.load(Ordering::Acquire),
    );
    for attempt in 0.. {
        assert!(attempt < 20, "nothing was heard");
        right_click_at(view.window(), mix);
        serve_for(view, Duration::from_millis(500));
        if told.made.load(Ordering::Acquire) > before {
            return;
        }
    }
}

#[test]
fn a_host_shows_its_menu_with_our_entries_or_offers_its_own_for_ours() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let (_nobodys, display) = unsafe { (nobodys_files(), Display::open().unwrap()) };
    let vst3 = Library::open(&library()).create();
    let told = Arc::new(MenuTold::default());
    let handler = ComWrapper::new(MenuHandler(told.clone()));
    let ear = handler.to_com_ptr::<IComponentHandler>().unwrap();
    // SAFETY: a live object, which outlives the instance.
    unsafe { vst3.controller.setComponentHandler(ear.as_ptr()) };
    let mix = vst3.id("Mix");
    vst3.set(mix, 0.25);

    // A host that shows it.
    told.shows.store(true, Ordering::Release);
    let view = OpenView::open(&vst3, &display, true);
    serve_for(&view, Duration::from_millis(500));
    ask(&view, &told);
    let asked = told.asked.lock().unwrap().unwrap();
    assert_eq!(asked, (Some(mix), view.view() as usize));
    let (at, shown) = (
        place_of(&[(Role::Slider, "Mix")]),
        *told.shown_at.lock().unwrap(),
    );
    for (shown, pressed) in shown.unwrap().iter().zip(at) {
        assert!((shown - pressed).abs() <= 2, "{shown:?}, {at:?}");
    }
    let items = told.items.lock().unwrap().clone();
    let names: Vec<_> = items.iter().map(|(item, _)| text(item)).collect();
    assert_eq!(names[..2], ["Show automation lane", ""]);
    assert_eq!(
        names[3..],
        [
            "Reset to 100 %",
            "Type a value…",
            "Copy 25 %",
            "Paste",
            "Locked against presets and 1/2"
        ]
    );
    let (reset, target) = &items[3];
    // SAFETY: the plugin's own object, and its own item.
    let done = unsafe { target.as_ref().unwrap().executeMenuItem(reset.tag) };
    assert_eq!(done, kResultOk);
    serve(&view, "Reset", || vst3.get(mix) == 1.0);
    drop(items);

    // One that shows none, but has items: they stand in our menu, and ours are taken out of its own.
    told.shows.store(false, Ordering::Release);
    ask(&view, &told);
    serve_for(&view, Duration::from_millis(500));
    assert_eq!(told.items.lock().unwrap().len(), 3);
    screenshot(view.window(), "vst3-menu.png");
    for _ in 0..5 {
        xdotool(&["key", "Down"]);
        serve_for(&view, Duration::from_millis(100));
    }
    xdotool(&["key", "Return"]);
    serve(&view, "an item of the host's", || {
        !told.performed.lock().unwrap().is_empty()
    });
    let performed = told.performed.lock().unwrap()[0];
    assert!([7, 8].contains(&performed), "{performed}");

    // One that has none for this: ours alone.
    told.refuses.store(true, Ordering::Release);
    for attempt in 0.. {
        assert!(attempt < 10, "Reset in our own menu");
        vst3.set(mix, 0.25);
        ask(&view, &told);
        serve_for(&view, Duration::from_millis(500));
        for key in ["Down", "Return"] {
            xdotool(&["key", key]);
            serve_for(&view, Duration::from_millis(300));
        }
        if vst3.get(mix) == 1.0 {
            break;
        }
        // On a busy machine a key may come before the menu does.
        xdotool(&["key", "Escape"]);
        serve_for(&view, Duration::from_millis(300));
    }
    assert_eq!(view.close(), 0, "handlers left with the host");
}

#[test]
fn a_target_is_searched_and_chosen_in_the_window() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let (_nobodys, display) = unsafe { (nobodys_files(), Display::open().unwrap()) };
    let vst3 = Library::open(&library()).create();
    let [target, morph] = ["Target", "Morph"].map(|name| vst3.id(name));
    let before = vst3.get(target);
    let view = OpenView::open(&vst3, &display, true);
    serve_for(&view, Duration::from_millis(500));
    for attempt in 0.. {
        assert!(attempt < 10, "no target was chosen");
        click_at(view.window(), place_of(&[(Role::ComboBox, "Target")]));
        serve_for(&view, Duration::from_millis(500));
        xdotool(&["type", "cello"]);
        serve_for(&view, Duration::from_millis(500));
        screenshot(view.window(), "vst3-browser.png");
        xdotool(&["key", "Return"]);
        serve_for(&view, Duration::from_millis(500));
        if vst3.get(target) != before {
            break;
        }
        xdotool(&["key", "Escape"]);
        serve_for(&view, Duration::from_millis(300));
    }
    let mut text = [0; 128];
    // SAFETY: a place for a text.
    let told = unsafe {
        let value = vst3.get(target);
        vst3.controller
            .getParamStringByValue(target, value, &raw mut text)
    };
    assert_eq!(told, kResultOk);
    assert_eq!(text_of(&text), "Cello");
    assert_eq!(vst3.get(morph), 0.5, "it is heard");
    assert_eq!(view.close(), 0);
}

#[test]
fn every_parameter_is_in_a_unit_that_has_a_name() {
    let vst3 = Library::open(&library()).create();
    let units = vst3.component.cast::<IUnitInfo>().unwrap();
    // SAFETY: places for one each.
    unsafe {
        let mut known = BTreeMap::new();
        for index in 0..units.getUnitCount() {
            let mut info: UnitInfo = std::mem::zeroed();
            assert_eq!(units.getUnitInfo(index, &mut info), kResultOk);
            known.insert(info.id, text_of(&info.name));
        }
        let mut members: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for index in 0..vst3.controller.getParameterCount() {
            let mut info: ParameterInfo = std::mem::zeroed();
            assert_eq!(
                vst3.controller.getParameterInfo(index, &mut info),
                kResultOk
            );
            let unit = known
                .get(&info.unitId)
                .unwrap_or_else(|| panic!("{:?}", info.unitId));
            members
                .entry(unit.clone())
                .or_default()
                .push(text_of(&info.title));
        }
        let names: Vec<_> = members.keys().map(String::as_str).collect();
        let expected = ["Listen", "Morph", "Output", "Shaping", "Steer", "Timbre"];
        assert_eq!(names, expected);
        assert_eq!(members["Listen"].len(), 11, "{members:?}");
        assert_eq!(members["Timbre"].len(), 8, "{members:?}");
        assert!(members["Output"].contains(&"Bypass".to_owned()));
    }
}
