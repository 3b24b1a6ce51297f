//! Partitions of one length: what of a filter is applied by transforms.

use std::{ops::Range, sync::Arc};

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex};

use super::history::History;

/// What a level is for.
#[derive(Debug, Clone)]
pub(super) struct LevelFormat {
    /// Taps of a partition, and samples of a block.
    pub(super) partition: usize,
    /// The filter's taps that it applies.
    pub(super) taps: Range<usize>,
    /// Samples from the last input that a block needs to the block.
    pub(super) lag: usize,
}

impl LevelFormat {
    fn count(&self) -> usize {
        self.taps.len().div_ceil(self.partition)
    }

    /// Samples after which nothing is left of an input.
    pub(super) fn tail(&self) -> usize {
        self.lag + self.partition * (self.count() + 2)
    }

    /// Samples of input that must be there when a block is over.
    pub(super) fn remembered(&self) -> usize {
        self.tail() + self.partition
    }

    /// Room for the spectra of a filter's partitions.
    pub(super) fn filter(&self) -> Spectra {
        Spectra::new(self.count(), self.partition + 1)
    }

    /// Room for the spectra of the input: of what a block needs, and of the one that it doesn't yet.
    fn input(&self) -> Spectra {
        Spectra::new(self.count() + 1, self.partition + 1)
    }
}

/// Spectra of one length. Real and imaginary parts are apart, so that several bins are computed at once.
pub(super) struct Spectra {
    /// Of each.
    bins: usize,
    re: Vec<f32>,
    im: Vec<f32>,
}

impl Spectra {
    fn new(count: usize, bins: usize) -> Self {
        Self {
            bins,
            re: vec![0.0; count * bins],
            im: vec![0.0; count * bins],
        }
    }

    fn len(&self) -> usize {
        self.re.len() / self.bins
    }

    fn clear(&mut self) {
        self.re.fill(0.0);
        self.im.fill(0.0);
    }

    fn set(&mut self, index: usize, spectrum: &[Complex<f32>]) {
        let start = index * self.bins;
        let (Some(re), Some(im)) = (self.re.get_mut(start..), self.im.get_mut(start..)) else {
            return;
        };
        for ((re, im), bin) in re.iter_mut().zip(im).zip(spectrum) {
            *re = bin.re;
            *im = bin.im;
        }
    }

    /// The real and the imaginary parts of one.
    fn get(&self, index: usize) -> (&[f32], &[f32]) {
        let place = index * self.bins..(index + 1) * self.bins;
        (
            self.re.get(place.clone()).unwrap_or_default(),
            self.im.get(place).unwrap_or_default(),
        )
    }
}

/// Partitions of one length, for all channels and filters.
pub(super) struct Level {
    pub(super) format: LevelFormat,
    /// The block whose outputs the channels have.
    pub(super) block: Option<i64>,
    /// The block whose outputs were computed ahead, and how many filters must have had their turn for it to be right.
    pub(super) coming: Option<(i64, u64)>,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    frame: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    sum: Spectra,
    scratch: Vec<Complex<f32>>,
}

/// What a level knows of a channel.
pub(super) struct ChannelLevel {
    /// Spectra of the newest inputs, a ring by blocks.
    spectra: Spectra,
    /// The block whose input is the newest of them.
    newest: i64,
    /// What the filter before and the present one make of it in this block.
    outputs: [Vec<f32>; 2],
    /// The same of a block to come.
    coming: [Vec<f32>; 2],
}

impl Level {
    pub(super) fn new(format: LevelFormat, planner: &mut RealFftPlanner<f32>) -> Self {
        let transform = 2 * format.partition;
        let forward = planner.plan_fft_forward(transform);
        let inverse = planner.plan_fft_inverse(transform);
        let scratch = forward.get_scratch_len().max(inverse.get_scratch_len());
        Self {
            block: None,
            coming: None,
            frame: vec![0.0; transform],
            spectrum: forward.make_output_vec(),
            sum: Spectra::new(1, format.partition + 1),
            scratch: vec![Complex::default(); scratch],
            forward,
            inverse,
            format,
        }
    }

    /// A channel before any sound.
    pub(super) fn channel(&self) -> ChannelLevel {
        let block = || [(); 2].map(|()| vec![0.0; self.format.partition]);
        ChannelLevel {
            spectra: self.format.input(),
            newest: -1,
            outputs: block(),
            coming: block(),
        }
    }

    /// Forgets which blocks were computed.
    pub(super) fn forget(&mut self) {
        self.block = None;
        self.coming = None;
    }

    /// The block that a position is in.
    pub(super) fn at(&self, position: i64) -> i64 {
        position / self.format.partition as i64
    }

    /// Where a position is in its block.
    pub(super) fn place(&self, position: i64) -> usize {
        (position % self.format.partition as i64) as usize
    }

