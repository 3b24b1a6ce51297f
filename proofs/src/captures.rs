//! Captures: the editor asks for them and takes that back, Morph's worker fulfils, a project that is opened replaces everything.

use loom::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use crate::params::slots::{Slot, Slots};

/// What the worker does on its turn: it looks what is wanted, averages, and fulfils. It says the length of what it kept.
fn fulfil_one(slots: &Slots<f32>) -> Option<f32> {
    let wish = slots.wish(Slot::A)?;
    slots
        .fulfil(Slot::A, wish, wish.seconds)
        .then_some(wish.seconds)
}

/// Runs `editor` beside a worker that has two turns, while a wish for 1 s is there; gives what the worker kept.
fn beside_a_worker(slots: &Arc<Slots<f32>>, editor: impl FnOnce(&Slots<f32>)) -> [Option<f32>; 2] {
    slots.request(Slot::A, 1.0);
    let worker = thread::spawn({
        let slots = slots.clone();
        move || [fulfil_one(&slots), fulfil_one(&slots)]
    });
    editor(slots);
    worker.join().unwrap()
}

#[test]
fn a_newer_wish_is_fulfilled_or_still_there() {
    loom::model(|| {
        let slots = Arc::new(Slots::default());
        let kept = beside_a_worker(&slots, |slots| slots.request(Slot::A, 2.0));
        match slots.wish(Slot::A) {
            Some(wish) => assert_eq!(wish.seconds, 2.0),
            None => {
                assert_eq!(slots.get(Slot::A), Some(2.0));
                assert!(kept.contains(&Some(2.0)));
            }
        }
    });
}

/// Whoever presses the button again wants what is heard from then on, and not what was averaged before.
#[test]
fn the_same_wish_once_more_is_one_of_its_own() {
    loom::model(|| {
        let slots = Arc::new(Slots::default());
        let heard = Arc::new(AtomicU32::new(1));
        slots.request(Slot::A, 1.0);
        let worker = thread::spawn({
            let (slots, heard) = (slots.clone(), heard.clone());
            move || {
                for _ in 0..2 {
                    if let Some(wish) = slots.wish(Slot::A) {
                        slots.fulfil(Slot::A, wish, heard.load(Ordering::Relaxed) as f32);
                    }
                }
            }
        });
        heard.store(2, Ordering::Relaxed);
        slots.request(Slot::A, 1.0);
        worker.join().unwrap();
        let waits = slots.wish(Slot::A).is_some();
        assert!(waits || slots.get(Slot::A) == Some(2.0), "{slots:?}");
    });
}

#[test]
fn once_a_wish_is_taken_back_nothing_comes_of_it() {
    loom::model(|| {
        let slots = Arc::new(Slots::default());
        let mut content = None;
        beside_a_worker(&slots, |slots| {
            slots.withdraw(Slot::A);
            content = slots.get(Slot::A);
        });
        assert_eq!(slots.wish(Slot::A), None);
        assert_eq!(slots.get(Slot::A), content, "it was filled afterwards");
    });
}

#[test]
fn what_a_project_brings_is_not_overwritten_by_a_wish_from_before() {
    loom::model(|| {
        let slots = Arc::new(Slots::default());
        beside_a_worker(&slots, |slots| slots.replace([Some(9.0), None]));
        assert_eq!(slots.both(), [Some(9.0), None]);
        assert_eq!(slots.wish(Slot::A), None);
    });
}

#[test]
fn setting_a_slot_by_hand_leaves_the_wish_and_both_changes_count() {
    loom::model(|| {
        let slots = Arc::new(Slots::default());
        let kept = beside_a_worker(&slots, |slots| slots.set(Slot::A, Some(9.0)));
        assert!(kept.contains(&Some(1.0)), "the wish was lost: {kept:?}");
        assert_eq!(slots.changes(), 2);
    });
}

/// The audio thread reads the count into each frame, and the worker looks into the slots if it differs from the one that it knows.
#[test]
fn whoever_has_read_a_count_finds_what_it_counts() {
    loom::model(|| {
        let slots = Arc::new(Slots::default());
        let editor = thread::spawn({
            let slots = slots.clone();
            move || {
                slots.set(Slot::A, Some(1.0));
                slots.set(Slot::B, Some(2.0));
            }
        });
        let count = slots.changes();
        let [a, b] = slots.both();
        assert!(count < 1 || a.is_some(), "{count} changes, and A is empty");
        assert!(count < 2 || b.is_some(), "{count} changes, and B is empty");
        editor.join().unwrap();
        assert_eq!(slots.changes(), 2);
    });
}
