//! What is done to the sound, driven without a window: typed values, the map with its handle, what Morph leads to, captures,
//! and the spectrum.

mod aim;
mod captures;
mod map;
mod spectrum;
mod typed;

use crate::common::MAIN;
use std::sync::Arc;

use crate::common::editor::{
    Call, MARGIN, SIZES, World, left_on, open_in, playing, press, settle, texts, usual, window,
};
use egui::{Key, Pos2, Rect, Role, Vec2};
use egui_kittest::{Harness, kittest::Queryable};
use moodring::{
    editor::{Page, Theme},
    model::{BANDS, LATENTS, ModelSource, TimbreMap},
    params::{Captured, MoodringParams, MorphSource, Slot},
    telemetry::{POINTS, Sidechain, Snapshot, Spectra, Spectrum},
};
use nice_plug::prelude::{Param, ParamPtr, ParamSetter};

/// A snapshot with everything that these pages can show.
fn snapshot() -> Snapshot {
    let card = ModelSource::embedded_timbre_card().unwrap();
    Snapshot {
        map: Some(Arc::new(TimbreMap::new(card))),
        sidechain: Sidechain {
            connected: true,
            at: Some([0.5, 0.6]),
        },
        band_hz: (0..BANDS)
            .map(|band| 40.0 * 500f32.powf(band as f32 / (BANDS - 1) as f32))
            .collect(),
        spectra: Some(spectra(0, -30.0)),
        curves: Some([[10.0; BANDS]; 3]),
        ..playing()
    }
}

/// The output is flat at a level, the input 10 dB below; slower averages are 1 dB below the faster.
fn spectra(number: u64, level: f32) -> Spectra {
    Spectra {
        averages: [0.0, 1.0, 2.0].map(|below| Spectrum {
            input: [level - 10.0 - below; POINTS],
            output: [level - below; POINTS],
        }),
        number,
    }
}

fn captured(name: &str) -> Captured {
    Captured {
        name: name.to_owned(),
        latent: [0.5; LATENTS],
        levels: (0..BANDS).map(|band| -0.3 * band as f32).collect(),
        model: "pilot 1".to_owned(),
    }
}

/// The editor on a page.
fn open(page: Page, size: Vec2) -> Harness<'static, World> {
    let state = left_on(page, Theme::Dark);
    open_in(window(size, 1.0), snapshot(), state)
}

fn params(harness: &Harness<'_, World>) -> Arc<MoodringParams> {
    Arc::clone(&harness.state().params)
}

/// Everything the host was told since the last time.
fn calls(harness: &Harness<'_, World>) -> Vec<(ParamPtr, Call)> {
    std::mem::take(&mut *harness.state().host.calls.lock().unwrap())
}

/// What the host was told about one of the parameters.
fn of(calls: &[(ParamPtr, Call)], param: &impl Param) -> Vec<Call> {
    calls
        .iter()
        .filter(|(ptr, _)| *ptr == param.as_ptr())
        .map(|(_, call)| *call)
        .collect()
}

fn lead_to(harness: &mut Harness<'_, World>, source: MorphSource) {
    let setter = ParamSetter::new(&*harness.state().host);
    setter.set_parameter(&harness.state().params.morph_source, source);
    calls(harness);
    harness.run();
}

fn click(harness: &mut Harness<'_, World>, at: Pos2) {
    harness.hover_at(at);
    harness.step();
    press(harness, at, true);
    press(harness, at, false);
    settle(harness);
}

fn key(harness: &mut Harness<'_, World>, key: Key) {
    harness.key_press(key);
    harness.run();
}

fn undo(harness: &mut Harness<'_, World>) {
    harness
        .get_by_role_and_label(Role::Button, "Undo")
        .click_accesskit();
    harness.run();
}

#[test]
fn nothing_is_cut_off_and_no_words_overlap_at_any_size() {
    for size in SIZES.map(Vec2::from) {
        for page in [Page::Overview, Page::Morph, Page::Spectrum] {
            for source in [
                MorphSource::Named,
                MorphSource::Map,
                MorphSource::Captures,
                MorphSource::Sidechain,
            ] {
                let mut harness = open(page, size);
                let captures = &params(&harness).captures;
                captures.set(Slot::A, Some(captured("Dusk")), &MAIN);
                captures.request(Slot::B, 1.0, &MAIN);
                lead_to(&mut harness, source);
                for view in ["Show Map", "Show Knobs"] {
                    if let Some(view) = harness.query_by_label(view) {
                        view.click_accesskit();
                        harness.run();
                    }
                    assert_tidy(&harness, size, &format!("{page:?}, {source:?}, {view}"));
                }
            }
        }
    }
}

fn assert_tidy(harness: &Harness<'_, World>, size: Vec2, at: &str) {
    let window = Rect::from_min_size(Pos2::new(MARGIN, MARGIN), size);
    let mut painted = Vec::new();
    for clipped in &harness.output().shapes {
        texts(&clipped.shape, &mut painted);
    }
    assert!(painted.len() > 10, "{painted:?} at {size}, {at}");
    for (index, (one, rect, cut)) in painted.iter().enumerate() {
        assert!(!cut, "`{one}` is cut off at {size}, {at}");
        assert!(
            window.contains_rect(*rect),
            "`{one}` {rect} at {size}, {at}"
        );
        for (other, place, _) in painted.iter().skip(index + 1) {
            let both = rect.intersect(place.shrink(0.5));
            assert!(
                both.width() <= 0.5 || both.height() <= 0.5,
                "`{one}` {rect} and `{other}` {place} overlap at {size}, {at}"
            );
        }
    }
}

#[test]
fn without_model_or_sound_the_pages_say_so() {
    let open = |page| {
        let state = left_on(page, Theme::Dark);
        open_in(window(usual(), 1.0), Snapshot::default(), state)
    };
    open(Page::Morph).get_by_label("No map without a timbre model");
    open(Page::Spectrum).get_by_label("Play something");
}
