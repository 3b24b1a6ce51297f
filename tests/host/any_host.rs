//! What a host may do, in whatever order: rates, blocks, lifecycle, parameters, transport, threads, and other copies of the
//! plugin beside it. Where the sound doesn't depend on it, it is the same to the bit.
#![allow(unsafe_code, reason = "a library is opened as a scanner does")]

use std::collections::BTreeSet;
use std::path::Path;

use crate::common::process::{alone, resident_mb, this_test, threads, wait_for_threads};
use crate::common::{bundled, excerpt, plugin, vst3};
use moodring_host::{
    Block, Bundle, HostError, ParamEvent, Plugin, Processor, Render, RenderMode, Transport,
};

const RATE: f64 = 48_000.0;

/// A pseudo-random sequence, the same each time (Numerical Recipes' generator).
struct Dice(u32);

impl Dice {
    /// A whole number below `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((self.0 >> 8) as usize) % sides
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.roll(choices.len())]
    }
}

/// Settings under which everything works: knobs, target, mix.
fn turn(plugin: &mut Plugin) -> Vec<ParamEvent> {
    [
        ("Brightness", "+1.5"),
        ("Target", "Cello"),
        ("Morph", "30 %"),
        ("Resynthesis", "20 %"),
        ("Mix", "80 %"),
    ]
    .map(|(name, text)| plugin.set_at(0, name, text).unwrap())
    .into()
}

/// A turned instance.
fn turned() -> Plugin {
    let mut plugin = plugin();
    let events = turn(&mut plugin);
    plugin.flush(&events).unwrap();
    plugin
}

/// The excerpt's first `seconds`, as if at [`RATE`].
fn music(seconds: f64) -> Vec<Vec<f32>> {
    excerpt(seconds).channels
}

/// What [`turned`] makes of it offline.
fn reference(input: &[Vec<f32>]) -> Vec<Vec<f32>> {
    Render::offline(RATE)
        .run(&mut turned(), input, &[])
        .unwrap()
        .output
}

/// Sends a whole signal through, block by block as `next_block` makes them from their start and the frames that are left,
/// and collects the output.
fn stream(
    processor: &mut Processor,
    input: &[Vec<f32>],
    mut next_block: impl FnMut(usize, usize) -> (usize, Transport),
) -> Result<Vec<Vec<f32>>, HostError> {
    let mut output = vec![Vec::new(); input.len()];
    let mut start = 0;
    while start < input[0].len() {
        let (frames, transport) = next_block(start, input[0].len() - start);
        let part: Vec<&[f32]> = input
            .iter()
            .map(|channel| &channel[start..start + frames])
            .collect();
        processor.process(&Block {
            frames,
            input: &part,
            transport,
            ..Block::default()
        })?;
        for (whole, block) in output.iter_mut().zip(processor.output()) {
            whole.extend_from_slice(block);
        }
        start += frames;
    }
    Ok(output)
}

/// An offline render by [`stream`], with blocks announced as of up to `announced` frames.
fn streamed(
    input: &[Vec<f32>],
    announced: usize,
    next_block: impl FnMut(usize, usize) -> (usize, Transport),
) -> Vec<Vec<f32>> {
    let mut plugin = turned();
    plugin.set_render_mode(RenderMode::Offline).unwrap();
    let mut processor = plugin
        .activate_lying(RATE, 1, announced, 16_384.max(announced))
        .unwrap();
    let output = stream(&mut processor, input, next_block);
    plugin.deactivate(processor);
    output.unwrap()
}

#[test]
fn any_sample_rate_gives_finite_sound_at_the_reported_latency() {
    // clap-validator's range, 1 to 768 kHz, fractions included.
    let rates = [
        1_000.0,
        1_234.567_8,
        2_000.0,
        4_000.0,
        6_321.9,
        8_000.0,
        11_025.0,
        22_050.5,
        32_000.0,
        44_099.9,
        44_100.0,
        47_952.048,
        88_200.0,
        96_000.0,
        123_456.789,
        192_000.0,
        352_800.0,
        384_000.0,
        768_000.0,
    ];
    for rate in rates {
        for mode in [RenderMode::Offline, RenderMode::Realtime] {
            let render = Render {
                mode,
                ..Render::offline(rate)
            };
            let rendered = render.run(&mut turned(), &music(0.7), &[]).unwrap();
            assert!(
                rendered.output.iter().flatten().all(|x| x.is_finite()),
                "{rate} Hz, {mode:?}"
            );
        }
        let mut impulse = vec![0.0; 100_000];
        impulse[777] = 1.0;
        let rendered = Render::offline(rate)
            .run(&mut plugin(), &[impulse.clone(), impulse], &[])
            .unwrap();
        let found = rendered.output[1].iter().position(|x| *x > 0.5);
        assert_eq!(found, Some(777 + rendered.latency as usize), "{rate} Hz");
    }
}

