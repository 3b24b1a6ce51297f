//! The plane through the latent space that the eye can follow, and the way back from a place on it to a latent.

use super::{LATENTS, Latent, TimbreCard, card::Projection};

/// Places that are closer than this are moved apart: a fiftieth of the map's side.
const LEAST_DISTANCE: f32 = 0.04;

/// Most times that all pairs are looked at for it.
const ROUNDS: usize = 20;

/// The plane of a model, with its named timbres; never changes, so that Morph's and the editor's thread may share it.
#[derive(Debug, Clone, PartialEq)]
pub struct TimbreMap {
    projection: Projection,
    /// The named timbres, in the card's order.
    pub places: Vec<MapPlace>,
    /// What changes most along the map from left to right, and from bottom to top; `None` where nothing does so clearly.
    pub axes: [Option<MapAxis>; 2],
}

/// What one of the map's axes is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapAxis {
    /// The latent's name.
    pub name: String,
    /// Whether there is more of it to the right, or up.
    pub rises: bool,
}

/// A named timbre on the plane.
#[derive(Debug, Clone, PartialEq)]
pub struct MapPlace {
    /// The name that is shown.
    pub name: String,
    /// The name that is saved.
    pub id: String,
    /// Where it is, from left to right and from bottom to top, each -1 to 1.
    pub at: [f32; 2],
    /// How far its sounds are from that, one standard deviation on the plane.
    pub spread: f32,
    latent: Latent,
}

impl TimbreMap {
    /// The map of a model.
    pub fn new(card: &TimbreCard) -> Self {
        let projection = card.projection.clone();
        let places = card
            .anchors
            .iter()
            .map(|anchor| MapPlace {
                name: anchor.name.clone(),
                id: anchor.id.clone(),
                at: projection.at(&anchor.mean).map(|at| at.clamp(-1.0, 1.0)),
                spread: projection.spread(&anchor.std),
                latent: anchor.mean,
            })
            .collect();
        let axes = [0, 1].map(|axis| axis_of(card, &projection, axis));
        let mut map = Self {
            projection,
            places,
            axes,
        };
        map.spread_out();
        map
    }

