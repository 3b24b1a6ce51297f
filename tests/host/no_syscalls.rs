//! The audio thread never enters the kernel, from the first block on, whatever else goes on: no lock that waits, no sleep,
//! no file, no growth of the heap. It runs under a seccomp filter that lets nothing through, so that the first system call
//! is its last: in a child process, since no filter can be taken off again. (The strict mode won't do: it forbids the
//! processor's clock as well, which is read without the kernel.) The blocks come in step with the clock: a thread that computes ahead may wait.
#![allow(unsafe_code, reason = "a filter is set, and an environment variable")]
#![cfg(target_os = "linux")]

use std::{
    hint::{black_box, spin_loop},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use crate::common::{
    excerpt, models_copy,
    mouse::{click_at, preset_clicks},
    plugin, preset_of,
    process::{self, nobodys_files, this_test},
    set_latency, vst3,
};
use moodring_host::{Block, Display, EditorWindow, ParamEvent};
use nice_plug::wrapper::vst3::vst3::ComWrapper;

/// At least so many, and more if the clicks take longer: 8 s.
const BLOCKS: usize = 6_000;
/// Presets that are loaded in the editor meanwhile.
const CLICKS: usize = 5;
const FRAMES: usize = 64;
const RATE: f64 = 48_000.0;

/// As [`process::alone`], but each thread with a heap of its own: the host's half of the audio thread allocates, and must not
/// wait for another thread in that.
fn alone(test: &str) -> bool {
    let is_alone = process::is_alone(test);
    if !is_alone {
        process::run_alone(&mut process::again(test));
    }
    is_alone
}

/// From here on this thread's first system call ends it.
fn forbid_system_calls() {
    let mut end_the_thread = libc::sock_filter {
        code: (libc::BPF_RET | libc::BPF_K) as u16,
        jt: 0,
        jf: 0,
        k: libc::SECCOMP_RET_KILL_THREAD,
    };
    let filter = libc::sock_fprog {
        len: 1,
        filter: &mut end_the_thread,
    };
    // SAFETY: the program outlives the call, which copies it; both settings are for this thread alone.
    let refused = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            | libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &filter)
    };
    assert_eq!(refused, 0, "{}", std::io::Error::last_os_error());
}

/// The time at which the next block is due.
struct Pace(Instant);

impl Pace {
    /// Spins until then, without the kernel. A block that is late puts off all that follow, as if a sound card had run dry: so no block is ever ahead.
    fn wait(&mut self) {
        while Instant::now() < self.0 {
            spin_loop();
        }
        self.0 = Instant::now() + Duration::from_secs_f64(FRAMES as f64 / RATE);
    }
}

#[test]
fn the_check_itself_notices_a_system_call() {
    if !alone(this_test!()) {
        return;
    }
    static PASSED: AtomicUsize = AtomicUsize::new(0);
    std::thread::spawn(|| {
        forbid_system_calls();
        PASSED.store(1, Ordering::Release);
        std::thread::sleep(Duration::from_millis(1));
        PASSED.store(2, Ordering::Release);
        loop {
            spin_loop();
        }
    });
    std::thread::sleep(Duration::from_millis(300));
    let passed = PASSED.load(Ordering::Acquire);
    println!("passed {passed}");
    std::process::exit(if passed == 1 { 0 } else { 1 });
}

#[test]
fn the_audio_thread_makes_no_system_call() {
    if alone(this_test!()) {
        everything_in("studio");
    }
}

#[test]
fn the_audio_thread_makes_no_system_call_in_live() {
    if alone(this_test!()) {
        everything_in("live");
    }
}

