//! The latent knobs, and the sliders and the switch below them.

use egui::{Rect, Ui, Vec2};

use super::layout::{self, ControlsLayout};
use crate::{
    editor::{
        scene::Scene,
        widgets::{
            help,
            knob::{self, KnobLatents},
            slider::{self, Shape},
            switch,
        },
    },
    model::ModelSource,
};

/// How a knob is turned.
const HOW: &str = "Drag up or down, or use the wheel; Shift: fine; double-click or Alt-click: reset; \
                   click the number, or Enter: type";

/// Between two rows of knobs, in spacing units.
const ROW_GAP: f32 = 0.75;

/// Draws the latent knobs into `rect`.
pub fn draw_knobs(ui: &Ui, scene: &mut Scene<'_>, rect: Rect) {
    let (metrics, params, snapshot) = (scene.metrics, scene.params, scene.snapshot);
    let latents = ModelSource::embedded_timbre_card().map_or(&[][..], |card| &card.latents);
    let rows = layout::knob_rows(metrics, rect.size());
    let columns = params.knobs.len().div_ceil(rows);
    // A value stands nearer to its own dial than to the name below it.
    let gap = metrics.units(ROW_GAP);
    let height = (rect.height() + gap) / rows as f32 - gap;
    let size = Vec2::new(rect.width() / columns as f32, height);
    let step = size + Vec2::new(0.0, gap);
    for (index, param) in params.knobs.iter().enumerate() {
        let at = Vec2::new((index % columns) as f32, (index / columns) as f32);
        let cell = Rect::from_min_size(rect.min + at * step, size);
        let place = snapshot.latents.as_ref().and_then(|latents| {
            Some(KnobLatents {
                live: *latents.live.get(index)?,
                shaped: *latents.shaped.get(index)?,
            })
        });
        let cell = cell.shrink2(Vec2::new(metrics.units(0.25), 0.0));
        let response = knob::knob(ui, metrics, cell, &param.shift, place, &mut scene.edit);
        help::tip_with(response, || {
            let words = latents
                .get(index)
                .map_or("", |latent| latent.descriptor.as_str());
            let place = place.map_or(String::new(), |place| {
                format!(
                    "\nInput {:+.2} σ, output {:+.2} σ",
                    place.live, place.shaped
                )
            });
            format!("{}{place}\n{HOW}", capitalised(words))
        });
    }
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// Draws the sliders and the switch into their cells.
pub fn draw_cells(ui: &Ui, scene: &mut Scene<'_>, controls: ControlsLayout) {
    let (metrics, params) = (scene.metrics, scene.params);
    let shape = if controls.flat {
        Shape::Flat
    } else {
        Shape::Tall
    };
    for (index, (param, words)) in [
        (
            &params.resynthesis,
            "0 % changes only what the knobs change; 100 % imposes the target’s own spectrum, and plays single notes anew",
        ),
        (
            &params.follow,
            "100 % tracks the input's timbre; 0 % holds the present one",
        ),
        (
            &params.smoothing,
            "How slowly the timbre follows the knobs and the input",
        ),
        (&params.mix, "Share of the processed sound in the output"),
        (&params.output, "Gain behind the mix"),
    ]
    .into_iter()
    .enumerate()
    {
        let cell = controls.cell(metrics, index);
        let response = slider::slider(ui, metrics, cell, shape, param, &mut scene.edit);
        help::tip_with(response, || format!("{words}\n{}", slider::HOW));
    }
    let response = switch::switch(
        ui,
        metrics,
        controls.cell(metrics, layout::CELLS - 1),
        &params.keep_loudness,
        metrics.palette.accent,
        scene.edit.recorder,
    );
    help::tip(
        response,
        "The output stays as loud as the input while its timbre changes",
    );
}