    /// Samples from a position to the end of its block.
    pub(super) fn left(&self, position: i64) -> usize {
        self.format.partition - self.place(position)
    }

    /// Whether all input is there that a block needs which isn't computed as the present one.
    pub(super) fn is_ahead(&self, block: i64, position: i64) -> bool {
        self.format.lag > 0 && self.block != Some(block) && self.needs(block) <= position
    }

    /// The position up to which a block needs the input.
    fn needs(&self, block: i64) -> i64 {
        block * self.format.partition as i64 - self.format.lag as i64
    }

    /// The spectra of a filter's taps, on the scale that makes both transforms together 1.
    pub(super) fn transform_taps(&mut self, taps: &[f32], spectra: &mut Spectra) {
        let partition = self.format.partition;
        let scale = 1.0 / (2 * partition) as f32;
        let end = self.format.taps.end.min(taps.len());
        let taps = taps.get(self.format.taps.start..end).unwrap_or_default();
        spectra.clear();
        for (index, taps) in taps.chunks(partition).enumerate() {
            self.frame.fill(0.0);
            for (place, tap) in self.frame.iter_mut().zip(taps) {
                *place = tap * scale;
            }
            self.transform();
            spectra.set(index, &self.spectrum);
        }
    }

    fn transform(&mut self) {
        // The lengths are the plan's own, so that no transform here can fail.
        let _ = self.forward.process_with_scratch(
            &mut self.frame,
            &mut self.spectrum,
            &mut self.scratch,
        );
    }

    /// Transforms what a block needs of the input and hasn't been yet.
    pub(super) fn transform_input(
        &mut self,
        state: &mut ChannelLevel,
        history: &History,
        block: i64,
    ) {
        let first = state.newest.max(block - self.format.count() as i64) + 1;
        for block in first..=block {
            history.read(self.needs(block), &mut self.frame);
            self.transform();
            let slot = block.rem_euclid(state.spectra.len() as i64) as usize;
            state.spectra.set(slot, &self.spectrum);
            state.newest = block;
        }
    }

    /// What a filter makes of a block: of the filter before or of the present one, as `place` is 0 or 1.
    pub(super) fn convolve(
        &mut self,
        state: &mut ChannelLevel,
        filter: &Spectra,
        block: i64,
        place: usize,
        is_coming: bool,
    ) {
        multiply(&state.spectra, filter, block, &mut self.sum);
        let sum = self.sum.re.iter().zip(&self.sum.im);
        for (bin, (re, im)) in self.spectrum.iter_mut().zip(sum) {
            *bin = Complex::new(*re, *im);
        }
        for end in [0, self.format.partition] {
            if let Some(bin) = self.spectrum.get_mut(end) {
                bin.im = 0.0;
            }
        }
        let _ = self.inverse.process_with_scratch(
            &mut self.spectrum,
            &mut self.frame,
            &mut self.scratch,
        );
        let late = self.frame.get(self.format.partition..).unwrap_or_default();
        let outputs = if is_coming {
            &mut state.coming
        } else {
            &mut state.outputs
        };
        if let Some(output) = outputs.get_mut(place) {
            output.copy_from_slice(late);
        }
    }
}

/// The sum over the partitions of input times filter, where the newest input is that of `block`.
fn multiply(inputs: &Spectra, filter: &Spectra, block: i64, sum: &mut Spectra) {
    sum.clear();
    let slots = inputs.len() as i64;
    for partition in 0..filter.len() {
        let slot = (block - partition as i64).rem_euclid(slots) as usize;
        let (a_re, a_im) = inputs.get(slot);
        let (b_re, b_im) = filter.get(partition);
        let a = a_re.iter().zip(a_im);
        let b = b_re.iter().zip(b_im);
        let sums = sum.re.iter_mut().zip(&mut sum.im);
        // Plain loops over plain arrays: a processor computes several bins at a time.
        for ((re, im), ((a_re, a_im), (b_re, b_im))) in sums.zip(a.zip(b)) {
            *re += a_re * b_re - a_im * b_im;
            *im += a_re * b_im + a_im * b_re;
        }
    }
}

impl ChannelLevel {
    /// Forgets all sound.
    pub(super) fn reset(&mut self) {
        self.spectra.clear();
        self.newest = -1;
    }

    /// What was coming is there.
    pub(super) fn turn(&mut self) {
        std::mem::swap(&mut self.outputs, &mut self.coming);
    }

    /// Adds what the filter before or the present one, as `which` is 0 or 1, makes of a block from one of its samples on.
    pub(super) fn add(&self, which: usize, from: usize, output: &mut [f32]) {
        let known = self.outputs.get(which).map_or(&[][..], Vec::as_slice);
        let known = known.get(from..).unwrap_or_default();
        for (output, known) in output.iter_mut().zip(known) {
            *output += known;
        }
    }
}
