//! Filters sound with impulse responses that change.

mod direct;
mod history;
mod level;

use std::ops::Range;

use realfft::RealFftPlanner;

use super::Delay;
use direct::RECENT;
use history::History;
use level::{ChannelLevel, Level, LevelFormat, Spectra};

/// Most taps that are applied sample by sample, and the length of the shortest partition behind them.
const HEAD: usize = 64;

/// How many times as long the next longer partition is.
const GROWTH: usize = 8;

/// Most samples that [`Convolver::process`] takes at a time.
pub const LONGEST_CHUNK: usize = HEAD;

/// What a convolver is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConvolverFormat {
    /// Length of the filters.
    pub taps: usize,
    /// Where among them the unit impulse is: before the first filter all are that.
    pub centre: usize,
    /// Samples from one filter to the next, a power of two.
    pub hop: usize,
    /// How many samples the input is given ahead of the output that is made of it: none, or a hop at least.
    pub ahead: usize,
}

impl ConvolverFormat {
    /// How long it goes on after its input, in samples: a block is only known to be silent as a whole. Wait-free.
    pub fn tail(&self) -> usize {
        let tails = self.levels().map(|level| level.tail());
        tails.fold(HEAD, usize::max)
    }

    /// Taps that are applied sample by sample.
    fn head(&self) -> usize {
        if self.ahead == 0 {
            HEAD.min(self.hop)
        } else {
            0
        }
    }

    /// Lengths of partition and the taps that they cover. What is due at once takes partitions no longer than what is before it. Behind the first hop,
    /// and with input that is ahead, there is half a hop from the last input of a block to the block.
    fn levels(&self) -> impl Iterator<Item = LevelFormat> {
        let Self {
            taps, hop, ahead, ..
        } = *self;
        let mut start = self.head();
        std::iter::from_fn(move || {
            let (partition, end) = if ahead > 0 {
                (hop, taps)
            } else if start < hop {
                (start, (start * GROWTH).min(hop))
            } else {
                (hop / 2, taps)
            };
            let covered = start..end.min(taps);
            start = end;
            (!covered.is_empty()).then(|| LevelFormat {
                partition,
                lag: covered.start + ahead - partition,
                taps: covered,
            })
        })
    }
}

/// Convolves a fixed number of channels with two filters at once, the one before and the present one, so that the caller can fade
/// from the one to the other. Each hop the next filter takes its turn.
///
/// Without input that is ahead, the first taps are applied sample by sample, so that nothing is late. The others are cut into partitions, the longer the
/// later they act, and each length of partition is applied by its own transform with overlap-save (Gardner, *Efficient Convolution
/// without Input-Output Delay*, JAES 43, 1995). Nothing wraps around, and the result depends neither on how the sound is cut into
/// chunks nor on when [`Self::prepare`] and [`Self::work`] are called. Nothing allocates after construction.
pub struct Convolver {
    format: ConvolverFormat,
    levels: Vec<Level>,
    /// The filter before, the present one, and the next.
    filters: [Filter; 3],
    channels: Vec<Channel>,
    /// Samples since the reset.
    position: i64,
    /// How many filters have had their turn.
    turns: u64,
}

struct Filter {
    /// Whether it is a unit impulse at its centre: then the input passes to the bit.
    identity: bool,
    head: [f32; HEAD],
    /// For each level.
    spectra: Vec<Spectra>,
}

struct Channel {
    history: History,
    levels: Vec<ChannelLevel>,
    /// Delays the input by what it is ahead and the filters' centre.
    dry: Delay,
    dry_chunk: [f32; HEAD],
    /// For the filter before and the present one.
    outputs: [[f32; HEAD]; 2],
}

/// The filter before and the present one, and the present one and the next, among the convolver's.
const NOW: [usize; 2] = [0, 1];
const NEXT: [usize; 2] = [1, 2];

