//! Every parameter: permanent id, range, unit, text both ways. Ids are what host projects refer to: they never change.

mod audition;
mod captures;
pub mod choice;
mod groups;
mod latency;
mod number;
mod outputs;
mod persisted;
pub mod pointer;
mod preset;
mod saving;
mod slots;
mod steer;
pub mod typed;
mod view;

use std::sync::{Arc, LazyLock};

use nice_plug::prelude::*;
use nice_plug_egui::EguiEditorState;

use crate::model::{LATENTS, Latent, ModelSource, TimbreCard};

use number::number;

pub use audition::Audition;
pub use captures::{Captured, Captures, LONGEST_CAPTURE, LONGEST_NAME};
pub use groups::Grouped;
pub use latency::{LatencyChoice, LatencyMode};
pub use outputs::{
    AFFECT_RANGE, HeadlineMidi, LAST_CONTROLLER, MIDI_CHANNELS, MidiSettings, NewestReadings,
    OUTPUT_TAGS, OutputChoice, OutputSettings, OutputTag, READINGS, Reading,
};
pub use persisted::{ModelChoice, ParamLocks, STATE_SCHEMA, Schema};
pub use pointer::AnyParam;
pub use preset::{PresetChoice, PresetName};
pub use slots::{Slot, Wish};
pub use steer::{STEERS, SteerParams, SteerSource, SteerTarget, Steered};
pub use view::{EditorView, KeptPlace, KeptPlaces, LONGEST_PLACE_NAME, MOST_PLACES, ViewSettings};

/// The longest averaging of the readout, in seconds.
pub const LONGEST_AVERAGE: f32 = 30.0;

/// What it is at first, in seconds.
pub const DEFAULT_AVERAGE: f32 = 4.0;

/// How far a latent knob turns to either side, in standard deviations.
pub const KNOB_RANGE: f32 = 3.0;

/// Opening size of the editor, in logical pixels.
pub const EDITOR_SIZE: (f32, f32) = (960.0, 620.0);

/// All of the plugin's parameters.
#[derive(Params)]
pub struct MoodringParams {
    /// The window's size; not part of the sound.
    pub editor_state: Arc<EguiEditorState>,
    /// Delta and Match; not kept.
    pub audition: Audition,
    /// Which layout a saved state has.
    #[persist = "schema"]
    pub schema: Schema,
    /// The models that the project refers to.
    #[persist = "models"]
    pub models: ModelChoice,
    /// How late the output is.
    #[persist = "latency"]
    pub latency: LatencyChoice,
    /// The captured timbres.
    #[persist = "captures"]
    pub captures: Captures,
    /// The preset that the settings came from.
    #[persist = "preset"]
    pub preset: PresetChoice,
    /// Which tags are watched.
    #[persist = "view"]
    pub view: EditorView,
    /// What was kept on the map of music.
    #[persist = "places"]
    pub places: KeptPlaces,
    /// Where the answers go beside the editor.
    #[persist = "outputs"]
    pub outputs: OutputChoice,
    /// What the host is told of what is heard; no project keeps it.
    pub readings: NewestReadings,
    /// Which parameters presets and the other setting leave alone.
    #[persist = "locks"]
    pub locks: ParamLocks,

    /// The host's own bypass: the input, delayed as the output is.
    #[id = "bypass"]
    pub bypass: BoolParam,
    /// Share of the processed signal in the output, 0 to 1.
    #[id = "mix"]
    pub mix: FloatParam,
    /// Gain behind the mix, in dB.
    #[id = "output"]
    pub output: FloatParam,

    /// The latent knobs, in standard deviations, in the card's order.
    #[nested(array)]
    pub knobs: [KnobParam; LATENTS],

