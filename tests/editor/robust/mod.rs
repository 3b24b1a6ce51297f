//! The editor in real windows, treated the way hosts and users treat it: opened and closed again and again while the song
//! plays, several at a time, resized, on screens of other densities, with the keyboard.
#![allow(unsafe_code, reason = "an environment variable is set")]

mod compare;
mod keys;
mod play;
mod walk;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::common::bare_host::{BareHost, Change, EXTENSIONS};
use crate::common::bare_window::{self, BareWindow};
use crate::common::mouse::{click_at, click_for_preset, preset_clicks, xdotool};
use crate::common::process::{allocated_mb, alone, resident_mb, this_test, thread_names, threads};
use crate::common::{excerpt, plugin, switch_outputs_on};
use moodring_host::{Block, Display, EditorWindow, Plugin, Processor, Render};

/// The editor's opening size, in logical pixels.
const SIZE: (u32, u32) = (960, 620);

/// The smallest size that it takes, likewise.
const LEAST: (u32, u32) = (640, 400);

/// Serves plugins for a while, as a host's main loop does.
fn pump(plugins: &mut [Plugin], time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        for plugin in &mut *plugins {
            plugin.pump().unwrap();
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Plays noise through until told to stop, a block whenever one is due.
fn play(mut processor: Processor, stop: &AtomicBool) -> (Processor, usize) {
    const FRAMES: usize = 480;
    let noise: Vec<f32> = (0..FRAMES)
        .map(|n| (n * n % 97) as f32 / 97.0 - 0.5)
        .collect();
    let mut blocks = 0;
    while !stop.load(Ordering::Relaxed) {
        let block = Block {
            frames: FRAMES,
            input: &[&noise, &noise],
            ..Block::default()
        };
        processor.process(&block).unwrap();
        assert!(
            processor
                .output()
                .flatten()
                .all(|sample| sample.is_finite())
        );
        blocks += 1;
        std::thread::sleep(Duration::from_millis(10));
    }
    (processor, blocks)
}

/// Ends the players when it goes, a failed test included.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn editors_of_several_instances_open_and_close_200_times_while_playing() {
    const INSTANCES: usize = 4;
    const ROUNDS: usize = 50;
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let display = unsafe { Display::open() }.unwrap();
    let mut plugins: Vec<Plugin> = (0..INSTANCES).map(|_| plugin()).collect();
    let processors: Vec<Processor> = plugins
        .iter_mut()
        .map(|plugin| plugin.activate(48_000.0, 1, 480).unwrap())
        .collect();
    let stop = AtomicBool::new(false);
    let (mut memory, mut allocated, mut code) = (Vec::new(), Vec::new(), Vec::new());
    let (processors, blocks) = std::thread::scope(|scope| {
        let players: Vec<_> = processors
            .into_iter()
            .map(|processor| scope.spawn(|| play(processor, &stop)))
            .collect();
        let ending = Ending(&stop);
        let quiet = threads("");
        for round in 0..ROUNDS {
            for (index, plugin) in plugins.iter_mut().enumerate() {
                plugin.open_editor(&display).unwrap();
                if (round + index) % 3 == 0 {
                    let grow = 37 * (index as u32 + 1);
                    plugin.resize_editor(700 + grow, 450 + grow).unwrap();
                }
            }
            // A frame or two, or none.
            pump(&mut plugins, Duration::from_millis(40 * (round as u64 % 2)));
            for turn in 0..INSTANCES {
                // In another order each time; and one is opened again at once.
                let plugin = &mut plugins[(turn + round) % INSTANCES];
                plugin.close_editor();
            }
            // The windows' own threads are gone; the clipboard's takes its time.
            let begun = Instant::now();
            while threads("") > quiet && begun.elapsed() < Duration::from_secs(10) {
                std::thread::sleep(Duration::from_millis(1));
            }
            assert_eq!(
                threads(""),
                quiet,
                "{:?} after round {round}",
                thread_names()
            );
            memory.push(resident_mb());
            allocated.push(allocated_mb());
            code.push(mappings_for_code());
        }
        drop(ending);
        let played: Vec<(Processor, usize)> = players
            .into_iter()
            .map(|player| player.join().unwrap())
            .collect();
        let blocks: usize = played.iter().map(|(_, blocks)| blocks).sum();
        let processors: Vec<Processor> =
            played.into_iter().map(|(processor, _)| processor).collect();
        (processors, blocks)
    });
    for (plugin, processor) in plugins.iter_mut().zip(processors) {
        plugin.deactivate(processor);
    }
    let grown = |memory: &[f64]| memory[ROUNDS - 1] - memory[20 / INSTANCES - 1];
    let (kept, resident) = (grown(&allocated), grown(&memory));
    println!(
        "{} opened and closed during {blocks} blocks: since the first 20, {kept:.1} MB are kept, {resident:.1} MB in RAM ({memory:.0?})",
        INSTANCES * ROUNDS
    );
    assert!(kept < 5.0, "{allocated:?}");
    // A driver that goes leaves one behind each time.
    assert!(code[ROUNDS - 1] <= code[20 / INSTANCES - 1] + 2, "{code:?}");
    // Windows come and go between what is kept, and leave pages that are partly used.
    assert!(resident < 12.0, "{memory:?}");
}

/// How many mappings of this process may be written and run, which no file backs: of those who compile for the processor.
fn mappings_for_code() -> usize {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines().filter(|line| line.contains(" rwxp ")).count()
}

#[test]
fn host_scale_factors_are_followed_and_survive_reopening() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let display = unsafe { Display::open() }.unwrap();
    for scale in [1.0, 1.5, 2.0] {
        let scaled = |(width, height): (u32, u32)| {
            (
                (f64::from(width) * scale) as u32,
                (f64::from(height) * scale) as u32,
            )
        };
        let mut plugins = [plugin()];
        plugins[0].open_editor(&display).unwrap();
        assert_eq!(plugins[0].editor_size(), Some(SIZE));
        plugins[0].scale_editor(scale).unwrap();
        assert_eq!(
            plugins[0].editor_size(),
            Some(scaled(SIZE)),
            "scale {scale}"
        );
        pump(&mut plugins, Duration::from_millis(60));
        for opening in 2..5 {
            plugins[0].close_editor();
            plugins[0].open_editor(&display).unwrap();
            pump(&mut plugins, Duration::from_millis(60));
            let what = format!("scale {scale}, opening {opening}");
            assert_eq!(plugins[0].editor_size(), Some(scaled(SIZE)), "{what}");
            // Some hosts say it each time.
            plugins[0].scale_editor(scale).unwrap();
            assert_eq!(
                plugins[0].editor_size(),
                Some(scaled(SIZE)),
                "{what}, told again"
            );
        }
        // To a screen of another density and back.
        plugins[0].scale_editor(1.0).unwrap();
        assert_eq!(plugins[0].editor_size(), Some(SIZE), "back from {scale}");
        plugins[0].close_editor();
    }
}

