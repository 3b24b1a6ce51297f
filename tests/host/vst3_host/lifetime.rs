//! Instances that come and go.

use nice_plug::wrapper::vst3::vst3::ComWrapper;

use super::RATE;
use crate::common::dice::Dice;
use crate::common::process::{alone, resident_mb, this_test, threads, wait_for_threads};
use crate::common::vst3::{Block, Changes, Library, Vst3, library};

const FRAMES: usize = 64;

/// Four blocks, each with a change of every parameter at both ends, from a thread that isn't the one that made the instance.
fn automate(vst3: &Vst3, dice: &mut Dice) {
    let params = vst3.params();
    let sound = [[0.25; FRAMES]; 2];
    let input = [&sound[0][..], &sound[1][..]];
    let blocks: Vec<ComWrapper<Changes>> = (0..4)
        .map(|_| {
            Changes::of(params.iter().map(|(_, id)| {
                let points = vec![(0, dice.value()), (FRAMES as i32 - 1, dice.value())];
                (*id, points)
            }))
        })
        .collect();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for changes in &blocks {
                vst3.process(&Block {
                    frames: FRAMES,
                    input: &input,
                    changes: Some(changes),
                    ..Block::default()
                });
            }
        });
    });
}

/// A CLAP instance in the same library: the engine and its models stay, so that an instance comes and goes in no time. The framework's half
/// of VST3 knows nothing of it.
fn keep_engine() -> (moodring_host::Plugin, moodring_host::Processor) {
    let bundle = moodring_host::Bundle::load(library()).unwrap();
    let mut plugin = bundle.create_first().unwrap();
    let processor = plugin.activate(RATE, 1, FRAMES).unwrap();
    (plugin, processor)
}

/// Makes instances, plays them under automation and destroys them at once, `times` times.
fn come_and_go(library: &Library, times: usize, dice: &mut Dice) {
    for _ in 0..times {
        let vst3 = library.create();
        vst3.play(RATE, FRAMES as i32, false);
        automate(&vst3, dice);
    }
}

/// Threads that take all the time that the machine has, as long as this value lives.
struct Busy(std::sync::Arc<std::sync::atomic::AtomicBool>);

impl Busy {
    fn new() -> Self {
        let go_on = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
        for _ in 0..std::thread::available_parallelism().map_or(2, Into::into) {
            let go_on = go_on.clone();
            std::thread::spawn(move || {
                while go_on.load(std::sync::atomic::Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        Self(go_on)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(false, std::sync::atomic::Ordering::Relaxed);
    }
}

#[test]
fn destroyed_at_once_under_automation_a_lone_instance_ends_no_host() {
    if !alone(this_test!()) {
        return;
    }
    let all_threads = threads("");
    let (mut plugin, processor) = keep_engine();
    let library = Library::open(&library());
    come_and_go(&library, 250, &mut Dice(1));
    let busy = Busy::new();
    come_and_go(&library, 250, &mut Dice(2));
    drop(busy);
    plugin.deactivate(processor);
    drop(plugin);
    wait_for_threads("", all_threads);
}

#[test]
fn destroyed_at_once_under_automation_several_instances_end_no_host() {
    if !alone(this_test!()) {
        return;
    }
    let all_threads = threads("");
    let (mut plugin, processor) = keep_engine();
    let library = Library::open(&library());
    let mut dice = Dice(3);
    for is_busy in [false, true] {
        let busy = is_busy.then(Busy::new);
        for round in 0..25 {
            let stays = library.create();
            stays.play(RATE, FRAMES as i32, false);
            for _ in 0..5 {
                let pair = [(); 2].map(|()| library.create());
                for vst3 in &pair {
                    vst3.play(RATE, FRAMES as i32, false);
                    automate(vst3, &mut dice);
                }
                automate(&stays, &mut dice);
                let [first, second] = pair;
                // Any order.
                if round % 2 == 0 {
                    drop(first);
                    drop(second);
                } else {
                    drop(second);
                    drop(first);
                }
            }
            automate(&stays, &mut dice);
        }
        drop(busy);
    }
    plugin.deactivate(processor);
    drop(plugin);
    wait_for_threads("", all_threads);
}

/// The main thread of some hosts isn't the one that made the instance, and some destroy it on yet another.
#[test]
fn made_played_set_and_destroyed_on_threads_of_their_own_nothing_ends_the_host() {
    if !alone(this_test!()) {
        return;
    }
    let library = Library::open(&library());
    let all_threads = threads("");
    let mut dice = Dice(4);
    for time in 0..60 {
        // SAFETY: the hosts in question do so; the plugin has no thread of its own choosing.
        let library = Sendable(library.clone());
        let vst3 = std::thread::spawn(move || library.create()).join().unwrap();
        vst3.play(RATE, FRAMES as i32, false);
        let state = vst3.save();
        automate(&vst3, &mut dice);
        for (_, id) in vst3.params() {
            vst3.set(id, dice.value());
        }
        assert_eq!(vst3.load(&state), 0);
        // Another rate: another latency, which the host is told of.
        vst3.stop();
        vst3.play(if time % 2 == 0 { 96_000.0 } else { RATE }, 64, true);
        std::thread::spawn(move || drop(vst3)).join().unwrap();
    }
    wait_for_threads("", all_threads);
}

struct Sendable(Library);
// SAFETY: a factory has no thread of its own.
unsafe impl Send for Sendable {}
impl Sendable {
    fn create(&self) -> Vst3 {
        self.0.create()
    }
}

#[test]
fn unloaded_and_loaded_again_no_thread_and_no_memory_is_left() {
    if !alone(this_test!()) {
        return;
    }
    let all_threads = threads("");
    let mut memory = Vec::new();
    for time in 0..20 {
        come_and_go(&Library::open(&library()), 1, &mut Dice(time));
        // Some of them have only just said that they are done.
        wait_for_threads("", all_threads);
        memory.push(resident_mb());
    }
    println!(
        "{:.1} MB after 5 times, {:.1} after 20",
        memory[4], memory[19]
    );
    assert!(memory[19] - memory[4] < 8.0, "{memory:?}");
}
