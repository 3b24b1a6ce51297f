//! The first taps, sample by sample.

use super::HEAD;

/// Samples that [`convolve`] looks at: those before a chunk, and the longest chunk.
pub(super) const RECENT: usize = 2 * HEAD;

/// Outputs that are computed at a time: as many sums as a processor keeps at hand.
const TILE: usize = 8;

/// What filters make of the `len` samples of `recent` that are behind its first [`HEAD`].
pub(super) fn convolve<const N: usize>(
    recent: &[f32; RECENT],
    filters: [&[f32; HEAD]; N],
    outputs: [&mut [f32; HEAD]; N],
    len: usize,
) {
    let mut outputs = outputs.map(|output| output.as_chunks_mut::<TILE>().0.iter_mut());
    for start in (HEAD..HEAD + len.min(HEAD)).step_by(TILE) {
        let mut sums = [[0.0f32; TILE]; N];
        let around = recent
            .get(start + 1 - HEAD..start + TILE)
            .unwrap_or_default();
        let inputs = around.array_windows::<TILE>().rev();
        for (tap, input) in inputs.enumerate().take(HEAD) {
            for (sums, filter) in sums.iter_mut().zip(filters) {
                let weight = filter[tap];
                for (sum, sample) in sums.iter_mut().zip(input) {
                    *sum += weight * sample;
                }
            }
        }
        for (output, sums) in outputs.iter_mut().zip(sums) {
            if let Some(output) = output.next() {
                *output = sums;
            }
        }
    }
}