#[test]
fn any_size_is_taken_or_brought_into_range_and_kept_for_the_next_time() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let display = unsafe { Display::open() }.unwrap();
    let mut plugins = [plugin()];
    plugins[0].open_editor(&display).unwrap();
    for (wanted, expected) in [
        ((1_200, 700), (1_200, 700)),
        ((1, 1), LEAST),
        ((0, 0), LEAST),
        ((10, 900), (LEAST.0, 900)),
        ((2_500, 10), (2_500, LEAST.1)),
        ((641, 401), (641, 401)),
        ((2_000, 2_000), (2_000, 2_000)),
        ((987, 654), (987, 654)),
    ] {
        let got = plugins[0].resize_editor(wanted.0, wanted.1).unwrap();
        assert_eq!(got, expected, "{wanted:?}");
        pump(&mut plugins, Duration::from_millis(60));
        assert_eq!(plugins[0].editor_size(), Some(expected), "{wanted:?}");
    }
    plugins[0].close_editor();
    plugins[0].open_editor(&display).unwrap();
    pump(&mut plugins, Duration::from_millis(60));
    assert_eq!(plugins[0].editor_size(), Some((987, 654)), "opened again");
    plugins[0].close_editor();
}

/// Sixteen pixels from both edges is still the corner: nice-plug's own, of eleven, was hard to hit.
#[test]
fn the_window_is_resized_by_its_corner() {
    const FROM_EDGE: u32 = 16;
    const BY: u32 = 60;
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let display = unsafe { Display::open() }.unwrap();
    let mut plugins = [plugin()];
    plugins[0].open_editor(&display).unwrap();
    pump(&mut plugins, Duration::from_millis(500));
    let id = plugins[0].editor().unwrap().id().to_string();
    let smaller = (SIZE.0 - BY, SIZE.1 - BY);
    // A press may come before there is anything to press.
    for attempt in 0.. {
        assert!(attempt < 10, "{:?}", plugins[0].editor_size());
        for step in 0..=4 {
            let [x, y] =
                [SIZE.0, SIZE.1].map(|edge| (edge - FROM_EDGE - BY * step / 4).to_string());
            xdotool(&["mousemove", "--window", &id, &x, &y]);
            pump(&mut plugins, Duration::from_millis(60));
            if step == 0 {
                xdotool(&["mousedown", "1"]);
                pump(&mut plugins, Duration::from_millis(60));
            }
        }
        xdotool(&["mouseup", "1"]);
        pump(&mut plugins, Duration::from_millis(300));
        if plugins[0].editor_size() == Some(smaller) {
            break;
        }
    }
    plugins[0].close_editor();
}

