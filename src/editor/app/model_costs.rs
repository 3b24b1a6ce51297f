//! What models cost, as the menu of models knows it: measured one after the other on a thread of its own, while the menu is open.

use std::time::Duration;

use egui::{RichText, Ui};

use crate::{
    engine::{Errand, Outcome},
    model::{ModelCosts, ModelError, ModelReference, ModelSource},
    thread::EditorThread,
};

/// How soon it is looked at again whether a measurement is done.
const NEXT_LOOK: Duration = Duration::from_millis(100);

type Measured = Result<Vec<ModelCosts>, ModelError>;

/// What is known of models and what is being measured; on the window's thread. `None` stands for the ones that ship.
#[derive(Debug, Default)]
pub struct KnownCosts {
    known: Vec<(Option<ModelReference>, Measured)>,
    measuring: Option<(Option<ModelReference>, Errand<Measured>)>,
}

impl KnownCosts {
    /// Shows what models cost, and what speaks against them, or what is wrong with them. Where that isn't known yet it is measured, if nothing else is.
    pub fn show(&mut self, ui: &mut Ui, models: Option<&ModelReference>, thread: &EditorThread) {
        self.look();
        let known = self.known.iter().find(|(of, _)| of.as_ref() == models);
        let warning = ui.visuals().warn_fg_color;
        match known {
            Some((_, Ok(costs))) => {
                for costs in costs {
                    ui.weak(words(costs));
                    if let Some(why) = costs.warning() {
                        ui.label(RichText::new(why).color(warning));
                    }
                }
            }
            Some((_, Err(why))) => {
                ui.label(RichText::new(why.to_string()).color(warning));
            }
            None => {
                ui.weak("what it costs is being measured …");
                ui.ctx().request_repaint_after(NEXT_LOOK);
                if self.measuring.is_none() {
                    self.measure(models.cloned(), thread);
                }
            }
        }
    }

    fn measure(&mut self, models: Option<ModelReference>, thread: &EditorThread) {
        let source = match &models {
            None => ModelSource::from_environment(),
            Some(reference) => ModelSource::Folder(reference.folder.clone()),
        };
        // Without a thread to be had it stays unknown, and is tried again with the next picture.
        let begun = Errand::begin(move |given_up| ModelCosts::of(&source, given_up), thread);
        self.measuring = begun.ok().map(|errand| (models, errand));
    }

    /// Takes in what has been measured meanwhile.
    fn look(&mut self) {
        let Some((models, errand)) = self.measuring.take() else {
            return;
        };
        match errand.look() {
            Outcome::Away => self.measuring = Some((models, errand)),
            Outcome::Done(measured) => self.known.push((models, measured)),
            // tract's panics are caught where it is called; this one is nobody's, and nothing is known.
            Outcome::Lost => self.known.push((models, Ok(Vec::new()))),
        }
    }
}

/// What a model costs, in a line.
fn words(costs: &ModelCosts) -> String {
    format!(
        "{}: {:.1} MMAC, {:.1} ms an answer, {:.1} % of a core",
        costs.kind.name(),
        costs.network.multiply_adds as f64 / 1e6,
        1e3 * costs.answer,
        100.0 * costs.share()
    )
}
