//! Each preset that Moodring comes with does what its name says.

use crate::common::{excerpt, rms_dbfs};
use moodring::{
    audio_file::AudioFile,
    dsp::{Compression, FrameEdges, LogMel, LogMelLayout, MelBank, Spectrum, hann},
    library::{FactoryPreset, Library, Preset, Value, factory_presets, title},
    model::{BANDS, ModelSource, TimbreModel as Model},
};

use super::morphed;

/// What can be said of a piece of music's spectrum.
struct Heard {
    /// Of all channels together, in dBFS.
    level: f64,
    /// Mean over time of the amplitude-weighted centroid, in octaves.
    centroid: f64,
    /// Share of the energy below 250 Hz, from there to 1, to 4, to 10 kHz and above, in dB.
    shares: [f64; 5],
    /// Mean over time of the power-weighted standard deviation of the frequency, in octaves.
    spread: f64,
    /// Mean shape as the model sees it, in dB.
    shape: Vec<f64>,
    /// How far the shape strays from its mean over time, in dB.
    movement: f64,
}

/// Upper edges of [`Heard::shares`], in Hz.
const EDGES: [f64; 5] = [250.0, 1_000.0, 4_000.0, 10_000.0, f64::INFINITY];

impl Heard {
    fn of(audio: &AudioFile, model: &Model) -> Self {
        let card = &model.card().front_end;
        let bank = MelBank::slaney_mean(
            f64::from(audio.sample_rate),
            card.n_fft,
            BANDS,
            f64::from(card.f_min),
            f64::from(card.f_max),
        );
        let hz = bank.centres().to_vec();
        let width = |band: usize| {
            let at = |band: usize| hz[band.min(hz.len() - 1)];
            (at(band + 1) - at(band.saturating_sub(1))) / 2.0
        };
        let mut frames = Vec::new();
        let mono: Vec<f32> = (0..audio.channels[0].len())
            .map(|n| audio.channels.iter().map(|c| c[n]).sum::<f32>() / audio.channels.len() as f32)
            .collect();
        let layout = LogMelLayout {
            n_fft: card.n_fft,
            hop: 1_024,
            window: hann(card.n_fft),
            edges: FrameEdges::Reflected,
            spectrum: Spectrum::Power,
            preemphasis: 0.0,
            bank,
            compression: Compression::decibels(1e-10),
        };
        LogMel::new(layout, 1).push(&mono, |levels| {
            frames.push(levels.to_vec());
        });
        let energy = |levels: &[f32]| -> f64 {
            levels
                .iter()
                .enumerate()
                .map(|(band, level)| width(band) * 10_f64.powf(f64::from(*level) / 10.0))
                .sum()
        };
        let loudest = frames
            .iter()
            .map(|levels| energy(levels))
            .fold(0.0, f64::max);
        frames.retain(|levels| energy(levels) > 1e-4 * loudest);

        let mut shares = [0.0; 5];
        let (mut centroid, mut spread) = (0.0, 0.0);
        let shapes: Vec<Vec<f64>> = frames
            .iter()
            .map(|levels| {
                let levels: [f32; BANDS] = levels.as_slice().try_into().unwrap();
                let (mut amplitude, mut moment) = (0.0, 0.0);
                let (mut power, mut mean, mut square) = (0.0, 0.0, 0.0);
                for (band, level) in levels.iter().enumerate() {
                    let level = 10_f64.powf(f64::from(*level) / 10.0);
                    amplitude += width(band) * level.sqrt();
                    moment += width(band) * level.sqrt() * hz[band];
                    let (energy, octave) = (width(band) * level, hz[band].log2());
                    power += energy;
                    mean += energy * octave;
                    square += energy * octave * octave;
                    let part = EDGES.iter().position(|edge| hz[band] < *edge).unwrap();
                    shares[part] += energy;
                }
                centroid += (moment / amplitude).log2();
                spread += (square / power - (mean / power).powi(2)).max(0.0).sqrt();
                let unit = f64::from(card.unit_db);
                model
                    .normalise(&levels)
                    .iter()
                    .map(|level| unit * f64::from(*level))
                    .collect()
            })
            .collect();
        let count = shapes.len() as f64;
        let shape: Vec<f64> = (0..BANDS)
            .map(|band| shapes.iter().map(|shape| shape[band]).sum::<f64>() / count)
            .collect();
        let movement = shapes
            .iter()
            .map(|other| distance(other, &shape))
            .sum::<f64>()
            / count;
        let all: f64 = shares.iter().sum();
        Self {
            level: rms_dbfs(&audio.channels),
            centroid: centroid / count,
            shares: shares.map(|share| 10.0 * (share / all).log10()),
            spread: spread / count,
            shape,
            movement,
        }
    }
}

/// Mean difference of two shapes, in dB.
fn distance(one: &[f64], other: &[f64]) -> f64 {
    one.iter()
        .zip(other)
        .map(|(a, b)| (a - b).abs())
        .sum::<f64>()
        / one.len() as f64
}

