//! A concert that never was: everything that the editor can show, the same at every run and on every machine, for pictures.
#![allow(
    unsafe_code,
    reason = "nice-plug's gestures take parameters by pointer"
)]

use super::MAIN;
use std::{f32::consts::TAU, sync::Arc};

use moodring::{
    dsp::descriptors::{Key, Mode},
    model::{BANDS, ModelSource, MusicMap, MusicPlace, TagInfo, TagKind, TimbreMap},
    params::{Captured, MoodringParams, MorphSource, Slot},
    telemetry::{
        COLUMNS, Column, Headlines, Latents, Levels, ListenState, Loudness, Measures, Meter,
        Meters, POINTS, Readout, ReadoutHistory, Sidechain, Snapshot, Spectra, Spectrum, Status,
        Timbre, point_hz,
    },
};
use nice_plug::prelude::Param;

/// Tags, and how likely they are: on average, and how far they come and go.
const TAGS: [(TagKind, &str, f32, f32); 34] = [
    (TagKind::Genre, "ambient", 0.17, 0.30),
    (TagKind::Genre, "classical", 0.08, 0.10),
    (TagKind::Genre, "easy listening", 0.11, 0.08),
    (TagKind::Genre, "electronic", 0.06, 0.12),
    (TagKind::Genre, "folk", 0.13, 0.18),
    (TagKind::Genre, "funk", 0.02, 0.05),
    (TagKind::Genre, "jazz", 0.58, 0.35),
    (TagKind::Genre, "lounge", 0.34, 0.25),
    (TagKind::Genre, "progressive rock", 0.01, 0.04),
    (TagKind::Genre, "pop", 0.04, 0.06),
    (TagKind::Genre, "rock", 0.02, 0.05),
    (TagKind::Genre, "soul", 0.05, 0.10),
    (TagKind::Genre, "world", 0.03, 0.05),
    (TagKind::Instrument, "acoustic guitar", 0.16, 0.25),
    (TagKind::Instrument, "bass", 0.47, 0.30),
    (TagKind::Instrument, "cello", 0.05, 0.08),
    (TagKind::Instrument, "drums", 0.38, 0.40),
    (TagKind::Instrument, "electric piano", 0.12, 0.15),
    (TagKind::Instrument, "flute", 0.03, 0.06),
    (TagKind::Instrument, "piano", 0.81, 0.25),
    (TagKind::Instrument, "strings", 0.09, 0.10),
    (TagKind::Instrument, "synthesizer", 0.04, 0.05),
    (TagKind::Instrument, "voice", 0.02, 0.05),
    (TagKind::Instrument, "woodwind", 0.06, 0.10),
    (TagKind::Mood, "beautiful", 0.21, 0.15),
    (TagKind::Mood, "emotional", 0.14, 0.15),
    (TagKind::Mood, "energetic", 0.02, 0.08),
    (TagKind::Mood, "film", 0.10, 0.10),
    (TagKind::Mood, "happy", 0.08, 0.12),
    (TagKind::Mood, "mellow", 0.43, 0.25),
    (TagKind::Mood, "quiet", 0.18, 0.20),
    (TagKind::Mood, "relaxing", 0.62, 0.30),
    (TagKind::Mood, "sad", 0.06, 0.10),
    (TagKind::Mood, "slow", 0.24, 0.12),
];

/// Answers that were given before: two minutes and a half.
const ANSWERS: usize = 300;

