//! The menu of a control in hosts that have one of their own: that offer entries, show it themselves, refuse, or never answer.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use super::{Editor, right_click};
use crate::common::editor::*;
use egui::{Role, accesskit::Toggled};
use egui_kittest::kittest::{NodeT, Queryable};
use moodring::editor::{EntryKind, HostAnswer, HostEntry, HostSide, HostWish, MenuAction, UiState};
use nice_plug::{
    editor::HostMainThreadCaller,
    prelude::{Param, ParamSetter},
};

/// Counts how often the host's main thread is called.
struct Caller(Arc<AtomicU32>);

impl HostMainThreadCaller for Caller {
    fn call_main_thread(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// An editor in a host with menus, and how often its main thread was called.
fn editor() -> (Arc<HostSide>, Arc<AtomicU32>, Editor) {
    let host = Arc::new(HostSide::default());
    host.set_has_menu(true);
    let calls = Arc::new(AtomicU32::new(0));
    // The window would hand this on.
    drop(host.open(Box::new(Caller(calls.clone()))));
    let state = UiState::default().in_host(host.clone());
    let mut editor = open_in(window(usual(), 1.0), playing(), state);
    {
        let World { params, host, .. } = editor.state();
        ParamSetter::new(&**host).set_parameter(&params.mix, 0.8);
        host.calls.lock().unwrap().clear();
    }
    editor.run();
    (host, calls, editor)
}

/// Asks for the menu of Mix; the host doesn't answer before `answer`.
fn ask(editor: &mut Editor) {
    control(editor, "Mix").click_secondary();
    editor.run_steps(4);
}

fn has_own(editor: &Editor) -> bool {
    editor.query_by_label("Reset to 100 %").is_some()
}

fn entries() -> Vec<HostEntry> {
    vec![
        HostEntry::new("Test host", true, EntryKind::Title),
        HostEntry::new("Show automation", true, EntryKind::Action(7)),
        HostEntry::new("Write", true, EntryKind::Check(8, true)),
        HostEntry::new("", true, EntryKind::Separator),
        HostEntry::new("MIDI", true, EntryKind::Begin),
        HostEntry::new("Learn", true, EntryKind::Action(9)),
        HostEntry::new("", true, EntryKind::End),
        HostEntry::new("Not now", false, EntryKind::Action(10)),
    ]
}

#[test]
fn a_hosts_entries_stand_below_our_own_and_are_performed_by_the_host() {
    let (host, calls, mut editor) = editor();
    let mix = editor.state().params.mix.as_ptr();
    ask(&mut editor);
    assert!(!has_own(&editor), "it waits for the host");
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    host.grant(|wish| {
        let HostWish::Menu {
            target, is_typed, ..
        } = wish
        else {
            panic!("{wish:?}");
        };
        assert_eq!((target, is_typed), (Some(mix), true));
        Some(HostAnswer::Entries(entries()))
    });
    settle(&mut editor);
    assert!(has_own(&editor));
    let disabled = editor.get_by_label("Not now");
    assert!(disabled.accesskit_node().is_disabled());
    let write = editor.get_by_label("Write").accesskit_node();
    assert_eq!(write.toggled(), Some(Toggled::True));
    editor.get_by_label("Show automation").click();
    settle(&mut editor);
    assert!(!has_own(&editor), "it is closed");
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    let mut performed = None;
    host.grant(|wish| {
        performed = Some(wish);
        None
    });
    let expected = HostWish::Perform {
        target: Some(mix),
        action: 7,
    };
    assert_eq!(performed, Some(expected));
}

#[test]
fn what_is_in_a_hosts_submenu_is_performed_too() {
    let (host, _, mut editor) = editor();
    ask(&mut editor);
    host.grant(|_| Some(HostAnswer::Entries(entries())));
    settle(&mut editor);
    editor.get_by_label_contains("MIDI").click();
    settle(&mut editor);
    editor.get_by_label("Learn").click();
    settle(&mut editor);
    let mut performed = None;
    host.grant(|wish| {
        performed = Some(wish);
        None
    });
    assert!(
        matches!(performed, Some(HostWish::Perform { action: 9, .. })),
        "{performed:?}"
    );
}

#[test]
fn where_the_host_shows_its_menu_ours_stays_away_and_our_entries_in_it_work() {
    let (host, _, mut editor) = editor();
    let params = Arc::clone(&editor.state().params);
    let mix = params.mix.as_ptr();
    ask(&mut editor);
    host.grant(|_| Some(HostAnswer::Shown));
    settle(&mut editor);
    assert!(!has_own(&editor));
    // What the user chooses there comes back by the plugin's `perform`.
    assert!(host.choose(mix, MenuAction::Reset));
    settle(&mut editor);
    assert_gesture(&editor.state().host.take(&params.mix));
    assert_eq!(params.mix.unmodulated_plain_value(), 1.0);
    assert!(host.choose(mix, MenuAction::Type));
    settle(&mut editor);
    assert!(editor.query_by_label("Mix value").is_some());
}

#[test]
fn a_host_that_refuses_or_never_answers_leaves_our_own_entries_alone() {
    let (host, _, mut editor) = editor();
    ask(&mut editor);
    host.grant(|_| Some(HostAnswer::Entries(Vec::new())));
    settle(&mut editor);
    assert!(has_own(&editor), "refused");
    super::press_key(&mut editor, egui::Key::Escape);
    settle(&mut editor);
    ask(&mut editor);
    assert!(!has_own(&editor), "it waits");
    settle(&mut editor);
    assert!(has_own(&editor), "no answer");
    host.grant(|wish| panic!("too late for {wish:?}"));
    // One that knows nothing of this parameter, as if it had no menu.
    super::press_key(&mut editor, egui::Key::Escape);
    settle(&mut editor);
    host.set_has_menu(false);
    right_click(&mut editor, Role::Slider, "Mix");
    assert!(has_own(&editor), "none asked");
}
