//! Loading, activating, unloading, in any order and beside other copies of the plugin: no memory and no thread is left.

use crate::common::dice::Dice;
use crate::common::process::{alone, resident_mb, this_test, threads, wait_for_threads};
use crate::common::{bundled, plugin, vst3};
use moodring_host::{Block, Bundle, ParamEvent, Plugin, Processor, Render, RenderMode};

use super::{RATE, music, turned};

/// A random walk through everything that CLAP allows between creation and destruction.
#[test]
fn any_order_of_lifecycle_calls_keeps_memory_and_threads() {
    const STEPS: usize = 6_000;
    if !alone(this_test!()) {
        return;
    }
    let rates = [8_000.0, 44_100.0, 48_000.0, 96_000.0];
    let sound = vec![vec![0.25f32; 2_048]; 2];
    let mut dice = Dice(4);
    let mut plugin = plugin();
    let params = plugin.params().unwrap();
    let neutral = plugin.save_state().unwrap();
    let mut active: Option<(Processor, usize)> = None;
    let mut channels = 2;
    let (mut activations, mut blocks, mut after_a_third) = (0, 0, 0.0);
    for step in 0..STEPS {
        let event = |dice: &mut Dice, frame| {
            let param = dice.roll(params.len());
            let way = dice.roll(101) as f64 / 100.0;
            ParamEvent {
                frame,
                id: params[param].id,
                value: params[param].max * way,
            }
        };
        match (dice.roll(9), active.take()) {
            (0 | 1, Some((processor, _))) => plugin.deactivate(processor),
            (0 | 1, None) => {
                let max = dice.pick(&[1, 64, 512, 2_048]);
                let rate = dice.pick(&rates);
                active = Some((plugin.activate(rate, 1, max).unwrap(), max));
                activations += 1;
            }
            (2, Some((mut processor, max))) => {
                processor.stop();
                active = Some((processor, max));
            }
            (3, Some((mut processor, max))) => {
                processor.reset();
                active = Some((processor, max));
            }
            (4, Some((mut processor, max))) => {
                processor.start().unwrap();
                active = Some((processor, max));
            }
            (5..=7, Some((mut processor, max))) => {
                let frames = dice.roll(max + 1);
                let events: Vec<ParamEvent> = (0..dice.roll(4))
                    .map(|_| {
                        let frame = dice.roll(frames.max(1));
                        event(&mut dice, frame)
                    })
                    .collect();
                let input: Vec<&[f32]> = sound[..channels]
                    .iter()
                    .map(|channel| &channel[..])
                    .collect();
                processor
                    .process(&Block {
                        frames,
                        input: &input,
                        events: &events,
                        in_place: dice.roll(2) == 0,
                        ..Block::default()
                    })
                    .unwrap();
                assert!(processor.output().flatten().all(|x| x.is_finite()));
                blocks += 1;
                active = Some((processor, max));
            }
            (2..=4, None) => {
                let events = [event(&mut dice, 0)];
                plugin.flush(&events).unwrap();
            }
            (5..=7, None) => {
                channels = dice.pick(&[1, 2]);
                plugin.select_channels(channels).unwrap();
            }
            (_, processor) => {
                active = processor;
                match dice.roll(3) {
                    0 => plugin.load_state(&neutral).unwrap(),
                    1 => drop(plugin.save_state().unwrap()),
                    _ => plugin
                        .set_render_mode(dice.pick(&[RenderMode::Offline, RenderMode::Realtime]))
                        .unwrap(),
                }
            }
        }
        plugin.pump().unwrap();
        if step == STEPS / 3 {
            after_a_third = resident_mb();
        }
        assert!(threads("moodring-") <= 2, "step {step}");
    }
    if let Some((processor, _)) = active {
        plugin.deactivate(processor);
    }
    let end = resident_mb();
    println!(
        "{STEPS} steps, {activations} activations, {blocks} blocks: {after_a_third:.1} MB after a third, {end:.1} at the end"
    );
    assert!(end - after_a_third < 8.0, "{after_a_third} to {end} MB");
    drop(plugin);
    assert_eq!(threads("moodring-"), 0);
}

#[test]
fn unloaded_and_loaded_again_nothing_is_left() {
    const TIMES: usize = 30;
    if !alone(this_test!()) {
        return;
    }
    let input = music(0.5);
    let all_threads = threads("");
    let mut first = None;
    let mut memory = Vec::new();
    for time in 0..TIMES {
        let mut plugin = turned();
        let rendered = Render::offline(RATE).run(&mut plugin, &input, &[]).unwrap();
        wait_for_threads("moodring-", 2);
        // Every handle to the library goes with it.
        drop(plugin);
        assert_eq!(threads(""), all_threads, "threads after time {time}");
        assert!(*first.get_or_insert(rendered.output.clone()) == rendered.output);
        memory.push(resident_mb());
    }
    println!(
        "{TIMES} times: {:.1} MB after 5, {:.1} at the end",
        memory[4],
        memory[TIMES - 1]
    );
    assert!(memory[TIMES - 1] - memory[4] < 8.0, "{memory:?}");
}

/// Two CLAP files of different names and the VST3, all in one process, turn by turn.
#[test]
fn copies_of_the_plugin_in_both_formats_live_side_by_side() {
    if !alone(this_test!()) {
        return;
    }
    const FRAMES: usize = 1_000;
    let input = music(1.0);
    let all_threads = threads("");
    let folder = tempfile::tempdir().unwrap();
    let paths = ["First.clap", "Second.clap"].map(|name| folder.path().join(name));
    for path in &paths {
        std::fs::copy(bundled(), path).unwrap();
    }
    let mut plugins: Vec<Plugin> = paths
        .iter()
        .chain([&paths[0]])
        .map(|path| Bundle::load(path).unwrap().create_first().unwrap())
        .collect();
    let vst3 = vst3::Vst3::open(&vst3::library(), RATE, FRAMES as i32);
    let mut processors: Vec<Processor> = plugins
        .iter_mut()
        .map(|plugin| {
            plugin.set_render_mode(RenderMode::Offline).unwrap();
            plugin.activate(RATE, 1, FRAMES).unwrap()
        })
        .collect();
    // Each file is a library of its own, with an engine of its own, which its instances share.
    wait_for_threads("moodring-", 3 * 2);
    let mut outputs = vec![Vec::new(); 4];
    for start in (0..input[0].len() - FRAMES).step_by(FRAMES) {
        let block = [0, 1].map(|channel: usize| &input[channel][start..][..FRAMES]);
        for (processor, output) in processors.iter_mut().zip(&mut outputs) {
            processor
                .process(&Block {
                    frames: FRAMES,
                    input: &block,
                    ..Block::default()
                })
                .unwrap();
            output.extend_from_slice(processor.output().next().unwrap());
        }
        let output = vst3.process(&vst3::Block {
            frames: FRAMES,
            input: &block,
            ..vst3::Block::default()
        });
        outputs[3].extend_from_slice(&output.channels[0]);
    }
    assert!(outputs.iter().all(|output| *output == outputs[0]));
    for (plugin, processor) in plugins.iter_mut().zip(processors) {
        plugin.deactivate(processor);
    }
    drop(plugins);
    wait_for_threads("moodring-", 2);
    drop(vst3);
    assert_eq!(threads(""), all_threads);
}