impl Convolver {
    /// Plans everything.
    pub fn new(format: ConvolverFormat, channels: usize) -> Self {
        let mut planner = RealFftPlanner::new();
        let levels: Vec<Level> = format
            .levels()
            .map(|level| Level::new(level, &mut planner))
            .collect();
        let filter = || Filter {
            identity: true,
            head: [0.0; HEAD],
            spectra: levels.iter().map(|level| level.format.filter()).collect(),
        };
        let remembered = levels.iter().map(|level| level.format.remembered());
        let remembered = remembered.fold(RECENT, usize::max);
        let channel = || Channel {
            history: History::new(remembered),
            levels: levels.iter().map(Level::channel).collect(),
            dry: Delay::new(format.ahead + format.centre),
            dry_chunk: [0.0; HEAD],
            outputs: [[0.0; HEAD]; 2],
        };
        Self {
            format,
            filters: [filter(), filter(), filter()],
            channels: (0..channels).map(|_| channel()).collect(),
            levels,
            position: 0,
            turns: 0,
        }
    }

    /// Forgets all sound, and the filters.
    pub fn reset(&mut self) {
        self.position = 0;
        for level in &mut self.levels {
            level.forget();
        }
        for channel in &mut self.channels {
            channel.dry.reset();
            channel.history.reset();
            for level in &mut channel.levels {
                level.reset();
            }
        }
        for filter in &mut self.filters {
            filter.identity = true;
        }
    }

    /// Makes these taps the next filter, or a unit impulse, and computes what can be of the hop in which it will have its turn. The turn is at the end of this
    /// hop, or at once where one has ended.
    pub fn prepare(&mut self, taps: Option<&[f32]>) {
        let hop = self.format.hop as i64;
        if self.position % hop != 0 {
            self.begin_blocks();
        }
        let [_, _, next] = &mut self.filters;
        next.identity = taps.is_none();
        if let Some(taps) = taps {
            next.head.fill(0.0);
            for (head, tap) in next.head.iter_mut().zip(taps).take(self.format.head()) {
                *head = *tap;
            }
            for (level, spectra) in self.levels.iter_mut().zip(&mut next.spectra) {
                level.transform_taps(taps, spectra);
            }
        }
        let turn = (self.position + hop - 1) / hop * hop;
        let valid = self.turns + 1;
        self.compute_ahead(|partition| (turn / partition, valid), NEXT);
    }

    /// Computes what can be of the second half of this hop. Without it that is done once it is needed.
    pub fn work(&mut self) {
        self.begin_blocks();
        let half = self.format.hop as i64 / 2;
        let begun = self.position / (2 * half) * 2 * half;
        let valid = self.turns;
        if self.position < begun + half {
            self.compute_ahead(|partition| ((begun + half) / partition, valid), NOW);
        }
    }

    /// Computes blocks of those levels whose input is there: `due` gives for a length of partition the block, and how many filters must have had their turn for it
    /// to be right.
    fn compute_ahead(&mut self, due: impl Fn(i64) -> (i64, u64), pair: [usize; 2]) {
        for index in 0..self.levels.len() {
            let Some(level) = self.levels.get_mut(index) else {
                continue;
            };
            let (block, valid) = due(level.format.partition as i64);
            if !level.is_ahead(block, self.position) {
                continue;
            }
            level.coming = Some((block, valid));
            self.compute(index, block, pair, true);
        }
    }

    /// Computes a block of a level for a pair of filters, for the present or for what is coming.
    fn compute(&mut self, index: usize, block: i64, pair: [usize; 2], is_coming: bool) {
        let Some(level) = self.levels.get_mut(index) else {
            return;
        };
        for channel in &mut self.channels {
            let Some(state) = channel.levels.get_mut(index) else {
                continue;
            };
            for (place, filter) in pair.into_iter().enumerate() {
                let Some(filter) = self.filters.get(filter).filter(|filter| !filter.identity)
                else {
                    continue;
                };
                if let Some(spectra) = filter.spectra.get(index) {
                    level.transform_input(state, &channel.history, block);
                    level.convolve(state, spectra, block, place, is_coming);
                }
            }
        }
    }

