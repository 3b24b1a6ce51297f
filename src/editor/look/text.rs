//! Paints lines of text, measures them, fits them, and tells screen readers of them.

use egui::{
    Align2, Color32, FontId, Rect, Response, Role, Sense, Ui, WidgetInfo,
    text::{LayoutJob, TextWrapping},
};

/// Paints one line of text inside `rect`, cut with an ellipsis if it is too long. Returns the text's place and whether it
/// was cut.
pub fn paint_text(
    ui: &Ui,
    rect: Rect,
    align: Align2,
    text: impl Into<String>,
    font: FontId,
    color: Color32,
) -> (Rect, bool) {
    let mut job = LayoutJob::simple_singleline(text.into(), font, color);
    job.wrap = TextWrapping::truncate_at_width(rect.width().max(0.0));
    let galley = ui.painter().layout_job(job);
    let place = align.align_size_within_rect(galley.size(), rect);
    let cut = galley.elided;
    ui.painter().galley(place.min, galley, color);
    (place, cut)
}

/// Measures the width of a line of text.
pub fn text_width(ui: &Ui, text: &str, font: FontId) -> f32 {
    ui.painter()
        .layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER)
        .size()
        .x
}

/// Returns the largest type up to `font` in which `text` fits into `width`, in whole pixels: other sizes of the same letters cost
/// room in the font texture.
pub fn fitting(ui: &Ui, text: &str, width: f32, font: FontId) -> FontId {
    let wanted = text_width(ui, text, font.clone());
    if wanted <= width {
        return font;
    }
    let size = (font.size * width / wanted).floor().max(1.0);
    FontId { size, ..font }
}

/// Paints as [`paint_text`] does, and tells screen readers. Text that was cut is whole in a tool tip.
pub fn label(
    ui: &Ui,
    rect: Rect,
    align: Align2,
    text: &str,
    font: FontId,
    color: Color32,
) -> Response {
    let (place, cut) = paint_text(ui, rect, align, text, font, color);
    // Two labels may say the same, but never in the same place.
    let key = (text, rect.min.x.to_bits(), rect.min.y.to_bits());
    let response = ui.interact(place, ui.scope_id().with(key), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    if cut {
        response.on_hover_text(text)
    } else {
        response
    }
}
