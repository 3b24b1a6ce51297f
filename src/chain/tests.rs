//! The chain without an engine: what it does to bad samples, to blocks and to the sidechain, and what Delta and the meters get.

use super::*;
use crate::{
    engine::{Receiver, ring},
    listen::{CHUNK, Chunk},
    meter::{MeterChunk, MeterMonitor},
    model::{ModelSource, TimbreModel},
    morph::{DirectCurves, Shaper},
    params::LatencyMode,
};

/// A stereo chain whose controls change the sound, what its tap sends, and whether it has heard the sidechain.
struct Bench {
    chain: Chain<DirectCurves>,
    controls: ChainControls,
    heard: Receiver<Chunk>,
    sidechain_heard: Arc<AtomicBool>,
}

fn bench() -> Bench {
    bench_in(LatencyMode::Studio).0
}

/// The same in a mode, and what its meters send while somebody watches.
fn bench_in(latency_mode: LatencyMode) -> (Bench, Receiver<MeterChunk>) {
    let timbre = TimbreModel::load(&ModelSource::Embedded).unwrap();
    let front_end = timbre.card().front_end.clone();
    let (sender, heard) = ring(64, Chunk::blank());
    let sidechain_heard = Arc::<AtomicBool>::default();
    let monitor = Arc::new(MeterMonitor::new(48_000.0, Arc::default()));
    monitor.watch();
    let (meter_sender, measured) = ring(400, MeterChunk::blank());
    let ends = ChainEnds {
        curves: Some(DirectCurves::new(Shaper::new(timbre))),
        tap: Some(ListenTap::without_answers(sender)),
        meter: Some(MeterTap::new(meter_sender, monitor)),
        listen: Arc::default(),
        sidechain_heard: sidechain_heard.clone(),
    };
    let format = ChainFormat {
        sample_rate: 48_000.0,
        channels: 2,
        longest_block: 512,
        latency_mode,
        offline: true,
    };
    let mut controls = ChainControls::read(&MoodringParams::default(), true);
    controls.morph.knobs[0] = 2.0;
    controls.dry_wet.mix = 0.7;
    controls.dry_wet.output_db = -3.0;
    let bench = Bench {
        chain: Chain::new(&front_end, format, ends, &controls),
        controls,
        heard,
        sidechain_heard,
    };
    (bench, measured)
}

fn noise(samples: usize) -> Vec<f32> {
    let mut state = 1_u32;
    (0..samples)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state as f32 / u32::MAX as f32 - 0.5
        })
        .collect()
}

/// What the chain makes of the same sound on both channels, given in blocks.
fn processed(bench: &mut Bench, sound: &[f32], block: usize) -> Vec<f32> {
    let (mut left, mut right) = (sound.to_vec(), sound.to_vec());
    for (left, right) in left.chunks_mut(block).zip(right.chunks_mut(block)) {
        bench
            .chain
            .process(&mut [left, right], &[], &bench.controls);
    }
    assert_eq!(left, right);
    left
}

#[test]
fn the_sound_does_not_depend_on_the_blocks_and_a_reset_forgets_all() {
    let sound = noise(12_000);
    let mut bench = bench();
    let whole = processed(&mut bench, &sound, sound.len());
    let latency = bench.chain.latency() as usize;
    let wet = |(output, input): (&f32, &f32)| (output - 0.7 * input).abs() > 0.01;
    assert!(whole[latency..].iter().zip(&sound).any(wet), "it is shaped");
    for block in [1, 63, 65, 500] {
        bench.chain.reset(&bench.controls);
        assert!(processed(&mut bench, &sound, block) == whole, "{block}");
    }
}

#[test]
fn what_cannot_be_heard_is_replaced_before_anything_sees_it() {
    let mut sound = noise(12_000);
    for (index, bad) in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e-40, 1e30]
        .into_iter()
        .enumerate()
    {
        sound[100 + index] = bad;
    }
    let mut bench = bench();
    let output = processed(&mut bench, &sound, 512);
    assert!(output.iter().all(|sample| sample.is_finite()));
    let chunk = bench.heard.receive().unwrap();
    let expected: Vec<f32> = sound
        .iter()
        .flat_map(|sample| [clean(*sample); 2])
        .take(CHUNK)
        .collect();
    assert_eq!(chunk.samples.to_vec(), expected, "channels interleaved");
}

