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

/// For zero-latency filters of so many taps.
fn immediate(taps: usize) -> ConvolverFormat {
    ConvolverFormat {
        taps,
        centre: 0,
        hop: 512,
        ahead: 0,
    }
}

fn convolver(format: ConvolverFormat) -> Convolver {
    Convolver::new(format, 1)
}

/// What each filter makes of a channel's sound, given in pieces of this length; at each of the positions a filter has its turn.
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
            convolver.prepare(Some(taps));
            convolver.turn();
        }
        let until = changes.peek().map_or(sound.len(), |(at, _)| *at);
        let end = (done + piece).min(until).min(sound.len());
        pass(convolver, &sound[done..end], &mut outputs);
        done = end;
    }
    outputs
}

/// Passes a piece of sound through, and adds what the filter before and the present one make of it to `outputs`.
fn pass(convolver: &mut Convolver, piece: &[f32], outputs: &mut [Vec<f32>; 2]) {
    let mut piece = piece.to_vec();
    let mut from = 0;
    while from < piece.len() {
        let end = piece.len();
        let len = convolver.process(&[&mut piece], from..end);
        let (_, both) = convolver.outputs(0).unwrap();
        for (output, chunk) in outputs.iter_mut().zip(both) {
            output.extend_from_slice(&chunk[..len]);
        }
        from += len;
    }
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
fn it_is_convolution_without_delay_whatever_the_length_and_the_hop() {
    let sound = noise(3_000, 1);
    for hop in [16, 64, 256, 512, 1_024] {
        for taps in [1, 63, 64, 65, 200, 512, 513, 2048] {
            let filter = filter(taps, 2);
            let format = ConvolverFormat {
                hop,
                ..immediate(taps)
            };
            let mut convolver = convolver(format);
            let [_, output] = convolved(&mut convolver, &sound, 1_000, &[(0, filter.clone())]);
            for at in (0..sound.len()).step_by(7) {
                let expected = plainly(&sound, &filter, at);
                let what = format!("{taps} taps, hop {hop}, at {at}");
                assert!((output[at] - expected).abs() < 2e-6, "{what}");
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn with_input_that_is_ahead_it_is_the_same_later() {
    let sound = noise(4_000, 1);
    for (hop, ahead) in [(512, 768), (64, 96), (512, 512)] {
        let filter = filter(2048, 2);
        let mut convolver = convolver(ConvolverFormat {
            hop,
            ahead,
            ..immediate(2048)
        });
        let [_, output] = convolved(&mut convolver, &sound, 1_000, &[(0, filter.clone())]);
        for at in (0..sound.len() - ahead).step_by(7) {
            let expected = plainly(&sound, &filter, at);
            let found = output[at + ahead];
            assert!((found - expected).abs() < 2e-6, "{hop}, {ahead}: {at}");
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn a_filter_acts_in_full_on_what_came_before_it_and_the_one_before_goes_on() {
    let sound = noise(4_000, 3);
    let [first, second] = [4, 5].map(|seed| filter(2048, seed));
    for ahead in [0, 768] {
        for change in [512, 700, 1_111, 2_048] {
            let mut convolver = convolver(ConvolverFormat {
                ahead,
                ..immediate(2048)
            });
            let changes = [(0, first.clone()), (change, second.clone())];
            let [before, present] = convolved(&mut convolver, &sound, 64, &changes);
            for at in (change.max(ahead)..sound.len()).step_by(13) {
                let expected = [&first, &second].map(|filter| plainly(&sound, filter, at - ahead));
                let what = format!("{change}, {ahead} ahead: {at}");
                assert!((before[at] - expected[0]).abs() < 2e-6, "{what}");
                assert!((present[at] - expected[1]).abs() < 2e-6, "{what}");
            }
        }
    }
}

/// What is prepared, and computed of a hop's second half, at a place of its own in the hop, as [`convolved`].
fn spread_over_the_hop(
    convolver: &mut Convolver,
    sound: &[f32],
    (prepare, work): (usize, usize),
    piece: usize,
    filters: &[Vec<f32>],
) -> [Vec<f32>; 2] {
    const HOP: usize = 512;
    let mut outputs = [Vec::new(), Vec::new()];
    let mut done = 0;
    let mut filters = filters.iter();
    while done < sound.len() {
        let place = done % HOP;
        let next = [work, prepare, HOP].into_iter().find(|at| *at > place);
        let end = (done + next.unwrap() - place)
            .min(done + piece)
            .min(sound.len());
        pass(convolver, &sound[done..end], &mut outputs);
        done = end;
        if done % HOP == prepare % HOP
            && let Some(filter) = filters.next()
        {
            convolver.prepare(Some(filter));
        }
        if done.is_multiple_of(HOP) {
            convolver.turn();
        }
        if done % HOP == work {
            convolver.work();
        }
    }
    outputs
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn when_the_work_is_done_makes_no_difference_to_the_bit() {
    let sound = noise(5_120, 3);
    let filters: Vec<_> = (0..10).map(|seed| filter(2048, seed)).collect();
    for ahead in [0, 768] {
        let mut convolver = convolver(ConvolverFormat {
            ahead,
            ..immediate(2048)
        });
        let mut spread = |places, piece| {
            convolver.reset();
            let outputs = spread_over_the_hop(&mut convolver, &sound, places, piece, &filters);
            // Before the first filter there is none.
            outputs.map(|output| output[512..].to_vec())
        };
        let at_once = spread((512, 512), 512);
        for places in [
            (256, 0),
            (300, 44),
            (400, 144),
            (511, 255),
            (512, 0),
            (512, 100),
        ] {
            for piece in [1, 64, 100, 512] {
                assert!(
                    spread(places, piece) == at_once,
                    "{ahead}, {places:?}, {piece}"
                );
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn pieces_make_no_difference_and_after_a_reset_nothing_is_left() {
    let sound = noise(5_000, 6);
    let changes = [(0, filter(2048, 7)), (1_536, filter(2048, 8))];
    let mut convolver = convolver(immediate(2048));
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
    for (centre, ahead) in [(0, 0), (100, 0), (100, 48)] {
        let mut convolver = convolver(ConvolverFormat {
            taps: 256,
            centre,
            hop: 32,
            ahead,
        });
        let late = centre + ahead;
        let mut done = 0;
        while done < sound.len() {
            assert!(convolver.is_identity());
            let mut chunk = sound.clone();
            let len = convolver.process(&[&mut chunk], done..sound.len());
            let (dry, _) = convolver.outputs(0).unwrap();
            for (n, sample) in (done..).zip(&dry[..len]) {
                let expected = n.checked_sub(late).map_or(0.0, |n| sound[n]);
                assert_eq!(*sample, expected, "{n}");
            }
            done += len;
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "transforms: hours")]
fn after_its_tail_there_is_silence() {
    let mut sound = noise(1_000, 10);
    sound.resize(12_000, 0.0);
    for ahead in [0, 768] {
        for taps in [64, 200, 2048, 5_000] {
            let format = ConvolverFormat {
                ahead,
                ..immediate(taps)
            };
            let mut convolver = convolver(format);
            let [_, output] = convolved(&mut convolver, &sound, 512, &[(0, vec![0.1; taps])]);
            let last = output.iter().rposition(|sample| *sample != 0.0).unwrap();
            assert!(last >= 1_000 + taps + ahead - 2, "{taps}: {last}");
            assert!(last < 1_000 + format.tail(), "{taps}, {ahead}: {last}");
        }
    }
}