#[test]
fn rates_that_make_no_sense_are_refused() {
    for rate in [0.0, -48_000.0, f64::NAN, f64::INFINITY, 1.0] {
        let mut plugin = plugin();
        assert!(plugin.activate(rate, 1, 512).is_err(), "{rate}");
        let processor = plugin.activate(RATE, 1, 512).unwrap();
        plugin.deactivate(processor);
    }
}

#[test]
fn any_block_size_gives_the_same_bits() {
    let input = music(4.0);
    let expected = reference(&input);
    for size in [1, 2, 31, 509, 1_000, 8_192, 16_384] {
        // Single frames take their time.
        let len = if size < 31 { 40_000 } else { input[0].len() };
        let part: Vec<Vec<f32>> = input
            .iter()
            .map(|channel| channel[..len].to_vec())
            .collect();
        let output = streamed(&part, size, |_, left| (size.min(left), Transport::Playing));
        for (output, expected) in output.iter().zip(&expected) {
            assert!(output[..] == expected[..len], "blocks of {size}");
        }
    }
    for seed in 0..8 {
        let mut dice = Dice(seed);
        let output = streamed(&input, 16_384, |_, left| {
            let widest = dice.pick(&[4, 70, 600, 5_000, 16_385]);
            (dice.roll(widest).min(left), Transport::Playing)
        });
        assert!(output == expected, "random blocks, seed {seed}");
    }
}

#[test]
fn blocks_longer_than_announced_give_the_same_bits() {
    let input = music(3.0);
    let expected = reference(&input);
    for (announced, size) in [(32, 33), (32, 4_096), (512, 16_384), (1, 777)] {
        let output = streamed(&input, announced, |_, left| {
            (size.min(left), Transport::Playing)
        });
        assert!(output == expected, "{size} frames, {announced} announced");
    }
}

#[test]
fn in_place_and_separate_buffers_give_the_same_bits() {
    let stereo = music(3.0);
    for channels in [1, 2] {
        let input = &stereo[..channels];
        let outputs = [false, true].map(|in_place| {
            let mut plugin = turned();
            plugin.select_channels(channels).unwrap();
            let render = Render {
                in_place,
                block_sizes: vec![480, 0, 1, 37],
                ..Render::offline(RATE)
            };
            render.run(&mut plugin, input, &[]).unwrap().output
        });
        assert!(outputs[0] == outputs[1], "{channels} channels");
    }
}

#[test]
fn the_hosts_input_is_left_alone() {
    let input = music(0.5);
    let mut plugin = turned();
    let mut processor = plugin.activate(RATE, 1, 512).unwrap();
    for start in (0..input[0].len() - 512).step_by(512) {
        let part: Vec<&[f32]> = input
            .iter()
            .map(|channel| &channel[start..][..512])
            .collect();
        processor
            .process(&Block {
                frames: 512,
                input: &part,
                ..Block::default()
            })
            .unwrap();
        assert!(
            processor
                .input()
                .zip(&part)
                .all(|(after, before)| after == *before)
        );
    }
    plugin.deactivate(processor);
}

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
fn parameters_set_before_or_between_activations_are_there_from_the_first_sample() {
    let input = music(2.0);
    let expected = reference(&input);
    // By state, as projects do.
    let state = turned().save_state().unwrap();
    let mut by_state = plugin();
    by_state.load_state(&state).unwrap();
    // Between two activations, after another setting was in use.
    let mut between = plugin();
    let dark = [between.set_at(0, "Brightness", "-3").unwrap()];
    Render::offline(RATE)
        .run(&mut between, &input, &dark)
        .unwrap();
    let events = turn(&mut between);
    between.flush(&events).unwrap();
    for (way, mut plugin) in [("state", by_state), ("flush between", between)] {
        let output = Render::offline(RATE)
            .run(&mut plugin, &input, &[])
            .unwrap()
            .output;
        assert!(output == expected, "{way}");
    }
}

