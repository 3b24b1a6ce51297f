//! Sounds what was drawn: a wave for each note, and noise; on the audio thread.

use std::ops::Range;

use realfft::RealFftPlanner;

use super::{
    Drawn, VOICES,
    noise::Noise,
    pan::CHANNELS,
    wave::{NoteWave, WaveMaker},
};
use crate::dsp::crossfade;

/// The voices of one stage. Each hop goes in straight lines from what was drawn before to what is drawn now; noise, two hops of which overlap,
/// is loudest where the line ends. Nothing allocates after construction.
pub struct Voice {
    maker: WaveMaker,
    waves: [NoteWave; VOICES],
    noise: Noise,
    /// Hops since anything was drawn, up to [`QUIET_HOPS`].
    quiet: u32,
    /// The factor of each channel at the end of the hop that was prepared last.
    pan: [f32; CHANNELS],
    /// The sum of what sounds in the hop at hand.
    sum: Vec<f32>,
    /// The present hop, and the next.
    hops: [Hop; 2],
    /// How much of the present one has sounded.
    done: usize,
}

/// One hop of what sounds.
struct Hop {
    /// What the source is multiplied by at its beginning and at its end.
    source: [f32; 2],
    /// Whether nothing sounds beside the source.
    is_quiet: bool,
    sound: Vec<[f32; CHANNELS]>,
}

impl Voice {
    /// For hops of so many samples. Allocates.
    pub fn new(sample_rate: f64, hop: usize) -> Self {
        let mut planner = RealFftPlanner::new();
        let silence = || Hop {
            source: [1.0; 2],
            is_quiet: true,
            sound: vec![[0.0; CHANNELS]; hop],
        };
        Self {
            maker: WaveMaker::new(&mut planner, sample_rate as f32),
            waves: std::array::from_fn(|_| NoteWave::new()),
            noise: Noise::new(&mut planner, sample_rate, hop),
            quiet: QUIET_HOPS,
            pan: [1.0; CHANNELS],
            sum: vec![0.0; hop],
            hops: [silence(), silence()],
            done: 0,
        }
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        for wave in &mut self.waves {
            wave.reset();
        }
        self.noise.reset();
        self.quiet = QUIET_HOPS;
        self.pan = [1.0; CHANNELS];
        for hop in &mut self.hops {
            hop.source = [1.0; 2];
            hop.is_quiet = true;
        }
        self.done = 0;
    }

    /// Makes the next hop, at whose end it sounds as it is `drawn`, with `pan` as each channel's factor.
    pub fn prepare(&mut self, drawn: &Drawn, pan: [f32; CHANNELS]) {
        let before = std::mem::replace(&mut self.pan, pan);
        self.quiet = if drawn.sounds() {
            0
        } else {
            (self.quiet + 1).min(QUIET_HOPS)
        };
        let is_quiet = self.quiet == QUIET_HOPS;
        let [present, next] = &mut self.hops;
        let [_, source] = present.source;
        next.source = [source, drawn.source];
        next.is_quiet = is_quiet;
        if is_quiet {
            return;
        }
        self.sum.fill(0.0);
        for (wave, note) in self.waves.iter_mut().zip(&drawn.notes) {
            wave.add(note, &mut self.maker, &mut self.sum);
        }
        self.noise.add(drawn, &mut self.sum);
        let step = 1.0 / self.sum.len() as f32;
        for (index, (ready, sum)) in next.sound.iter_mut().zip(&self.sum).enumerate() {
            let way = (index + 1) as f32 * step;
            for (ready, (before, now)) in ready.iter_mut().zip(before.iter().zip(pan)) {
                *ready = sum * crossfade(*before, now, way);
            }
        }
    }

    /// Begins the hop that was prepared.
    pub fn turn(&mut self) {
        self.hops.rotate_left(1);
        self.done = 0;
    }

    /// Turns these samples of `block`, `[channel][sample]`, down as far as the source is to be, and adds what sounds. They are no more
    /// than what is left of a hop.
    pub fn mix(&mut self, block: &mut [&mut [f32]], samples: Range<usize>) {
        let first = self.done;
        self.done += samples.len();
        let [hop, _] = &self.hops;
        let [before, now] = hop.source;
        if hop.is_quiet && hop.source == [1.0; 2] {
            return;
        }
        let step = 1.0 / self.sum.len() as f32;
        let ready = hop.sound.get(first..).unwrap_or_default();
        for (index, channel) in block.iter_mut().enumerate() {
            let channel = channel.get_mut(samples.clone()).unwrap_or_default();
            for (n, (sample, ready)) in channel.iter_mut().zip(ready).enumerate() {
                *sample *= crossfade(before, now, (first + n + 1) as f32 * step);
                if !hop.is_quiet {
                    *sample += ready.get(index).copied().unwrap_or_default();
                }
            }
        }
    }
}

/// After so many hops with nothing drawn there is nothing left to fade.
const QUIET_HOPS: u32 = 2;
