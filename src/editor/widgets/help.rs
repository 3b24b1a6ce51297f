//! The one-line help: what is under the pointer, or has the focus, says in plain words what it is for.
//!
//! What it says beyond one line comes up as a tool tip beside the control, for whoever rests on it: never over what is being set, and never
//! the same words again.

use egui::{Align2, Id, Rect, RectAlign, Response, Tooltip, Ui};

use crate::editor::look::{self, Metrics};

/// What is said when nothing is pointed at.
const IDLE: &str =
    "Point at anything to read what it does; Tab and the arrow keys reach everything";

/// How long a notice stays, in seconds.
const NOTICE: f64 = 8.0;

/// What was pointed at in this frame.
#[derive(Debug, Clone, Default)]
struct Pointed {
    hovered: Option<String>,
    focused: Option<String>,
}

/// What the editor has to say by itself for a few seconds, on the window's thread: where a file went, or why it didn't.
#[derive(Debug, Default)]
pub struct Notice {
    text: String,
    wrong: bool,
    /// Time at which it goes, on egui's clock.
    until: f64,
}

impl Notice {
    /// Says that something was done.
    pub fn say(&mut self, ui: &Ui, text: impl Into<String>) {
        self.set(ui, text.into(), false);
    }

    /// Says why something could not be done.
    pub fn refuse(&mut self, ui: &Ui, why: impl Into<String>) {
        self.set(ui, why.into(), true);
    }

    fn set(&mut self, ui: &Ui, text: String, wrong: bool) {
        *self = Self {
            text,
            wrong,
            until: ui.input(|input| input.time) + NOTICE,
        };
        ui.ctx()
            .request_repaint_after(std::time::Duration::from_secs_f64(NOTICE));
    }
}

/// Gives `response` its words, one line: the help.
pub fn tip(response: Response, words: &str) -> Response {
    line(&response, words);
    response
}

/// Does what [`tip`] does, with words that are made only when they are wanted. Their first line is the help; where there are more, those
/// are a tool tip.
pub fn tip_with(response: Response, words: impl FnOnce() -> String) -> Response {
    let hovered = is_hovered(&response);
    if !(hovered || response.has_focus()) {
        return response;
    }
    let words = words();
    line(&response, &words);
    if let Some((_, more)) = words.split_once('\n')
        && !response.dragged()
    {
        beside(&response, more);
    }
    response
}

/// Shows a tool tip beside a control, or else below or above it.
fn beside(response: &Response, words: &str) {
    let mut tooltip = Tooltip::for_enabled(response);
    tooltip.popup = tooltip
        .popup
        .align(RectAlign::RIGHT_START)
        .align_alternatives(&[
            RectAlign::LEFT_START,
            RectAlign::BOTTOM_START,
            RectAlign::TOP_START,
        ]);
    tooltip.show(|ui| ui.label(words));
}

/// Gives `response` its words in the help line.
pub fn line(response: &Response, words: &str) {
    let hovered = is_hovered(response);
    if !(hovered || response.has_focus()) {
        return;
    }
    let line = words.lines().next().unwrap_or_default().to_owned();
    response.ctx.data_mut(|data| {
        let pointed: &mut Pointed = data.get_temp_mut_or_default(Id::NULL);
        if hovered {
            pointed.hovered = Some(line);
        } else {
            pointed.focused = Some(line);
        }
    });
}

fn is_hovered(response: &Response) -> bool {
    response.hovered() || response.dragged()
}

/// Draws the line into `rect`. Call it when everything else has been drawn.
pub fn draw(ui: &Ui, metrics: Metrics, rect: Rect, notice: &Notice) {
    let pointed: Pointed = ui
        .ctx()
        .data_mut(|data| data.remove_temp(Id::NULL))
        .unwrap_or_default();
    let now = ui.input(|input| input.time);
    let pointed = pointed.hovered.or(pointed.focused);
    let (text, color) = if now < notice.until {
        let color = if notice.wrong {
            metrics.palette.warning
        } else {
            metrics.palette.text
        };
        (notice.text.as_str(), color)
    } else {
        match &pointed {
            Some(words) => (words.as_str(), metrics.palette.text),
            None => (IDLE, metrics.palette.dim),
        }
    };
    look::label(ui, rect, Align2::LEFT_CENTER, text, metrics.small(), color);
}
