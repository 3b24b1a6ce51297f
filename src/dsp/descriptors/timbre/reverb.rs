//! How long a sound reverberates, heard where it decays.

/// The times that are looked for, in seconds: from the first on, so many of them, so far apart.
const SHORTEST: f64 = 0.2;
const STEP: f64 = 0.1;
const TIMES: usize = 10;

/// Pieces of a frame, and how many must decay one after another.
const PIECES: usize = 7;
const DECAYING: usize = 3;

/// How much of the last estimate stays, and the first one in seconds.
const SMOOTHING: f64 = 0.995;
const FIRST: f64 = 0.3;

/// The blind estimate of the time in which a sound decays by 60 dB: T. Jan and W. Wang, "Blind reverberation time estimation based on Laplace distribution", EUSIPCO 2012, after H. Löllmann, E. Yilmaz, M. Jeub and P. Vary, IWAENC 2010,
/// as AudioCommons' `timbral_models` 0.4 has it. Nothing allocates after construction.
pub struct ReverbMeter {
    /// Every second sample.
    ring: Vec<f64>,
    position: usize,
    /// Samples so far.
    taken: usize,
    /// Samples of a piece, and from one frame to the next, the latter before every second one is left out.
    piece: usize,
    shift: usize,
    frame: Vec<f64>,
    /// Logarithms of how much a sample's magnitude is less than the one's before, by time.
    decays: [f64; TIMES],
    /// How often each time was the likeliest.
    counts: [u32; TIMES],
    estimate: f64,
    /// The sum of the estimates at the frames in which something decays, and how many those are.
    sum: f64,
    count: u32,
}

impl ReverbMeter {
    /// At a rate in Hz.
    pub fn new(rate: f64) -> Self {
        let scale = rate / 24_000.0;
        let piece = ((scale * 700.0 / 2.0).round() as usize).max(1);
        Self {
            ring: vec![0.0; PIECES * piece],
            position: 0,
            taken: 0,
            piece,
            shift: ((scale * 200.0 / 2.0).round() as usize).max(1),
            frame: vec![0.0; PIECES * piece],
            decays: std::array::from_fn(|time| {
                -3.0 * std::f64::consts::LN_10 / (seconds_of(time) * rate / 2.0)
            }),
            counts: [0; TIMES],
            estimate: FIRST,
            sum: 0.0,
            count: 0,
        }
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        self.taken = 0;
        self.position = 0;
        self.counts = [0; TIMES];
        self.estimate = FIRST;
        (self.sum, self.count) = (0.0, 0);
    }

    /// Takes in a sample.
    pub fn push(&mut self, sample: f64) {
        if self.taken.is_multiple_of(2) {
            if let Some(slot) = self.ring.get_mut(self.position) {
                *slot = sample;
            }
            self.position = (self.position + 1) % self.ring.len();
        }
        self.taken += 1;
        let whole = 2 * self.ring.len();
        if self.taken >= whole && (self.taken - whole).is_multiple_of(self.shift) {
            let (newer, older) = self.ring.split_at(self.position);
            let samples = older.iter().chain(newer);
            for (slot, sample) in self.frame.iter_mut().zip(samples) {
                *slot = *sample;
            }
            self.hear_frame();
        }
    }

    /// The time in seconds, and how likely that sounds reverberant (the logistic regression of `timbral_models`), 0 to 1.
    pub fn value(&self) -> (f64, f64) {
        let seconds = if self.count > 0 {
            self.sum / f64::from(self.count)
        } else {
            SHORTEST
        };
        let odds = (2.971_264_61 * seconds - 1.450_829_89).exp();
        (seconds, odds / (1.0 + odds))
    }

    fn hear_frame(&mut self) {
        let decaying = self.decaying();
        let time = (decaying >= DECAYING).then(|| self.likeliest(decaying * self.piece));
        if let Some(count) = time.and_then(|time| self.counts.get_mut(time)) {
            *count += 1;
        }
        let most = self.counts.iter().copied().max().filter(|most| *most > 0);
        let usual = most.and_then(|most| self.counts.iter().position(|count| *count == most));
        let usual = usual.map_or(FIRST, seconds_of);
        self.estimate = SMOOTHING * self.estimate + (1.0 - SMOOTHING) * usual;
        if time.is_some() {
            self.sum += self.estimate;
            self.count += 1;
        }
    }

    /// How many pieces of the frame in hand decay one after another before one doesn't; 0 if all do.
    fn decaying(&self) -> usize {
        let measure = |samples: &[f64]| {
            let count = samples.len().max(1) as f64;
            let mean = samples.iter().sum::<f64>() / count;
            let variance = samples.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
            let highest = samples.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let lowest = samples.iter().copied().fold(f64::INFINITY, f64::min);
            (variance, highest, lowest)
        };
        let piece = |number: usize, more: usize| {
            let samples = number * self.piece..(number + 1) * self.piece + more;
            self.frame.get(samples).unwrap_or_default()
        };
        let mut before = measure(piece(0, 0));
        for number in 1..PIECES - 1 {
            let now = measure(piece(number, 1));
            if !(before.0 > now.0 && before.1 > now.1 && before.2 < now.2) {
                return number - 1;
            }
            before = now;
        }
        0
    }

    /// The time by which the first samples of the frame in hand decay most likely, by the number.
    fn likeliest(&self, samples: usize) -> usize {
        let count = samples as f64;
        let mut best = (f64::NEG_INFINITY, 0);
        for (time, decay) in self.decays.iter().enumerate() {
            let (growth, mut grown, mut sum) = ((-decay).exp(), 1.0, 0.0);
            for sample in self.frame.iter().take(samples) {
                sum += grown * sample.abs();
                grown *= growth;
            }
            // What is the same for all times is left out.
            let likelihood = -count * sum.ln() - decay * count * (count - 1.0) / 2.0;
            if likelihood > best.0 {
                best = (likelihood, time);
            }
        }
        best.1
    }
}

/// A time that is looked for, in seconds.
fn seconds_of(time: usize) -> f64 {
    SHORTEST + STEP * time as f64
}
