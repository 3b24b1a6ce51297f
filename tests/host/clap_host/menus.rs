//! A control's menu in real windows, in hosts that offer entries, show the menu themselves, or refuse; and what hosts say of parameters.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

use std::ptr;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use clap_sys::{
    color::clap_color,
    ext::{
        context_menu::{CLAP_CONTEXT_MENU_TARGET_KIND_PARAM, CLAP_EXT_CONTEXT_MENU},
        param_indication::{
            CLAP_EXT_PARAM_INDICATION, CLAP_PARAM_INDICATION_AUTOMATION_PLAYING,
            clap_plugin_param_indication,
        },
    },
};
use egui::Role;
use moodring_host::Display;

use crate::common::{
    bare_host::{BareHost, Change, EXTENSIONS, own_entries, perform},
    bare_window::{self, BareWindow},
    mouse::{click_at, place_of, right_click_at, xdotool},
    picture::screenshot,
    process::{alone, nobodys_files, this_test},
};

/// Serves the plugin until `done`, or says that it was in vain.
fn serve(host: &BareHost, what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        host.pump();
        host.flush(&[]);
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn serve_for(host: &BareHost, time: Duration) {
    let begun = Instant::now();
    serve(host, "time goes by", || begun.elapsed() > time);
}

/// Presses the right button on Mix until the host hears of it: the first press may come before there is anything to press.
fn ask(host: &BareHost, window: &BareWindow, heard: impl Fn() -> bool) {
    let mix = place_of(&[(Role::Slider, "Mix")]);
    for attempt in 0.. {
        assert!(attempt < 20, "nothing was heard");
        right_click_at(window.window, mix);
        serve_for(host, Duration::from_millis(500));
        if heard() {
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
    let (_nobodys, _display) = unsafe { (nobodys_files(), Display::open().unwrap()) };
    let host = BareHost::with(&EXTENSIONS);
    let menu = &host.told().menu;
    let mix = host.info("Mix").id;
    host.flush(&[(0, mix, Change::Value(0.25))]);
    assert_eq!(own_entries(&host, mix), None, "no window");
    assert!(!perform(&host, mix, 0));

    // A host that shows it.
    menu.shows.store(true, Ordering::Release);
    let window = BareWindow::open(&host);
    serve_for(&host, Duration::from_millis(500));
    ask(&host, &window, || !menu.popups.lock().unwrap().is_empty());
    let popup = menu.popups.lock().unwrap()[0];
    assert_eq!(
        (popup.kind, popup.id),
        (CLAP_CONTEXT_MENU_TARGET_KIND_PARAM, mix)
    );
    let at = place_of(&[(Role::Slider, "Mix")]);
    for (told, pressed) in popup.at.iter().zip(at) {
        assert!((told - pressed).abs() <= 2, "{popup:?}, {at:?}");
    }
    let own = own_entries(&host, mix).expect("Moodring's entries");
    let names: Vec<_> = own.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Reset to 100 %",
            "Type a value…",
            "Copy 25 %",
            "Paste",
            "Locked against presets and 1/2"
        ]
    );
    assert!(perform(&host, mix, own[0].1));
    serve(&host, "Reset", || host.value(mix) == 1.0);
    assert!(!perform(&host, mix, 99) && !perform(&host, 12_345, own[0].1));
    assert_eq!(menu.populated.load(Ordering::Acquire), 0);

    // One that only offers entries: they stand in our menu.
    menu.shows.store(false, Ordering::Release);
    ask(&host, &window, || {
        menu.populated.load(Ordering::Acquire) > 0
    });
    serve_for(&host, Duration::from_millis(500));
    screenshot(window.window, "clap-menu.png");
    // Down to the last entry but one, which can be chosen: the host's first is behind our own.
    for _ in 0..5 {
        xdotool(&["key", "Down"]);
        serve_for(&host, Duration::from_millis(100));
    }
    xdotool(&["key", "Return"]);
    serve(&host, "an entry of the host's", || {
        !menu.performed.lock().unwrap().is_empty()
    });
    let performed = menu.performed.lock().unwrap()[0];
    assert_eq!(performed.0, mix);
    assert!([100, 101].contains(&performed.1), "{performed:?}");

    // One that refuses: our own entries alone.
    menu.refuses.store(true, Ordering::Release);
    for attempt in 0.. {
        assert!(attempt < 10, "Reset in our own menu");
        host.flush(&[(0, mix, Change::Value(0.25))]);
        let asked = menu.populated.load(Ordering::Acquire);
        ask(&host, &window, || {
            menu.populated.load(Ordering::Acquire) > asked
        });
        serve_for(&host, Duration::from_millis(500));
        for key in ["Down", "Return"] {
            xdotool(&["key", key]);
            serve_for(&host, Duration::from_millis(300));
        }
        if host.value(mix) == 1.0 {
            break;
        }
        // On a busy machine a key may come before the menu does.
        xdotool(&["key", "Escape"]);
        serve_for(&host, Duration::from_millis(300));
    }
    bare_window::close(&host);
    window.destroy();
    assert_eq!(own_entries(&host, mix), None, "the window is gone");
    drop(host);

    // One that has no menu: it comes at once.
    let others: Vec<_> = EXTENSIONS
        .into_iter()
        .filter(|one| *one != CLAP_EXT_CONTEXT_MENU)
        .collect();
    let host = BareHost::with(&others);
    host.flush(&[(0, mix, Change::Value(0.25))]);
    let window = BareWindow::open(&host);
    serve_for(&host, Duration::from_millis(500));
    let at = place_of(&[(Role::Slider, "Mix")]);
    for attempt in 0.. {
        assert!(attempt < 20, "no menu");
        right_click_at(window.window, at);
        serve_for(&host, Duration::from_millis(300));
        xdotool(&["key", "Down"]);
        serve_for(&host, Duration::from_millis(100));
        xdotool(&["key", "Return"]);
        serve_for(&host, Duration::from_millis(300));
        if host.value(mix) == 1.0 {
            break;
        }
        // Away from whatever the press has met.
        click_at(window.window, [400, 54]);
    }
    bare_window::close(&host);
    window.destroy();
}

#[test]
fn what_a_host_says_of_parameters_is_taken_or_ignored_without_harm() {
    let host = BareHost::with(&EXTENSIONS);
    let table: &clap_plugin_param_indication = host.extension(CLAP_EXT_PARAM_INDICATION);
    let mix = host.info("Mix").id;
    let color = clap_color {
        alpha: 255,
        red: 1,
        green: 2,
        blue: 3,
    };
    let (map, automate) = (table.set_mapping.unwrap(), table.set_automation.unwrap());
    let broken = [0xff_u8, 0xfe, 0];
    // SAFETY: all of it is what the plugin must bear; what isn't null lives until the calls return.
    unsafe {
        for id in [mix, 12_345, u32::MAX] {
            for has_mapping in [true, false] {
                map(
                    host.plugin,
                    id,
                    has_mapping,
                    &color,
                    c"CC 1".as_ptr(),
                    c"Wheel".as_ptr(),
                );
                map(
                    host.plugin,
                    id,
                    has_mapping,
                    ptr::null(),
                    ptr::null(),
                    ptr::null(),
                );
                map(
                    host.plugin,
                    id,
                    has_mapping,
                    &color,
                    broken.as_ptr().cast(),
                    c"".as_ptr(),
                );
            }
            for state in [CLAP_PARAM_INDICATION_AUTOMATION_PLAYING, 0, 77] {
                automate(host.plugin, id, state, &color);
                automate(host.plugin, id, state, ptr::null());
            }
        }
    }
    assert!(host.load(&host.state()));
}
