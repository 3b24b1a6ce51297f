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
        let mut map = Self { projection, places };
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
