//! The mood ring: gives the window's frame the colour of the mood, as slowly as moods change.
//!
//! A mood is a place on the plane of J. A. Russell, "A circumplex model of affect" (1980): to the right is pleasant, upwards is
//! excited, the middle is grey. A tagger that tells valence and arousal names the place itself. Of another's answer it is the
//! mean of the directions that its mood words have, each as strong as the square of its probability; moods that contradict
//! each other cancel out.

use std::time::Duration;

use egui::{Color32, Ui, Vec2};

use crate::editor::look::{self, Metrics};
use crate::{
    model::{Affect, TagInfo, TagKind},
    telemetry::{ListenState, Snapshot},
};

/// How long the colour takes for 63 % of its way, in seconds.
const PACE: f64 = 2.5;
/// Steps that nobody sees aren't drawn; where the processor computes the pixels, only those that anybody sees.
const STEP: f32 = 0.01;
const STEP_BY_SOFTWARE: f32 = 0.05;
/// Time between two steps while the colour moves, in seconds.
const INTERVAL: f64 = 0.2;
/// The same where the processor computes the pixels, and a step costs as much as all else that is drawn. While music plays there are two answers a
/// second, each with a frame that takes the colour a step further: these are for the way that is left when it has stopped.
const INTERVAL_BY_SOFTWARE: f64 = 2.0;
/// A frame that was asked for may come so much early, in seconds.
const EARLY: f64 = 0.05;

/// How far from the middle a standard deviation of valence or arousal is: there the colour is full.
const DEVIATION: f32 = 0.4;

/// Mood words and their directions: degrees from pleasant (0) to excited (90), unpleasant (180) and calm (270).
const DIRECTIONS: [(&str, f32); 58] = [
    ("acoustic", 325.0),
    ("action", 85.0),
    ("adventure", 65.0),
    ("angry", 131.0),
    ("atmospheric", 270.0),
    ("beat-driven", 70.0),
    ("beautiful", 340.0),
    ("calm", 295.0),
    ("catchy", 25.0),
    ("children", 20.0),
    ("christmas", 350.0),
    ("cool", 330.0),
    ("dark", 190.0),
    ("deep", 235.0),
    ("drama", 135.0),
    ("dramatic", 135.0),
    ("dream", 285.0),
    ("emotional", 215.0),
    ("energetic", 60.0),
    ("epic", 95.0),
    ("exciting", 53.0),
    ("fast", 75.0),
    ("film", 245.0),
    ("fun", 30.0),
    ("funny", 28.0),
    ("groovy", 35.0),
    ("happy", 12.0),
    ("heavy", 120.0),
    ("hopeful", 0.0),
    ("inspiring", 18.0),
    ("loud", 105.0),
    ("love", 345.0),
    ("meditative", 280.0),
    ("melancholic", 210.0),
    ("mellow", 305.0),
    ("motivational", 50.0),
    ("nature", 320.0),
    ("party", 45.0),
    ("positive", 5.0),
    ("powerful", 85.0),
    ("quiet", 275.0),
    ("relaxing", 312.0),
    ("romantic", 345.0),
    ("sad", 203.0),
    ("scary", 148.0),
    ("sexy", 352.0),
    ("slow", 258.0),
    ("soft", 302.0),
    ("soundscape", 265.0),
    ("space", 255.0),
    ("sport", 62.0),
    ("summer", 22.0),
    ("tender", 304.0),
    ("trailer", 100.0),
    ("travel", 40.0),
    ("upbeat", 38.0),
    ("uplifting", 24.0),
    ("weird", 155.0),
];

/// Where the colour is, on the window's thread.
#[derive(Debug, Default)]
pub struct MoodRing {
    /// The place on the plane of moods, within a circle of radius 1; the middle is no mood at all.
    at: Vec2,
    /// Where it was when the colour that is seen was chosen.
    shown: Vec2,
    /// When it was there, on egui's clock.
    then: Option<f64>,
    /// When the frame comes that was asked for last. Until then no other is: every one that is asked for comes, and asks for
    /// another.
    next: f64,
}

impl MoodRing {
    /// Goes on towards the mood of `snapshot`, and asks for the next frame if it isn't there yet.
    pub fn follow(&mut self, ui: &Ui, snapshot: &Snapshot, by_software: bool) {
        let now = ui.input(|input| input.time);
        let target = place(snapshot);
        let passed = self.then.map_or(0.0, |then| (now - then).max(0.0));
        self.then = Some(now);
        let left = (-passed / PACE).exp() as f32;
        self.at = target + (self.at - target) * left;
        let (interval, step) = if by_software {
            (INTERVAL_BY_SOFTWARE, STEP_BY_SOFTWARE)
        } else {
            (INTERVAL, STEP)
        };
        if (self.at - target).length() > STEP {
            if now + EARLY >= self.next {
                self.next = now + interval;
                ui.ctx()
                    .request_repaint_after(Duration::from_secs_f64(interval));
            }
        } else {
            self.at = target;
        }
        if self.at == target || (self.at - self.shown).length() > step {
            self.shown = self.at;
        }
    }

