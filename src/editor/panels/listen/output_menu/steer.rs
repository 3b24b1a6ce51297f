//! The page on which what is heard turns knobs.

use egui::{Role, Sense, Ui, Vec2, WidgetInfo};
use nice_plug::prelude::{Enum, EnumParam, Param};

use crate::{
    editor::{
        scene::Scene,
        widgets::{
            help,
            slider::{self, Shape},
        },
    },
    params::{OutputSettings, Reading, SteerSource, SteerTarget},
};

pub fn contents(ui: &mut Ui, scene: &mut Scene<'_>, settings: &OutputSettings) {
    let (metrics, params) = (scene.metrics, scene.params);
    for (index, steer) in params.steers.iter().enumerate() {
        if index > 0 {
            ui.separator();
        }
        let words = "What turns the knob; tags are chosen on the page Tags";
        choose(ui, scene, &steer.source, words, |source| {
            named(source, settings)
        });
        if steer.source.unmodulated_plain_value() == SteerSource::Off {
            continue;
        }
        let words = "Which knob it turns";
        choose(ui, scene, &steer.target, words, |target| {
            let name = SteerTarget::variants().get(target.to_index());
            name.copied().unwrap_or_default().to_owned()
        });
        for (param, words) in [
            (
                &steer.amount,
                "How far: at 100 % a tag of 100 %, or a mood of 3 σ, turns it through its whole range; below 0 % the other way; double-click: reset",
            ),
            (
                &steer.smoothing,
                "How slowly it follows the answers, of which there are two a second, in ms; double-click: reset",
            ),
        ] {
            let size = Vec2::new(ui.available_width(), metrics.units(2.5));
            let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
            let response = slider::slider(ui, metrics, rect, Shape::Flat, param, &mut scene.edit);
            help::tip(response, words);
        }
    }
}

/// Draws what one of several is chosen from; screen readers hear which parameter it is of.
fn choose<T: Enum + PartialEq + Copy>(
    ui: &mut Ui,
    scene: &Scene<'_>,
    param: &EnumParam<T>,
    words: &str,
    name: impl Fn(T) -> String,
) {
    ui.weak(param.name());
    ui.horizontal_wrapped(|ui| {
        for index in 0..T::variants().len() {
            let choice = T::from_index(index);
            let present = param.unmodulated_plain_value() == choice;
            let text = name(choice);
            let spoken = format!("{}: {text}", param.name());
            let place = ui.selectable_label(present, &text);
            place.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, present, &spoken));
            if help::tip(place, words).clicked() {
                scene.edit.choose(param, choice);
            }
        }
    });
}

/// A source, with the tag that has its number.
fn named(source: SteerSource, settings: &OutputSettings) -> String {
    let reading = source
        .reading()
        .and_then(|index| Reading::all().get(index).copied());
    match reading {
        None => "Off".to_owned(),
        Some(Reading::Tag(tag)) => match settings.tags.get(tag).and_then(Option::as_ref) {
            Some(chosen) => format!("{}: {}", tag + 1, chosen.name),
            None => format!("{}: none", tag + 1),
        },
        Some(reading) => reading.name(),
    }
}
