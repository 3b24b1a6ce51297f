//! Filters sound with impulse responses that change, without delay.

use std::{ops::Range, sync::Arc};

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex};

use super::Delay;

/// Taps that are applied sample by sample, and the length of the shortest partition.
const HEAD: usize = 64;

/// How many times as long the next longer partition is.
const GROWTH: usize = 8;

/// Most samples that [`Convolver::process`] takes at a time.
pub const LONGEST_CHUNK: usize = HEAD;

/// Convolves a fixed number of channels with two filters at once, the one before and the present one, so that the caller can fade
/// from the one to the other.
///
/// The first [`HEAD`] taps are applied sample by sample, so that nothing is late. The others are cut into partitions, the longer the
/// later they act, and each length of partition is applied by its own transform with overlap-save (Gardner, *Efficient Convolution
/// without Input-Output Delay*, JAES 43, 1995). Nothing wraps around, and the result doesn't depend on how the sound is cut into
/// chunks. Nothing allocates after construction.
pub struct Convolver {
    levels: Vec<Level>,
    /// The filter before, and the present one.
    filters: [Filter; 2],
    channels: Vec<Channel>,
    /// Which samples of the input the next is: for where the partitions begin.
    start: usize,
}

/// Partitions of one length, for all channels and filters.
struct Level {
    /// Taps of a partition, and of the input that is transformed at a time.
    partition: usize,
    /// Samples since the last transform, below `partition`.
    filled: usize,
    /// For each filter: whether the channels know what it makes of the partitions before.
    ready: [bool; 2],
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    frame: Vec<f32>,
    sum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

struct Filter {
    /// Whether it is a unit impulse at its centre: then the input passes to the bit.
    identity: bool,
    head: [f32; HEAD],
    /// `[level][partition][bin]`.
    spectra: Vec<Vec<Vec<Complex<f32>>>>,
}

struct Channel {
    levels: Vec<ChannelLevel>,
    /// Delays the input by the filters' centre.
    dry: Delay,
    dry_chunk: [f32; HEAD],
    /// For each filter.
    outputs: [[f32; HEAD]; 2],
}

struct ChannelLevel {
    /// Two partitions of input: the one before, and the one that fills.
    input: Vec<f32>,
    /// Spectra of the inputs before, a ring.
    spectra: Vec<Vec<Complex<f32>>>,
    /// Where the newest of them is.
    newest: usize,
    /// For each filter: what the inputs before contribute to the partition that fills.
    outputs: [Vec<f32>; 2],
}

/// Length and number of the partitions of each level, for so many taps.
fn levels(taps: usize) -> impl Iterator<Item = (usize, usize)> {
    let longer = move |partition: &usize| Some(partition * GROWTH).filter(|longer| *longer < taps);
    std::iter::successors(Some(HEAD), longer).map(move |partition| {
        let end = taps.min(partition * GROWTH);
        let count = end.saturating_sub(partition).div_ceil(partition);
        (partition, count)
    })
}

impl Convolver {
    /// Plans everything for filters of `taps` taps, whose unit impulse is at `centre`; before the first filter both are that.
    pub fn new(taps: usize, centre: usize, channels: usize) -> Self {
        let levels: Vec<_> = levels(taps).collect();
        let blank = |(partition, count): &(usize, usize)| {
            vec![vec![Complex::default(); partition + 1]; *count]
        };
        let mut planner = RealFftPlanner::new();
        let filter = || Filter {
            identity: true,
            head: [0.0; HEAD],
            spectra: levels.iter().map(blank).collect(),
        };
        let channel = || Channel {
            levels: levels
                .iter()
                .map(|level| ChannelLevel {
                    input: vec![0.0; 2 * level.0],
                    spectra: blank(level),
                    newest: 0,
                    outputs: [vec![0.0; level.0], vec![0.0; level.0]],
                })
                .collect(),
            dry: Delay::new(centre),
            dry_chunk: [0.0; HEAD],
            outputs: [[0.0; HEAD]; 2],
        };
        Self {
            filters: [filter(), filter()],
            channels: (0..channels).map(|_| channel()).collect(),
            levels: levels
                .iter()
                .map(|(partition, _)| Level::new(*partition, &mut planner))
                .collect(),
            start: 0,
        }
    }

    /// How long it goes on after its input, in samples, for filters of so many taps: a partition is only known to be silent as a
    /// whole.
    pub fn tail(taps: usize) -> usize {
        let (partition, count) = levels(taps).last().unwrap_or((HEAD, 0));
        partition * (count + 2)
    }