    /// Moves places that all but coincide away from each other, so that each can be seen and pointed at.
    fn spread_out(&mut self) {
        for _ in 0..ROUNDS {
            let mut moved = false;
            for second in 1..self.places.len() {
                let (before, after) = self.places.split_at_mut(second);
                let Some(two) = after.first_mut() else {
                    continue;
                };
                for one in before {
                    let away = [two.at[0] - one.at[0], two.at[1] - one.at[1]];
                    let distance = away[0].hypot(away[1]);
                    if distance >= LEAST_DISTANCE {
                        continue;
                    }
                    moved = true;
                    let direction = match distance {
                        0.0 => [1.0, 0.0],
                        _ => away.map(|part| part / distance),
                    };
                    let step = 0.5 * (1.01 * LEAST_DISTANCE - distance);
                    let axes = one.at.iter_mut().zip(&mut two.at).zip(direction);
                    for ((one, two), direction) in axes {
                        *one = (*one - step * direction).clamp(-1.0, 1.0);
                        *two = (*two + step * direction).clamp(-1.0, 1.0);
                    }
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// Where a latent is, in latent units: -1 to 1 is what is shown.
    pub fn project(&self, latent: &Latent) -> [f32; 2] {
        self.projection.at(latent)
    }

    /// The latent that a place stands for: that of the named timbre which is there, and between them a blend that changes
    /// smoothly, weighted by the inverse fourth power of the distance (Shepard, "A two-dimensional interpolation function
    /// for irregularly-spaced data", 1968).
    pub fn latent_at(&self, at: [f32; 2]) -> Latent {
        let mut latent = [0.0; LATENTS];
        let mut total = 0.0;
        for place in &self.places {
            let squared: f32 = place.at.iter().zip(&at).map(|(a, b)| (a - b).powi(2)).sum();
            // Finite on the spot, and there a million times what any neighbour weighs.
            let weight = 1.0 / (squared + 1e-6).powi(2);
            total += weight;
            for (value, part) in latent.iter_mut().zip(&place.latent) {
                *value += weight * part;
            }
        }
        if total > 0.0 {
            for value in &mut latent {
                *value /= total;
            }
        }
        latent
    }
}

/// The latent that goes most closely with one of the plane's axes: that whose correlation (K. Pearson's) with the named timbres' places is the
/// largest. `None` if it explains less than half of where they are.
fn axis_of(card: &TimbreCard, projection: &Projection, axis: usize) -> Option<MapAxis> {
    /// Half of the variance.
    const LEAST: f32 = 0.707;
    let at = |latent: &Latent| projection.at(latent).get(axis).copied().unwrap_or(0.0);
    let places: Vec<f32> = card.anchors.iter().map(|anchor| at(&anchor.mean)).collect();
    let named = card.latents.iter().enumerate().map(|(index, latent)| {
        let values = card.anchors.iter();
        let values: Vec<f32> = values
            .map(|anchor| anchor.mean.get(index).copied().unwrap_or(0.0))
            .collect();
        (&latent.name, correlation(&places, &values))
    });
    let (name, most) = named.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
    (most.abs() >= LEAST).then(|| MapAxis {
        name: name.clone(),
        rises: most > 0.0,
    })
}

/// K. Pearson's correlation, -1 to 1; 0 where one of the two doesn't change.
fn correlation(one: &[f32], other: &[f32]) -> f32 {
    let count = one.len().max(1) as f32;
    let mean = |values: &[f32]| values.iter().sum::<f32>() / count;
    let (mean_one, mean_other) = (mean(one), mean(other));
    let (mut both, mut square_one, mut square_other) = (0.0, 0.0, 0.0);
    for (one, other) in one.iter().zip(other) {
        let (one, other) = (one - mean_one, other - mean_other);
        both += one * other;
        square_one += one * one;
        square_other += other * other;
    }
    let scale = f32::sqrt(square_one * square_other);
    if scale > 0.0 { both / scale } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ModelSource;

    fn map() -> TimbreMap {
        TimbreMap::new(ModelSource::embedded_timbre_card().unwrap())
    }

    fn distance(a: &[f32], b: &[f32]) -> f32 {
        a.iter()
            .zip(b)
            .map(|(a, b)| (a - b).powi(2))
            .sum::<f32>()
            .sqrt()
    }

    #[test]
    fn the_named_timbres_lie_apart_and_within_the_edges() {
        let map = map();
        for (index, place) in map.places.iter().enumerate() {
            assert!(place.at.iter().all(|at| at.abs() <= 1.0), "{place:?}");
            assert!(place.spread > 0.0 && place.spread < 1.0, "{place:?}");
            for other in &map.places[index + 1..] {
                assert!(
                    distance(&place.at, &other.at) > 0.9 * LEAST_DISTANCE,
                    "{} and {}",
                    place.name,
                    other.name
                );
            }
        }
    }

    #[test]
    fn each_axis_is_named_for_what_there_is_more_of_at_its_end() {
        let card = ModelSource::embedded_timbre_card().unwrap();
        let map = map();
        for (index, axis) in map.axes.iter().enumerate() {
            let axis = axis.as_ref().unwrap();
            let latent = card
                .latents
                .iter()
                .position(|latent| latent.name == axis.name);
            let mut places: Vec<_> = map.places.iter().collect();
            places.sort_by(|a, b| a.at[index].total_cmp(&b.at[index]));
            let mean = |places: &[&MapPlace]| {
                let values = places.iter().map(|place| place.latent[latent.unwrap()]);
                values.sum::<f32>() / places.len() as f32
            };
            let (low, high) = places.split_at(places.len() / 2);
            assert_eq!(mean(high) > mean(low), axis.rises, "{axis:?}");
        }
        assert_ne!(map.axes[0], map.axes[1]);
        assert_eq!(correlation(&[1.0, 2.0, 3.0], &[-2.0, -4.0, -6.0]), -1.0);
        assert_eq!(correlation(&[1.0, 2.0], &[5.0, 5.0]), 0.0);
    }

    #[test]
    fn a_place_gives_its_own_code_and_between_places_nothing_jumps() {
        let map = map();
        for place in &map.places {
            assert!(distance(&map.latent_at(place.at), &place.latent) < 0.05);
        }
        let steps = 400;
        let at = |step: usize| [2.0 * step as f32 / steps as f32 - 1.0, 0.1];
        let span = map
            .places
            .iter()
            .flat_map(|a| map.places.iter().map(|b| distance(&a.latent, &b.latent)))
            .fold(0.0, f32::max);
        for step in 1..=steps {
            let moved = distance(&map.latent_at(at(step)), &map.latent_at(at(step - 1)));
            assert!(moved < 0.25 * span, "{moved} of {span} at {:?}", at(step));
        }
    }
}