    /// How much of the decoder's own spectrum is imposed, 0 to 1.
    #[id = "resynth"]
    pub resynthesis: FloatParam,
    /// How far the target's rise, movement and decay of level replace the source's, 0 to 1.
    #[id = "articul"]
    pub articulation: FloatParam,
    /// How far the latent is drawn to the target, 0 to 1.
    #[id = "morph"]
    pub morph: FloatParam,
    /// What Morph leads to.
    #[id = "aim"]
    pub morph_source: EnumParam<MorphSource>,
    /// The named timbre that Morph leads to.
    #[id = "target"]
    pub target: EnumParam<Target>,
    /// The place on the map that Morph leads to, from left to right, -1 to 1.
    #[id = "mapx"]
    pub map_x: FloatParam,
    /// The same, from bottom to top.
    #[id = "mapy"]
    pub map_y: FloatParam,
    /// The place between the captured timbres that Morph leads to, 0 to 1.
    #[id = "atob"]
    pub captures_blend: FloatParam,
    /// How closely the latent tracks the input, 0 to 1; at 0 it is held.
    #[id = "follow"]
    pub follow: FloatParam,
    /// Time constant of the latent's smoothing, in ms.
    #[id = "smooth"]
    pub smoothing: FloatParam,
    /// Whether the output's level follows the input's.
    #[id = "keeploud"]
    pub keep_loudness: BoolParam,

    /// Length of the readout's average, in seconds.
    #[id = "average"]
    pub average: FloatParam,

    /// What of the answers steers which parameter.
    #[nested(array, group = "Steer")]
    pub steers: [SteerParams; STEERS],
}

impl MoodringParams {
    /// How often something has been chosen that takes effect with the next activation: models, or the latency. Wait-free.
    pub fn activation_changes(&self) -> u32 {
        self.models.changes().wrapping_add(self.latency.changes())
    }
}

/// One latent knob.
#[derive(Params)]
pub struct KnobParam {
    /// Shift of the latent, in standard deviations of the training data.
    #[id = "latent"]
    pub shift: FloatParam,
}

/// What Morph leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum MorphSource {
    /// The named timbre that Target names.
    #[id = "named"]
    #[name = "Named Timbre"]
    Named,
    /// The place on the map.
    #[id = "map"]
    #[name = "Map"]
    Map,
    /// The place between the captured timbres.
    #[id = "captures"]
    #[name = "A to B"]
    Captures,
    /// What plays at the sidechain input.
    #[id = "sidechain"]
    #[name = "Sidechain"]
    Sidechain,
}

/// A named timbre, as the embedded card lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target(pub usize);

/// Names and ids of the targets, kept for the life of the process as the framework wants them.
static TARGETS: LazyLock<(Vec<&'static str>, Vec<&'static str>)> = LazyLock::new(|| {
    let anchors = ModelSource::embedded_timbre_card().map_or(&[][..], |card| &card.anchors);
    let leaked = |text: &str| -> &'static str { text.to_owned().leak() };
    let (mut names, mut ids): (Vec<_>, Vec<_>) = anchors
        .iter()
        .map(|anchor| (leaked(&anchor.name), leaked(&anchor.id)))
        .unzip();
    if names.is_empty() {
        names.push("None");
        ids.push("none");
    }
    (names, ids)
});

impl Enum for Target {
    fn variants() -> &'static [&'static str] {
        &TARGETS.0
    }

    fn ids() -> Option<&'static [&'static str]> {
        Some(&TARGETS.1)
    }

    fn to_index(self) -> usize {
        self.0
    }

    fn from_index(index: usize) -> Self {
        Self(if index < TARGETS.0.len() { index } else { 0 })
    }
}

impl Target {
    /// Its permanent id; `None` only where there are no targets.
    pub fn id(self) -> Option<&'static str> {
        TARGETS.1.get(self.0).copied()
    }

    /// The target's latent in a card of the model in use, matched by its permanent id; `None` if that model lacks it.
    pub fn latent(self, card: &TimbreCard) -> Option<Latent> {
        let id = self.id()?;
        card.anchors
            .iter()
            .find(|anchor| anchor.id == id)
            .map(|anchor| anchor.mean)
    }
}

fn percent(name: &str, default: f32) -> FloatParam {
    FloatParam::new(name, default, FloatRange::Linear { min: 0.0, max: 1.0 })
        .with_unit(" %")
        .with_value_to_string(formatters::v2s_f32_percentage(0))
        .with_string_to_value(Arc::new(|text| number(text, "%").ok()))
}

fn knob(name: &str) -> KnobParam {
    KnobParam {
        shift: centred(name, KNOB_RANGE)
            .with_unit(" σ")
            .with_string_to_value(Arc::new(|text| number(text, "σ").ok())),
    }
}

