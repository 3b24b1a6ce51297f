//! What the tests that drive the editor without a window share: a host that notes what it is told, snapshots, gestures.
#![allow(
    unsafe_code,
    reason = "nice-plug's gestures take parameters by pointer"
)]

use std::sync::{Arc, Mutex};

use egui::{
    Event, Modifiers, MouseWheelUnit, PointerButton, Pos2, Rect, Role, Shape, TouchPhase, Vec2,
};
use egui_kittest::{
    Harness, HarnessBuilder, Node,
    kittest::{NodeT, Queryable},
};
use moodring::{
    dsp::descriptors::{Key, Mode},
    editor::{LEAST_SIZE, Page, Preferences, Theme, UiState, UserFiles, draw, load_fonts},
    model::{Affect, MusicMap, MusicPlace, TagInfo, TagKind},
    params::{EDITOR_SIZE, MoodringParams},
    telemetry::{
        Headlines, Latents, ListenState, Loudness, Measures, Readout, ReadoutHistory, Snapshot,
        Status, Timbre,
    },
};
use nice_plug::{
    context::PluginApi,
    prelude::{GuiContextInner, Param, ParamPtr, ParamSetter, PluginState},
};

/// Window sizes from the smallest on, narrow, low and large ones among them, at which nothing may be cut off.
pub const SIZES: [(f32, f32); 7] = [
    LEAST_SIZE,
    (640.0, 620.0),
    (640.0, 1_000.0),
    EDITOR_SIZE,
    (1_280.0, 400.0),
    (1_600.0, 400.0),
    (1_600.0, 1_000.0),
];

/// What a control told the host.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Call {
    Begin,
    Set(f32),
    End,
}

/// A host that takes every change over at once, as the framework does while nothing is processed, and writes down the calls.
#[derive(Default)]
pub struct Host {
    pub calls: Mutex<Vec<(ParamPtr, Call)>>,
}

impl Host {
    /// The calls since the last time, all of which must have been for `param`.
    pub fn take(&self, param: &impl Param) -> Vec<Call> {
        let calls = std::mem::take(&mut *self.calls.lock().unwrap());
        assert!(
            calls.iter().all(|(ptr, _)| *ptr == param.as_ptr()),
            "another parameter than {} was changed too",
            param.name()
        );
        calls.into_iter().map(|(_, call)| call).collect()
    }
}

impl GuiContextInner for Host {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Clap
    }
    unsafe fn raw_begin_set_parameter(&self, param: ParamPtr) {
        self.calls.lock().unwrap().push((param, Call::Begin));
    }
    unsafe fn raw_set_parameter_normalized(&self, param: ParamPtr, normalized: f32) {
        // SAFETY: the parameters outlive the harness that calls this.
        unsafe { param._internal_set_normalized_value(normalized) };
        let mut calls = self.calls.lock().unwrap();
        calls.push((param, Call::Set(normalized)));
    }
    unsafe fn raw_end_set_parameter(&self, param: ParamPtr) {
        self.calls.lock().unwrap().push((param, Call::End));
    }
    fn get_state(&self) -> PluginState {
        unreachable!("the editor saves nothing")
    }
    fn set_state(&self, _state: PluginState) {}
    fn request_restart(&self) {}
}

pub struct World {
    pub params: Arc<MoodringParams>,
    pub host: Arc<Host>,
    pub snapshot: Snapshot,
    pub state: UiState,
}

/// Everything that can be pressed or turned.
pub const CONTROLS: [Role; 7] = [
    Role::Button,
    Role::CheckBox,
    Role::ComboBox,
    Role::Image,
    Role::Meter,
    Role::Slider,
    Role::Tab,
];

/// The harness puts this much room around what it draws.
pub const MARGIN: f32 = 8.0;

/// The editor on its first page, dark, at 100 %.
pub fn open(snapshot: Snapshot, size: Vec2) -> Harness<'static, World> {
    open_in(window(size, 1.0), snapshot, UiState::default())
}

/// A window of `size` in logical pixels, with `scale` pixels for each of them.
pub fn window(size: Vec2, scale: f32) -> HarnessBuilder<World> {
    Harness::builder()
        .with_context_setup(load_fonts)
        // Real frames: at the harness's own quarter of a second no click is a double-click.
        .with_step_dt(1.0 / 60.0)
        .with_size(size + Vec2::splat(2.0 * MARGIN))
        .with_pixels_per_point(scale)
}

