//! Styles what egui draws by itself, and leaves out what it does by itself.

use egui::{Color32, Context, CornerRadius, Stroke, TextStyle, Vec2};

use super::{
    metrics::{Metrics, rounded},
    palette::{Theme, mix},
};

/// Gives popups and tooltips, which egui styles by itself, the theme's look.
pub fn apply(context: &Context, metrics: Metrics) {
    context.set_theme(match metrics.theme {
        Theme::Dark => egui::Theme::Dark,
        Theme::Light => egui::Theme::Light,
    });
    // The window's size says how large everything is. Ctrl and plus would enlarge it beyond the window.
    context.options_mut(|options| options.zoom_with_keyboard = false);
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
        // A list that goes on beyond its end says so.
        style.spacing.scroll.dormant_handle_opacity = 0.5;
        style.spacing.scroll.floating_allocated_width = metrics.units(0.75);
        // Long enough that nobody who only passes by sees a tool tip.
        style.interaction.tooltip_delay = 0.8;
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
        // egui's own are see-through, orange on white: neither is easily read.
        visuals.weak_text_color = Some(palette.dim);
        visuals.warn_fg_color = palette.warning;
        visuals.error_fg_color = palette.warning;
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
