//! Each preset that Moodring comes with does what its name says, on a song, a piano, a voice, drums and a pad.

use std::{path::Path, thread};

use crate::common::lufs;
use moodring::{
    audio_file::AudioFile,
    dsp::{Compression, FrameEdges, LogMel, LogMelLayout, MelBank, Spectrum, hann},
    library::{FactoryPreset, Library, Preset, Value, factory_presets, title},
    model::{BANDS, ModelSource, TimbreModel as Model},
};

use super::morphed;

/// What presets are measured on: names, files, and how many seconds of them.
const SOURCES: [(&str, &str, usize); 5] = [
    ("song", "war_of_freedom.ogg", 12),
    ("piano", "piano.ogg", 8),
    ("voice", "voice.ogg", 8),
    ("drums", "drums.ogg", 8),
    ("pad", "pad.ogg", 8),
];

/// What can be said of a sound's spectrum.
struct Heard {
    /// Of all channels together, in LUFS.
    loudness: f64,
    /// Of all channels, in dBFS.
    peak: f64,
    /// Energy of each of [`EDGES`]' parts, linear.
    parts: [f64; PARTS],
    /// Mean shape as the model sees it, in dB.
    shape: Vec<f64>,
    /// How far the shape strays from its mean over time, in dB.
    movement: f64,
}

const PARTS: usize = 6;

/// Upper edges of [`Heard::parts`], in Hz.
const EDGES: [f64; PARTS] = [250.0, 1_000.0, 2_500.0, 6_000.0, 10_000.0, f64::INFINITY];

