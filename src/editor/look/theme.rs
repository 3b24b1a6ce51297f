//! The look: two palettes, one type scale, one spacing unit, and the two ways in which text is put on the panels.

use egui::{
    Align2, Color32, Context, CornerRadius, FontFamily, FontId, Rect, Response, Role, Sense,
    Stroke, TextStyle, Ui, Vec2, WidgetInfo,
    text::{LayoutJob, TextWrapping},
};

use serde::{Deserialize, Serialize};

use crate::model::TagKind;

/// The colours of one theme. Every pair of text and what it stands on differs by a contrast of 4.5 or more (WCAG 2.2, 1.4.3).
#[derive(Debug, PartialEq)]
pub struct Palette {
    /// Behind the panels.
    pub background: Color32,
    /// A panel's face.
    pub panel: Color32,
    /// A panel's edge.
    pub edge: Color32,
    /// The groove of bars, sliders and knobs.
    pub track: Color32,
    /// A control's face.
    pub face: Color32,
    /// A control's face under the pointer.
    pub face_hot: Color32,
    /// What is to be read first.
    pub text: Color32,
    /// Captions, units, what is of second interest.
    pub dim: Color32,
    /// Everything that morphs.
    pub accent: Color32,
    /// What went wrong, or is about to.
    pub warning: Color32,
    genre: Color32,
    instrument: Color32,
    mood: Color32,
    /// Lightness of the colours of moods, 0 to 1.
    mood_lightness: f32,
}

/// For a stage and a dim studio.
static DARK: Palette = Palette {
    background: Color32::from_rgb(0x0f, 0x11, 0x16),
    panel: Color32::from_rgb(0x19, 0x1c, 0x24),
    edge: Color32::from_rgb(0x2a, 0x2f, 0x3a),
    track: Color32::from_rgb(0x2b, 0x31, 0x3d),
    face: Color32::from_rgb(0x24, 0x29, 0x33),
    face_hot: Color32::from_rgb(0x2f, 0x35, 0x42),
    text: Color32::from_rgb(0xee, 0xf1, 0xf7),
    dim: Color32::from_rgb(0xa3, 0xac, 0xbd),
    accent: Color32::from_rgb(0x82, 0xa6, 0xff),
    warning: Color32::from_rgb(0xff, 0x9e, 0x64),
    genre: Color32::from_rgb(0x4f, 0xd1, 0xb5),
    instrument: Color32::from_rgb(0xf4, 0xbf, 0x5a),
    mood: Color32::from_rgb(0xe8, 0x86, 0xc4),
    mood_lightness: 0.76,
};

/// For daylight.
static LIGHT: Palette = Palette {
    background: Color32::from_rgb(0xe3, 0xe6, 0xed),
    panel: Color32::from_rgb(0xf8, 0xf9, 0xfc),
    edge: Color32::from_rgb(0xc6, 0xcc, 0xd8),
    track: Color32::from_rgb(0xc9, 0xcf, 0xdb),
    face: Color32::from_rgb(0xea, 0xed, 0xf3),
    face_hot: Color32::from_rgb(0xdc, 0xe1, 0xeb),
    text: Color32::from_rgb(0x12, 0x15, 0x1c),
    dim: Color32::from_rgb(0x48, 0x50, 0x60),
    accent: Color32::from_rgb(0x2c, 0x52, 0xc4),
    warning: Color32::from_rgb(0x9c, 0x3d, 0x00),
    genre: Color32::from_rgb(0x00, 0x69, 0x58),
    instrument: Color32::from_rgb(0x7a, 0x4d, 0x00),
    mood: Color32::from_rgb(0x99, 0x22, 0x6f),
    mood_lightness: 0.55,
};

impl Palette {
    /// The colour of a kind of tag.
    pub fn kind(&self, kind: TagKind) -> Color32 {
        match kind {
            TagKind::Genre => self.genre,
            TagKind::Instrument => self.instrument,
            TagKind::Mood => self.mood,
        }
    }

