//! Rates, blocks and buffers, the transport, other threads: where the sound doesn't depend on them, it is the same to the bit.

use crate::common::dice::Dice;
use crate::common::{plugin, vst3};
use moodring_host::{Block, HostError, Processor, Render, RenderMode, Transport};

use super::{RATE, music, reference, turn, turned};

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
