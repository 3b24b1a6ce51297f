//! Steering: what is added to the curve of turned knobs, so that they do to the sound what they say.
//!
//! The decoder knows what a brighter envelope looks like, and nothing of the sound under it, whose single harmonics, gaps and noise have a say in every descriptor. Here the
//! sound is known, and the descriptors are smooth functions of its levels: so the least smooth curve is looked for that has each descriptor whose knob is turned go as far
//! as the knob says, within the bounds of gains, and leaves the others where they are.

use crate::{
    model::{BANDS, LATENTS, Latent, MelDb, MelShape, TimbreCard},
    morph::{
        FrameMessage, Shaper,
        shaper::{
            bounds::GainBounds,
            descriptors::Descriptors,
            state::{Correction, smoothing_rate},
            weights::{
                BEYOND_LIMIT, DAMPING, FALL, HALF_TURNED, KNEE_DB, KNOB_LIMIT, LARGEST_DB, PACE,
                RISE, SMOOTH_WAVES, STEPS, STILL, TURNED, WAVES,
            },
        },
    },
};

/// Bands in the lower half.
const HALF: usize = BANDS / 2;
const _: () = assert!(BANDS.is_multiple_of(2) && WAVES.is_multiple_of(2));

/// Where knobs turn a sound from and to.
pub(super) struct Turn<'a> {
    /// The sound's levels, in dB.
    pub(super) levels: &'a MelDb,
    /// The curve without the knobs, in dB.
    pub(super) without: &'a MelDb,
    /// What the decoder adds to it for them, in dB.
    pub(super) drawn: &'a MelDb,
    /// The latents without the knobs and with them.
    pub(super) latents: [&'a Latent; 2],
}

/// Steers the knobs of one model.
pub(super) struct Steering {
    descriptors: Descriptors,
    /// What a standard deviation of each descriptor is, in its own unit.
    spreads: Latent,
    /// What a knob's 1 moves its latent by.
    unit: Latent,
    /// Every cosine's value in each band of the lower half. In the upper half, from its end on, those of the first, the third, the fifth ... are turned around, and
    /// those of the others the same.
    waves: [[f32; HALF]; WAVES],
    /// How much a cosine may have for the same cost.
    ease: [f32; WAVES],
}

impl Steering {
    /// `None` if the card doesn't tell by how much the descriptors vary.
    pub(super) fn new(card: &TimbreCard) -> Option<Self> {
        let mut spreads = [0.0; LATENTS];
        let mut unit = [1.0; LATENTS];
        for ((spread, unit), latent) in spreads.iter_mut().zip(&mut unit).zip(&card.latents) {
            *spread = latent.measure_std?;
            *unit = latent.std;
        }
        let place = |band: usize| std::f32::consts::PI * (band as f32 + 0.5) / BANDS as f32;
        Some(Self {
            descriptors: Descriptors::new(&card.front_end),
            spreads,
            unit,
            waves: std::array::from_fn(|wave| {
                std::array::from_fn(|band| ((wave + 1) as f32 * place(band)).cos())
            }),
            ease: std::array::from_fn(|wave| {
                1.0 / (1.0 + ((wave + 1) as f32 / SMOOTH_WAVES).powi(2))
            }),
        })
    }

    /// A correction as a curve, in dB.
    pub(super) fn curve(&self, correction: &Correction) -> MelDb {
        self.heights(correction).map(|height| limited(height).0)
    }

    /// A correction's cosines, added up in each band.
    fn heights(&self, correction: &Correction) -> MelDb {
        let (mut turned, mut same) = ([0.0; HALF], [0.0; HALF]);
        let (pairs, _) = correction.as_chunks::<2>();
        for (much, waves) in pairs.iter().zip(self.pairs()) {
            for (band, (turned, same)) in turned.iter_mut().zip(&mut same).enumerate() {
                *turned += much[0] * waves[0][band];
                *same += much[1] * waves[1][band];
            }
        }
        let mut heights = [0.0; BANDS];
        let (lower, upper) = heights.split_at_mut(HALF);
        let halves = lower.iter_mut().zip(upper.iter_mut().rev());
        for ((low, high), (turned, same)) in halves.zip(turned.iter().zip(&same)) {
            (*low, *high) = (same + turned, same - turned);
        }
        heights
    }

