//! Draws one frame of the editor, from the top of the window to the bottom.

use egui::{Rect, Ui};
use nice_plug::prelude::{Param, ParamSetter};

use super::{header::HeaderLayout, layout, page::Page, state::UiState, status_bar};
use crate::{
    editor::{
        input::{Edit, Recorder},
        look::{self, Metrics},
        panels::{
            listen,
            morph::{self, MorphPanel},
        },
        scene::Scene,
        widgets::help,
    },
    params::MoodringParams,
    telemetry::Snapshot,
    thread::EditorThread,
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
    let thread = EditorThread::assume();
    let mut marks = std::mem::take(&mut state.marks);
    let host = &state.host;
    marks.follow(params, host.indicated(), || host.indications(), &thread);
    host.note_tags(params.outputs.tag_changes());
    let rooms = layout::WindowLayout::new(metrics, window);
    let heard = state.listen.shown(snapshot);
    let by_software = state.painting.is_by_software();
    state.mood_ring.follow(ui, heard, by_software);
    let overview = layout::overview(
        metrics,
        rooms.page,
        morph::least_height(metrics),
        state.morph.wanted_height(metrics),
        listen::most_height(metrics),
    );
    let panels = match page {
        Page::Overview if !state.about.is_open => &overview[..],
        _ => &[rooms.page],
    };
    let ring = with_ring.then_some(&state.mood_ring);
    layout::draw_around(ui, metrics, window, rooms.page, panels, ring);

    let now = ui.input(|input| input.time);
    let recorder = Recorder::new(setter, std::mem::take(&mut state.history), marks, now);
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
    let header = HeaderLayout::new(ui, metrics, rooms.header);
    header.draw_mark(
        ui,
        &scene.with_snapshot(heard),
        &state.mood_ring,
        &mut state.about,
        &state.preferences,
    );
    state.presets.draw(ui, scene, header.presets);
    header.draw_rest(ui, scene, &mut state.about, &mut state.preferences);
    // A tab that was pressed just now is this frame's page already.
    match state.preferences.get().page {
        _ if state.about.is_open => state.about.draw(ui, scene, rooms.page),
        Page::Overview => {
            let [listen, morph] = overview;
            state.listen.draw(ui, scene, listen, None);
            draw_morph(ui, scene, morph, &mut state.morph);
        }
        Page::Listen => {
            let mut shown = state.preferences.get().music_map;
            state.listen.draw(ui, scene, rooms.page, Some(&mut shown));
            if shown != state.preferences.get().music_map {
                state
                    .preferences
                    .change(|preferences| preferences.music_map = shown);
            }
        }
        Page::Morph => draw_morph(ui, scene, rooms.page, &mut state.morph),
        Page::Measure => state.measure.draw(ui, scene, rooms.page),
        Page::Spectrum => {
            let mut settings = state.preferences.get().spectrum;
            let together = state.painting.columns_together();
            let (panel, page) = (&mut state.spectrum, rooms.page);
            panel.draw(ui, scene, page, &mut settings, together);
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
    if let Some(remark) = scene.edit.gestures.remark.take() {
        scene.notice.say(ui, remark);
    }
    state.context_menu.draw(ui, scene, &state.host);
    help::draw(ui, metrics, rooms.help, &state.notice);
    (state.history, state.marks, state.took_key) = recorder.into_parts();
}

/// Draws Morph's panel into `rect`, faint while Bypass is on: nothing of it sounds.
fn draw_morph(ui: &mut Ui, scene: &mut Scene<'_>, rect: Rect, panel: &mut MorphPanel) {
    const FAINT: f32 = 0.45;
    if !scene.params.bypass.unmodulated_plain_value() {
        panel.draw(ui, scene, rect);
        return;
    }
    let before = ui.opacity();
    ui.multiply_opacity(FAINT);
    panel.draw(ui, scene, rect);
    ui.set_opacity(before);
}