    /// Makes the present filter the one before, and the next the present one, which was prepared.
    pub fn turn(&mut self) {
        self.filters.rotate_left(1);
        self.turns += 1;
        for level in &mut self.levels {
            if level.block == Some(level.at(self.position)) {
                // A turn within a block: what was computed of it is another filter's.
                level.block = None;
            }
        }
    }

    /// Whether the filter before and the present one are the unit impulse.
    pub fn is_identity(&self) -> bool {
        let [before, present, _] = &self.filters;
        before.identity && present.identity
    }

    /// Takes in the beginning of these samples of `block` (`[channel][sample]`), as many of them as [`Self::outputs`] then has: at most
    /// [`LONGEST_CHUNK`]. Returns how many.
    pub fn process(&mut self, block: &[&mut [f32]], samples: Range<usize>) -> usize {
        self.begin_blocks();
        let left = self.levels.iter().map(|level| level.left(self.position));
        let len = left.fold(samples.len().min(HEAD), usize::min);
        for (state, channel) in self.channels.iter_mut().zip(block) {
            let chunk = channel.get(samples.start..samples.start + len);
            let chunk = chunk.unwrap_or_default();
            for (dry, sample) in state.dry_chunk.iter_mut().zip(chunk) {
                *dry = state.dry.tick(*sample);
            }
            state.history.write(self.position, chunk);
        }
        let end = self.position + len as i64;
        if !self.is_identity() {
            for channel in &mut self.channels {
                channel.gather(&self.levels, &self.filters, self.position..end);
            }
        }
        self.position = end;
        len
    }

    /// What the last call of [`Self::process`] made of a channel: the input, delayed by the filters' centre; what the filter before makes
    /// of it; and what the present one does, where not both are the unit impulse.
    pub fn outputs(&self, channel: usize) -> Option<(&[f32; HEAD], &[[f32; HEAD]; 2])> {
        let channel = self.channels.get(channel)?;
        Some((&channel.dry_chunk, &channel.outputs))
    }

    /// Sees to it that what the levels make of their present blocks is there.
    fn begin_blocks(&mut self) {
        if self.is_identity() {
            return;
        }
        for index in 0..self.levels.len() {
            let Some(level) = self.levels.get_mut(index) else {
                continue;
            };
            let block = level.at(self.position);
            if level.block == Some(block) {
                continue;
            }
            level.block = Some(block);
            if level.coming.take() == Some((block, self.turns)) {
                for channel in &mut self.channels {
                    if let Some(state) = channel.levels.get_mut(index) {
                        state.turn();
                    }
                }
            } else {
                self.compute(index, block, NOW, false);
            }
        }
    }
}

impl Channel {
    /// Sums up what the head and the partitions of the filter before and of the present one make of these samples, which are [`HEAD`] at most.
    fn gather(&mut self, levels: &[Level], filters: &[Filter; 3], samples: Range<i64>) {
        let len = (samples.end - samples.start) as usize;
        let [before, present, _] = filters;
        let [of_before, of_present] = &mut self.outputs;
        *of_before = [0.0; HEAD];
        *of_present = [0.0; HEAD];
        // With input that is ahead, all is in the partitions.
        if levels
            .first()
            .is_none_or(|level| level.format.taps.start > 0)
        {
            let mut recent = [0.0; RECENT];
            if let Some(recent) = recent.get_mut(..HEAD + len) {
                self.history.read(samples.end, recent);
            }
            match (before.identity, present.identity) {
                (false, false) => direct::convolve(
                    &recent,
                    [&before.head, &present.head],
                    [of_before, of_present],
                    len,
                ),
                (false, true) => direct::convolve(&recent, [&before.head], [of_before], len),
                (true, false) => direct::convolve(&recent, [&present.head], [of_present], len),
                (true, true) => {}
            }
        }
        for (place, (output, filter)) in self.outputs.iter_mut().zip(filters).enumerate() {
            if filter.identity {
                *output = self.dry_chunk;
                continue;
            }
            let Some(output) = output.get_mut(..len) else {
                continue;
            };
            for (level, state) in levels.iter().zip(&self.levels) {
                state.add(place, level.place(samples.start), output);
            }
        }
    }
}

#[cfg(test)]
mod tests;
