//! The convolver against plain convolution.

use super::*;

fn noise(len: usize, mut state: u32) -> Vec<f32> {
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state as f32 / u32::MAX as f32 - 0.5
        })
        .collect()
}

/// A filter that dies down to a thousandth over its length.
fn filter(taps: usize, seed: u32) -> Vec<f32> {
    let fall = |(n, tap): (usize, f32)| tap * (-7.0 * n as f32 / taps as f32).exp();
    noise(taps, seed)
        .into_iter()
        .enumerate()
        .map(fall)
        .collect()
}

/// What each filter makes of a channel's sound, given in pieces of this length; `at` each position a filter is set.
fn convolved(
    convolver: &mut Convolver,
    sound: &[f32],
    piece: usize,
    changes: &[(usize, Vec<f32>)],
) -> [Vec<f32>; 2] {
    let mut outputs = [Vec::new(), Vec::new()];
    let mut changes = changes.iter().peekable();
    let mut done = 0;
    while done < sound.len() {
        if let Some((_, taps)) = changes.next_if(|(at, _)| *at == done) {
            convolver.set_filter(taps);
        }
        let until = changes.peek().map_or(sound.len(), |(at, _)| *at);
        let end = (done + piece).min(until).min(sound.len());
        let mut chunk = sound[done..end].to_vec();
        let mut from = 0;
        while from < chunk.len() {
            let end = chunk.len();
            let len = convolver.process(&[&mut chunk], from..end);
            let (_, both) = convolver.outputs(0).unwrap();
            for (output, chunk) in outputs.iter_mut().zip(both) {
                output.extend_from_slice(&chunk[..len]);
            }
            from += len;
        }
        done = end;
    }
    outputs
}

fn plainly(sound: &[f32], taps: &[f32], at: usize) -> f32 {
    let inputs = sound[..=at].iter().rev();
    let sum: f64 = inputs
        .zip(taps)
        .map(|(sample, tap)| f64::from(*sample) * f64::from(*tap))
        .sum();
    sum as f32
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn it_is_convolution_without_delay_whatever_the_length() {
    let sound = noise(3_000, 1);
    for taps in [1, 63, 64, 65, 200, 512, 513, 2048] {
        let filter = filter(taps, 2);
        let mut convolver = Convolver::new(taps, 0, 1);
        let [_, output] = convolved(&mut convolver, &sound, 1_000, &[(0, filter.clone())]);
        for at in (0..sound.len()).step_by(7) {
            let expected = plainly(&sound, &filter, at);
            assert!((output[at] - expected).abs() < 2e-6, "{taps} taps at {at}");
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_filter_acts_in_full_on_what_came_before_it_and_the_one_before_goes_on() {
    let sound = noise(4_000, 3);
    let [first, second] = [4, 5].map(|seed| filter(2048, seed));
    for (change, stagger) in [(512, 0), (700, 0), (1_111, 100), (2_048, 511)] {
        let mut convolver = Convolver::new(2048, 0, 1).staggered(stagger);
        let changes = [(0, first.clone()), (change, second.clone())];
        let [before, present] = convolved(&mut convolver, &sound, 64, &changes);
        for at in (change..sound.len()).step_by(13) {
            let expected = [&first, &second].map(|filter| plainly(&sound, filter, at));
            assert!((before[at] - expected[0]).abs() < 2e-6, "{change}: {at}");
            assert!((present[at] - expected[1]).abs() < 2e-6, "{change}: {at}");
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn pieces_make_no_difference_and_after_a_reset_nothing_is_left() {
    let sound = noise(5_000, 6);
    let changes = [(0, filter(2048, 7)), (1_536, filter(2048, 8))];
    let mut convolver = Convolver::new(2048, 0, 1);
    let whole = convolved(&mut convolver, &sound, 5_000, &changes);
    for piece in [1, 63, 64, 441] {
        convolver.reset();
        assert_eq!(
            convolved(&mut convolver, &sound, piece, &changes),
            whole,
            "{piece}"
        );
    }
}

#[test]
fn without_a_filter_the_input_passes_to_the_bit_at_the_centre() {
    let sound = noise(500, 9);
    for centre in [0, 100] {
        let mut convolver = Convolver::new(256, centre, 1);
        assert!(convolver.is_identity());
        for output in convolved(&mut convolver, &sound, 77, &[]) {
            assert_eq!(output[..centre], vec![0.0; centre]);
            assert_eq!(output[centre..], sound[..500 - centre]);
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn after_its_tail_there_is_silence() {
    let mut sound = noise(1_000, 10);
    sound.resize(10_000, 0.0);
    for taps in [64, 200, 2048, 5_000] {
        let mut convolver = Convolver::new(taps, 0, 1);
        let [_, output] = convolved(&mut convolver, &sound, 512, &[(0, vec![0.1; taps])]);
        let last = output.iter().rposition(|sample| *sample != 0.0).unwrap();
        assert!(last >= 1_000 + taps - 2, "{taps}: {last}");
        assert!(last < 1_000 + Convolver::tail(taps), "{taps}: {last}");
    }
}