/// A part so far below the whole, in dB, isn't heard.
const INAUDIBLE_DB: f64 = -50.0;

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

        let mut parts = [0.0; PARTS];
        let shapes: Vec<Vec<f64>> = frames
            .iter()
            .map(|levels| {
                let levels: [f32; BANDS] = levels.as_slice().try_into().unwrap();
                for (band, level) in levels.iter().enumerate() {
                    let part = EDGES.iter().position(|edge| hz[band] < *edge).unwrap();
                    parts[part] += width(band) * 10_f64.powf(f64::from(*level) / 10.0);
                }
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
        let samples = audio.channels.iter().flatten();
        let peak = samples.fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        Self {
            loudness: lufs(&audio.channels, audio.sample_rate),
            peak: 20.0 * f64::from(peak).log10(),
            parts,
            shape,
            movement,
        }
    }

    /// Where a part is below the whole, in dB.
    fn share(&self, part: usize) -> f64 {
        10.0 * (self.parts[part] / self.parts.iter().sum::<f64>()).log10()
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

/// What a preset's text promises of the sound, on every source.
enum Claim {
    /// These of [`EDGES`]' parts change by at least and at most so much, in dB, where they are heard.
    Parts(&'static [(usize, f64, f64)]),
    /// Of the parts, those below and above these fall by so much against them, in dB, where they are heard.
    Band(std::ops::RangeInclusive<usize>, f64),
    /// The mean shape is closer to the named timbre's by this factor.
    Target(f64),
    /// The shape moves less by this factor.
    Still(f64),
}

const ANY: f64 = f64::INFINITY;

/// What each of the presets claims.
const CLAIMS: [(&str, Claim); 12] = [
    (
        "darker",
        Claim::Parts(&[
            (0, -3.0, 3.0),
            (2, -ANY, -1.0),
            (3, -ANY, -2.0),
            (4, -ANY, -4.0),
            (5, -ANY, -4.0),
        ]),
    ),
    (
        "warmer",
        Claim::Parts(&[
            (1, 0.0, 6.0),
            (2, -8.0, 0.0),
            (3, -8.0, -1.0),
            (4, -10.0, -1.0),
            (5, -10.0, -1.0),
        ]),
    ),
    ("air-on-top", Claim::Parts(&[(0, -3.0, 3.0), (5, 4.0, ANY)])),
    (
        "underwater",
        Claim::Parts(&[
            (2, -ANY, -4.0),
            (3, -ANY, -10.0),
            (4, -ANY, -15.0),
            (5, -ANY, -10.0),
        ]),
    ),
    ("telephone", Claim::Band(1..=3, 9.0)),
    (
        "bass-shadow",
        Claim::Parts(&[
            (0, -3.0, ANY),
            (2, -ANY, -8.0),
            (3, -ANY, -6.0),
            (4, -ANY, -6.0),
            (5, -ANY, -6.0),
        ]),
    ),
    ("brass-band", Claim::Target(0.85)),
    ("choir-halo", Claim::Target(0.85)),
    ("string-section", Claim::Target(0.85)),
    ("organ-loft", Claim::Target(0.85)),
    ("bell-tower", Claim::Target(0.9)),
    ("frozen", Claim::Still(0.75)),
];

/// No preset's peak is higher above the source's, in dB.
const HIGHEST_PEAK_DB: f64 = 3.0;

/// No preset makes a source louder or quieter by more than this, in LU.
const LARGEST_CHANGE_LU: f64 = 1.0;

/// What a preset does to a source, beside the source.
struct Change<'a> {
    dry: &'a Heard,
    wet: Heard,
    /// Change of each part, in dB; `None` where neither is heard.
    parts: [Option<f64>; PARTS],
    /// The shape's distance to the named timbre's over the dry sound's, where the preset leads to one.
    target: Option<f64>,
}

impl<'a> Change<'a> {
    fn of(preset: &FactoryPreset, source: &AudioFile, dry: &'a Heard, model: &Model) -> Self {
        let wet = Heard::of(&morphed(source, &["--preset", preset.id]), model);
        let parts = std::array::from_fn(|part| {
            let heard = dry.share(part).max(wet.share(part)) > INAUDIBLE_DB;
            let change = 10.0 * (wet.parts[part] / dry.parts[part]).log10();
            heard.then_some(change)
        });
        let target = match preset.preset.values.get("target") {
            Some(Value::Text(id)) => {
                let target = named(id, model);
                Some(distance(&wet.shape, &target) / distance(&dry.shape, &target))
            }
            _ => None,
        };
        Self {
            dry,
            wet,
            parts,
            target,
        }
    }

    fn holds(&self, claim: &Claim) -> bool {
        match claim {
            Claim::Parts(bounds) => bounds.iter().all(|(part, least, most)| {
                self.parts[*part].is_none_or(|change| (*least..=*most).contains(&change))
            }),
            Claim::Band(band, by) => {
                let energy = |heard: &Heard| heard.parts[band.clone()].iter().sum::<f64>();
                let within = 10.0 * (energy(&self.wet) / energy(self.dry)).log10();
                let outside = (0..PARTS).filter(|part| !band.contains(part));
                outside
                    .filter_map(|part| self.parts[part])
                    .all(|change| change <= within - by)
            }
            Claim::Target(most) => self.target.is_some_and(|target| target < *most),
            Claim::Still(most) => self.wet.movement / self.dry.movement < *most,
        }
    }

    /// A line of docs/presets.md.
    fn row(&self, preset: &str, source: &str) -> String {
        let parts: Vec<_> = self
            .parts
            .iter()
            .map(|change| change.map_or_else(|| "-".to_owned(), |change| format!("{change:+.1}")))
            .collect();
        let target = self
            .target
            .map_or_else(|| "-".to_owned(), |target| format!("{target:.2}"));
        format!(
            "| {preset} | {source} | {:+.1} | {:+.1} | {} | {target} | {:.2} |",
            self.wet.loudness - self.dry.loudness,
            self.wet.peak - self.dry.peak,
            parts.join(" | "),
            self.wet.movement / self.dry.movement,
        )
    }
}

/// The shape of a named timbre, in dB.
fn named(id: &str, model: &Model) -> Vec<f64> {
    let anchors = &model.card().anchors;
    let anchor = anchors.iter().find(|anchor| anchor.id == id).unwrap();
    let unit = f64::from(model.card().front_end.unit_db);
    let shape = model.decode(&anchor.mean).unwrap();
    shape.iter().map(|level| unit * f64::from(*level)).collect()
}

/// The first seconds of a source.
fn source(file: &str, seconds: usize) -> AudioFile {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/music");
    let mut audio = AudioFile::read(folder.join(file)).unwrap();
    for channel in &mut audio.channels {
        channel.truncate(seconds * audio.sample_rate as usize);
    }
    audio
}

/// Prints the table of docs/presets.md.
#[test]
fn each_factory_preset_does_what_its_name_says() {
    // Other models may be asked whether the names are true of them, too.
    let model = Model::load(&ModelSource::from_environment()).unwrap();
    let model = &model;
    let hear = |(name, file, seconds): (&'static str, &str, usize)| {
        let sound = source(file, seconds);
        let dry = Heard::of(&sound, model);
        let change = |preset: &FactoryPreset| {
            let change = Change::of(preset, &sound, &dry, model);
            let (_, claim) = CLAIMS.iter().find(|(id, _)| *id == preset.id).unwrap();
            let over = change.wet.peak - dry.peak;
            let faults: Vec<_> = [
                (!change.holds(claim), "its name isn't true"),
                (over > HIGHEST_PEAK_DB, "it peaks too high"),
                (
                    (change.wet.loudness - dry.loudness).abs() > LARGEST_CHANGE_LU,
                    "it isn't as loud as it was",
                ),
                (
                    distance(&change.wet.shape, &dry.shape) < 1.0,
                    "it isn't heard",
                ),
            ]
            .into_iter()
            .filter_map(|(is_fault, what)| is_fault.then_some(what))
            .collect();
            (change.row(&preset.preset.name, name), faults)
        };
        factory_presets().iter().map(change).collect::<Vec<_>>()
    };
    let sources: Vec<_> = thread::scope(|scope| {
        let running = SOURCES.map(|source| scope.spawn(move || hear(source)));
        running.map(|running| running.join().unwrap()).into()
    });
    let rows = (0..CLAIMS.len()).flat_map(|preset| sources.iter().map(move |rows| &rows[preset]));
    let mut wrong = Vec::new();
    for (row, faults) in rows {
        println!("{row}");
        if !faults.is_empty() {
            wrong.push(format!("{row} {}", faults.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
