//! The first taps, sample by sample.

use super::HEAD;

/// Samples that [`convolve`] looks at: those before a chunk, and the longest chunk.
pub(super) const RECENT: usize = 2 * HEAD;

/// Outputs that are computed at a time: as many sums as a processor keeps at hand.
const TILE: usize = 8;

/// What filters make of the `len` samples of `recent` that are behind its first [`HEAD`].
// By itself, with loops whose lengths are known: within its caller the compiler leaves calls in the innermost of them, which cost more than all the rest.
#[allow(
    clippy::needless_range_loop,
    reason = "loops over several arrays at once stay fast as they are"
)]
#[inline(never)]
#[expect(
    clippy::needless_range_loop,
    reason = "each tap is of every filter, and of the input at another place"
)]
pub(super) fn convolve<const N: usize>(
    recent: &[f32; RECENT],
    filters: [&[f32; HEAD]; N],
    outputs: [&mut [f32; HEAD]; N],
    len: usize,
) {
    for start in (0..len.min(HEAD)).step_by(TILE) {
        let mut sums = [[0.0f32; TILE]; N];
        for tap in 0..HEAD {
            let newest = HEAD + start - tap;
            let Some(input) = recent.get(newest..newest + TILE) else {
                continue;
            };
            for filter in 0..N {
                let weight = filters[filter][tap];
                for lane in 0..TILE {
                    sums[filter][lane] += weight * input[lane];
                }
            }
        }
        for filter in 0..N {
            outputs[filter][start..start + TILE].copy_from_slice(&sums[filter]);
        }
    }
}