    /// Lets the partitions begin as if so many samples had been before: for transforms that fall into the same block as others.
    pub fn staggered(mut self, samples: usize) -> Self {
        self.start = samples;
        self.reset();
        self
    }

    /// Forgets all sound, and the filters.
    pub fn reset(&mut self) {
        for level in &mut self.levels {
            level.filled = self.start % level.partition;
            level.ready = [false; 2];
        }
        for channel in &mut self.channels {
            channel.dry.reset();
            for level in &mut channel.levels {
                level.input.fill(0.0);
                level.newest = 0;
                for spectrum in &mut level.spectra {
                    spectrum.fill(Complex::default());
                }
            }
        }
        for filter in &mut self.filters {
            filter.identity = true;
        }
    }

    /// Makes the present filter the one before, and a unit impulse the present one.
    pub fn set_identity(&mut self) {
        self.swap();
        let [_, present] = &mut self.filters;
        present.identity = true;
    }

    /// Makes the present filter the one before, and these taps the present one.
    pub fn set_filter(&mut self, taps: &[f32]) {
        self.swap();
        let [_, filter] = &mut self.filters;
        filter.identity = false;
        filter.head.fill(0.0);
        for (head, tap) in filter.head.iter_mut().zip(taps) {
            *head = *tap;
        }
        for (level, spectra) in self.levels.iter_mut().zip(&mut filter.spectra) {
            let later = taps.get(level.partition..).unwrap_or_default();
            for (spectrum, taps) in spectra.iter_mut().zip(later.chunks(level.partition)) {
                level.transform_taps(taps, spectrum);
            }
        }
    }

    fn swap(&mut self) {
        self.filters.swap(0, 1);
        for level in &mut self.levels {
            level.ready = [level.ready[1], false];
        }
        for level in self
            .channels
            .iter_mut()
            .flat_map(|channel| &mut channel.levels)
        {
            level.outputs.swap(0, 1);
        }
    }

    /// Whether both filters are the unit impulse.
    pub fn is_identity(&self) -> bool {
        self.filters.iter().all(|filter| filter.identity)
    }

    /// Takes in the beginning of these samples of `block` (`[channel][sample]`), as many of them as [`Self::outputs`] then has: at most
    /// [`LONGEST_CHUNK`]. Returns how many.
    pub fn process(&mut self, block: &[&mut [f32]], samples: Range<usize>) -> usize {
        let filled = self.levels.first().map_or(0, |level| level.filled);
        let len = samples.len().min(HEAD - filled);
        for (state, channel) in self.channels.iter_mut().zip(block) {
            let chunk = channel.get(samples.start..samples.start + len);
            let chunk = chunk.unwrap_or_default();
            for (dry, sample) in state.dry_chunk.iter_mut().zip(chunk) {
                *dry = state.dry.tick(*sample);
            }
            for (level, input) in self.levels.iter().zip(&mut state.levels) {
                let at = level.partition + level.filled;
                if let Some(place) = input.input.get_mut(at..at + chunk.len()) {
                    place.copy_from_slice(chunk);
                }
            }
        }
        for which in 0..2 {
            self.apply(which, len);
        }
        self.advance(len);
        len
    }

    /// What the last call of [`Self::process`] made of a channel: the input, delayed by the filters' centre; what the filter before makes
    /// of it; and what the present one does.
    pub fn outputs(&self, channel: usize) -> Option<(&[f32; HEAD], &[[f32; HEAD]; 2])> {
        let channel = self.channels.get(channel)?;
        Some((&channel.dry_chunk, &channel.outputs))
    }

    /// Computes the outputs of one of the filters for `len` samples.
    fn apply(&mut self, which: usize, len: usize) {
        let Some(filter) = self.filters.get(which) else {
            return;
        };
        if filter.identity {
            for channel in &mut self.channels {
                if let Some(output) = channel.outputs.get_mut(which) {
                    *output = channel.dry_chunk;
                }
            }
            return;
        }
        for (index, level) in self.levels.iter_mut().enumerate() {
            let spectra = filter.spectra.get(index);
            if let (Some(ready), Some(spectra)) = (level.ready.get_mut(which), spectra)
                && !std::mem::replace(ready, true)
            {
                for channel in &mut self.channels {
                    if let Some(state) = channel.levels.get_mut(index) {
                        level.convolve(state, spectra, which);
                    }
                }
            }
        }
        for channel in &mut self.channels {
            channel.gather(&self.levels, filter, which, len);
        }
    }

