//! What happens when the user chooses where Morph leads: it is heard.

use egui::Ui;
use nice_plug::prelude::Param;

use crate::{editor::scene::Scene, params::MorphSource};

/// Where Morph goes from 0 % when something is chosen for it to lead to.
const HEARD: f32 = 0.5;

/// Raises Morph if it is at 0 %, where nothing is heard of what was just chosen. Both are one step to undo.
pub fn make_heard(ui: &Ui, scene: &mut Scene<'_>) {
    let morph = &scene.params.morph;
    if morph.unmodulated_plain_value() > 0.0 {
        return;
    }
    let recorder = scene.edit.recorder;
    recorder.begin_set_parameter(morph);
    recorder.set_parameter(morph, HEARD);
    recorder.end_set_parameter(morph);
    let value = morph.normalized_value_to_string(morph.preview_normalized(HEARD), true);
    let text = format!("Morph was at 0 % and is at {value} now, so that this is heard");
    scene.notice.say(ui, text);
}

/// Leads Morph to the captured timbres if it leads nowhere yet, being at 0 %.
pub fn lead_to_captures(ui: &Ui, scene: &mut Scene<'_>) {
    let params = scene.params;
    if params.morph.unmodulated_plain_value() <= 0.0 {
        scene
            .edit
            .choose(&params.morph_source, MorphSource::Captures);
        make_heard(ui, scene);
    }
}
