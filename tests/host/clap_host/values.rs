//! Parameters' values as the host reads them, with modulation on top.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

use std::sync::atomic::Ordering;

use crate::common::{
    bare_host::{BareHost, Change, EXTENSIONS, MOST_FRAMES},
    with_outputs,
};

fn silence() -> Vec<Vec<f32>> {
    vec![vec![0.0; MOST_FRAMES]; 2]
}

/// An active instance whose Mix is 0.75, with the id of that.
fn mixed() -> (BareHost, u32) {
    let host = BareHost::with(&EXTENSIONS);
    let mix = host.info("Mix").id;
    host.flush(&[(0, mix, Change::Value(0.75))]);
    host.activate(48_000.0);
    host.start();
    (host, mix)
}

#[test]
fn a_value_is_the_base_whatever_modulation_lies_on_it() {
    let (host, mix) = mixed();
    let state = host.state();
    host.process(&mut silence(), &[(7, mix, Change::Modulation(0.25))]);
    assert_eq!(host.value(mix), 0.75, "modulated");
    assert_eq!(host.state(), state, "the state, modulated");
    // SAFETY: as the standard has it.
    unsafe { (*host.plugin).reset.unwrap()(host.plugin) };
    assert_eq!(host.value(mix), 0.75, "after a reset");
    host.stop();
    host.deactivate();
    host.activate(96_000.0);
    host.start();
    assert_eq!(host.value(mix), 0.75, "activated again");
    assert!(host.load(&state));
    assert_eq!(host.value(mix), 0.75, "after a state");
    host.process(&mut silence(), &[(0, mix, Change::Modulation(-0.5))]);
    assert_eq!(host.value(mix), 0.75, "modulated otherwise");
    assert_eq!(host.state(), state, "the state at the end");
}

#[test]
fn a_host_that_writes_back_what_it_reads_changes_nothing() {
    let (host, _) = mixed();
    let infos = host.infos();
    let modulations: Vec<_> = infos
        .iter()
        .enumerate()
        .map(|(index, info)| {
            // Every third is modulated to the end of its range.
            let share = [0.1, -0.1, 0.8][index % 3];
            (0, info.id, Change::Modulation(share * info.max_value))
        })
        .collect();
    // Somewhere in between, so that there is room for a drift.
    let values: Vec<_> = infos
        .iter()
        .map(|info| {
            (
                0,
                info.id,
                Change::Value((0.377 * info.max_value).floor().max(0.377)),
            )
        })
        .collect();
    host.process(&mut silence(), &values);
    host.process(&mut silence(), &modulations);
    let read = || -> Vec<f64> { infos.iter().map(|info| host.value(info.id)).collect() };
    let (before, state) = (read(), host.state());
    for _ in 0..100 {
        let written: Vec<_> = infos
            .iter()
            .map(|info| (0, info.id, Change::Value(host.value(info.id))))
            .collect();
        host.process(&mut silence(), &written);
    }
    assert_eq!(read(), before);
    assert_eq!(host.state(), state);
    for (info, value) in infos.iter().zip(before) {
        if info.max_value > 1.0 {
            assert_eq!(value, value.round(), "a stepped value is a whole number");
        }
    }
}

#[test]
fn a_value_set_while_modulation_is_at_the_end_of_the_range_is_kept() {
    let (host, mix) = mixed();
    let changed = host.info("Bypass").id;
    host.process(
        &mut silence(),
        &[
            (0, mix, Change::Modulation(0.25)),
            (0, changed, Change::Modulation(1.0)),
        ],
    );
    // None of it is heard yet: Mix stays at 1, and Bypass on.
    host.process(
        &mut silence(),
        &[
            (3, mix, Change::Value(0.875)),
            (9, changed, Change::Value(1.0)),
        ],
    );
    assert_eq!(
        (host.value(mix), host.value(changed)),
        (0.875, 1.0),
        "in a block"
    );
    host.stop();
    host.deactivate();
    host.flush(&[
        (0, mix, Change::Value(0.625)),
        (0, changed, Change::Value(0.0)),
    ]);
    assert_eq!(
        (host.value(mix), host.value(changed)),
        (0.625, 0.0),
        "in a flush"
    );
    // A value after the modulation of its own block, and the other way round.
    host.activate(48_000.0);
    host.start();
    host.process(
        &mut silence(),
        &[
            (1, mix, Change::Modulation(0.0)),
            (2, mix, Change::Value(0.5625)),
            (3, mix, Change::Modulation(0.5)),
            (4, mix, Change::Value(0.6875)),
        ],
    );
    assert_eq!(host.value(mix), 0.6875, "in between");

    // Neither is a state lost that is loaded meanwhile.
    let other = BareHost::with(&EXTENSIONS);
    other.flush(&[(0, mix, Change::Value(0.9375))]);
    assert!(host.load(&other.state()));
    assert_eq!(host.value(mix), 0.9375, "from a state");
    host.process(&mut silence(), &[(0, mix, Change::Modulation(0.0))]);
    assert_eq!(host.value(mix), 0.9375, "the modulation gone");
}

#[test]
fn modulation_is_heard_from_its_sample_on() {
    // Output, so that it is seen in the level: 0 dB is the middle, and the range is 48 dB.
    let level = |changes: &dyn Fn(u32) -> Vec<(u32, u32, Change)>| {
        let host = BareHost::with(&EXTENSIONS);
        let output = host.info("Output").id;
        host.activate(48_000.0);
        host.start();
        let mut last = 0.0;
        for block in 0..40 {
            let mut sound = vec![vec![0.1; MOST_FRAMES]; 2];
            let changes = if block == 20 {
                changes(output)
            } else {
                Vec::new()
            };
            host.process(&mut sound, &changes);
            last = sound[0][MOST_FRAMES - 1];
        }
        20.0 * (last / 0.1).log10()
    };
    let by_modulation = level(&|output| vec![(5, output, Change::Modulation(0.125))]);
    let by_both = level(&|output| {
        vec![
            (5, output, Change::Modulation(0.125)),
            (6, output, Change::Value(0.375)),
        ]
    });
    let lifted = level(&|output| {
        vec![
            (5, output, Change::Modulation(0.125)),
            (6, output, Change::Value(0.375)),
            (7, output, Change::Modulation(0.0)),
        ]
    });
    assert!((by_modulation - 6.0).abs() < 0.01, "{by_modulation}");
    assert!(by_both.abs() < 0.01, "{by_both}");
    assert!((lifted + 6.0).abs() < 0.01, "{lifted}");
}

#[test]
fn a_host_is_told_once_that_the_texts_of_what_is_heard_are_of_other_tags() {
    let host = BareHost::with(&EXTENSIONS);
    let texts = || host.told().texts.load(Ordering::Acquire);
    let state = host.state();
    assert!(host.load(&state));
    assert_eq!(texts(), 0, "the same tags");
    let others = with_outputs(&state);
    for _ in 0..2 {
        assert!(host.load(&others));
        assert_eq!(texts(), 1, "other tags, and the same again");
    }
    assert!(host.load(&state));
    assert_eq!(texts(), 2, "none");
}
