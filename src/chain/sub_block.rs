//! The pieces that a host's block is handled in.

use std::ops::Range;

/// Most samples of a sub-block: few enough that buffers of this length are plain arrays.
pub const SUB_BLOCK: usize = 64;

/// Most channels of a block.
pub const CHANNELS: usize = 2;

/// Gives `process` one sub-block of `block` (`[channel][sample]`) after the other, with the samples that it covers. The block goes on where
/// a sub-block already has `filled` samples, less than [`SUB_BLOCK`]: the first is so much shorter. The
/// first channel says how long the block is; a block of no channel or of more than [`CHANNELS`] is left alone, and so are
/// samples that the second channel lacks. Allocates nothing.
pub fn for_each(
    block: &mut [&mut [f32]],
    filled: usize,
    mut process: impl FnMut(Range<usize>, &mut [&mut [f32]]),
) {
    let samples = block.first().map_or(0, |channel| channel.len());
    let mut start = 0;
    while start < samples {
        let room = if start == 0 {
            SUB_BLOCK - filled % SUB_BLOCK
        } else {
            SUB_BLOCK
        };
        let covered = start..(start + room).min(samples);
        start = covered.end;
        match block {
            [left, right] => {
                let (left, right) = (
                    left.get_mut(covered.clone()),
                    right.get_mut(covered.clone()),
                );
                if let (Some(left), Some(right)) = (left, right) {
                    process(covered, &mut [left, right]);
                }
            }
            [mono] => {
                if let Some(mono) = mono.get_mut(covered.clone()) {
                    process(covered, &mut [mono]);
                }
            }
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sub-blocks of a block of so many channels and samples, whose samples count up from 0; each must have its own.
    fn sub_blocks(channels: usize, samples: usize) -> Vec<(usize, usize)> {
        sub_blocks_from(channels, samples, 0)
    }

    fn sub_blocks_from(channels: usize, samples: usize, filled: usize) -> Vec<(usize, usize)> {
        let counted: Vec<f32> = (0..samples).map(|n| n as f32).collect();
        let mut sound = vec![counted; channels];
        let mut block: Vec<&mut [f32]> = sound.iter_mut().map(Vec::as_mut_slice).collect();
        let mut seen = Vec::new();
        for_each(&mut block, filled, |covered, sub_block| {
            assert_eq!(sub_block.len(), channels);
            for channel in sub_block.iter() {
                assert_eq!(channel.len(), covered.len());
                assert_eq!(channel[0], covered.start as f32);
            }
            seen.push((covered.start, covered.end));
        });
        seen
    }

    #[test]
    fn every_sample_is_in_one_sub_block_and_none_is_longer_than_64() {
        for channels in [1, 2] {
            assert_eq!(sub_blocks(channels, 0), []);
            assert_eq!(sub_blocks(channels, 1), [(0, 1)]);
            assert_eq!(sub_blocks(channels, 64), [(0, 64)]);
            assert_eq!(sub_blocks(channels, 130), [(0, 64), (64, 128), (128, 130)]);
            assert_eq!(
                sub_blocks_from(channels, 130, 60),
                [(0, 4), (4, 68), (68, 130)]
            );
            assert_eq!(sub_blocks_from(channels, 3, 60), [(0, 3)]);
        }
    }

    #[test]
    fn what_no_bus_of_ours_has_is_left_alone() {
        assert_eq!(sub_blocks(0, 100), []);
        assert_eq!(sub_blocks(3, 100), []);
        let (mut long, mut short) = ([0.0; 100], [0.0; 70]);
        let mut seen = Vec::new();
        for_each(&mut [&mut long, &mut short], 0, |covered, _| {
            seen.push(covered.end)
        });
        assert_eq!(seen, [64], "of the rest one channel is missing");
    }
}