    /// The mood's colour, the greyer the less there is of a mood.
    pub fn color(&self, metrics: Metrics) -> Color32 {
        metrics.palette.mood_at(self.shown)
    }

    /// `color`'s share of what it lies over: nothing of it without a mood.
    pub fn over(&self, metrics: Metrics, under: Color32, share: f32) -> Color32 {
        let strength = (self.shown.length() / 0.2).min(1.0);
        look::mix(under, self.color(metrics), share * strength)
    }
}

/// Where the mood is, within a circle of radius 1.
fn place(snapshot: &Snapshot) -> Vec2 {
    if let Some(Affect { valence, arousal }) = felt(snapshot) {
        let place = DEVIATION * Vec2::new(valence, arousal);
        return place / place.length().max(1.0);
    }
    let (mut sum, mut weights) = (Vec2::ZERO, 0.0);
    for (tag, probability) in moods(snapshot) {
        let known = DIRECTIONS.iter().find(|(name, _)| *name == tag.name);
        if let Some((_, degrees)) = known {
            let weight = probability * probability;
            sum += weight * Vec2::angled(degrees.to_radians());
            weights += weight;
        }
    }
    if weights > 0.0 {
        sum / weights
    } else {
        Vec2::ZERO
    }
}

/// Valence and arousal; `None` while nothing has been heard, and of a tagger that doesn't know.
pub fn felt(snapshot: &Snapshot) -> Option<Affect> {
    let affect = snapshot.readout.affect?;
    let is_heard = match snapshot.readout.state {
        ListenState::Waiting | ListenState::Unavailable => false,
        ListenState::WarmingUp | ListenState::Live | ListenState::Silence => true,
    };
    (is_heard && affect.valence.is_finite() && affect.arousal.is_finite()).then_some(affect)
}

fn moods(snapshot: &Snapshot) -> impl Iterator<Item = (&TagInfo, f32)> {
    let heard = match snapshot.readout.state {
        ListenState::Waiting | ListenState::Unavailable => &[][..],
        ListenState::WarmingUp | ListenState::Live | ListenState::Silence => {
            &snapshot.readout.average
        }
    };
    snapshot
        .tags
        .iter()
        .zip(heard)
        .filter(|(tag, value)| tag.kind == TagKind::Mood && value.is_finite())
        .map(|(tag, value)| (tag, value.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Readout;

    fn hearing(moods: &[(&str, f32)]) -> Snapshot {
        Snapshot {
            tags: moods
                .iter()
                .map(|(name, _)| TagInfo {
                    name: (*name).to_owned(),
                    kind: TagKind::Mood,
                    parent: None,
                })
                .collect(),
            readout: Readout {
                state: ListenState::Live,
                average: moods.iter().map(|(_, value)| *value).collect(),
                ..Readout::default()
            },
            ..Snapshot::default()
        }
    }

    #[test]
    fn a_strong_mood_outweighs_a_weak_one_and_opposites_cancel_out() {
        let happy = place(&hearing(&[("happy", 0.8), ("sad", 0.2)]));
        assert!(happy.x > 0.8, "{happy}");
        let torn = place(&hearing(&[("happy", 0.5), ("sad", 0.5)]));
        assert!(torn.length() < 0.2, "{torn}");
    }

    #[test]
    fn valence_and_arousal_count_where_the_tagger_tells_them() {
        let mut heard = hearing(&[("happy", 0.9)]);
        let by_words = place(&heard);
        heard.readout.affect = Some(Affect {
            valence: -1.0,
            arousal: 0.5,
        });
        assert_eq!(place(&heard), Vec2::new(-0.4, 0.2));
        heard.readout.affect = Some(Affect {
            valence: -3.0,
            arousal: -3.0,
        });
        assert!((place(&heard).length() - 1.0).abs() < 1e-6);
        heard.readout.affect = Some(Affect {
            valence: f32::NAN,
            arousal: 0.5,
        });
        assert_eq!(place(&heard), by_words);
        heard.readout.state = ListenState::Waiting;
        assert_eq!(place(&heard), Vec2::ZERO);
    }

    #[test]
    fn words_without_a_place_and_numbers_that_are_none_colour_nothing() {
        for moods in [&[("brass-like", 0.9)][..], &[("happy", f32::NAN)], &[]] {
            assert_eq!(place(&hearing(moods)), Vec2::ZERO);
        }
        let mut away = hearing(&[("happy", 0.9)]);
        away.readout.state = ListenState::Unavailable;
        assert_eq!(place(&away), Vec2::ZERO);
    }

    #[test]
    fn every_mood_of_the_shipped_tagger_has_a_place() {
        let card = crate::model::ModelSource::Embedded.tagger_card().unwrap();
        for tag in card.tags.iter().filter(|tag| tag.kind == TagKind::Mood) {
            let placed = place(&hearing(&[(tag.name.as_str(), 0.5)]));
            assert!(placed != Vec2::ZERO, "{}", tag.name);
        }
    }
}