/// Serves a bare host's plugin for a while.
fn serve(host: &BareHost, time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        host.pump();
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Whether something is so before long, with frames and flushes for the editor to bring it about.
fn acts(host: &BareHost, is_so: impl Fn() -> bool) -> bool {
    let average = host.info("Averaging").id;
    (0..15).any(|turn| {
        host.flush(&[(0, average, Change::Value(f64::from(turn % 2)))]);
        serve(host, Duration::from_millis(200));
        is_so()
    })
}

#[test]
fn a_host_that_knows_nothing_of_editors_gets_one_of_a_fixed_size() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let _display = unsafe { Display::open() }.unwrap();
    for given in [&[][..], &EXTENSIONS] {
        let host = BareHost::with(given);
        let bypass = host.info("Bypass").id;
        // What is pressed counts, even where modulation has the same effect.
        host.flush(&[(0, bypass, Change::Modulation(1.0))]);
        for opening in 1..=2 {
            let window = BareWindow::open(&host);
            serve(&host, Duration::from_millis(300));
            // It works: its Bypass is pressed, and the value is another one. A click may come before there is anything to click.
            let expected = f64::from(opening % 2);
            for attempt in 0.. {
                assert!(attempt < 20, "opening {opening}");
                click_at(window.window, [930, 18]);
                if acts(&host, || host.value(bypass) == expected) {
                    break;
                }
            }
            // Its corner can be dragged, but the window ends as it was.
            let id = window.window.to_string();
            let [x, y] = [SIZE.0 - 3, SIZE.1 - 3].map(|at| at.to_string());
            xdotool(&["mousemove", "--window", &id, &x, &y, "mousedown", "1"]);
            for by in [20, 60, 100] {
                let [x, y] = [SIZE.0 - by, SIZE.1 - by].map(|at| at.to_string());
                xdotool(&["mousemove", "--window", &id, &x, &y]);
                serve(&host, Duration::from_millis(50));
            }
            xdotool(&["mouseup", "1"]);
            let is_as_it_was = acts(&host, || bare_window::size(&host) == SIZE);
            assert!(is_as_it_was, "{:?}", bare_window::size(&host));
            bare_window::close(&host);
            window.destroy();
        }
        // What is left open goes with the plugin.
        let window = BareWindow::open(&host);
        serve(&host, Duration::from_millis(100));
        drop(host);
        window.destroy();
    }
}

#[test]
fn what_is_clicked_while_midi_goes_out_reaches_the_host_in_the_order_of_time() {
    if !alone(this_test!()) {
        return;
    }
    // A long block, so that messages go out behind its first frame; clicks in between. `Render` refuses events in another order.
    const BLOCK: usize = 4_096;
    let audio = excerpt(8.0);
    // SAFETY: this is the only test of its process, and nothing was loaded yet.
    let display = unsafe { Display::open() }.unwrap();
    let mut plugin = plugin();
    switch_outputs_on(&mut plugin);
    plugin.open_editor(&display).unwrap();
    let window = plugin.editor().map(EditorWindow::id).unwrap();
    let clicks = preset_clicks();
    let mut clicks = clicks.iter().cycle();
    let mut changes = 0;
    let rendered = Render {
        block_sizes: vec![BLOCK],
        ..Render::playback(44_100.0)
    }
    .run_with(&mut plugin, &audio.channels, &[], |plugin, _| {
        if let Some(place) = clicks.next() {
            changes += u32::from(click_for_preset(plugin, window, *place)?);
        }
        Ok(())
    })
    .unwrap();
    plugin.close_editor();
    let behind = rendered.midi.iter().filter(|event| event.frame % BLOCK > 0);
    println!("{changes} changes");
    assert!(behind.count() > 5 && changes > 10, "{changes}");
}