    /// What is to be added for a turn.
    ///
    /// The knobs are turned in steps, and in each the correction follows by a damped Gauss-Newton step: what descriptors are off, in standard deviations, is brought to
    /// nothing by the least change of the correction. A spectrum in which that would take much, as a pure tone's, gets little.
    pub(super) fn correction(&self, turn: &Turn<'_>) -> Correction {
        let bounds = GainBounds::of(turn.levels);
        let sound = |curve: &MelDb| -> MelDb {
            std::array::from_fn(|band| turn.levels[band] + bounds.held(band, curve[band]))
        };
        let start = self.descriptors.of(&sound(turn.without)).values;
        let wanted = self.wanted(turn);
        let counts = self.counts(turn);
        let mut correction = [0.0; WAVES];
        for step in 1..=STEPS {
            let way = step as f32 / STEPS as f32;
            if step > 1 {
                let on = step as f32 / (step - 1) as f32;
                correction = correction.map(|much| on * much);
            }
            let added = self.heights(&correction).map(limited);
            let curve = std::array::from_fn(|band| {
                turn.without[band] + way * turn.drawn[band] + added[band].0
            });
            let follows: MelDb = std::array::from_fn(|band| {
                added[band].1 * bounds.freedom(band, curve[band], KNEE_DB)
            });
            let now = self.descriptors.of(&sound(&curve));
            let scales: Latent = std::array::from_fn(|index| counts[index] / self.spreads[index]);
            let off = std::array::from_fn(|index| {
                let goal = start[index] + way * wanted[index] * self.spreads[index];
                scales[index] * (goal - now.values[index])
            });
            let slopes = self.along_waves(&now.slopes, &follows, &scales);
            self.follow(&mut correction, &slopes, &off);
        }
        let oneness = self.oneness(turn);
        correction.map(|much| oneness * much)
    }

    /// By how much each descriptor, with so many times its unit as its scale, rises with each cosine, where it rises with each band so, and the band follows so.
    fn along_waves(
        &self,
        slopes: &[[f32; BANDS]; LATENTS],
        follows: &MelDb,
        scales: &Latent,
    ) -> [[f32; WAVES]; LATENTS] {
        // What a band of the lower half and its counterpart have together; of all descriptors side by side, so that a processor computes several at a time.
        let (mut turned, mut same) = ([[0.0; LATENTS]; HALF], [[0.0; LATENTS]; HALF]);
        for (index, slopes) in slopes.iter().enumerate() {
            for (band, (turned, same)) in turned.iter_mut().zip(&mut same).enumerate() {
                let other = BANDS - 1 - band;
                let (low, high) = (slopes[band] * follows[band], slopes[other] * follows[other]);
                (turned[index], same[index]) = (low - high, low + high);
            }
        }
        let mut along = [[0.0; WAVES]; LATENTS];
        for (pair, waves) in self.pairs().enumerate() {
            let mut sums = [[0.0; LATENTS]; 2];
            for ((sums, wave), halves) in sums.iter_mut().zip(waves).zip([&turned, &same]) {
                for (value, half) in wave.iter().zip(halves) {
                    for (sum, part) in sums.iter_mut().zip(half) {
                        *sum += value * part;
                    }
                }
            }
            for (index, along) in along.iter_mut().enumerate() {
                along[2 * pair] = scales[index] * sums[0][index];
                along[2 * pair + 1] = scales[index] * sums[1][index];
            }
        }
        along
    }

    /// The cosines two by two: one that is turned around in the upper half, and one that is the same.
    fn pairs(&self) -> impl Iterator<Item = &[[f32; HALF]; 2]> {
        let (pairs, _) = self.waves.as_chunks::<2>();
        pairs.iter()
    }

    /// 1 where one knob is turned, half where two are equally, and so on. Several knobs are mostly set by ear, each against what the others do besides: the more they are,
    /// the less is steered, and the more it is the decoder that says what sounds with all of them are like.
    fn oneness(&self, turn: &Turn<'_>) -> f32 {
        let [from, to] = turn.latents;
        let (mut squares, mut fourths) = (0.0, 0.0);
        for ((from, to), unit) in from.iter().zip(to).zip(&self.unit) {
            let square = ((to - from) / unit).powi(2);
            squares += square;
            fourths += square * square;
        }
        if squares > 0.0 {
            fourths / (squares * squares)
        } else {
            0.0
        }
    }

    /// By how many standard deviations each descriptor is to move.
    fn wanted(&self, turn: &Turn<'_>) -> Latent {
        let [from, to] = turn.latents;
        let said = |latent: f32| {
            let limited = KNOB_LIMIT * (latent / KNOB_LIMIT).tanh();
            limited + BEYOND_LIMIT * (latent - limited)
        };
        let mut wanted = [0.0; LATENTS];
        let (first, others) = wanted.split_at_mut(RISE.len());
        for (index, wanted) in first.iter_mut().enumerate() {
            let way = said(to[index]) - said(from[index]);
            let reach = if way > 0.0 { RISE } else { FALL };
            *wanted = way * reach[index];
        }
        // The contrasts are as the decoder draws them: they move with the first four, too, as treble does with brightness.
        let contrasts = self.descriptors.contrasts_of(turn.drawn);
        let spreads = self.spreads.iter().skip(RISE.len());
        for ((wanted, contrast), spread) in others.iter_mut().zip(contrasts).zip(spreads) {
            *wanted = contrast / spread;
        }
        wanted
    }