/// The editor's values at the beginning.
pub fn concert() -> Snapshot {
    let card = ModelSource::Embedded.timbre_card().unwrap();
    let map = TimbreMap::new(&card);
    let tagger = ModelSource::Embedded.tagger_card().unwrap();
    let music_map = ModelSource::Embedded.music_map(&tagger).unwrap().unwrap();
    let average: Vec<f32> = TAGS.iter().map(|(_, _, level, _)| *level).collect();
    let mut history = ReadoutHistory::default();
    for answer in 0..ANSWERS {
        history.add(&Readout {
            state: match answer {
                150..165 => ListenState::Silence,
                _ => ListenState::Live,
            },
            seconds: 0.5 * answer as f64,
            average: TAGS
                .iter()
                .enumerate()
                .map(|(tag, (_, _, level, swing))| {
                    let back = (ANSWERS - 1 - answer) as f32;
                    // Slow and never in step; at the end each is where the readout has it.
                    let phase = back / (31.0 + 7.0 * (tag % 5) as f32);
                    (level + swing * (0.7 * phase.sin() + 0.3 * (2.7 * phase).sin()))
                        .clamp(0.0, 1.0)
                })
                .collect(),
            place: (!(150..165).contains(&answer)).then(|| place(&music_map, ANSWERS - 1 - answer)),
            ..Readout::default()
        });
    }
    let mut headlines = Headlines::default();
    for (index, (kind, name, _, _)) in TAGS.iter().enumerate() {
        if ["jazz", "piano", "relaxing"].contains(name) {
            headlines.set(*kind, Some(index));
        }
    }
    let mut snapshot = Snapshot {
        answer_seconds: 3.7,
        answer_pace: 0.5,
        tags: TAGS
            .iter()
            .map(|(kind, name, _, _)| TagInfo {
                name: (*name).to_owned(),
                kind: *kind,
                parent: None,
            })
            .collect(),
        readout: Readout {
            state: ListenState::Live,
            seconds: 149.5,
            probabilities: average.clone(),
            average,
            affect: None,
            inference_ms: 4.1,
            headlines,
            place: Some(place(&music_map, 0)),
            ..Readout::default()
        },
        history,
        music_map: Some(Arc::new(music_map)),
        latents: None,
        map: Some(Arc::new(map)),
        sidechain: Sidechain::default(),
        band_hz: (0..BANDS).map(|band| mel_hz(band as f32 + 1.0)).collect(),
        status: Status {
            sample_rate: 48_000.0,
            latency: 4_352,
            curve_ms: 0.02,
            late_curves: 0,
            no_priority: None,
            tagger: "Moodring tagger".to_owned(),
            timbre: "Moodring timbre".to_owned(),
            fault: None,
        },
        ..Snapshot::default()
    };
    // What was heard before the editor was opened.
    for hop in 0..COLUMNS as u64 {
        let column = Column::new(hop, &spectrum(hop).output);
        snapshot.spectrum_history.add(column);
    }
    play(&mut snapshot, 0);
    snapshot
}

/// Where the sound was so many answers ago: it wanders about a song of jazz. What is near it on the plane is near it.
fn place(map: &MusicMap, back: usize) -> MusicPlace {
    let jazz = map.genres.iter().position(|genre| genre.contains("jazz"));
    let home = map.songs.iter().find(|song| song.genre == jazz).unwrap().at;
    let phase = back as f32 / 9.0;
    let at = [
        home[0] + 0.12 * phase.sin() + 0.05 * (3.1 * phase).sin(),
        home[1] - 0.1 * (0.8 * phase).sin() + 0.04 * (2.3 * phase).cos(),
    ];
    let mut songs: Vec<usize> = (0..map.songs.len()).collect();
    let apart = |index: usize| {
        let song = map.songs[index].at;
        (song[0] - at[0]).hypot(song[1] - at[1])
    };
    songs.sort_by(|one, other| apart(*one).total_cmp(&apart(*other)));
    MusicPlace {
        at,
        nearest: [songs[0], songs[1], songs[2]],
        is_familiar: true,
    }
}

/// Goes on to `hop` thirtieths of a second: the spectrum, and the dots on the map.
pub fn play(snapshot: &mut Snapshot, hop: u64) {
    let phase = hop as f32 / 12.0;
    let live_at = [-0.35 + 0.2 * phase.cos(), -0.1 + 0.25 * (0.7 * phase).sin()];
    let shaped_at = [live_at[0] + 0.45, live_at[1] + 0.3];
    snapshot.latents = snapshot.map.as_ref().map(|map| Latents {
        live: map.latent_at(live_at),
        shaped: map.latent_at(shaped_at),
        live_at,
        shaped_at,
    });
    let number = COLUMNS as u64 + hop;
    let spectrum = spectrum(number);
    snapshot
        .spectrum_history
        .add(Column::new(number, &spectrum.output));
    snapshot.spectra = Some(Spectra {
        averages: [spectrum; 3],
        number,
    });
    snapshot.curves = Some([std::array::from_fn(|band| gain(mel_hz(band as f32 + 1.0))); 3]);
    let beat = 0.5 + 0.5 * (0.4 * number as f32).sin();
    let meter = |gain: f32| Meter {
        peaks: [0.5, 0.45].map(|level| gain * level * (0.7 + 0.3 * beat)),
        loudness: -19.0 + 3.0 * beat + 20.0 * gain.log10(),
    };
    snapshot.measures = Some(measures(hop));
    snapshot.meters = Meters {
        input: meter(1.0),
        output: meter(0.8),
    };
}

/// The centre of a mel band between 20 Hz and 20 kHz, in Hz (HTK's formula).
fn mel_hz(band: f32) -> f32 {
    let mel = |hz: f32| 2_595.0 * (1.0 + hz / 700.0).log10();
    let (low, high) = (mel(20.0), mel(20_000.0));
    let mel = low + (high - low) * band / (BANDS as f32 + 1.0);
    700.0 * (10_f32.powf(mel / 2_595.0) - 1.0)
}