/// A place on one of the map's axes.
fn coordinate(name: &str) -> FloatParam {
    centred(name, 1.0).with_string_to_value(Arc::new(|text| number(text, "").ok()))
}

/// A signed number with two decimals, at rest in the middle of its range.
fn centred(name: &str, range: f32) -> FloatParam {
    let range = FloatRange::Linear {
        min: -range,
        max: range,
    };
    FloatParam::new(name, 0.0, range).with_value_to_string(Arc::new(|value| {
        // "-0.00" would be a strange thing to read at rest.
        let value = if value.abs() < 0.005 { 0.0 } else { value };
        format!("{value:+.2}")
    }))
}

fn switch(name: &str, default: bool) -> BoolParam {
    BoolParam::new(name, default)
        .with_value_to_string(Arc::new(|on| (if on { "On" } else { "Off" }).to_owned()))
        .with_string_to_value(Arc::new(|text| {
            match text.trim().to_ascii_lowercase().as_str() {
                "on" | "yes" | "true" | "1" => Some(true),
                "off" | "no" | "false" | "0" => Some(false),
                _ => None,
            }
        }))
}

impl Default for MoodringParams {
    fn default() -> Self {
        let card = ModelSource::embedded_timbre_card();
        Self {
            editor_state: EguiEditorState::from_size(
                nice_plug::editor::dpi::LogicalSize::new(
                    EDITOR_SIZE.0 as f64,
                    EDITOR_SIZE.1 as f64,
                ),
                1.0,
            ),
            audition: Audition::default(),
            schema: Schema,
            models: ModelChoice::default(),
            latency: LatencyChoice::default(),
            captures: Captures::default(),
            preset: PresetChoice::default(),
            view: EditorView::default(),
            places: KeptPlaces::default(),
            outputs: OutputChoice::default(),
            readings: NewestReadings::default(),
            locks: ParamLocks::default(),
            bypass: switch("Bypass", false).make_bypass(),
            mix: percent("Mix", 1.0),
            output: FloatParam::new(
                "Output",
                0.0,
                FloatRange::Linear {
                    min: -24.0,
                    max: 24.0,
                },
            )
            .with_unit(" dB")
            .with_value_to_string(Arc::new(|value| {
                let value = if value.abs() < 0.05 { 0.0 } else { value };
                format!("{value:.1}")
            }))
            .with_string_to_value(Arc::new(|text| number(text, "dB").ok())),
            knobs: std::array::from_fn(|index| {
                let name = card.and_then(|card| card.latents.get(index));
                match name {
                    Some(latent) => knob(&latent.name),
                    None => knob(&format!("Latent {}", index + 1)),
                }
            }),
            resynthesis: percent("Resynthesis", 0.0),
            articulation: percent("Articulation", 1.0),
            morph: percent("Morph", 0.0),
            morph_source: EnumParam::new("Morph To", MorphSource::Named),
            target: EnumParam::new("Target", Target(default_target())),
            map_x: coordinate("Map X"),
            map_y: coordinate("Map Y"),
            captures_blend: percent("A to B", 0.5),
            follow: percent("Follow", 1.0),
            smoothing: FloatParam::new("Smoothing", 60.0, smoothing_range())
                .with_unit(" ms")
                .with_value_to_string(formatters::v2s_f32_rounded(0))
                .with_string_to_value(Arc::new(|text| number(text, "ms").ok())),
            keep_loudness: switch("Keep Loudness", true),
            average: FloatParam::new(
                "Averaging",
                DEFAULT_AVERAGE,
                FloatRange::Linear {
                    min: 1.0,
                    max: LONGEST_AVERAGE,
                },
            )
            .with_unit(" s")
            .with_value_to_string(formatters::v2s_f32_rounded(1))
            .with_string_to_value(Arc::new(|text| number(text, "s").ok())),
            steers: std::array::from_fn(|index| SteerParams::new(index + 1)),
        }
    }
}

/// The range of the latent's smoothing, in ms.
fn smoothing_range() -> FloatRange {
    FloatRange::Skewed {
        min: 0.0,
        max: 1_000.0,
        factor: FloatRange::skew_factor(-1.5),
    }
}

/// Flute where there is one: a target that is heard at once on most material.
fn default_target() -> usize {
    TARGETS.1.iter().position(|id| *id == "flute").unwrap_or(0)
}