/// How a preset's name must show in the excerpt. Energy shares are those of [`EDGES`], in dB; centroid and spread are in
/// octaves.
enum Claim {
    /// The centroid moves by at least so much (down, if negative) and the share below 250 Hz by no more than 3 dB.
    Centroid(f64),
    /// The share with this index changes by at least so much, in this direction.
    Share(usize, f64),
    /// There is no bass, and the rest is closer together by this.
    Band(f64),
    /// The mean shape is closer to the named timbre's by this factor.
    Target(f64),
    /// The shape moves less by this factor.
    Still(f64),
}

/// What each of the presets claims.
const CLAIMS: [(&str, Claim); 12] = [
    ("darker", Claim::Centroid(-0.3)),
    ("warmer", Claim::Share(1, 1.0)),
    ("air-on-top", Claim::Share(4, 3.0)),
    ("underwater", Claim::Share(3, -8.0)),
    ("telephone", Claim::Band(-0.5)),
    ("bass-shadow", Claim::Share(3, -12.0)),
    ("brass-band", Claim::Target(0.6)),
    ("choir-halo", Claim::Target(0.6)),
    ("string-section", Claim::Target(0.6)),
    ("organ-loft", Claim::Target(0.6)),
    ("bell-tower", Claim::Target(0.6)),
    ("frozen", Claim::Still(0.7)),
];

#[test]
fn each_factory_preset_does_what_its_name_says() {
    // Other models may be asked whether the names are true of them, too.
    let model = Model::load(&ModelSource::from_environment()).unwrap();
    let dry = Heard::of(&excerpt(20.0), &model);
    let named = |id: &str| -> Vec<f64> {
        let anchors = &model.card().anchors;
        let anchor = anchors.iter().find(|anchor| anchor.id == id).unwrap();
        let unit = f64::from(model.card().front_end.unit_db);
        let shape = model.decode(&anchor.mean).unwrap();
        shape.iter().map(|level| unit * f64::from(*level)).collect()
    };
    for FactoryPreset { id, preset } in factory_presets() {
        let (_, claim) = CLAIMS.iter().find(|(claimed, _)| claimed == id).unwrap();
        let wet = Heard::of(&morphed(&["--preset", id]), &model);
        let shares: Vec<_> = wet
            .shares
            .iter()
            .zip(&dry.shares)
            .map(|(wet, dry)| wet - dry)
            .collect();
        let (level, octaves) = (wet.level - dry.level, wet.centroid - dry.centroid);
        let spread = wet.spread - dry.spread;
        let target = match preset.values.get("target") {
            Some(Value::Text(id)) => {
                let target = named(id);
                distance(&wet.shape, &target) / distance(&dry.shape, &target)
            }
            _ => 1.0,
        };
        let still = wet.movement / dry.movement;
        let row = format!(
            "{id:<15} level {level:+.1} dB, centroid {octaves:+.2} and spread {spread:+.2} octaves, shares {} dB, \
             mel distance to the dry sound {:.1} dB, to the target {target:.2} times the dry sound's, movement {still:.2} times",
            shares
                .iter()
                .map(|share| format!("{share:+.1}"))
                .collect::<Vec<_>>()
                .join(" "),
            distance(&wet.shape, &dry.shape),
        );
        println!("{row}");
        let reached = |value: f64, claimed: f64| value * claimed.signum() >= claimed.abs();
        let holds = match *claim {
            Claim::Centroid(most) => reached(octaves, most) && shares[0].abs() < 3.0,
            Claim::Share(part, most) => reached(shares[part], most),
            Claim::Band(most) => reached(spread, most) && shares[0] < -12.0,
            Claim::Target(most) => target < most,
            Claim::Still(most) => still < most,
        };
        assert!(holds, "{row}");
        assert!(level.abs() < 1.5, "as loud as it was: {row}");
        assert!(distance(&wet.shape, &dry.shape) > 1.0, "it is heard: {row}");
    }
}

#[test]
fn the_factory_presets_are_twelve_and_each_says_what_it_does() {
    let presets = factory_presets();
    assert_eq!(presets.len(), 12, "a file is broken");
    for (index, factory) in presets.iter().enumerate() {
        let Preset { name, does, .. } = &factory.preset;
        assert_eq!(title(name).as_ref(), Some(name));
        assert!(!does.is_empty(), "{name}");
        let settings = factory.preset.settings().unwrap();
        for left_alone in ["bypass", "output", "average"] {
            assert!(!settings.values.contains_key(left_alone), "{name}");
        }
        for other in &presets[..index] {
            assert_ne!(other.id, factory.id);
            assert_ne!(other.preset.name, *name);
            assert_ne!(other.preset.settings().unwrap().values, settings.values);
        }
        let library = Library::default();
        assert_eq!(library.find(factory.id), Ok(factory.preset.clone()));
        assert_eq!(
            library.find(&name.to_uppercase()),
            Ok(factory.preset.clone())
        );
    }
}
