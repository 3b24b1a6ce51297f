//! A stream at its own rate and at the halves of it.

use std::f64::consts::PI;

/// Octaves that are looked at, each at half the rate of the one above.
pub const OCTAVES: usize = 7;

/// Taps of the halving filter on either side of its middle.
pub const REACH: usize = 194;
const TAPS: usize = 2 * REACH + 1;

/// Where that filter is 6 dB down, as a share of half the rate that it is applied at, and the parameter of its Kaiser window. So is the filter of
/// libsoxr's `HQ`, by which librosa halves a rate: these are fitted to its impulse response, which they meet to 4e-8 of full scale, the rounding of its
/// single precision. What is flat is flat to 1e-6 up to 0.91 of the new Nyquist frequency, and what would be folded is 130 dB down.
const CUTOFF: f64 = 0.478_435_91;
const BETA: f64 = 13.040_034_55;

/// The most samples that are taken in at once, so that nothing grows.
const PIECE: usize = 512;

/// Hands a stream out octave by octave: all of it, then all of it at half the rate, and so on. Nothing allocates after construction.
pub struct Octaves {
    halvings: [Halving; OCTAVES - 1],
    taps: Vec<f64>,
    /// The samples of the octave at hand, and of the next.
    here: Vec<f64>,
    below: Vec<f64>,
    /// Samples of the stream so far.
    taken: usize,
}

/// From one rate to half of it.
struct Halving {
    /// From the first sample on that the next output wants, those before the beginning being 0.
    pending: Vec<f64>,
    /// Outputs so far.
    given: usize,
}

impl Octaves {
    /// A stream at its beginning.
    pub fn new() -> Self {
        Self {
            halvings: std::array::from_fn(|_| Halving::new()),
            taps: taps(),
            here: Vec::with_capacity(PIECE + TAPS),
            below: Vec::with_capacity(PIECE + TAPS),
            taken: 0,
        }
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        for halving in &mut self.halvings {
            halving.reset();
        }
        self.taken = 0;
    }

    /// Samples of the stream so far.
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// Takes samples in and hands out those that they complete of each octave, with its number, 0 being the stream itself.
    pub fn push(&mut self, samples: &[f32], mut out: impl FnMut(usize, &[f64])) {
        for piece in samples.chunks(PIECE) {
            self.here.clear();
            self.here.extend(piece.iter().copied().map(f64::from));
            self.taken += piece.len();
            out(0, &self.here);
            for (number, halving) in self.halvings.iter_mut().enumerate() {
                self.below.clear();
                halving.push(&self.here, &self.taps, usize::MAX, &mut self.below);
                std::mem::swap(&mut self.here, &mut self.below);
                out(number + 1, &self.here);
            }
        }
    }

    /// Hands out what the filters still hold: behind the stream's end there is silence, and an octave ends where it does.
    pub fn finish(&mut self, mut out: impl FnMut(usize, &[f64])) {
        let mut length = self.taken;
        self.here.clear();
        for (number, halving) in self.halvings.iter_mut().enumerate() {
            length = length.div_ceil(2);
            self.here.resize(self.here.len() + REACH, 0.0);
            self.below.clear();
            halving.push(&self.here, &self.taps, length, &mut self.below);
            std::mem::swap(&mut self.here, &mut self.below);
            out(number + 1, &self.here);
        }
    }
}

impl Halving {
    fn new() -> Self {
        let mut new = Self {
            pending: Vec::with_capacity(PIECE + 2 * TAPS),
            given: 0,
        };
        new.reset();
        new
    }

    fn reset(&mut self) {
        self.pending.clear();
        self.pending.resize(REACH, 0.0);
        self.given = 0;
    }

    /// Appends every second sample of what the filter makes of the stream: output `n` is centred on sample `2 n`. No more than `most` of them in all.
    fn push(&mut self, samples: &[f64], taps: &[f64], most: usize, out: &mut Vec<f64>) {
        self.pending.extend_from_slice(samples);
        let mut start = 0;
        while self.given < most
            && let Some(around) = self.pending.get(start..start + TAPS)
        {
            out.push(dot(around, taps));
            self.given += 1;
            start += 2;
        }
        self.pending.drain(..start);
    }
}

