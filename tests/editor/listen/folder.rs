//! The folder of what was saved, in the desktop's own file manager: here a script by the name of the usual opener.

use std::{fs, os::unix::fs::PermissionsExt};

use super::*;
use crate::common::process::{again, is_alone, run_alone, this_test};

/// Puts an opener into the folder that is the whole path for programs.
fn opener(script: &str) {
    let program = Path::new(&std::env::var_os("PATH").unwrap()).join("xdg-open");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Draws until that is so.
fn draw_until(harness: &mut Harness<'_, World>, what: impl Fn(&Harness<'_, World>) -> bool) {
    let begun = std::time::Instant::now();
    while !what(harness) {
        assert!(begun.elapsed().as_secs() < 20, "{}", help(harness));
        std::thread::sleep(std::time::Duration::from_millis(10));
        harness.step();
    }
}

#[test]
fn the_folder_of_what_was_saved_is_opened_or_it_is_told_why_not() {
    let test = this_test!();
    if !is_alone(test) {
        let programs = tempfile::tempdir().unwrap();
        run_alone(again(test).env("PATH", programs.path()));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("My readouts");
    let mut harness = listen(playing(), Some(&inside));
    let offered = |harness: &Harness<'_, World>| {
        harness
            .query_by_role_and_label(Role::Button, "Open folder")
            .is_some()
    };
    click(&mut harness, Role::Button, "Save");
    assert!(!offered(&harness), "there is nothing in it yet");
    save(&mut harness);
    assert!(offered(&harness));

    let sign = folder.path().join("sign");
    opener(&format!("echo \"$1\" > '{}'", sign.display()));
    click(&mut harness, Role::Button, "Open folder");
    assert_eq!(help(&harness), format!("Opening {}", inside.display()));
    draw_until(&mut harness, |_| {
        fs::read_to_string(&sign).is_ok_and(|said| said == format!("{}\n", inside.display()))
    });

    opener("exit 4");
    click(&mut harness, Role::Button, "Open folder");
    draw_until(&mut harness, |harness| {
        help(harness).contains("could not be opened")
    });
    let said = help(&harness);
    assert!(said.contains("xdg-open: exit status: 4"), "{said}");

    fs::remove_dir_all(&inside).unwrap();
    click(&mut harness, Role::Button, "Open folder");
    assert!(help(&harness).contains("no such folder"));
}
