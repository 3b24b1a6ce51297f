//! The picture of before and after.

use std::error::Error;
use std::path::Path;

use moodring::audio_file::AudioFile;
use moodring_host::write_png;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::register_font;

use crate::Section;
use crate::spectrum::{WINDOW, for_each_frame};

const SIZE: (u32, u32) = (1280, 900);
/// The lowest frequency shown, in Hz.
const LOWEST: f64 = 30.0;
/// The frequencies labelled, in Hz.
const HERTZ_LABELS: [f64; 10] = [50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 10e3, 20e3, 40e3];
/// The range of levels shown, in dB re a sine of full scale.
const LEVELS: (f64, f64) = (-100.0, -10.0);
/// Width of the strip for the scale of levels, in pixels.
const SCALE_WIDTH: u32 = 90;

const BACKGROUND: RGBColor = RGBColor(250, 250, 250);
const INK: RGBColor = RGBColor(40, 40, 48);

/// The colours from the lowest to the highest level: evenly spaced stops of Matplotlib's "inferno" (CC0).
const COLOURS: [(u8, u8, u8); 9] = [
    (0, 0, 4),
    (31, 12, 72),
    (85, 15, 109),
    (136, 34, 106),
    (186, 54, 85),
    (227, 89, 51),
    (249, 140, 10),
    (249, 201, 50),
    (252, 255, 164),
];

/// Draws the spectrograms of `input` and `morphed` above each other into a PNG file.
pub fn draw(
    path: &Path,
    name: &str,
    input: &AudioFile,
    morphed: &AudioFile,
    sections: &[Section],
) -> Result<(), Box<dyn Error>> {
    register_font(
        "sans-serif",
        FontStyle::Normal,
        epaint_default_fonts::UBUNTU_LIGHT,
    )
    .map_err(|_| "the built-in font is unreadable")?;
    let mut pixels = vec![0; (SIZE.0 * SIZE.1 * 3) as usize];
    {
        let root = BitMapBackend::with_buffer(&mut pixels, SIZE).into_drawing_area();
        root.fill(&BACKGROUND)?;
        let (charts, scale) = root.split_horizontally(SIZE.0 - SCALE_WIDTH);
        let (upper, lower) = charts.split_vertically(SIZE.1 / 2);
        let seconds = |frame: usize| frame as f64 / f64::from(input.sample_rate);
        let settings: Vec<String> = sections
            .iter()
            .map(|section| {
                format!(
                    "{} {:.1}-{:.1} s",
                    section.label,
                    seconds(section.start),
                    seconds(section.end)
                )
            })
            .collect();
        draw_one(&upper, &format!("Before: {name}"), input, &[])?;
        draw_one(
            &lower,
            &format!("After: {}", settings.join(", ")),
            morphed,
            sections,
        )?;
        draw_scale(&scale)?;
        root.present()?;
    }
    write_png(path, SIZE.0, SIZE.1, &pixels)?;
    Ok(())
}

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

fn draw_one(
    area: &Area<'_>,
    title: &str,
    audio: &AudioFile,
    sections: &[Section],
) -> Result<(), Box<dyn Error>> {
    let highest = (f64::from(audio.sample_rate) / 2.0).max(2.0 * LOWEST);
    let duration = audio.seconds();
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 20).into_font().color(&INK))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(64)
        .build_cartesian_2d(
            0.0..duration,
            (LOWEST..highest)
                .log_scale()
                .with_key_points(HERTZ_LABELS.to_vec()),
        )?;

    let plot = chart.plotting_area().strip_coord_spec();
    let (width, height) = plot.dim_in_pixel();
    let levels = levels(audio, width as usize, height as usize, highest);
    for (x, column) in levels.iter().enumerate() {
        for (y, level) in column.iter().enumerate() {
            plot.draw_pixel((x as i32, y as i32), &colour(*level))?;
        }
    }
    for section in sections.iter().skip(1) {
        let time = section.start as f64 / f64::from(audio.sample_rate);
        let line = PathElement::new([(time, LOWEST), (time, highest)], WHITE.stroke_width(1));
        chart.plotting_area().draw(&line)?;
    }

    chart
        .configure_mesh()
        .disable_mesh()
        .axis_style(INK)
        .label_style(("sans-serif", 15).into_font().color(&INK))
        .x_desc("time in s")
        .y_desc("frequency in Hz")
        .x_labels(12)
        .y_labels(12)
        .y_label_formatter(&|hertz| format!("{hertz:.0}"))
        .draw()?;
    Ok(())
}

