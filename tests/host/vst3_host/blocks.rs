//! Blocks: storms of changes, odd buffers, silence.

use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::IAudioProcessorTrait;
use nice_plug::wrapper::vst3::vst3::Steinberg::kResultOk;

use super::{RATE, at_start, music, slices, vst3};
use crate::common::vst3::{Block, Changes};

#[test]
fn changes_of_all_parameters_at_every_sample_are_taken_each_at_its_own() {
    let input = music(0.2);
    let render = |size: usize| {
        let vst3 = vst3();
        vst3.play(RATE, size as i32, true);
        let params = vst3.params();
        assert!(params.len() >= 22, "{params:?}");
        vst3.render(&slices(&input), &[], size, |start, length| {
            Some(Changes::of(params.iter().enumerate().map(
                |(index, (_, id))| {
                    let points = (0..length)
                        .map(|frame| {
                            let value = ((start + frame) * (index + 3) % 101) as f64 / 100.0;
                            (frame as i32, value)
                        })
                        .collect();
                    (*id, points)
                },
            )))
        })
    };
    let [whole, parts] = [8_192, 61].map(render);
    assert!(whole.iter().flatten().all(|sample| sample.is_finite()));
    assert!(whole == parts);
}

#[test]
fn changes_out_of_order_and_out_of_the_block_do_no_harm() {
    let vst3 = vst3();
    vst3.play(RATE, 512, true);
    let (mix, output) = (vst3.id("Mix"), vst3.id("Output"));
    let sound = [[0.5; 512]; 2];
    let changes = Changes::of([
        (
            mix,
            vec![
                (300, 0.1),
                (100, 0.2),
                (-5, 0.3),
                (100_000, 0.4),
                (i32::MIN, 0.5),
            ],
        ),
        (987_654, vec![(0, 0.5)]),
        (output, vec![]),
        // The standard has one list for each parameter.
        (mix, vec![(0, 0.9)]),
    ]);
    let block = vst3.process(&Block {
        frames: 512,
        input: &[&sound[0], &sound[1]],
        changes: Some(&changes),
        ..Block::default()
    });
    assert_eq!(block.result, kResultOk);
    assert!(
        block
            .channels
            .iter()
            .flatten()
            .all(|sample| sample.is_finite())
    );
    assert_eq!(vst3.get(mix), 0.5);
}

#[test]
fn parameters_alone_are_taken_without_samples_and_without_buses() {
    let vst3 = vst3();
    vst3.play(RATE, 512, true);
    let mix = vst3.id("Mix");
    let nothing = vst3.process(&Block {
        changes: Some(&at_start(mix, 0.25)),
        ..Block::default()
    });
    assert_eq!(nothing.result, kResultOk);
    assert_eq!(vst3.get(mix), 0.25);
    // A block with samples, but no channels.
    let block = Block {
        frames: 64,
        changes: Some(&at_start(mix, 0.75)),
        ..Block::default()
    };
    assert_eq!(vst3.process(&block).result, kResultOk);
    assert_eq!(vst3.get(mix), 0.75);
}

#[test]
fn a_missing_input_is_silence() {
    let vst3 = vst3();
    vst3.play(RATE, 512, true);
    // The output's own content is no input.
    for _ in 0..40 {
        let block = Block {
            frames: 512,
            ..Block::default()
        };
        let output = vst3.process_into(&block, 2);
        assert_eq!(output.result, kResultOk);
        assert!(
            output
                .channels
                .iter()
                .flatten()
                .all(|sample| *sample == 0.0)
        );
    }
}

#[test]
fn channels_that_the_plugin_does_not_have_are_cleared() {
    let vst3 = vst3();
    vst3.play(RATE, 512, true);
    let sound = [0.5; 512];
    let block = Block {
        frames: 512,
        input: &[&sound[..]; 6],
        ..Block::default()
    };
    let output = vst3.process(&block);
    assert_eq!(output.result, kResultOk);
    assert!(
        output.channels[2..]
            .iter()
            .flatten()
            .all(|sample| *sample == 0.0)
    );
    assert!(
        output
            .channels
            .iter()
            .flatten()
            .all(|sample| sample.is_finite())
    );
}

#[test]
fn a_block_longer_than_announced_comes_out_whole() {
    let input = music(0.4);
    let render = |announced, size| {
        let vst3 = vst3();
        vst3.set(vst3.id("Brightness"), 0.8);
        vst3.play(RATE, announced, true);
        vst3.render(&slices(&input), &slices(&input), size, |_, _| None)
    };
    assert!(render(512, 512) == render(1, 9_000));
}

/// The standard's flags are a promise: a host may skip all that comes behind.
#[test]
fn silence_is_flagged_where_it_is_true_and_once_the_tail_is_over() {
    const FRAMES: usize = 480;
    let vst3 = vst3();
    for (title, value) in [("Brightness", 0.9), ("Morph", 0.6), ("Resynthesis", 1.0)] {
        vst3.set(vst3.id(title), value);
    }
    // SAFETY: nothing is handed over.
    assert_eq!(unsafe { vst3.processor.getTailSamples() }, 0);
    vst3.play(RATE, FRAMES as i32, true);
    // SAFETY: as above.
    let [tail, latency] = unsafe {
        [
            vst3.processor.getTailSamples(),
            vst3.processor.getLatencySamples(),
        ]
    }
    .map(|samples| samples as usize);
    assert!(tail > latency, "{tail}");
    let sound = music(1.0);
    let silence = [0.0; FRAMES];
    let flagged = |input: &[&[f32]]| {
        let output = vst3.process(&Block {
            frames: FRAMES,
            input,
            ..Block::default()
        });
        for (index, channel) in output.channels.iter().enumerate() {
            let is_silent = channel.iter().all(|sample| *sample == 0.0);
            assert_eq!(
                output.silent >> index & 1 == 1,
                is_silent,
                "channel {index}"
            );
        }
        assert_eq!(output.silent >> 2, 0);
        output.silent
    };
    assert_eq!(
        flagged(&[&silence, &silence]),
        3,
        "before anything was heard"
    );
    let mut heard = 0;
    for start in (0..sound[0].len() - FRAMES).step_by(FRAMES) {
        let [left, right] = [0, 1].map(|channel: usize| &sound[channel][start..][..FRAMES]);
        heard += usize::from(flagged(&[left, right]) == 0);
    }
    assert!(heard > 10, "{heard}");
    for _ in 0..tail.div_ceil(FRAMES) {
        flagged(&[&silence, &silence]);
    }
    for _ in 0..20 {
        assert_eq!(flagged(&[&silence, &silence]), 3, "after the tail");
    }
    // One side only, as far as one channel can be silent by itself.
    let left = &sound[0][..FRAMES];
    flagged(&[left, &silence]);
}