    /// The colour of a place on the plane of moods, pleasant to the right and excited upwards: yellow is lively, red
    /// excited, violet sad, blue calm, green content; grey in the middle. All are equally light to the eye: they are on a
    /// circle of B. Ottosson's Oklab (2020).
    pub fn mood_at(&self, place: Vec2) -> Color32 {
        let chroma = 0.15 * (place.length() / 0.4).min(1.0);
        let hue = 118_f32.to_radians() - place.angle();
        let (a, b) = (chroma * hue.cos(), chroma * hue.sin());
        let l = (self.mood_lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
        let m = (self.mood_lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
        let s = (self.mood_lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
        let linear = [
            4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
            -1.268_438 * l + 2.609_757_4 * m - 0.341_319_4 * s,
            -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s,
        ];
        let [red, green, blue] = linear.map(|share| share.clamp(0.0, 1.0));
        egui::Rgba::from_rgb(red, green, blue).into()
    }
}

/// Which palette is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
}

impl Theme {
    /// Its colours.
    pub fn palette(self) -> &'static Palette {
        match self {
            Self::Dark => &DARK,
            Self::Light => &LIGHT,
        }
    }
}

/// `color`, as much of it as `share` says (0 to 1), over `over`.
pub fn mix(over: Color32, color: Color32, share: f32) -> Color32 {
    over.lerp_to_gamma(color, share.clamp(0.0, 1.0))
}

/// What a frame is drawn with: sizes, all of them multiples of one unit that grows with the window, and colours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metrics {
    /// The spacing unit, in logical pixels.
    pub unit: f32,
    /// Which of the two themes.
    pub theme: Theme,
    /// The theme's colours.
    pub palette: &'static Palette,
}

