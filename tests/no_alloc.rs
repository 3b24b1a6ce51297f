//! `process()` allocates and frees nothing from the first block on: the shipped plugin under an allocator that ends the
//! process, so each case runs in a child. A binary of its own, because its executable replaces `malloc`.
#![allow(
    unsafe_code,
    reason = "an environment variable is set, and the allocator replaced"
)]
#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod common;
#[path = "no_alloc/guard.rs"]
mod guard;

use std::time::{Duration, Instant};

use common::{
    excerpt,
    mouse::{click_for_preset, preset_clicks},
    process::{again, is_alone, nobodys_files, run_alone, this_test},
    solo,
    vst3::{self, Vst3},
};
use moodring_host::{
    Block, Display, EditorWindow, Plugin, ProcessStatus, Render, RenderMode, watch_process,
};
use nice_plug::wrapper::vst3::vst3::ComWrapper;

/// Says which case a child runs: mode and block size, [`LIFE`], [`REST`] or [`VST3`].
const CASE: &str = "MOODRING_CASE";

/// The case in which everything happens to a playing instance that may happen to one.
const LIFE: &str = "life 64";

/// The case of a track that is silent in between.
const REST: &str = "rest 512";

/// Storms of automation, states, presets and other models loaded, by the host and in the editor, editors opened and closed,
/// other instances made: all while it plays, at the pace of the clock.
fn live(plugin: &mut Plugin) {
    // SAFETY: this is the only test of its process, and nothing was loaded yet but the plugin.
    let (_nobodys, display) = unsafe { (nobodys_files(), Display::open().unwrap()) };
    let audio = excerpt(8.0);
    let models = common::models_copy();
    common::switch_outputs_on(plugin);
    let state = plugin.save_state().unwrap();
    let other = common::with_models(&state, models.path());
    let mut storm = Vec::new();
    for param in plugin.params().unwrap() {
        for turn in 0..80 {
            let value = if turn % 2 == 0 { param.min } else { param.max };
            let text = plugin.value_to_text(param.id, value).unwrap();
            storm.push(plugin.set_at(4_001 * turn, &param.name, &text).unwrap());
        }
    }
    let clicks = preset_clicks();
    let mut clicks = clicks.iter().cycle();
    let (mut turns, mut presets) = (0, 0);
    Render {
        block_sizes: vec![64],
        sidechain: audio.channels.clone(),
        ..Render::playback(44_100.0)
    }
    .run_with(plugin, &audio.channels, &storm, |plugin, done| {
        if done < 4_410 * turns {
            return Ok(());
        }
        turns += 1;
        match turns % 8 {
            0 => plugin.load_state(&state)?,
            1 => plugin.open_editor(&display)?,
            2 => plugin.load_preset("underwater")?,
            3..=5 => {
                if let (Some(window), Some(place)) =
                    (plugin.editor().map(EditorWindow::id), clicks.next())
                {
                    presets += u32::from(click_for_preset(plugin, window, *place)?);
                }
            }
            6 => plugin.load_state(&other)?,
            _ => {
                plugin.close_editor();
                let mut other = common::plugin();
                let processor = other.activate(96_000.0, 1, 64)?;
                other.deactivate(processor);
            }
        }
        Ok(())
    })
    .unwrap();
    // Before the display goes.
    plugin.close_editor();
    assert!(turns > 20 && presets > 0, "{turns}, {presets}");
}

/// A solo that a named timbre's player plays anew.
fn play_anew(offline: bool, block: usize) {
    let mut audio = solo();
    for channel in &mut audio.channels {
        channel.truncate(if block == 1 { 48_000 } else { 240_000 });
    }
    let mut plugin = common::plugin();
    let events = [
        plugin.set_at(0, "Morph", "100 %").unwrap(),
        plugin.set_at(0, "Resynthesis", "100 %").unwrap(),
        plugin.set_at(0, "Target", "Trumpet").unwrap(),
        plugin.set_at(24_000, "Target", "Grand piano").unwrap(),
        plugin.set_at(36_000, "Articulation", "0 %").unwrap(),
    ];
    Render {
        block_sizes: vec![block],
        mode: if offline {
            RenderMode::Offline
        } else {
            RenderMode::Realtime
        },
        ..Render::offline(48_000.0)
    }
    .run(&mut plugin, &audio.channels, &events)
    .unwrap();
}