    /// What each descriptor counts.
    fn counts(&self, turn: &Turn<'_>) -> Latent {
        let [from, to] = turn.latents;
        std::array::from_fn(|index| {
            let turned = ((to[index] - from[index]) / self.unit[index]).powi(2);
            let share = turned / (turned + HALF_TURNED.powi(2));
            ((1.0 - share) * STILL[index].powi(2) + share * TURNED[index].powi(2)).sqrt()
        })
    }

    /// The least change of a correction that moves descriptors with these slopes by what they are off.
    fn follow(&self, correction: &mut Correction, slopes: &[[f32; WAVES]; LATENTS], off: &Latent) {
        let eased = slopes.map(|row| {
            let mut row = row;
            for (slope, ease) in row.iter_mut().zip(&self.ease) {
                *slope *= ease;
            }
            row
        });
        let mut normal = [[0.0; LATENTS]; LATENTS];
        for (index, (row, eased)) in normal.iter_mut().zip(&eased).enumerate() {
            for (value, slopes) in row.iter_mut().zip(slopes) {
                *value = eased.iter().zip(slopes).map(|(a, b)| a * b).sum();
            }
            row[index] += DAMPING;
        }
        let pulls = solved(normal, *off);
        for (pull, eased) in pulls.iter().zip(&eased) {
            for (much, slope) in correction.iter_mut().zip(eased) {
                *much += pull * slope;
            }
        }
    }
}

impl Shaper {
    /// What is added to the curve of a frame, in the encoder's units, so that the knobs, which turn the sound from one latent to another and have the decoder draw so much
    /// more of each band, do what they say. `without` tells the curve without them where a frame with this shape is heard.
    pub(super) fn steered(
        &mut self,
        frame: &FrameMessage,
        latents: [&Latent; 2],
        drawn: &MelShape,
        without: impl Fn(&MelShape, usize) -> f32,
    ) -> MelShape {
        let (Some(steering), Some(state)) = (&self.steering, &mut self.state) else {
            return [0.0; BANDS];
        };
        let unit_db = self.timbre.card().front_end.unit_db;
        let [still, turned] = latents;
        let asked = if still == turned {
            Default::default()
        } else {
            let heard = self.timbre.normalise(&state.below);
            steering.correction(&Turn {
                levels: &state.below,
                without: &std::array::from_fn(|band| unit_db * without(&heard, band)),
                drawn: &drawn.map(|level| unit_db * level),
                latents,
            })
        };
        let rate = smoothing_rate(frame, PACE * frame.controls.smoothing_ms / 1000.0);
        let now = state.steer(asked, rate);
        steering.curve(&now).map(|gain| gain / unit_db)
    }
}

/// A height that is never beyond [`LARGEST_DB`], and by how much it rises where the height does.
fn limited(height: f32) -> (f32, f32) {
    let share = height / LARGEST_DB;
    let slower = 1.0 / (1.0 + share * share).sqrt();
    (height * slower, slower * slower * slower)
}

/// The solution of a system of equations that is symmetric and positive definite, by Cholesky's way.
#[allow(
    clippy::needless_range_loop,
    reason = "rows and columns are told by their numbers"
)]
fn solved(mut matrix: [[f32; LATENTS]; LATENTS], mut right: Latent) -> Latent {
    for column in 0..LATENTS {
        for row in column..LATENTS {
            let before = (0..column).map(|k| matrix[row][k] * matrix[column][k]);
            let rest = matrix[row][column] - before.sum::<f32>();
            matrix[row][column] = if row == column {
                rest.max(f32::MIN_POSITIVE).sqrt()
            } else {
                rest / matrix[column][column]
            };
        }
    }
    for row in 0..LATENTS {
        let before: f32 = (0..row).map(|k| matrix[row][k] * right[k]).sum();
        right[row] = (right[row] - before) / matrix[row][row];
    }
    for row in (0..LATENTS).rev() {
        let behind: f32 = (row + 1..LATENTS).map(|k| matrix[k][row] * right[k]).sum();
        right[row] = (right[row] - behind) / matrix[row][row];
    }
    right
}

#[cfg(test)]
mod tests;