/// The editor in `window`, as `state` remembers it.
pub fn open_in(
    window: HarnessBuilder<World>,
    snapshot: Snapshot,
    state: UiState,
) -> Harness<'static, World> {
    let world = World {
        params: Arc::new(MoodringParams::default()),
        host: Arc::default(),
        snapshot,
        state,
    };
    let mut harness = window.build_ui_state(
        |ui, world: &mut World| {
            let setter = ParamSetter::new(&*world.host);
            draw(
                ui,
                &world.params,
                &setter,
                &world.snapshot,
                &mut world.state,
            );
        },
        world,
    );
    // Also proves that the editor comes to rest: the harness gives up on one that always wants another frame.
    harness.run();
    harness
}

/// What the editor remembers when it was left on `page` in `theme`.
pub fn left_on(page: Page, theme: Theme) -> UiState {
    let preferences = Preferences {
        page,
        theme,
        ..Preferences::default()
    };
    UiState::new(preferences, UserFiles::default())
}

pub fn usual() -> Vec2 {
    Vec2::from(EDITOR_SIZE)
}

pub fn tag(name: &str, kind: TagKind) -> TagInfo {
    TagInfo {
        name: name.to_owned(),
        kind,
        parent: None,
    }
}

/// What is named in large letters: the tags of these indices.
pub fn headlines(tags: &[TagInfo], named: impl IntoIterator<Item = usize>) -> Headlines {
    let mut headlines = Headlines::default();
    for index in named {
        headlines.set(tags[index].kind, Some(index));
    }
    headlines
}

pub fn playing() -> Snapshot {
    let tags = [
        tag("piano", TagKind::Instrument),
        tag("folk", TagKind::Genre),
        tag("calm", TagKind::Mood),
        tag("jazz", TagKind::Genre),
        tag("happy", TagKind::Mood),
        tag("violin", TagKind::Instrument),
        tag("ambient", TagKind::Genre),
        tag("drums", TagKind::Instrument),
    ];
    Snapshot {
        answer_seconds: 3.7,
        answer_pace: 0.5,
        readout: Readout {
            headlines: headlines(&tags, [0, 3, 2]),
            state: ListenState::Live,
            seconds: 9.5,
            // The latest answer has another order than the average has.
            probabilities: vec![0.1, 0.9, 0.3, 0.2, 0.9, 0.8, 0.4, 0.0],
            average: vec![0.7, 0.2, 0.3, 0.6, 0.05, 0.1, 0.2, 0.4],
            affect: None,
            inference_ms: 18.3,
            ..Readout::default()
        },
        tags: tags.into(),
        latents: Some(Latents {
            live: [0.5, -0.5, 9.0, -9.0, f32::NAN, 0.0, 1.0, 2.0],
            shaped: [1.5, -0.5, 9.0, -2.0, 0.0, 0.0, 1.0, 2.0],
            live_at: [-0.3, 0.2],
            shaped_at: [0.4, 0.1],
        }),
        status: Status {
            sample_rate: 48_000.0,
            latency: 4_352,
            curve_ms: 0.42,
            late_curves: 0,
            no_priority: None,
            tagger: "Moodring tagger".to_owned(),
            timbre: "Moodring timbre".to_owned(),
            fault: None,
        },
        history: history(8, 200),
        ..Snapshot::default()
    }
}

/// So many answers of the past, half a second apart, in which each tag comes and goes in its own time.
pub fn history(tags: usize, answers: usize) -> ReadoutHistory {
    let mut history = ReadoutHistory::default();
    for answer in 0..answers {
        let average = (0..tags)
            .map(|tag| {
                let phase = answer as f32 / (9.0 + 5.0 * tag as f32) + tag as f32;
                0.1 + 0.8 * phase.sin().powi(2) / (1.0 + tag as f32 % 4.0)
            })
            .collect();
        history.add(&Readout {
            state: match answer % 100 {
                60..70 => ListenState::Silence,
                _ => ListenState::Live,
            },
            seconds: 0.5 * answer as f64,
            average,
            affect: Some(Affect {
                valence: 0.2,
                arousal: -0.7,
            }),
            ..Readout::default()
        });
    }
    history
}

/// A full house: as many tags as a column shows and more, with the longest names of the shipped tagger.
pub fn crowded(state: ListenState) -> Snapshot {
    let mut snapshot = playing();
    snapshot.tags = TagKind::COLUMNS
        .into_iter()
        .flat_map(|kind| (0..12).map(move |index| tag(&format!("instrumental po{index}"), kind)))
        .collect();
    snapshot.readout.average = vec![1.0; snapshot.tags.len()];
    snapshot.readout.probabilities = vec![1.0; snapshot.tags.len()];
    snapshot.readout.headlines = headlines(&snapshot.tags, [0, 12, 24]);
    snapshot.history = history(snapshot.tags.len(), 1_000);
    snapshot.readout.state = state;
    snapshot.status.late_curves = 1_234;
    snapshot.measures = Some(loud());
    snapshot.music_map = Some(Arc::new(music_map()));
    let is_heard = !matches!(state, ListenState::Waiting | ListenState::Silence);
    snapshot.readout.place = is_heard.then(place);
    snapshot
}

