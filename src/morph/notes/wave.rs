//! What one note sounds like: a wave table whose partials are its harmonics, at a pitch that slides; on the audio thread.

use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, num_complex::Complex};

use super::DrawnNote;
use crate::model::HARMONICS;

/// Samples of a period in the table: 17 for the highest partial, between which a cubic goes.
const TABLE: usize = 1024;

/// Where the table's cubic looks, around a sample: one before it and two behind.
const AROUND: usize = 4;

/// Partials above this share of the rate are left out: a pitch that rises within a hop doesn't fold them back.
const HIGHEST_SHARE: f32 = 0.45;

/// Beyond this ratio of pitches, or its inverse, nothing slides: the one fades out and the other in. About 0.6 of a semitone.
const LARGEST_SLIDE: f32 = 1.035;

/// Makes one period of each note; nothing allocates after construction.
pub(super) struct WaveMaker {
    sample_rate: f32,
    inverse: Arc<dyn ComplexToReal<f32>>,
    spectrum: Vec<Complex<f32>>,
    /// The phase of each partial in its table: partials that begin in one phase would make a click.
    turned: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

/// A wave at a pitch.
struct Wave {
    /// One period, with what the cubic needs beyond its ends.
    table: Vec<f32>,
    hz: f32,
    /// Where it stands in its period, 0 to 1.
    phase: f64,
}

/// A note's wave in the hop before, and in this one.
pub(super) struct NoteWave {
    waves: [Wave; 2],
    note: u32,
}

impl WaveMaker {
    /// At a rate in Hz. Allocates.
    pub(super) fn new(planner: &mut RealFftPlanner<f32>, sample_rate: f32) -> Self {
        let inverse = planner.plan_fft_inverse(TABLE);
        Self {
            sample_rate,
            spectrum: inverse.make_input_vec(),
            turned: (1..=HARMONICS)
                .map(|number| Complex::from_polar(0.5, 0.37 * (number * number) as f32))
                .collect(),
            scratch: inverse.make_scratch_vec(),
            inverse,
        }
    }

    fn fill(&mut self, wave: &mut Wave, drawn: &DrawnNote) {
        self.spectrum.fill(Complex::default());
        let partials = self.spectrum.iter_mut().skip(1);
        for (number, ((bin, amplitude), turned)) in
            partials.zip(drawn.harmonics).zip(&self.turned).enumerate()
        {
            if (number + 1) as f32 * drawn.hz < HIGHEST_SHARE * self.sample_rate {
                *bin = turned * amplitude;
            }
        }
        let Some(period) = wave.table.get_mut(1..=TABLE) else {
            return;
        };
        // The lengths are the plan's own, so it can't fail.
        let _ = self
            .inverse
            .process_with_scratch(&mut self.spectrum, period, &mut self.scratch);
        wave.table.copy_within(TABLE..=TABLE, 0);
        wave.table.copy_within(1..AROUND, TABLE + 1);
        wave.hz = drawn.hz;
    }
}

impl NoteWave {
    /// Silent. Allocates.
    pub(super) fn new() -> Self {
        let wave = || Wave {
            table: vec![0.0; TABLE + AROUND],
            hz: 0.0,
            phase: 0.0,
        };
        Self {
            waves: [wave(), wave()],
            note: 0,
        }
    }

    /// Forgets all sound.
    pub(super) fn reset(&mut self) {
        for wave in &mut self.waves {
            wave.table.fill(0.0);
            wave.hz = 0.0;
            wave.phase = 0.0;
        }
        self.note = 0;
    }

    /// Adds a hop to `sum`: in a straight line from the hop before to what is `drawn`.
    pub(super) fn add(&mut self, drawn: &DrawnNote, maker: &mut WaveMaker, sum: &mut [f32]) {
        let [_, present] = &self.waves;
        if drawn.hz <= 0.0 && present.hz <= 0.0 {
            return;
        }
        let slides = self.turn(drawn, maker);
        let [old, new] = &mut self.waves;
        let (from, to) = (old.hz, if new.hz > 0.0 { new.hz } else { old.hz });
        let step = 1.0 / sum.len() as f32;
        for (index, sum) in sum.iter_mut().enumerate() {
            let way = (index + 1) as f32 * step;
            let glide = from + way * (to - from);
            let (old_hz, new_hz) = if slides { (glide, glide) } else { (from, to) };
            *sum += (1.0 - way) * old.next(old_hz / maker.sample_rate)
                + way * new.next(new_hz / maker.sample_rate);
        }
        self.note = drawn.note;
    }

    /// Makes this hop's wave the one before, and what was drawn this hop's. Whether the pitch slides from the one to the other.
    fn turn(&mut self, drawn: &DrawnNote, maker: &mut WaveMaker) -> bool {
        self.waves.swap(0, 1);
        let [old, new] = &mut self.waves;
        maker.fill(new, drawn);
        let slide = drawn.hz / old.hz.max(1e-3);
        let slides =
            drawn.note == self.note && (1.0 / LARGEST_SLIDE..LARGEST_SLIDE).contains(&slide);
        new.phase = if slides { old.phase } else { 0.0 };
        slides
    }
}

impl Wave {
    /// The next sample, and on by a share of the period.
    #[inline]
    fn next(&mut self, share: f32) -> f32 {
        let place = self.phase * TABLE as f64;
        let index = place as usize;
        let x = (place - index as f64) as f32;
        self.phase += f64::from(share);
        self.phase -= self.phase.floor();
        let Some(&[a, b, c, d]) = self.table.get(index..index + AROUND) else {
            return 0.0;
        };
        // The cubic of Catmull and Rom through the middle two.
        let (one, two) = (c - a, 2.0 * a - 5.0 * b + 4.0 * c - d);
        let three = 3.0 * (b - c) + d - a;
        b + 0.5 * x * (one + x * (two + x * three))
    }
}