#[test]
fn of_many_changes_at_one_sample_the_last_counts() {
    let input = music(2.0);
    let mut dice = Dice(9);
    let mut plugin_of_many = plugin();
    let params = plugin_of_many.params().unwrap();
    let (mut many, mut last) = (Vec::new(), Vec::new());
    for frame in (1_000..80_000).step_by(3_001) {
        for param in &params {
            let values: Vec<ParamEvent> = (0..5)
                .map(|_| ParamEvent {
                    frame,
                    id: param.id,
                    value: (param.max * dice.roll(9) as f64 / 8.0).round(),
                })
                .collect();
            last.push(values[4]);
            many.extend(values);
        }
    }
    let render = Render::offline(RATE);
    let many = render
        .run(&mut plugin_of_many, &input, &many)
        .unwrap()
        .output;
    let last = render.run(&mut plugin(), &input, &last).unwrap().output;
    assert!(many == last);
}

#[test]
fn changes_at_every_sample_are_taken() {
    let input = music(0.3);
    let [mix, output] = ["Mix", "Output"].map(|name| plugin().param(name).unwrap());
    let storm: Vec<ParamEvent> = (0..input[0].len())
        .flat_map(|frame| {
            let value = frame as f64 % 100.0 / 99.0;
            [&mix, &output].map(|param| ParamEvent {
                frame,
                id: param.id,
                value,
            })
        })
        .collect();
    let outputs = [512, 64].map(|size| {
        let render = Render {
            block_sizes: vec![size],
            ..Render::offline(RATE)
        };
        render.run(&mut plugin(), &input, &storm).unwrap().output
    });
    assert!(outputs[0] == outputs[1]);
    assert!(outputs[0].iter().flatten().all(|x| x.is_finite()));
}

#[test]
fn values_beyond_a_parameters_range_are_held_within_it() {
    let mut plugin = plugin();
    for param in plugin.params().unwrap() {
        for value in [-1e9, 1e9, f64::NAN, f64::INFINITY] {
            let event = ParamEvent {
                frame: 0,
                id: param.id,
                value,
            };
            plugin.flush(&[event]).unwrap();
            let now = plugin.value(param.id).unwrap();
            assert!(
                (param.min..=param.max).contains(&now),
                "{}: {now}",
                param.name
            );
        }
    }
}

#[test]
fn the_transport_may_be_missing_jump_or_loop() {
    let input = music(2.0);
    let expected = reference(&input);
    let mut dice = Dice(5);
    type Told<'a> = Box<dyn FnMut(usize) -> Transport + 'a>;
    let ways: [(&str, Told); 4] = [
        ("missing", Box::new(|_| Transport::None)),
        (
            "standing",
            Box::new(|_| Transport::At {
                seconds: 12.0,
                playing: false,
                looped: false,
            }),
        ),
        (
            "looping",
            Box::new(|start| Transport::At {
                seconds: start as f64 / RATE % 0.1,
                playing: true,
                looped: true,
            }),
        ),
        (
            "jumping, starting and stopping",
            Box::new(|_| match dice.roll(4) {
                0 => Transport::None,
                _ => Transport::At {
                    seconds: dice.roll(100_000) as f64 - 1_000.0,
                    playing: dice.roll(2) == 0,
                    looped: dice.roll(2) == 0,
                },
            }),
        ),
    ];
    for (way, mut told) in ways {
        let output = streamed(&input, 512, |start, left| (512.min(left), told(start)));
        assert!(output == expected, "{way}");
    }
}

#[test]
fn the_sidechain_may_be_left_out_of_the_call() {
    let input = music(1.0);
    let render = |main_input_only: bool, channels: usize| {
        let mut plugin = plugin();
        plugin.select_channels(channels).unwrap();
        let mut events = turn(&mut plugin);
        events.push(plugin.set_at(0, "Morph To", "Sidechain").unwrap());
        plugin.flush(&events).unwrap();
        plugin.set_render_mode(RenderMode::Offline).unwrap();
        let mut processor = plugin.activate(RATE, 1, 512).unwrap();
        let mut output = Vec::new();
        for start in (0..input[0].len() - 512).step_by(512) {
            let part: Vec<&[f32]> = input[..channels]
                .iter()
                .map(|channel| &channel[start..start + 512])
                .collect();
            processor
                .process(&Block {
                    frames: 512,
                    input: &part,
                    main_input_only,
                    ..Block::default()
                })
                .unwrap();
            output.extend_from_slice(processor.output().next().unwrap());
        }
        plugin.deactivate(processor);
        output
    };
    for channels in [1, 2] {
        assert!(
            render(true, channels) == render(false, channels),
            "{channels}"
        );
    }
}

