//! One dark theme: colours, one type scale, one spacing unit, and the two ways in which text is put on the panels.

use egui::{
    Align2, Color32, Context, CornerRadius, FontFamily, FontId, Rect, Response, Role, Sense,
    Stroke, TextStyle, Ui, Vec2, WidgetInfo,
    text::{LayoutJob, TextWrapping},
};

use crate::model::TagKind;

/// Behind the panels.
pub const BACKGROUND: Color32 = Color32::from_rgb(0x0f, 0x11, 0x16);
/// A panel's face.
pub const PANEL: Color32 = Color32::from_rgb(0x19, 0x1c, 0x24);
/// A panel's edge.
pub const EDGE: Color32 = Color32::from_rgb(0x2a, 0x2f, 0x3a);
/// The groove of bars, sliders and knobs.
pub const TRACK: Color32 = Color32::from_rgb(0x2b, 0x31, 0x3d);
/// A control's face.
pub const FACE: Color32 = Color32::from_rgb(0x24, 0x29, 0x33);
/// A control's face under the pointer.
pub const FACE_HOT: Color32 = Color32::from_rgb(0x2f, 0x35, 0x42);
/// What is to be read first.
pub const TEXT: Color32 = Color32::from_rgb(0xee, 0xf1, 0xf7);
/// Captions, units, what is of second interest.
pub const DIM: Color32 = Color32::from_rgb(0xa3, 0xac, 0xbd);
/// Everything that morphs.
pub const ACCENT: Color32 = Color32::from_rgb(0x82, 0xa6, 0xff);
/// What went wrong, or is about to.
pub const WARNING: Color32 = Color32::from_rgb(0xff, 0x9e, 0x64);

/// The colour of a kind of tag.
pub fn kind_color(kind: TagKind) -> Color32 {
    match kind {
        TagKind::Genre => Color32::from_rgb(0x4f, 0xd1, 0xb5),
        TagKind::Instrument => Color32::from_rgb(0xf4, 0xbf, 0x5a),
        TagKind::Mood => Color32::from_rgb(0xe8, 0x86, 0xc4),
    }
}

/// `color`, as much of it as `share` says (0 to 1), over `over`.
pub fn mix(over: Color32, color: Color32, share: f32) -> Color32 {
    over.lerp_to_gamma(color, share.clamp(0.0, 1.0))
}

/// Sizes, all of them multiples of one unit that grows with the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metrics {
    /// The spacing unit, in logical pixels.
    pub unit: f32,
}

impl Metrics {
    /// The sizes for a window of `size`.
    pub fn for_window(size: Vec2) -> Self {
        let scale = (size.x / 960.0).min(size.y / 620.0).clamp(0.875, 1.625);
        // In steps: every new size of type costs room in the font texture.
        let scale = (scale * 16.0).floor() / 16.0;
        Self { unit: 8.0 * scale }
    }

    /// `units` spacing units, in logical pixels.
    pub fn units(self, units: f32) -> f32 {
        self.unit * units
    }

    fn font(self, size: f32) -> FontId {
        FontId::new(self.unit / 8.0 * size, FontFamily::Proportional)
    }

    /// The status line.
    pub fn small(self) -> FontId {
        self.font(11.5)
    }

    /// Nearly everything.
    pub fn body(self) -> FontId {
        self.font(13.0)
    }

    /// The heads of panels.
    pub fn heading(self) -> FontId {
        self.font(16.0)
    }

    /// The product's name and the one large line of an empty panel.
    pub fn title(self) -> FontId {
        self.font(20.0)
    }
}

/// Gives popups and tooltips, which egui styles by itself, the theme's look.
pub fn apply(context: &Context, metrics: Metrics) {
    context.set_theme(egui::Theme::Dark);
    let radius = CornerRadius::same(rounded(metrics.units(0.5)));
    context.all_styles_mut(|style| {
        style.text_styles = [
            (TextStyle::Small, metrics.small()),
            (TextStyle::Body, metrics.body()),
            (TextStyle::Button, metrics.body()),
            (TextStyle::Heading, metrics.heading()),
            (TextStyle::Monospace, metrics.body()),
        ]
        .into();
        style.spacing.button_padding = Vec2::new(metrics.units(1.0), metrics.units(0.25));
        style.spacing.interact_size.y = metrics.units(2.75);
        style.spacing.icon_width = metrics.units(1.5);
        style.spacing.item_spacing = Vec2::splat(metrics.units(0.5));
        style.interaction.selectable_labels = false;
        // No fades: every step of one is a frame drawn for nothing.
        style.animation_time = 0.0;

        let visuals = &mut style.visuals;
        visuals.panel_fill = BACKGROUND;
        visuals.window_fill = PANEL;
        visuals.window_stroke = Stroke::new(1.0, EDGE);
        visuals.menu_corner_radius = radius;
        visuals.extreme_bg_color = BACKGROUND;
        visuals.override_text_color = None;
        visuals.selection.bg_fill = mix(PANEL, ACCENT, 0.35);
        visuals.selection.stroke = Stroke::new(1.0, TEXT);
        let widgets = &mut visuals.widgets;
        for (widget, fill, text) in [
            (&mut widgets.noninteractive, PANEL, DIM),
            (&mut widgets.inactive, FACE, TEXT),
            (&mut widgets.hovered, FACE_HOT, TEXT),
            (&mut widgets.active, FACE_HOT, TEXT),
            (&mut widgets.open, FACE_HOT, TEXT),
        ] {
            widget.bg_fill = fill;
            widget.weak_bg_fill = fill;
            widget.bg_stroke = Stroke::new(1.0, EDGE);
            widget.fg_stroke = Stroke::new(1.0, text);
            widget.corner_radius = radius;
            widget.expansion = 0.0;
        }
    });
}

/// A corner radius of `size`; egui keeps them in a byte.
pub fn rounded(size: f32) -> u8 {
    size.clamp(0.0, 255.0) as u8
}

/// Paints a panel's face and returns the room inside.
pub fn panel(ui: &Ui, metrics: Metrics, rect: Rect) -> Rect {
    ui.painter().rect(
        rect,
        CornerRadius::same(rounded(metrics.units(1.0))),
        PANEL,
        Stroke::new(1.0, EDGE),
        egui::StrokeKind::Inside,
    );
    rect.shrink2(Vec2::new(metrics.units(1.5), metrics.units(1.0)))
}

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

/// The width of a line of text.
pub fn text_width(ui: &Ui, text: &str, font: FontId) -> f32 {
    ui.painter()
        .layout_no_wrap(text.to_owned(), font, TEXT)
        .size()
        .x
}

/// [`paint_text`] that screen readers find too, and that tells the whole of itself when it was cut.
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
