//! The one-line help: what is under the pointer, or has the focus, says in plain words what it is for.
//!
//! The same words come up as a tool tip, for whoever rests on a control; the line is there at once.

use egui::{Align2, Id, Rect, Response, Ui};

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

/// Gives `response` its words: in the help line at once, as a tool tip when the pointer rests on it.
pub fn tip(response: Response, words: &str) -> Response {
    tip_with(response, || words.to_owned())
}

/// Does what [`tip`] does, with words that are made only when they are wanted. Their first line is the help, all of them the
/// tool tip.
pub fn tip_with(response: Response, words: impl FnOnce() -> String) -> Response {
    let hovered = is_hovered(&response);
    if !(hovered || response.has_focus()) {
        return response;
    }
    let words = words();
    line(&response, &words);
    // No bubble over what is being dragged.
    if response.dragged() {
        response
    } else {
        response.on_hover_text(words)
    }
}

/// Gives `response` its words in the help line alone: a tool tip would cover what the pointer reads there.
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
