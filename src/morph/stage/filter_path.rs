//! The way of the sound through the filters that the curves become.

use std::ops::Range;

use realfft::num_complex::Complex;

use super::{
    format::StageFormat,
    loudness::{FramePowers, LoudnessGuard},
    phrase::measure,
};
use crate::{
    dsp::{BandInterpolation, Convolver, Delay, FilterDesign, KMeter, LONGEST_CHUNK},
    model::MelDb,
};

/// Filters the sound by one curve after the other, each faded in over a hop; owned by the audio thread. A flat curve is no filter: between
/// two of them the sound passes to the bit.
///
/// In Studio a filter changes no phase, so that dry and wet can be mixed; it acts on its own frame, by which Keep Loudness sets the level. In
/// Live it has the least phase that a filter can have, and acts on what comes next; the level is set by the newest frame.
pub(super) struct FilterPath {
    /// What the latency is more than the convolver's, for each channel, if it is.
    delays: Vec<Delay>,
    convolver: Convolver,
    design: FilterDesign,
    spread: BandInterpolation,
    /// The newest curve over the design's frequencies, in dB.
    gain_db: Vec<f32>,
    /// What the filter before and the present one are turned up by.
    make_up: [f32; 2],
    /// Whether Keep Loudness is on for them: 1 or 0.
    kept: [f32; 3],
    powers: FramePowers,
    guard: LoudnessGuard,
    /// Measures what comes in while Keep Loudness is on, as late as it goes out.
    dry: KMeter,
    hop: usize,
    /// Samples since the present filter was set.
    since: usize,
}

impl FilterPath {
    /// Plans everything for curves whose bands have these centres, in Hz.
    pub(super) fn new(format: &StageFormat, centres: &[f64]) -> Self {
        let convolver = format.convolver();
        let design = FilterDesign::new(convolver.taps, format.phase());
        let len = design.transform_len();
        Self {
            delays: match format.delay() {
                0 => Vec::new(),
                delay => vec![Delay::new(delay); format.channels],
            },
            convolver: Convolver::new(convolver, format.channels),
            spread: BandInterpolation::new(format.sample_rate, len, centres),
            gain_db: vec![0.0; len / 2 + 1],
            design,
            make_up: [1.0; 2],
            kept: [0.0; 3],
            powers: FramePowers::new(format.k_weights(), format.own_frame()),
            guard: LoudnessGuard::default(),
            dry: KMeter::new(format.sample_rate),
            hop: format.layout.hop,
            since: 0,
        }
    }

    /// Forgets all sound, and the filters.
    pub(super) fn reset(&mut self) {
        for delay in &mut self.delays {
            delay.reset();
        }
        self.convolver.reset();
        self.make_up = [1.0; 2];
        self.kept = [0.0; 3];
        self.guard = LoudnessGuard::default();
        self.dry.reset();
        self.since = 0;
    }

    /// Takes in the spectra of a frame, `[channel][bin]`, for Keep Loudness.
    pub(super) fn take_frame(&mut self, spectra: &[Vec<Complex<f32>>]) {
        self.powers.take(spectra);
    }

    /// Computes what can be of the second half of this hop.
    pub(super) fn work(&mut self) {
        self.convolver.work();
    }

    /// Makes the next filter, of a curve in dB, and computes what can be of the hop in which it is faded in.
    pub(super) fn prepare(&mut self, curve: &MelDb, keep_loudness: bool) {
        let [_, _, kept] = &mut self.kept;
        *kept = 0.0;
        if curve.iter().all(|gain| *gain == 0.0) {
            self.convolver.prepare(None);
            return;
        }
        for (place, gain_db) in self.gain_db.iter_mut().zip(self.spread.spread(curve)) {
            *place = gain_db;
        }
        let taps = self.design.design(self.gain_db.iter().copied());
        self.convolver.prepare(Some(taps));
        *kept = if keep_loudness { 1.0 } else { 0.0 };
    }

    /// From here on fades to the filter that was prepared, at the level that the frames up to now give it.
    pub(super) fn turn(&mut self) {
        self.since = 0;
        self.guard.next_hop();
        self.kept.rotate_left(1);
        let [_, before] = self.make_up;
        let [_, kept, _] = self.kept;
        let make_up = if kept > 0.0 {
            self.powers.make_up(&self.gain_db)
        } else {
            1.0
        };
        self.make_up = [before, make_up];
        if !self.is_kept() {
            self.dry.reset();
        }
        self.convolver.turn();
    }

    /// Whether Keep Loudness is on for the present filter, and that is one.
    pub(super) fn is_kept(&self) -> bool {
        let [_, present, _] = self.kept;
        present > 0.0
    }

    /// The sum of the K-weighted powers of what came in since the last that was taken, where Keep Loudness is on.
    pub(super) fn take_dry(&mut self) -> f64 {
        self.dry.take()
    }

    /// Replaces these samples of `block`, `[channel][sample]`. At most a hop after each filter.
    pub(super) fn process(&mut self, block: &mut [&mut [f32]], samples: Range<usize>) {
        for (delay, channel) in self.delays.iter_mut().zip(block.iter_mut()) {
            for sample in channel.get_mut(samples.clone()).unwrap_or_default() {
                *sample = delay.tick(*sample);
            }
        }
        let mut done = samples.start;
        while done < samples.end {
            let len = self.convolver.process(block, done..samples.end);
            self.mix(block, done..done + len);
            self.since += len;
            done += len;
        }
    }

    /// Fades from what the filter before has made of these samples to what the present one has.
    fn mix(&mut self, block: &mut [&mut [f32]], samples: Range<usize>) {
        let fade: [f32; LONGEST_CHUNK] =
            std::array::from_fn(|n| (self.since + n) as f32 / self.hop as f32);
        if self.is_kept() {
            let dry = |index| {
                let dry = self.convolver.outputs(index).map(|(dry, _)| dry);
                dry.and_then(|dry| dry.get(..samples.len()))
            };
            let channels = [dry(0), dry(1)].map(Option::unwrap_or_default);
            measure(&mut self.dry, channels);
        }
        let [before, present] = self.make_up;
        let is_identity = self.convolver.is_identity();
        let mut powers = [[0.0; 2]; LONGEST_CHUNK];
        for (index, channel) in block.iter_mut().enumerate() {
            let (Some(output), Some((dry, [from, to]))) = (
                channel.get_mut(samples.clone()),
                self.convolver.outputs(index),
            ) else {
                continue;
            };
            if is_identity {
                output.copy_from_slice(dry.get(..samples.len()).unwrap_or_default());
                continue;
            }
            let both = from.iter().zip(to).zip(dry).zip(&fade).zip(&mut powers);
            for (output, ((((from, to), dry), fade), [of_dry, of_wet])) in
                output.iter_mut().zip(both)
            {
                let (from, to) = (from * before, to * present);
                *output = from + fade * (to - from);
                *of_dry += dry * dry;
                *of_wet += *output * *output;
            }
        }
        if is_identity {
            return;
        }
        let [before, present, _] = self.kept;
        for (n, ([of_dry, of_wet], fade)) in
            powers.iter().zip(&fade).take(samples.len()).enumerate()
        {
            let limit = self.guard.limit(*of_dry, *of_wet, *fade);
            if limit < 1.0 {
                let kept = before + fade * (present - before);
                let gain = 1.0 + kept * (limit - 1.0);
                for channel in block.iter_mut() {
                    if let Some(sample) = channel.get_mut(samples.start + n) {
                        *sample *= gain;
                    }
                }
            }
        }
    }
}
