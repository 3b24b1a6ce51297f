//! Pictures of every page in both themes and at three sizes, and of every state, compared with stored ones. Those of the
//! states are the README's.

use crate::common::{
    MAIN,
    concert::{concert, play, settings},
    editor::{MARGIN, left_on, open_in, window},
    picture::{Textures, compare, difference, halved, picture},
};
use egui::{ColorImage, Key, Role, Vec2};
use egui_kittest::kittest::Queryable;
use moodring::{
    editor::{LEAST_SIZE, Page, Theme},
    model::TagKind,
    params::{EDITOR_SIZE, KeptPlace, OutputTag},
    telemetry::{ListenState, Meters, Readout, ReadoutHistory, Snapshot},
};

const LARGE: (f32, f32) = (1_440.0, 900.0);

/// Frames of the concert before the picture is taken, a tenth of a second each: the mood ring has its colour by then.
const FRAMES: u64 = 80;

/// The editor after some seconds of concert, each frame of which was changed by `change`.
fn taken(page: Page, theme: Theme, size: (f32, f32), change: impl Fn(&mut Snapshot)) -> ColorImage {
    let textures = Textures::default();
    let window = window(Vec2::from(size), 1.0)
        .with_step_dt(0.1)
        .renderer(textures.clone());
    let mut snapshot = concert();
    change(&mut snapshot);
    let mut harness = open_in(window, snapshot, left_on(page, theme));
    settings(&harness.state().params);
    for frame in 0..FRAMES {
        let snapshot = &mut harness.state_mut().snapshot;
        play(snapshot, frame);
        change(snapshot);
        harness.step();
    }
    picture(&harness, &textures, MARGIN, theme.palette().panel)
}

/// What About has in its glossary.
fn about(theme: Theme, size: (f32, f32)) -> ColorImage {
    let textures = Textures::default();
    let window = window(Vec2::from(size), 1.0).renderer(textures.clone());
    let mut harness = open_in(window, concert(), left_on(Page::Overview, theme));
    for name in ["About Moodring", "Glossary"] {
        harness.get_by_label(name).click_accesskit();
        harness.run();
    }
    picture(&harness, &textures, MARGIN, theme.palette().panel)
}

/// A page of the menu of outputs, with something on it.
fn outputs(theme: Theme, page: &str) -> ColorImage {
    let textures = Textures::default();
    let window = window(Vec2::from(EDITOR_SIZE), 1.0).renderer(textures.clone());
    let mut harness = open_in(window, concert(), left_on(Page::Listen, theme));
    let params = harness.state().params.clone();
    let mut settings = params.outputs.get(&MAIN);
    let tags = harness.state().snapshot.tags.clone();
    for (place, tag) in settings.tags.iter_mut().zip(tags.iter().skip(6)).take(3) {
        *place = Some(OutputTag::of(tag));
    }
    settings.midi.on = true;
    settings.midi.controllers[3] = None;
    params.outputs.choose(settings, &MAIN);
    for name in ["Output", page, "Steer 1 Source: Arousal"] {
        if let Some(control) = harness.query_by_label(name) {
            control.click_accesskit();
        }
        harness.run();
    }
    picture(&harness, &textures, MARGIN, theme.palette().panel)
}

#[test]
fn every_page_of_the_menu_of_outputs_looks_as_it_did_in_both_themes() {
    let mut results = Vec::new();
    for theme in [Theme::Dark, Theme::Light] {
        for page in ["OSC, log", "Tags", "MIDI", "Steer"] {
            let name = page.split(',').next().unwrap_or_default();
            let path = format!("tests/pictures/outputs-{name}-{theme:?}.png").to_lowercase();
            results.push(compare(&path, &halved(&outputs(theme, page))));
        }
    }
    assert_unchanged(results);
}

