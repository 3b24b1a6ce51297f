//! Draws one frame of the editor, from the top of the window to the bottom.

use egui::Ui;
use nice_plug::prelude::ParamSetter;

use super::{header, layout, page::Page, state::UiState, status_bar};
use crate::{
    editor::{
        input::{Edit, Recorder},
        look::{self, Metrics},
        panels::{listen, morph},
        scene::Scene,
        widgets::help,
    },
    params::MoodringParams,
    telemetry::Snapshot,
};

/// Draws the whole editor into all of `ui`'s room. Needs no window, so that tests can drive it.
pub fn draw(
    ui: &mut Ui,
    params: &MoodringParams,
    setter: &ParamSetter<'_>,
    snapshot: &Snapshot,
    state: &mut UiState,
) {
    let window = ui.max_rect();
    let preferences = state.preferences.get();
    let (page, with_ring) = (preferences.page, preferences.mood_ring);
    let metrics = Metrics::new(window.size(), preferences.theme);
    if state.styled != Some(metrics) {
        state.styled = Some(metrics);
        look::apply(ui.ctx(), metrics);
        // This frame was begun in the old style.
        ui.ctx().request_repaint();
    }
    let rooms = layout::WindowLayout::new(metrics, window);
    let heard = state.listen.shown(snapshot);
    state.mood_ring.follow(ui, heard, state.by_software);
    let overview = layout::overview(
        metrics,
        rooms.page,
        morph::least_height(metrics),
        listen::most_height(metrics),
    );
    let panels = match page {
        Page::Overview if !state.about.is_open => &overview[..],
        _ => &[rooms.page],
    };
    let ring = with_ring.then_some(&state.mood_ring);
    layout::draw_around(ui, metrics, window, rooms.page, panels, ring);

    let now = ui.input(|input| input.time);
    let recorder = Recorder::new(setter, std::mem::take(&mut state.history), now);
    let scene = &mut Scene {
        metrics,
        params,
        snapshot,
        edit: Edit {
            recorder: &recorder,
            gestures: &mut state.gestures,
        },
        notice: &mut state.notice,
    };
    let presets = header::draw(
        ui,
        &mut scene.with_snapshot(heard),
        rooms.header,
        &state.mood_ring,
        &mut state.about,
        &mut state.preferences,
    );
    state.presets.draw(ui, scene, presets);
    // A tab that was pressed just now is this frame's page already.
    match state.preferences.get().page {
        _ if state.about.is_open => state.about.draw(ui, scene, rooms.page),
        Page::Overview => {
            let [listen, morph] = overview;
            state.listen.draw(ui, scene, listen);
            state.morph.draw(ui, scene, morph);
        }
        Page::Listen => state.listen.draw(ui, scene, rooms.page),
        Page::Morph => state.morph.draw(ui, scene, rooms.page),
        Page::Spectrum => {
            let mut settings = state.preferences.get().spectrum;
            state.spectrum.draw(ui, scene, rooms.page, &mut settings);
            if settings != state.preferences.get().spectrum {
                state
                    .preferences
                    .change(|preferences| preferences.spectrum = settings);
            }
        }
    }
    state.meters.follow(ui, scene);
    state.meters.draw(ui, scene, rooms.meters);
    let (menu, warning) = (&mut state.models_menu, &mut state.late_warning);
    status_bar::draw(ui, scene, rooms.status, menu, warning);
    if let Some(remark) = state.gestures.remark.take() {
        state.notice.say(ui, remark);
    }
    help::draw(ui, metrics, rooms.help, &state.notice);
    state.history = recorder.into_history();
}
