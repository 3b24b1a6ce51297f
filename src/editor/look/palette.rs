//! The colours: a dark and a light theme.

use egui::{Color32, Vec2};
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

/// The colours for a stage and a dim studio.
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

/// The colours for daylight.
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
            TagKind::Mood | TagKind::Feel => self.mood,
            TagKind::Other => self.accent,
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

/// The palette that a user prefers.
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
    /// The theme's colours.
    pub fn palette(self) -> &'static Palette {
        match self {
            Self::Dark => &DARK,
            Self::Light => &LIGHT,
        }
    }
}

/// Mixes `color` into `over`, as much of it as `share` says (0 to 1).
pub fn mix(over: Color32, color: Color32, share: f32) -> Color32 {
    over.lerp_to_gamma(color, share.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::look::{Metrics, apply};

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
    fn what_egui_writes_by_itself_stands_out_as_well() {
        for theme in [Theme::Dark, Theme::Light] {
            let context = egui::Context::default();
            apply(&context, Metrics::new(Vec2::new(960.0, 620.0), theme));
            let visuals = &context.global_style().visuals;
            for ink in [
                visuals.text_color(),
                visuals.weak_text_color(),
                visuals.warn_fg_color,
                visuals.error_fg_color,
            ] {
                for face in [visuals.window_fill, visuals.extreme_bg_color] {
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