/// Fails with everything that looks different.
#[track_caller]
fn assert_unchanged(results: Vec<Result<(), String>>) {
    let changed: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

/// The sizes of windows, with their names.
const SIZES: [((f32, f32), &str); 3] = [
    (LEAST_SIZE, "small"),
    (EDITOR_SIZE, "usual"),
    (LARGE, "large"),
];

/// Compares what `name` stands for, in both themes at these sizes.
fn in_themes_and_sizes(
    name: &str,
    sizes: &[((f32, f32), &str)],
    picture: impl Fn(Theme, (f32, f32)) -> ColorImage,
) -> Vec<Result<(), String>> {
    let mut results = Vec::new();
    for theme in [Theme::Dark, Theme::Light] {
        for &(size, of_size) in sizes {
            let path = format!("tests/pictures/{name}-{theme:?}-{of_size}.png").to_lowercase();
            results.push(compare(&path, &halved(&picture(theme, size))));
        }
    }
    results
}

#[test]
fn every_page_looks_as_it_did_in_both_themes_at_three_sizes() {
    let mut results = in_themes_and_sizes("about", &SIZES, about);
    for page in Page::ALL {
        let pictures = |theme, size| taken(page, theme, size, |_| {});
        results.extend(in_themes_and_sizes(&format!("{page:?}"), &SIZES, pictures));
    }
    assert_unchanged(results);
}

/// A picture's name, page, theme and size, and what is to be seen.
type State<'a> = (&'a str, Page, Theme, (f32, f32), &'a dyn Fn(&mut Snapshot));

#[test]
fn every_state_looks_as_it_does_in_the_readme() {
    let nothing_yet = |snapshot: &mut Snapshot| {
        snapshot.readout = Readout::default();
        snapshot.history = ReadoutHistory::default();
        snapshot.latents = None;
        snapshot.spectra = None;
        snapshot.curves = None;
        snapshot.meters = Meters::default();
    };
    let warming_up = |snapshot: &mut Snapshot| {
        snapshot.readout.state = ListenState::WarmingUp;
        snapshot.history = ReadoutHistory::default();
        snapshot.history.add(&snapshot.readout);
    };
    let silence = |snapshot: &mut Snapshot| {
        snapshot.readout.state = ListenState::Silence;
        snapshot.readout.place = None;
    };
    let no_model = |snapshot: &mut Snapshot| {
        nothing_yet(snapshot);
        snapshot.readout.state = ListenState::Unavailable;
        snapshot.map = None;
        snapshot.band_hz = [].into();
        snapshot.status.tagger.clear();
        snapshot.status.timbre.clear();
        snapshot.status.fault = Some("models/tagger/card.json: schema is 9, expected 1".to_owned());
    };
    let music = |_: &mut Snapshot| {};
    let states: [State<'_>; 12] = [
        ("", Page::Overview, Theme::Dark, EDITOR_SIZE, &music),
        ("-light", Page::Overview, Theme::Light, EDITOR_SIZE, &music),
        ("-small", Page::Overview, Theme::Dark, LEAST_SIZE, &music),
        ("-large", Page::Overview, Theme::Dark, LARGE, &music),
        ("-listen", Page::Listen, Theme::Dark, EDITOR_SIZE, &music),
        ("-morph", Page::Morph, Theme::Dark, EDITOR_SIZE, &music),
        (
            "-spectrum",
            Page::Spectrum,
            Theme::Dark,
            EDITOR_SIZE,
            &music,
        ),
        ("-measure", Page::Measure, Theme::Dark, EDITOR_SIZE, &music),
        (
            "-empty",
            Page::Overview,
            Theme::Dark,
            EDITOR_SIZE,
            &nothing_yet,
        ),
        (
            "-warming-up",
            Page::Listen,
            Theme::Dark,
            EDITOR_SIZE,
            &warming_up,
        ),
        ("-silence", Page::Listen, Theme::Dark, EDITOR_SIZE, &silence),
        (
            "-no-model",
            Page::Overview,
            Theme::Dark,
            EDITOR_SIZE,
            &no_model,
        ),
    ];
    let compared = states.map(|(name, page, theme, size, change)| {
        compare(
            &format!("docs/editor{name}.png"),
            &taken(page, theme, size, change),
        )
    });
    let about = about(Theme::Dark, EDITOR_SIZE);
    let about = compare("docs/editor-about.png", &about);
    assert_unchanged(compared.into_iter().chain([about]).collect());
}

/// What the map of music shows that has been used: kept places, and a song under the pointer; in a small window in the tags' place.
fn map_of_music(theme: Theme, size: (f32, f32)) -> ColorImage {
    let textures = Textures::default();
    let window = window(Vec2::from(size), 1.0).renderer(textures.clone());
    let mut harness = open_in(window, concert(), left_on(Page::Listen, theme));
    let map = harness.state().snapshot.music_map.clone().unwrap();
    for (name, song) in [("verse", 12), ("chorus", 100)] {
        let kept = KeptPlace {
            name: name.to_owned(),
            at: map.songs[song].at,
            map: map.id.clone(),
        };
        assert!(harness.state().params.places.keep(kept, &MAIN));
    }
    harness.run();
    let shown = "Map of music";
    if harness
        .query_by_role_and_label(Role::Image, shown)
        .is_none()
    {
        let switch = harness.get_by_label("Map of music shown");
        switch.click_accesskit();
        harness.run();
    }
    harness.get_by_role_and_label(Role::Image, shown).focus();
    harness.run();
    for key in [Key::ArrowRight, Key::ArrowUp] {
        harness.key_press(key);
        harness.run();
    }
    picture(&harness, &textures, MARGIN, theme.palette().panel)
}

#[test]
fn the_map_of_music_looks_as_it_did_in_both_themes_at_three_sizes() {
    assert_unchanged(in_themes_and_sizes("map-of-music", &SIZES, map_of_music));
}

/// A user's tagger may name things that are no genre, instrument or mood.
#[test]
fn the_column_of_other_tags_looks_as_it_did_in_both_themes() {
    let others = |snapshot: &mut Snapshot| {
        let mut tags = snapshot.tags.to_vec();
        let names = ["energetic", "film", "quiet", "slow"];
        for tag in tags.iter_mut() {
            if names.contains(&tag.name.as_str()) {
                tag.kind = TagKind::Other;
            }
        }
        snapshot.tags = tags.into();
    };
    let pictures = |theme, size| taken(Page::Listen, theme, size, others);
    assert_unchanged(in_themes_and_sizes("others", &SIZES[..2], pictures));
}

#[test]
fn a_picture_of_the_same_is_the_same_and_one_of_something_else_is_not() {
    let one = taken(Page::Listen, Theme::Dark, LEAST_SIZE, |_| {});
    let same = taken(Page::Listen, Theme::Dark, LEAST_SIZE, |_| {});
    assert_eq!(difference(&one, &same), (0.0, 0.0));
    let background = Theme::Dark.palette().background;
    let filled = ColorImage::filled(one.size, background);
    let (share, mean) = difference(&one, &filled);
    assert!(share > 0.3 && mean > 3.0, "{share} {mean}");
    // A single word that changed is seen.
    let other = taken(Page::Listen, Theme::Dark, LEAST_SIZE, |snapshot| {
        snapshot.status.latency += 1;
    });
    assert!(difference(&one, &other).0 > 0.0);
}