#[test]
fn the_sidechain_is_heard_on_both_sides_and_silence_or_noise_below_hearing_is_none() {
    let mut bench = bench();
    let mut block = [[0.0; 100]; 2];
    let [left, right] = &mut block;
    for beside in [0.0, 1e-30] {
        let chain = &mut bench.chain;
        chain.process(&mut [left, right], &[&mut [beside; 100]], &bench.controls);
        assert!(!bench.sidechain_heard.load(Ordering::Relaxed), "{beside}");
    }
    let taken = bench.chain.take_sidechain(&[&mut [0.5; 70]], 64..100);
    assert_eq!(taken[..6], [[0.5; 2]; 6], "mono is the same twice");
    assert_eq!(taken[6..], [[0.0; 2]; 58], "what is missing is silence");
    assert!(bench.sidechain_heard.load(Ordering::Relaxed));
    let stereo: [&mut [f32]; 2] = [&mut [0.5; 64], &mut [-0.5; 64]];
    assert_eq!(
        bench.chain.take_sidechain(&stereo, 0..64),
        [[0.5, -0.5]; 64]
    );
}

/// Loud and soft by turns, so that nothing that is late goes unnoticed.
fn bursts(samples: usize) -> Vec<f32> {
    let loudness = |n: usize| {
        if (n / 1_000).is_multiple_of(2) {
            1.0
        } else {
            0.01
        }
    };
    let noise = noise(samples).into_iter().enumerate();
    noise.map(|(n, sample)| loudness(n) * sample).collect()
}

#[test]
fn delta_is_the_output_less_the_input_to_the_bit_and_of_no_change_it_is_silence() {
    let sound = bursts(24_000);
    for mode in LatencyMode::ALL {
        let (mut bench, _) = bench_in(mode);
        let shaped = bench.controls;
        let latency = bench.chain.latency() as usize;
        let plain = processed(&mut bench, &sound, 500);
        bench.controls.dry_wet.delta = true;
        bench.chain.reset(&bench.controls);
        let delta = processed(&mut bench, &sound, 500);
        let input = |n: usize| n.checked_sub(latency).map_or(0.0, |n| sound[n]);
        for (n, (delta, plain)) in delta.iter().zip(&plain).enumerate() {
            assert_eq!(*delta, plain - input(n), "{mode:?}, sample {n}");
        }
        assert!(delta.iter().any(|sample| sample.abs() > 0.01), "{mode:?}");

        let neutral = ChainControls::read(&MoodringParams::default(), true);
        bench.controls = neutral;
        bench.controls.dry_wet.delta = true;
        bench.chain.reset(&bench.controls);
        let nothing = processed(&mut bench, &sound, 500);
        assert!(nothing.iter().all(|sample| *sample == 0.0), "{mode:?}");

        // Bypass is behind it.
        bench.controls = shaped;
        bench.controls.dry_wet.delta = true;
        bench.controls.dry_wet.bypass = true;
        bench.chain.reset(&bench.controls);
        let bypassed = processed(&mut bench, &sound, 500);
        assert!(
            (0..sound.len()).all(|n| bypassed[n] == input(n)),
            "{mode:?}"
        );
    }
}

#[test]
fn the_meters_get_input_and_output_of_the_same_time() {
    let sound = bursts(24_000);
    for mode in LatencyMode::ALL {
        let (mut bench, mut measured) = bench_in(mode);
        bench.controls = ChainControls::read(&MoodringParams::default(), true);
        bench.chain.reset(&bench.controls);
        let output = processed(&mut bench, &sound, 500);
        let chunks: Vec<_> = std::iter::from_fn(|| measured.receive()).collect();
        assert_eq!(chunks.len(), sound.len() / 128);
        for chunk in &chunks {
            assert!(chunk.input == chunk.output, "{mode:?}: neutral");
            assert!(chunk.processed == chunk.output, "{mode:?}");
            let first = output[chunk.position as usize];
            assert_eq!(chunk.output[0], [first; 2], "{mode:?}");
        }
    }
}
