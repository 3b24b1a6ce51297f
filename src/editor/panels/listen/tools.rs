//! The tools of the readout: hide the weak tags, freeze, copy, save.

use std::{path::PathBuf, sync::Arc};

use egui::{Align2, Popup, PopupCloseBehavior, Rect, TextEdit, Ui};
use nice_plug::prelude::Param;

use super::{
    folder_opening::FolderOpening,
    output_menu::{self, OutputMenu},
    readout_file::{self, Range, Report},
    rows::percent,
};
use crate::{
    editor::{
        input::FocusGroup,
        look::Metrics,
        scene::Scene,
        widgets::{
            button::{self, Kind},
            help,
        },
    },
    telemetry::Snapshot,
};

/// The choices of what is hidden: everything below this probability.
const THRESHOLDS: [f32; 7] = [0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

/// What can be saved, and what it is called.
const RANGES: [(&str, Range); 3] = [
    ("The last minute", Range::Last(60.0)),
    ("The last five minutes", Range::Last(300.0)),
    ("All that is kept, ten minutes at most", Range::All),
];

fn threshold_text(threshold: f32) -> String {
    if threshold > 0.0 {
        format!("Hide below {}", percent(threshold))
    } else {
        "Show all".to_owned()
    }
}

/// Where the tools are, from left to right, and the room that is left of them.
#[derive(Debug, Clone, Copy)]
pub struct ToolPlaces {
    hide: Rect,
    freeze: Rect,
    output: Rect,
    copy: Rect,
    save: Rect,
    /// What is left of them.
    pub rest: Rect,
}

impl ToolPlaces {
    /// The places at the right end of `rect`.
    pub fn new(ui: &Ui, metrics: Metrics, rect: Rect) -> Self {
        let mut rest = rect;
        let mut place = |text: &str| {
            let width = button::width(ui, metrics, text);
            let (left, place) = rest.split_left_right_at_x(rest.right() - width);
            rest = left.with_max_x(left.right() - metrics.units(0.5));
            place
        };
        let save = place("Save");
        let copy = place("Copy");
        let output = place(output_menu::WIDEST);
        let freeze = place("Freeze");
        // As wide as its longest words, so that nothing moves when they change.
        let widest = THRESHOLDS.map(threshold_text);
        let widest = widest.iter().max_by_key(|text| text.len());
        let hide = place(widest.map_or("", String::as_str));
        Self {
            hide,
            freeze,
            output,
            copy,
            save,
            rest,
        }
    }
}

/// What the tools remember between two frames, on the window's thread.
#[derive(Debug, Default)]
pub struct ListenTools {
    /// What was shown when the readout was frozen.
    frozen: Option<Arc<Snapshot>>,
    /// The folder that readouts are saved to, as it is typed; empty is nowhere.
    folder: String,
    /// What was saved last.
    saved: Option<PathBuf>,
    opening: FolderOpening,
    outputs: OutputMenu,
}

/// What is asked for in the menu below Save.
enum Wish {
    Save(Range),
    /// The folder of what was saved.
    Open(PathBuf),
}

impl ListenTools {
    /// Makes tools that save readouts to a folder; `None` is nowhere.
    pub fn new(readouts: Option<PathBuf>) -> Self {
        Self {
            folder: readouts.map_or_else(String::new, |folder| folder.display().to_string()),
            ..Self::default()
        }
    }

    /// What was shown when the readout was frozen; `None` while it isn't.
    pub fn frozen(&self) -> Option<&Snapshot> {
        self.frozen.as_deref()
    }

    /// Shares what [`frozen`](Self::frozen) returns, so that it outlives a press on Freeze.
    pub fn share_frozen(&self) -> Option<Arc<Snapshot>> {
        self.frozen.clone()
    }

    /// Draws the tools into their places.
    pub fn draw(&mut self, ui: &Ui, scene: &mut Scene<'_>, places: ToolPlaces) {
        let (metrics, params, snapshot) = (scene.metrics, scene.params, scene.snapshot);
        let group = &mut FocusGroup::new(ui, "readout");
        let thread = scene.edit.recorder.thread();
        let report = |snapshot| Report {
            snapshot,
            settings: params.view.get(thread),
            averaging: params.average.unmodulated_plain_value(),
            range: Range::All,
        };
        let heard = !snapshot.readout.average.is_empty();

        let threshold = params.view.get(thread).threshold();
        let text = threshold_text(threshold);
        let hide = button::member(
            ui,
            metrics,
            places.hide,
            "Threshold",
            &text,
            Kind::Push,
            group,
        );
        let hide = help::tip(
            hide,
            "Hides tags that are less likely than this; pinned ones stay",
        );
        Popup::menu(&hide).show(|ui| {
            for choice in THRESHOLDS {
                let chosen = choice == threshold;
                if ui
                    .selectable_label(chosen, threshold_text(choice))
                    .clicked()
                {
                    params.view.hide_below(choice, thread);
                }
            }
        });
        let frozen = self.frozen.is_some();
        let kind = Kind::Toggle(frozen);
        let freeze = button::member(ui, metrics, places.freeze, "Freeze", "Freeze", kind, group);
        if help::tip(freeze, "Holds what is shown while the sound goes on").clicked() {
            self.frozen = if frozen {
                None
            } else {
                Some(Arc::new(snapshot.clone()))
            };
            ui.ctx().request_repaint();
        }
        self.outputs.draw(ui, scene, places.output, group);
        let copy = button::member(ui, metrics, places.copy, "Copy", "Copy", Kind::Push, group);
        if help::tip(copy, "Copies what is shown as text").clicked() {
            if heard {
                ui.ctx().copy_text(report(snapshot).text());
                scene.notice.say(ui, "Copied what is shown");
            } else {
                scene.notice.refuse(ui, "There is nothing to copy yet");
            }
        }
        let save = button::member(ui, metrics, places.save, "Save", "Save", Kind::Push, group);
        let words = "Writes the answers of the last minutes to two files, CSV and JSON";
        let shown = Popup::menu(&help::tip(save, words))
            .width(metrics.units(38.0))
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .show(|ui| self.save_menu(ui));
        match shown.and_then(|shown| shown.inner) {
            Some(Wish::Save(range)) => {
                let folder = PathBuf::from(self.folder.trim());
                let folder = Some(folder).filter(|folder| !folder.as_os_str().is_empty());
                let report = Report {
                    range,
                    ..report(snapshot)
                };
                match readout_file::save(folder.as_deref(), &report) {
                    Ok(file) => {
                        let text = format!("Saved {} and the same as .json", file.display());
                        scene.notice.say(ui, text);
                        self.saved = Some(file);
                    }
                    Err(why) => scene.notice.refuse(ui, why.to_string()),
                }
            }
            Some(Wish::Open(folder)) => match self.opening.begin(&folder) {
                Ok(()) => scene
                    .notice
                    .say(ui, format!("Opening {}", folder.display())),
                Err(why) => scene.notice.refuse(ui, why),
            },
            None => {}
        }
        if let Err(why) = self.opening.look(ui) {
            scene.notice.refuse(ui, why);
        }
    }

    /// Asks what to save, and where, and offers the folder once something is in it. Gives what is wished for.
    fn save_menu(&mut self, ui: &mut Ui) -> Option<Wish> {
        let caption = ui.weak("Into the folder");
        ui.add(
            TextEdit::singleline(&mut self.folder)
                .align(Align2::LEFT_CENTER)
                .desired_width(f32::INFINITY),
        )
        .labelled_by(caption.id);
        ui.separator();
        let asked = RANGES.iter().find(|(words, _)| ui.button(*words).clicked());
        let mut wish = asked.map(|(_, range)| Wish::Save(*range));
        if let Some(file) = &self.saved
            && let (Some(name), Some(folder)) = (file.file_name(), file.parent())
        {
            ui.separator();
            ui.weak(format!("Saved {}, and .json", name.display()));
            if ui.button("Open folder").clicked() {
                wish = Some(Wish::Open(folder.to_owned()));
            }
        }
        wish
    }
}