#[test]
fn events_behind_the_blocks_end_do_no_harm() {
    let input = music(0.5);
    let mut plugin = plugin();
    let mut processor = plugin.activate(RATE, 1, 512).unwrap();
    for frames in [512, 64, 0, 1, 512] {
        let events = [
            0,
            frames / 2,
            frames,
            frames + 1,
            100_000,
            u32::MAX as usize,
        ]
        .map(|frame| plugin.set_at(frame, "Brightness", "+1").unwrap());
        // The processor itself tells if anything was written past the end.
        processor
            .process(&Block {
                frames,
                input: &[&input[0][..frames], &input[1][..frames]],
                events: &events,
                ..Block::default()
            })
            .unwrap();
        let mut samples = processor.output().flatten();
        assert!(samples.all(|sample| sample.is_finite()));
    }
    plugin.deactivate(processor);
}

#[test]
fn each_block_may_come_from_another_thread() {
    let input = music(2.0);
    let expected = reference(&input);
    let mut plugin = turned();
    plugin.set_render_mode(RenderMode::Offline).unwrap();
    let mut processor = plugin.activate(RATE, 1, 4_096).unwrap();
    let mut output = vec![Vec::new(); 2];
    for start in (0..input[0].len()).step_by(4_096) {
        let end = (start + 4_096).min(input[0].len());
        processor = std::thread::scope(|scope| {
            let work = || {
                let part: Vec<&[f32]> = input.iter().map(|channel| &channel[start..end]).collect();
                let block = Block {
                    frames: end - start,
                    input: &part,
                    ..Block::default()
                };
                processor.process(&block).unwrap();
                processor
            };
            scope.spawn(work).join().unwrap()
        });
        for (whole, block) in output.iter_mut().zip(processor.output()) {
            whole.extend_from_slice(block);
        }
    }
    plugin.deactivate(processor);
    assert!(output == expected);
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

#[test]
fn a_vst3_takes_blocks_longer_than_announced_and_empty_ones() {
    let input = music(0.5);
    let mut expected = Vec::new();
    for announced in [16_384, 32] {
        let vst3 = vst3::Vst3::open(&vst3::library(), RATE, announced);
        let mut dice = Dice(2);
        let (mut output, mut start) = (Vec::new(), 0);
        while start < input[0].len() {
            let end = (start + dice.roll(5_000)).min(input[0].len());
            let block = vst3.process(&vst3::Block {
                frames: end - start,
                input: &[&input[0][start..end], &input[1][start..end]],
                ..vst3::Block::default()
            });
            output.extend_from_slice(&block.channels[0]);
            start = end;
        }
        assert!(output.iter().all(|x| x.is_finite()));
        if expected.is_empty() {
            expected = output;
        } else {
            assert!(output == expected);
        }
    }
}

#[test]
fn only_the_plugins_own_id_makes_one() {
    let bundle = Bundle::load(bundled()).unwrap();
    let id = bundle.descriptors()[0].id.clone();
    assert!(bundle.makes(&id));
    for wrong in [
        format!("{id}x"),
        format!("{id} "),
        format!(" {id}"),
        format!("{id}.extra"),
        id[..id.len() - 1].to_owned(),
        id.to_uppercase(),
        String::new(),
        "x".repeat(100_000),
    ] {
        assert!(!bundle.makes(&wrong), "{:.60}", wrong);
    }
}

#[test]
fn the_description_is_what_scanners_ask_for() {
    let bundle = Bundle::load(bundled()).unwrap();
    let descriptors = bundle.descriptors();
    assert_eq!(descriptors.len(), 1);
    let descriptor = &descriptors[0];
    let (created, features) = (bundle.create_first().unwrap(), &descriptor.features);
    assert_eq!(created.descriptor(), descriptor);
    for text in [
        &descriptor.id,
        &descriptor.name,
        &descriptor.vendor,
        &descriptor.version,
    ] {
        assert!(!text.trim().is_empty(), "{descriptor:?}");
    }
    assert!(descriptor.id.split('.').count() >= 3);
    assert_eq!(descriptor.version, env!("CARGO_PKG_VERSION"));
    let once: BTreeSet<&String> = features.iter().collect();
    assert_eq!(once.len(), features.len(), "{features:?}");
    assert!(
        features.contains(&"audio-effect".to_owned()),
        "{features:?}"
    );
    // CLAP's own features of effects; others need a namespace.
    let standard = [
        "audio-effect",
        "analyzer",
        "filter",
        "equalizer",
        "multi-effects",
        "utility",
        "mixing",
        "mastering",
        "mono",
        "stereo",
    ];
    for feature in features {
        assert!(
            standard.contains(&feature.as_str()) || feature.contains(':'),
            "{feature}: neither CLAP's nor in a namespace"
        );
    }
}

/// A scanner may resolve every symbol at once, and makes instances just to look at them.
#[test]
fn a_scan_resolves_every_symbol_and_starts_nothing() {
    if !alone(this_test!()) {
        return;
    }
    let all_threads = threads("");
    for path in [bundled(), vst3::library()] {
        let flags = libloading::os::unix::RTLD_NOW | libloading::os::unix::RTLD_LOCAL;
        let begun = std::time::Instant::now();
        // SAFETY: loading runs nothing but the plugin's own initialisers, of which there are none.
        let library = unsafe { libloading::os::unix::Library::open(Some(&path), flags) }.unwrap();
        println!(
            "{}: {:.1} ms",
            path.display(),
            begun.elapsed().as_secs_f64() * 1e3
        );
        for symbol in [&b"clap_entry"[..], b"GetPluginFactory"] {
            // SAFETY: only asked for, not used.
            unsafe { library.get::<*const u8>(symbol) }.unwrap();
        }
    }
    let begun = std::time::Instant::now();
    let mut plugin = plugin();
    plugin.params().unwrap();
    plugin.save_state().unwrap();
    println!(
        "instance and parameters: {:.1} ms",
        begun.elapsed().as_secs_f64() * 1e3
    );
    // The framework has one thread for all instances.
    assert!(
        threads("") <= all_threads + 1,
        "threads for a plugin that is only looked at"
    );
    drop(plugin);
    assert_eq!(threads(""), all_threads);
}

#[test]
fn every_value_of_every_parameter_survives_as_text() {
    let mut plugin = plugin();
    for param in plugin.params().unwrap() {
        for step in 0..=200 {
            let value = param.min + (param.max - param.min) * step as f64 / 200.0;
            let text = plugin.value_to_text(param.id, value).unwrap();
            let read = plugin.text_to_value(&param, &text).unwrap();
            assert!(
                (param.min..=param.max).contains(&read),
                "{}: {text}: {read}",
                param.name
            );
            let again = plugin.value_to_text(param.id, read).unwrap();
            assert_eq!(again, text, "{}", param.name);
            assert_eq!(
                plugin.text_to_value(&param, &again).unwrap(),
                read,
                "{}",
                param.name
            );
        }
    }
}

#[test]
fn nonsense_is_no_value() {
    let mut plugin = plugin();
    for param in plugin.params().unwrap() {
        for text in [
            "",
            " ",
            "%",
            "dB",
            "NaN",
            "nan %",
            "1e999",
            "inf",
            "-inf dB",
            "\u{1f3b5}",
            "++1",
        ] {
            if let Ok(value) = plugin.text_to_value(&param, text) {
                assert!(
                    (param.min..=param.max).contains(&value),
                    "{}: `{text}` became {value}",
                    param.name
                );
            }
        }
    }
}

#[test]
fn choices_are_taken_as_people_write_them() {
    let mut plugin = plugin();
    let mut choices = 0;
    for param in plugin.params().unwrap() {
        for step in 0..=(param.max - param.min) as usize {
            let value = param.min + step as f64;
            let name = plugin.value_to_text(param.id, value).unwrap();
            // What is counted and has a name, not what is measured.
            if param.max - param.min < 2.0 || name.chars().any(|letter| letter.is_ascii_digit()) {
                continue;
            }
            choices += 1;
            for text in [
                name.to_lowercase(),
                name.to_uppercase(),
                name.replace(' ', "-"),
            ] {
                assert_eq!(
                    plugin.text_to_value(&param, &text).ok(),
                    Some(value),
                    "{}: {text}",
                    param.name
                );
            }
        }
    }
    assert!(choices > 20, "{choices}");
}

#[test]
fn what_is_no_state_is_refused_and_changes_nothing() {
    let mut plugin = turned();
    let state = plugin.save_state().unwrap();
    let mut dice = Dice(7);
    let mut refused = |bytes: &[u8]| {
        assert!(plugin.load_state(bytes).is_err(), "{bytes:?} was taken");
        assert!(
            plugin.save_state().unwrap() == state,
            "{bytes:?} changed something"
        );
    };
    refused(&[]);
    for len in 1..300 {
        let bytes: Vec<u8> = (0..len).map(|_| dice.roll(256) as u8).collect();
        refused(&bytes);
    }
    for len in (0..state.len()).step_by(7) {
        refused(&state[..len]);
    }
}

#[test]
fn the_vst3_is_where_it_should_be() {
    assert!(
        Path::new(&vst3::library()).is_file(),
        "run `cargo xtask bundle` first"
    );
}