    /// Counts `len` samples, and transforms the partitions that they fill.
    fn advance(&mut self, len: usize) {
        for (index, level) in self.levels.iter_mut().enumerate() {
            level.filled += len;
            if level.filled < level.partition {
                continue;
            }
            level.filled = 0;
            level.ready = [false; 2];
            for channel in &mut self.channels {
                if let Some(state) = channel.levels.get_mut(index) {
                    level.transform_input(state);
                }
            }
        }
    }
}

impl Channel {
    /// Sums up what the head and the partitions make of the newest `len` samples.
    fn gather(&mut self, levels: &[Level], filter: &Filter, which: usize, len: usize) {
        let (Some(output), Some((first, shortest))) = (
            self.outputs.get_mut(which),
            self.levels.first().zip(levels.first()),
        ) else {
            return;
        };
        let Some(output) = output.get_mut(..len) else {
            return;
        };
        output.fill(0.0);
        for (tap, weight) in filter.head.iter().enumerate() {
            let newest = HEAD + shortest.filled;
            let input = first.input.get(newest - tap..).unwrap_or_default();
            for (output, sample) in output.iter_mut().zip(input) {
                *output += weight * sample;
            }
        }
        for (level, state) in levels.iter().zip(&self.levels) {
            if state.spectra.is_empty() {
                continue;
            }
            let known = state.outputs.get(which).map_or(&[][..], Vec::as_slice);
            let known = known.get(level.filled..).unwrap_or_default();
            for (output, known) in output.iter_mut().zip(known) {
                *output += known;
            }
        }
    }
}

impl Level {
    fn new(partition: usize, planner: &mut RealFftPlanner<f32>) -> Self {
        let forward = planner.plan_fft_forward(2 * partition);
        let inverse = planner.plan_fft_inverse(2 * partition);
        let scratch = forward.get_scratch_len().max(inverse.get_scratch_len());
        Self {
            partition,
            filled: 0,
            ready: [false; 2],
            frame: vec![0.0; 2 * partition],
            sum: vec![Complex::default(); partition + 1],
            scratch: vec![Complex::default(); scratch],
            forward,
            inverse,
        }
    }

    /// The spectrum of a partition's taps, on the scale that makes both transforms together 1.
    fn transform_taps(&mut self, taps: &[f32], spectrum: &mut [Complex<f32>]) {
        let scale = 1.0 / (2 * self.partition) as f32;
        self.frame.fill(0.0);
        for (place, tap) in self.frame.iter_mut().zip(taps) {
            *place = tap * scale;
        }
        // The lengths are the plan's own, so that no transform here can fail.
        let _ = self
            .forward
            .process_with_scratch(&mut self.frame, spectrum, &mut self.scratch);
    }

    /// Takes a full partition of input in.
    fn transform_input(&mut self, state: &mut ChannelLevel) {
        if !state.spectra.is_empty() {
            state.newest = (state.newest + 1) % state.spectra.len();
            if let Some(spectrum) = state.spectra.get_mut(state.newest) {
                self.frame.copy_from_slice(&state.input);
                let _ =
                    self.forward
                        .process_with_scratch(&mut self.frame, spectrum, &mut self.scratch);
            }
        }
        let (before, newest) = state.input.split_at_mut(self.partition);
        before.copy_from_slice(newest);
    }

    /// What a filter makes of the inputs before, for the partition that fills.
    fn convolve(&mut self, state: &mut ChannelLevel, filter: &[Vec<Complex<f32>>], which: usize) {
        self.sum.fill(Complex::default());
        let (newer, older) = state
            .spectra
            .split_at(state.newest + usize::from(!state.spectra.is_empty()));
        let newest_first = newer.iter().rev().chain(older.iter().rev());
        for (input, filter) in newest_first.zip(filter) {
            for ((sum, input), filter) in self.sum.iter_mut().zip(input).zip(filter) {
                *sum += input * filter;
            }
        }
        for end in [0, self.partition] {
            if let Some(bin) = self.sum.get_mut(end) {
                bin.im = 0.0;
            }
        }
        let _ =
            self.inverse
                .process_with_scratch(&mut self.sum, &mut self.frame, &mut self.scratch);
        let late = self.frame.get(self.partition..).unwrap_or_default();
        if let Some(output) = state.outputs.get_mut(which) {
            output.copy_from_slice(late);
        }
    }
}

#[cfg(test)]
mod tests;