/// A map with all the genres that one can have, each as long as the longest that ships, and four songs.
pub fn music_map() -> MusicMap {
    let maps = include_bytes!("../fixtures/cards/maps.json");
    let maps: serde_json::Value = serde_json::from_slice(maps).unwrap();
    let mut map = maps["bases"]["map"].clone();
    let genres = map["genres"].as_array_mut().unwrap();
    while genres.len() < 10 {
        genres.push(format!("world, latin, dub {}", genres.len()).into());
    }
    MusicMap::parse("map", map.to_string().as_bytes(), 3, "the map of the tests").unwrap()
}

/// A place on [`music_map`]: close to Two, One and Three.
pub fn place() -> MusicPlace {
    music_map().place(&[0.5, 0.75])
}

/// The longest that each measure can be.
fn loud() -> Measures {
    let loudness = Loudness {
        momentary: -58.8,
        short_term: -58.8,
        integrated: -38.8,
        range: 28.8,
        highest_momentary: 0.0,
        highest_short_term: 0.0,
        true_peak: -38.8,
    };
    Measures {
        seconds: 36_000.0,
        loudness,
        tempo: Some(288.0),
        key: Some(Key {
            tonic: 8,
            mode: Mode::Minor,
            correlation: 1.0,
        }),
        chroma: [1.0; Measures::NOTES],
        tuning: Some(-0.5),
        timbre: Some(Timbre {
            reverb: 1.0,
            ..Timbre::default().with(&Timbre::default(), |_, _| 188.0)
        }),
    }
}

pub fn name(node: &Node<'_>) -> String {
    node.accesskit_node().label().unwrap_or_default()
}

/// The slider-like control of that name.
pub fn control<'a>(harness: &'a Harness<'_, World>, name: &'a str) -> Node<'a> {
    harness.get_by_role_and_label(Role::Slider, name)
}

pub fn press(harness: &mut Harness<'_, World>, at: Pos2, pressed: bool) {
    let modifiers = harness.ctx.input(|input| input.modifiers);
    harness.event(Event::PointerButton {
        pos: at,
        button: PointerButton::Primary,
        pressed,
        modifiers,
    });
    harness.step();
}

/// Long enough that the next click is no part of a double-click, and for a tooltip to come up.
pub fn settle(harness: &mut Harness<'_, World>) {
    harness.run_steps(60);
}

pub fn drag(harness: &mut Harness<'_, World>, from: Pos2, by: Vec2) {
    harness.hover_at(from);
    harness.step();
    press(harness, from, true);
    for step in 1..=4 {
        harness.hover_at(from + by * (step as f32 / 4.0));
        harness.step();
    }
    press(harness, from + by, false);
    settle(harness);
}

pub fn double_click(harness: &mut Harness<'_, World>, at: Pos2) {
    harness.hover_at(at);
    harness.step();
    for pressed in [true, false, true, false] {
        press(harness, at, pressed);
    }
    settle(harness);
}

pub fn wheel(harness: &mut Harness<'_, World>, at: Pos2, lines: f32) {
    harness.hover_at(at);
    harness.step();
    harness.event(Event::MouseWheel {
        unit: MouseWheelUnit::Line,
        delta: Vec2::new(0.0, lines),
        modifiers: Modifiers::NONE,
        phase: TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
    });
    settle(harness);
}

/// Begin first, end last, nothing but changes between, and at least one of them.
pub fn assert_gesture(calls: &[Call]) -> f32 {
    assert_eq!(calls.first(), Some(&Call::Begin), "{calls:?}");
    assert_eq!(calls.last(), Some(&Call::End), "{calls:?}");
    let inside = &calls[1..calls.len() - 1];
    assert!(
        inside.iter().all(|call| matches!(call, Call::Set(_))),
        "{calls:?}"
    );
    match inside.last() {
        Some(Call::Set(value)) => *value,
        other => panic!("the gesture changed nothing: {other:?}"),
    }
}

/// The places of all texts that were painted, and whether any of them was cut short.
pub fn texts(shape: &Shape, found: &mut Vec<(String, Rect, bool)>) {
    match shape {
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| texts(shape, found)),
        Shape::Text(text) if !text.galley.text().is_empty() => found.push((
            text.galley.text().to_owned(),
            Rect::from_min_size(text.pos, text.galley.size()),
            text.galley.elided,
        )),
        _ => {}
    }
}