impl Metrics {
    /// Those for a window of `size`.
    pub fn new(size: Vec2, theme: Theme) -> Self {
        let scale = (size.x / 960.0).min(size.y / 620.0).clamp(0.875, 1.625);
        // In steps: every new size of type costs room in the font texture.
        let scale = (scale * 16.0).floor() / 16.0;
        Self {
            unit: 8.0 * scale,
            theme,
            palette: theme.palette(),
        }
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

    /// What is read from across the room: letters as high as `units` spacing units allow.
    pub fn display(self, units: f32) -> FontId {
        FontId::new(
            (self.units(units) * 0.8).floor().max(1.0),
            FontFamily::Proportional,
        )
    }
}

/// Gives popups and tooltips, which egui styles by itself, the theme's look.
pub fn apply(context: &Context, metrics: Metrics) {
    context.set_theme(match metrics.theme {
        Theme::Dark => egui::Theme::Dark,
        Theme::Light => egui::Theme::Light,
    });
    let palette = metrics.palette;
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
        // The window is cleared with a colour: a second layer of it would only cost.
        visuals.panel_fill = Color32::TRANSPARENT;
        visuals.window_fill = palette.panel;
        visuals.window_stroke = Stroke::new(1.0, palette.edge);
        visuals.menu_corner_radius = radius;
        visuals.extreme_bg_color = palette.background;
        visuals.override_text_color = None;
        visuals.selection.bg_fill = mix(palette.panel, palette.accent, 0.35);
        visuals.selection.stroke = Stroke::new(1.0, palette.text);
        let widgets = &mut visuals.widgets;
        for (widget, fill, text) in [
            (&mut widgets.noninteractive, palette.panel, palette.dim),
            (&mut widgets.inactive, palette.face, palette.text),
            (&mut widgets.hovered, palette.face_hot, palette.text),
            (&mut widgets.active, palette.face_hot, palette.text),
            (&mut widgets.open, palette.face_hot, palette.text),
        ] {
            widget.bg_fill = fill;
            widget.weak_bg_fill = fill;
            widget.bg_stroke = Stroke::new(1.0, palette.edge);
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

/// Paints a panel's edge and returns the room inside. Its face is what the window is cleared with, so that it costs nothing:
/// drawn by software, an editor costs what it paints over. So it is the corners that are painted, as background.
pub fn panel(ui: &Ui, metrics: Metrics, rect: Rect) -> Rect {
    /// Straight pieces in the curve of a corner.
    const PIECES: u32 = 6;
    let palette = metrics.palette;
    let radius = metrics.units(1.0);
    let mut mesh = egui::Mesh::default();
    for (corner, x, y) in [
        (rect.left_top(), 1.0, 1.0),
        (rect.right_top(), -1.0, 1.0),
        (rect.right_bottom(), -1.0, -1.0),
        (rect.left_bottom(), 1.0, -1.0),
    ] {
        let first = mesh.vertices.len() as u32;
        mesh.colored_vertex(corner, palette.background);
        let center = corner + radius * Vec2::new(x, y);
        for piece in 0..=PIECES {
            let turn = std::f32::consts::FRAC_PI_2 * piece as f32 / PIECES as f32;
            let (down, across) = turn.sin_cos();
            let at = center - radius * Vec2::new(x * across, y * down);
            mesh.colored_vertex(at, palette.background);
            if piece > 0 {
                mesh.add_triangle(first, first + piece, first + piece + 1);
            }
        }
    }
    ui.painter().add(mesh);
    ui.painter().rect_stroke(
        rect,
        CornerRadius::same(rounded(radius)),
        Stroke::new(1.0, palette.edge),
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
        .layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER)
        .size()
        .x
}

/// The largest type up to `font` in which `text` fits into `width`, in whole pixels: other sizes of the same letters cost
/// room in the font texture.
pub fn fitting(ui: &Ui, text: &str, width: f32, font: FontId) -> FontId {
    let wanted = text_width(ui, text, font.clone());
    if wanted <= width {
        return font;
    }
    let size = (font.size * width / wanted).floor().max(1.0);
    FontId { size, ..font }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast by WCAG 2.2: 1 for the same colour, 21 for black on white.
    fn contrast(one: Color32, other: Color32) -> f32 {
        let luminance = |color: Color32| {
            let color = egui::Rgba::from(color);
            0.2126 * color.r() + 0.7152 * color.g() + 0.0722 * color.b() + 0.05
        };
        let (one, other) = (luminance(one), luminance(other));
        one.max(other) / one.min(other)
    }

    #[test]
    fn everything_that_is_read_stands_out_from_what_it_stands_on() {
        for theme in [Theme::Dark, Theme::Light] {
            let palette = theme.palette();
            for face in [palette.background, palette.panel, palette.face] {
                for ink in [
                    palette.text,
                    palette.dim,
                    palette.accent,
                    palette.warning,
                    palette.genre,
                    palette.instrument,
                    palette.mood,
                ] {
                    let contrast = contrast(ink, face);
                    assert!(
                        contrast >= 4.5,
                        "{theme:?}: {ink:?} on {face:?}: {contrast}"
                    );
                }
            }
        }
    }

    #[test]
    fn moods_differ_in_hue_but_not_in_how_far_they_stand_out() {
        for theme in [Theme::Dark, Theme::Light] {
            let palette = theme.palette();
            let colors = [0.0_f32, 60.0, 120.0, 180.0, 240.0, 300.0]
                .map(|degrees| palette.mood_at(Vec2::angled(degrees.to_radians())));
            for (index, color) in colors.iter().enumerate() {
                let contrast = contrast(*color, palette.background);
                assert!(contrast >= 3.0, "{theme:?}: {color:?}: {contrast}");
                assert!(!colors[index + 1..].contains(color));
            }
            let middle = palette.mood_at(Vec2::ZERO);
            assert!(middle.r().abs_diff(middle.b()) < 4, "{middle:?} is grey");
        }
    }
}
