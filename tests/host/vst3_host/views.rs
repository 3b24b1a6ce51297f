//! Editors that come and go.

use moodring_host::Display;

use super::RATE;
use crate::common::dice::Dice;
use crate::common::process::{alone, this_test, threads};
use crate::common::vst3::{Block, Changes, Library, library, view::OpenView};

fn files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Sends a block with a change of every parameter from a thread of its own.
fn automate(vst3: &crate::common::vst3::Vst3, dice: &mut Dice) {
    let sound = [[0.25; 64]; 2];
    let changes = Changes::of(
        vst3.params()
            .iter()
            .map(|(_, id)| (*id, vec![(0, dice.value())])),
    );
    let block = Block {
        frames: 64,
        input: &[&sound[0], &sound[1]],
        changes: Some(&changes),
        ..Block::default()
    };
    std::thread::scope(|scope| {
        scope.spawn(|| vst3.process(&block));
    });
}

#[test]
fn editors_under_automation_leave_nothing_behind_in_hosts_with_a_run_loop_and_without() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: the only test of this process, and nothing was loaded yet.
    let display = unsafe { Display::open() }.unwrap();
    let library = Library::open(&library());
    let mut dice = Dice(1);
    let mut files_then = None;
    for round in 0..12 {
        let vst3 = library.create();
        vst3.play(RATE, 64, false);
        for _ in 0..3 {
            let view = OpenView::open(&vst3, &display, round % 2 == 0);
            for _ in 0..20 {
                automate(&vst3, &mut dice);
                view.pump();
            }
            assert_eq!(view.close(), 0, "handlers left with the host");
            automate(&vst3, &mut dice);
        }
        drop(vst3);
        if round >= 3 {
            assert_eq!(
                *files_then.get_or_insert_with(files),
                files(),
                "round {round}"
            );
        }
    }
    assert_eq!(threads("bg-worker"), 0);
    assert_eq!(threads("moodring-"), 0);
}

/// Some hosts give the instance back first, and never say that the view is removed.
#[test]
fn an_instance_that_goes_before_its_view_does_no_harm() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: as above.
    let display = unsafe { Display::open() }.unwrap();
    let library = Library::open(&library());
    for has_run_loop in [true, false] {
        let vst3 = library.create();
        vst3.play(RATE, 64, false);
        let view = OpenView::open(&vst3, &display, has_run_loop);
        automate(&vst3, &mut Dice(2));
        drop(vst3);
        drop(view);
    }
}