/// Levels in dB, indexed by `[x][y]` in pixels from the upper left.
fn levels(audio: &AudioFile, width: usize, height: usize, highest: f64) -> Vec<Vec<f64>> {
    // The edges of the rows, in bins.
    let bin_at = |y: usize| {
        let octaves = (highest / LOWEST).log2() * (1.0 - y as f64 / height.max(1) as f64);
        LOWEST * octaves.exp2() * WINDOW as f64 / f64::from(audio.sample_rate)
    };
    let rows: Vec<(f64, f64)> = (0..height).map(|y| (bin_at(y + 1), bin_at(y))).collect();

    let centres = (0..width).map(|x| (2 * x + 1) * audio.frames() / (2 * width));
    let mut columns = Vec::with_capacity(width);
    for_each_frame(audio, centres, |magnitudes| {
        let levels = rows
            .iter()
            .map(|row| 20.0 * f64::from(magnitude(magnitudes, *row)).max(1e-9).log10());
        columns.push(levels.collect());
    });
    columns
}

/// The magnitude of a row of pixels that reaches from `low` to `high` in bins: the loudest bin in it, or between bins
/// the interpolation.
fn magnitude(magnitudes: &[f32], (low, high): (f64, f64)) -> f32 {
    let at = |bin: usize| magnitudes.get(bin).copied().unwrap_or(0.0);
    let (first, last) = (low.ceil() as usize, high.floor() as usize);
    if first <= last {
        return (first..=last).map(at).fold(0.0, f32::max);
    }
    let middle = (low + high) / 2.0;
    let share = middle.fract() as f32;
    at(middle as usize) * (1.0 - share) + at(middle as usize + 1) * share
}

fn draw_scale(area: &Area<'_>) -> Result<(), Box<dyn Error>> {
    let mut chart = ChartBuilder::on(area)
        .margin_top(40)
        .margin_bottom(52)
        .margin_right(12)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..1.0, LEVELS.0..LEVELS.1)?;
    let plot = chart.plotting_area().strip_coord_spec();
    let (width, height) = plot.dim_in_pixel();
    for y in 0..height {
        let level = LEVELS.1 + (LEVELS.0 - LEVELS.1) * f64::from(y) / f64::from(height);
        for x in 0..width {
            plot.draw_pixel((x as i32, y as i32), &colour(level))?;
        }
    }
    chart
        .configure_mesh()
        .disable_mesh()
        .disable_x_axis()
        .set_tick_mark_size(LabelAreaPosition::Left, 5)
        .axis_style(INK)
        .label_style(("sans-serif", 15).into_font().color(&INK))
        .y_desc("level in dB (0 dB: full-scale sine)")
        .y_label_formatter(&|level| format!("{level:.0}"))
        .draw()?;
    Ok(())
}

fn colour(level: f64) -> RGBColor {
    let position =
        ((level - LEVELS.0) / (LEVELS.1 - LEVELS.0)).clamp(0.0, 1.0) * (COLOURS.len() - 1) as f64;
    let below = COLOURS.get(position as usize).copied().unwrap_or_default();
    let above = COLOURS.get(position as usize + 1).copied().unwrap_or(below);
    let mix = |a: u8, b: u8| {
        (f64::from(a) + (f64::from(b) - f64::from(a)) * position.fract()).round() as u8
    };
    RGBColor(
        mix(below.0, above.0),
        mix(below.1, above.1),
        mix(below.2, above.2),
    )
}