/// A track falls asleep and wakes up.
fn rest(plugin: &mut Plugin) {
    let mut processor = plugin.activate(48_000.0, 1, 512).unwrap();
    let mut send = |level: f32| {
        let sound = [level; 512];
        let block = Block {
            frames: 512,
            input: &[&sound, &sound],
            ..Block::default()
        };
        processor.process(&block).unwrap()
    };
    for _ in 0..2 {
        for _ in 0..100 {
            assert_eq!(send(0.25), ProcessStatus::Continue);
        }
        let begun = Instant::now();
        while send(0.0) != ProcessStatus::Sleep {
            assert!(begun.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    plugin.deactivate(processor);
}

/// All of it as a VST3: every parameter changed at every sample, more than the framework has room for; settings and states
/// from the main thread, the editor opened and closed.
const VST3: &str = "vst3 512";

fn live_vst3(vst3: &Vst3) {
    const FRAMES: usize = 512;
    // SAFETY: as above.
    let display = unsafe { Display::open() }.unwrap();
    let audio = excerpt(2.0);
    let state = common::vst3_with_outputs(&vst3.save());
    assert_eq!(vst3.load(&state), 0);
    let params = vst3.params();
    // Shorter than what comes.
    vst3.play(44_100.0, 64, false);
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let events = ComWrapper::new(vst3::Events::with_room());
            let storm = vst3::Changes::of(params.iter().map(|(_, id)| {
                let points = (0..FRAMES as i32).map(|frame| (frame, f64::from(frame % 2)));
                (*id, points.collect())
            }));
            let blocks = audio.channels[0].len() / FRAMES;
            for block in 0..blocks {
                let part = |channel: usize| &audio.channels[channel][block * FRAMES..][..FRAMES];
                let sound = [part(0), part(1)];
                let output = vst3.process(&vst3::Block {
                    frames: FRAMES,
                    input: &sound,
                    side: if block % 3 == 0 { &[] } else { &sound },
                    changes: (block % 4 == 0).then_some(&storm),
                    events: Some(&events),
                    ..vst3::Block::default()
                });
                assert_eq!(output.result, 0);
            }
            is_over.store(true, std::sync::atomic::Ordering::Release);
        });
        let mut turns = 0;
        while !is_over.load(std::sync::atomic::Ordering::Acquire) || turns < 3 {
            for (_, id) in &params {
                vst3.set(*id, 0.5);
            }
            assert_eq!(vst3.load(&state), 0);
            let view = vst3::view::OpenView::open(vst3, &display, turns % 2 == 0);
            vst3.save();
            view.pump();
            drop(view);
            turns += 1;
        }
    });
    vst3.stop();
}

#[test]
fn the_check_itself_notices_what_the_plugin_allocates() {
    // The plugin's own calls arrive here: an activation builds everything that the audio thread needs.
    let mut plugin = common::plugin();
    let before = guard::calls();
    let processor = plugin.activate(48_000.0, 1, 64).unwrap();
    assert!(guard::calls() > before + 1_000, "{}", guard::calls());

    let test = this_test!();
    if is_alone(test) {
        guard::arm(true);
        plugin.deactivate(processor);
        guard::arm(false);
        return;
    }
    plugin.deactivate(processor);
    let output = again(test).output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("on the audio thread"), "{said}");
}

#[test]
fn process_never_allocates() {
    let test = this_test!();
    if is_alone(test) {
        let case = std::env::var(CASE).unwrap();
        watch_process(guard::arm);
        let (mode, block) = case.split_once(' ').unwrap();
        if case == LIFE {
            live(&mut common::plugin());
            return;
        }
        if case == VST3 {
            vst3::watch_process(guard::arm);
            live_vst3(&vst3::Library::open(&vst3::library()).create());
            return;
        }
        if case == REST {
            rest(&mut common::plugin());
            return;
        }
        let audio = excerpt(if block == "1" { 1.0 } else { 4.0 });
        let mut plugin = common::plugin();
        if mode == "live" {
            common::set_latency(&mut plugin, "live");
        }
        common::switch_outputs_on(&mut plugin);
        let events = [
            plugin.set_at(0, "Morph To", "Sidechain").unwrap(),
            plugin.set_at(0, "Steer 1 Source", "Arousal").unwrap(),
            plugin.set_at(0, "Steer 2 Source", "Tag 1").unwrap(),
            plugin.set_at(100, "Brightness", "+2").unwrap(),
            plugin.set_at(20_000, "Morph", "80 %").unwrap(),
            plugin.set_at(30_000, "Bypass", "On").unwrap(),
        ];
        Render {
            block_sizes: vec![block.parse().unwrap()],
            mode: if mode == "offline" {
                RenderMode::Offline
            } else {
                RenderMode::Realtime
            },
            sidechain: audio.channels.clone(),
            ..Render::offline(44_100.0)
        }
        .run(&mut plugin, &audio.channels, &events)
        .unwrap();
        play_anew(mode == "offline", block.parse().unwrap());
        return;
    }
    let cases = ["realtime", "offline", "live"]
        .iter()
        .flat_map(|mode| ["1", "64", "441", "4096"].map(|block| format!("{mode} {block}")));
    for case in cases.chain([LIFE, REST, VST3].map(str::to_owned)) {
        println!("{case}");
        run_alone(again(test).env(CASE, case));
    }
}