/// Everything that hosts and users do, with the audio thread under its filter; ends the process. To be called alone in it.
fn everything_in(latency: &str) {
    // SAFETY: no other thread of this process has been started by this test, and nothing was loaded yet.
    let (_nobodys, display) = unsafe { (nobodys_files(), Display::open().unwrap()) };
    let mut plugin = plugin();
    set_latency(&mut plugin, latency);
    crate::common::switch_outputs_on(&mut plugin);
    let state = plugin.save_state().unwrap();
    let models = models_copy();
    let with_models = crate::common::with_models(&state, models.path());

    // A storm: every parameter, several times a block.
    let mut storm: Vec<ParamEvent> = Vec::new();
    let params = plugin.params().unwrap();
    for (index, param) in params.iter().enumerate() {
        for step in 0..3 {
            let value = param.min + (param.max - param.min) * (step as f64 / 2.0);
            let text = plugin.value_to_text(param.id, value).unwrap();
            let frame = (index + 20 * step) % FRAMES;
            storm.push(plugin.set_at(frame, &param.name, &text).unwrap());
        }
    }
    storm.sort_by_key(|event| event.frame);

    let audio = excerpt(5.0);
    let mut processor = plugin.activate(RATE, 1, FRAMES).unwrap();
    static DONE: AtomicUsize = AtomicUsize::new(0);
    std::thread::spawn(move || {
        // This thread's heap is made here, before the doors close: the host's own lists are on it.
        let input: Vec<&[f32]> = audio.channels.iter().map(Vec::as_slice).collect();
        let mut block_of = vec![&[][..]; input.len()];
        drop(black_box(vec![0_u8; 4096]));
        let mut pace = Pace(Instant::now());
        forbid_system_calls();
        for block in 0.. {
            pace.wait();
            let start = block * FRAMES % (input[0].len() - FRAMES);
            for (part, channel) in block_of.iter_mut().zip(&input) {
                *part = &channel[start..start + FRAMES];
            }
            let done = processor.process(&Block {
                frames: FRAMES,
                input: &block_of,
                // Changes about, so that there is something to follow.
                sidechain: if block % 3 == 0 { &[] } else { &block_of },
                events: if block % 7 == 0 { &storm } else { &[] },
                in_place: block % 2 == 0,
                ..Block::default()
            });
            if done.is_err() {
                break;
            }
            DONE.store(block + 1, Ordering::Release);
        }
        // Ending a thread is a matter of several system calls.
        loop {
            spin_loop();
        }
    });

    let clicks = preset_clicks();
    let mut clicks = clicks.iter().cycle();

    let begun = Instant::now();
    let is_over = || begun.elapsed() > Duration::from_secs(90);
    let (mut opens, mut loads, mut others, mut presets) = (0, 0, 0, 0);
    while (DONE.load(Ordering::Acquire) < BLOCKS || presets < CLICKS) && !is_over() {
        plugin.pump().unwrap();
        plugin
            .load_state(if loads % 2 == 0 { &state } else { &with_models })
            .unwrap();
        plugin.load_preset("underwater").unwrap();
        loads += 1;
        if loads % 20 == 1 {
            plugin.open_editor(&display).unwrap();
            opens += 1;
        }
        if loads % 4 == 0
            && let (Some(window), Some(place)) =
                (plugin.editor().map(EditorWindow::id), clicks.next())
        {
            let before = preset_of(&mut plugin);
            click_at(window, *place);
            // Not every click changes it: there may be nothing to undo.
            for _ in 0..50 {
                plugin.pump().unwrap();
                std::thread::sleep(Duration::from_millis(5));
                if preset_of(&mut plugin) != before {
                    presets += 1;
                    break;
                }
            }
        }
        if loads % 20 == 11 {
            plugin.close_editor();
            // Another instance comes and goes, and the engine gets and loses its jobs.
            let mut other = crate::common::plugin();
            let processor = other.activate(44_100.0, 1, 512).unwrap();
            other.deactivate(processor);
            others += 1;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    // It still goes on after all that.
    let done = DONE.load(Ordering::Acquire);
    while DONE.load(Ordering::Acquire) == done && !is_over() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let goes_on = DONE.load(Ordering::Acquire) > done;
    // Its thread would be surprised by the process's end.
    plugin.close_editor();
    println!(
        "{done} blocks, {opens} editors opened, {loads} states and presets loaded, {presets} in the editor, {others} other instances"
    );
    let all = goes_on && done >= BLOCKS && opens > 0 && presets >= CLICKS && others > 0;
    std::process::exit(if all { 0 } else { 1 });
}

/// The same of the VST3, whose storm has every parameter changed at every sample: more changes than the framework has room
/// for, and each would be a task for its worker.
#[test]
fn the_audio_thread_of_the_vst3_makes_no_system_call() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: as above.
    let display = unsafe { Display::open() }.unwrap();
    let library = vst3::Library::open(&vst3::library());
    let instance = std::sync::Arc::new(library.create());
    let state = crate::common::vst3_with_outputs(&instance.save());
    assert_eq!(instance.load(&state), 0);
    let models = models_copy();
    let reference = moodring::model::ModelReference::to(models.path()).unwrap();
    let mut with_models: serde_json::Value = serde_json::from_slice(&state).unwrap();
    with_models["fields"]["models"] = serde_json::json!(serde_json::to_string(&reference).unwrap());
    let with_models = with_models.to_string().into_bytes();
    let params = instance.params();
    let storm = vst3::Changes::of(params.iter().map(|(_, id)| {
        let points = (0..FRAMES as i32).map(|frame| (frame, f64::from(frame % 2)));
        (*id, points.collect())
    }));

    let audio = excerpt(5.0);
    instance.play(RATE, FRAMES as i32, false);
    static DONE: AtomicUsize = AtomicUsize::new(0);
    let player = instance.clone();
    std::thread::spawn(move || {
        let input: Vec<&[f32]> = audio.channels.iter().map(Vec::as_slice).collect();
        let mut block_of = vec![&[][..]; input.len()];
        drop(black_box(vec![0_u8; 16_384]));
        let events = ComWrapper::new(vst3::Events::with_room());
        let mut pace = Pace(Instant::now());
        forbid_system_calls();
        for block in 0..BLOCKS {
            pace.wait();
            let start = block * FRAMES % (input[0].len() - FRAMES);
            for (part, channel) in block_of.iter_mut().zip(&input) {
                *part = &channel[start..start + FRAMES];
            }
            let output = player.process(&vst3::Block {
                frames: FRAMES,
                input: &block_of,
                side: if block % 3 == 0 { &[] } else { &block_of },
                changes: (block % 20 == 0).then_some(&storm),
                events: Some(&events),
                ..vst3::Block::default()
            });
            if output.result != 0 {
                break;
            }
            DONE.store(block + 1, Ordering::Release);
        }
        loop {
            spin_loop();
        }
    });

    let begun = Instant::now();
    let (mut view, mut opens, mut loads) = (None, 0, 0);
    while DONE.load(Ordering::Acquire) < BLOCKS {
        if begun.elapsed() > Duration::from_secs(90) {
            break;
        }
        for (_, id) in &params {
            instance.set(*id, f64::from(loads % 11) / 10.0);
        }
        instance.save();
        let state = if loads % 2 == 0 { &state } else { &with_models };
        assert_eq!(instance.load(state), 0);
        loads += 1;
        if loads % 20 == 1 {
            view = Some(vst3::view::OpenView::open(
                &instance,
                &display,
                opens % 2 == 0,
            ));
            opens += 1;
        }
        if let Some(view) = &view {
            view.pump();
        }
        if loads % 20 == 11 {
            view = None;
            // Another instance comes and goes.
            library.create().play(44_100.0, 512, true);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let done = DONE.load(Ordering::Acquire);
    println!("{done} blocks, {opens} editors opened, {loads} states loaded");
    std::process::exit(if done == BLOCKS && opens > 0 { 0 } else { 1 });
}