/// The gain of the curve at a frequency in Hz, in dB.
fn gain(hz: f32) -> f32 {
    let place = (hz / 20.0).ln() / 1_000_f32.ln();
    9.0 * (-((place - 0.72) * 6.0).powi(2)).exp() - 11.0 * (-((place - 0.35) * 8.0).powi(2)).exp()
}

/// A chord that swells and changes over a bass, and noise that falls towards the treble.
fn spectrum(hop: u64) -> Spectrum {
    let time = hop as f32 / 30.0;
    let chord = [55.0, 220.0, 277.2, 329.6, 440.0].map(|hz: f32| {
        if (hop / 45).is_multiple_of(2) {
            hz
        } else {
            hz * 1.335
        }
    });
    let input: Levels = std::array::from_fn(|point| {
        let hz = point_hz(point);
        let rough = (3.0 * time + 0.9 * point as f32).sin() + (0.37 * point as f32).sin();
        let mut power = 10_f32.powf(-5.2 - 0.75 * (hz / 100.0).log10() + 0.15 * rough);
        for (voice, root) in chord.iter().enumerate() {
            for partial in 1..=12 {
                // As wide as the window makes a sine.
                let apart = (hz - root * partial as f32) / (5.0 + 0.006 * hz);
                let swell = 0.6 + 0.4 * (TAU * (0.4 * time + 0.25 * voice as f32)).sin();
                power += swell * 0.01 / (partial as f32).powf(3.5) * (-apart * apart).exp();
            }
        }
        10.0 * power.log10()
    });
    Spectrum {
        input,
        output: std::array::from_fn(|point: usize| input[point] + gain(point_hz(point))),
    }
}

/// The level of the captured timbre at a frequency in Hz, in dB.
fn captured(hz: f32) -> f32 {
    let levels = spectrum(0).output;
    let nearest = (0..POINTS)
        .min_by(|a, b| {
            let apart = |point: usize| (point_hz(point) / hz).ln().abs();
            apart(*a).total_cmp(&apart(*b))
        })
        .unwrap();
    levels[nearest]
}

/// Settings that go with the concert: drawn to a place on the map, with a knob turned and a timbre captured.
pub fn settings(params: &MoodringParams) {
    let knob = &params.knobs[0].shift;
    for (param, normalized) in [
        (
            params.morph_source.as_ptr(),
            params.morph_source.preview_normalized(MorphSource::Map),
        ),
        (params.map_x.as_ptr(), params.map_x.preview_normalized(0.45)),
        (params.map_y.as_ptr(), params.map_y.preview_normalized(0.35)),
        (params.morph.as_ptr(), params.morph.preview_normalized(0.6)),
        (knob.as_ptr(), knob.preview_normalized(0.8)),
    ] {
        // SAFETY: the parameters outlive this call.
        unsafe { param._internal_set_normalized_value(normalized) };
    }
    params.captures.set(
        Slot::A,
        Some(Captured {
            name: "Verse".to_owned(),
            latent: [0.0; 8],
            levels: (0..BANDS)
                .map(|band| captured(mel_hz(band as f32 + 1.0)))
                .collect(),
            model: "Moodring timbre".to_owned(),
        }),
        &MAIN,
    );
    let snapshot = concert();
    for name in ["drums", "sad"] {
        let tag = snapshot.tags.iter().find(|tag| tag.name == name);
        params.view.toggle(tag.unwrap(), &MAIN);
    }
}

/// What is measured of a slow piece in E flat major.
fn measures(hop: u64) -> Measures {
    let sway = f64::from((hop as f32 / 7.0).sin());
    Measures {
        seconds: 154.0 + 0.1 * hop as f64,
        loudness: Loudness {
            momentary: -17.2 + 1.5 * sway,
            short_term: -18.4 + 0.6 * sway,
            integrated: -18.9,
            range: 6.3,
            highest_momentary: -14.1,
            highest_short_term: -16.0,
            true_peak: -2.4,
        },
        tempo: Some(86.13),
        key: Some(Key {
            tonic: 3,
            mode: Mode::Major,
            correlation: 0.83,
        }),
        chroma: [
            0.42, 0.08, 0.31, 1.0, 0.05, 0.38, 0.06, 0.71, 0.44, 0.07, 0.82, 0.11,
        ],
        tuning: Some(-0.04),
        timbre: Some(Timbre {
            brightness: 48.0,
            depth: 62.0,
            hardness: 39.0,
            warmth: 57.0,
            sharpness: 33.0,
            boominess: 41.0,
            roughness: 45.0,
            reverb: 0.61,
            reverb_seconds: 0.64,
        }),
    }
}