/// The sum of products, in four sums that a processor adds up side by side. Written out, since adapters within adapters aren't inlined in every build, which costs ten times the time.
fn dot(one: &[f64], other: &[f64]) -> f64 {
    let (ones, others) = (one.as_chunks::<4>(), other.as_chunks::<4>());
    let (mut first, mut second, mut third, mut fourth) = (0.0, 0.0, 0.0, 0.0);
    for ([a, b, c, d], [e, f, g, h]) in ones.0.iter().zip(others.0) {
        first += a * e;
        second += b * f;
        third += c * g;
        fourth += d * h;
    }
    let mut rest = 0.0;
    for (one, other) in ones.1.iter().zip(others.1) {
        rest += one * other;
    }
    (first + second) + (third + fourth) + rest
}

/// The filter: J. F. Kaiser, "Nonrecursive digital filter design using the I0-sinh window function", IEEE ISCAS, 1974. The taps add up to 1.
fn taps() -> Vec<f64> {
    let tap = |place: usize| {
        let away = place as f64 - REACH as f64;
        let at = away / (REACH as f64 + 0.5);
        let window = bessel(BETA * (1.0 - at * at).sqrt());
        let phase = PI * CUTOFF * away;
        let sinc = if phase == 0.0 {
            1.0
        } else {
            phase.sin() / phase
        };
        window * sinc
    };
    let mut taps: Vec<f64> = (0..TAPS).map(tap).collect();
    let sum: f64 = taps.iter().sum();
    for tap in &mut taps {
        *tap /= sum;
    }
    taps
}

/// The modified Bessel function of the first kind and order 0, by its series.
fn bessel(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut term, mut sum, mut order) = (1.0, 1.0, 0.0);
    while term > 1e-17 * sum {
        order += 1.0;
        term *= quarter / (order * order);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_function_has_the_values_of_tables() {
        for (x, expected) in [
            (0.0, 1.0),
            (1.0, 1.266_065_877_752),
            (10.0, 2_815.716_628_466),
        ] {
            let off = bessel(x) / expected - 1.0;
            assert!(off.abs() < 1e-11, "{x}: {off}");
        }
    }

    /// All octaves of a sound that comes in pieces.
    fn octaves(sound: &[f32], piece: usize) -> Vec<Vec<f64>> {
        let mut octaves = Octaves::new();
        let mut found = vec![Vec::new(); OCTAVES];
        let mut keep = |octave: usize, samples: &[f64]| found[octave].extend_from_slice(samples);
        for piece in sound.chunks(piece) {
            octaves.push(piece, &mut keep);
        }
        octaves.finish(&mut keep);
        found
    }

    #[test]
    fn octaves_do_not_depend_on_the_pieces_and_end_where_the_sound_does() {
        for length in [1, 511, 1_023, 5_000] {
            let sound: Vec<f32> = (0..length).map(|n| (n * n % 97) as f32 / 97.0).collect();
            let whole = octaves(&sound, length);
            let mut expected = length;
            for octave in &whole {
                assert_eq!(octave.len(), expected, "{length}");
                expected = expected.div_ceil(2);
            }
            assert_eq!(octaves(&sound, 77), whole, "{length}");
        }
    }

    #[test]
    fn what_is_low_is_kept_and_what_would_be_folded_is_not() {
        let sine = |cycles: f64| -> Vec<f32> {
            let step = std::f64::consts::TAU * cycles;
            (0..4_000)
                .map(|n| (step * f64::from(n)).cos() as f32)
                .collect()
        };
        // 0.2 cycles a sample are 0.4 at half the rate; 0.3 would be folded there as well.
        for (cycles, expected, most) in [(0.2, 1.0, 1e-5), (0.3, 0.0, 1e-6)] {
            let found = octaves(&sine(cycles), 4_000);
            for (n, sample) in found[1].iter().enumerate().skip(200).take(1_500) {
                let wanted = expected * (std::f64::consts::TAU * cycles * 2.0 * n as f64).cos();
                assert!((sample - wanted).abs() < most, "{cycles}, {n}: {sample}");
            }
        }
    }
}
