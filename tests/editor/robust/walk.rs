//! What a user sees and hears first, in real windows of a CLAP and of a VST3 host that play in real time: a target that is chosen, the spectrum of input and
//! output, the meters.
#![allow(unsafe_code, reason = "environment variables are set")]

use std::time::Duration;

use egui::{Color32, ColorImage, Pos2, Rect, Role, Vec2};
use egui_kittest::kittest::Queryable;
use moodring::{
    editor::{Page, Preferences, Theme},
    params::EDITOR_SIZE,
    telemetry::Speed,
};
use moodring_host::Display;

use super::play::{Clap, FRAMES, Play, RATE, Vst3, noise};
use crate::common::{
    concert::concert,
    editor::{MARGIN, left_on, open_in, window},
    excerpt,
    mouse::{click_at, place_of, xdotool},
    null_dbfs,
    picture::{pixels, screenshot},
    plugin,
    process::{PREFERENCES, alone, nobodys_files, this_test},
    vst3::{Library, library, view::OpenView},
};

/// Does to a host of each format what `walk` does, one after the other, with an editor that opens as `preferences` say.
///
/// # Safety
/// This is the only test of its process.
unsafe fn in_both_formats(preferences: &Preferences, walk: impl Fn(&mut dyn Host)) {
    // SAFETY: the caller's promise.
    let (nobodys, display) = unsafe { (nobodys_files(), Display::open().unwrap()) };
    let file = nobodys.path().join(PREFERENCES);
    preferences.write(&file).unwrap();
    let mut plugin = plugin();
    plugin.open_editor(&display).unwrap();
    let mut host = Clap::start(&mut plugin);
    walk(&mut host);
    drop(host);
    plugin.close_editor();

    preferences.write(&file).unwrap();
    let library = Library::open(&library());
    let vst3 = library.create();
    vst3.play(RATE, FRAMES as i32, false);
    let view = OpenView::open(&vst3, &display, true);
    walk(&mut Vst3::new(&vst3, &view));
    view.close();
}

/// A host, and what its format is called.
trait Host: Play {
    fn format(&self) -> &'static str;
}

impl Host for Clap<'_> {
    fn format(&self) -> &'static str {
        "clap"
    }
}

impl Host for Vst3<'_> {
    fn format(&self) -> &'static str {
        "vst3"
    }
}

/// So many seconds of the shipped excerpt, one channel of it.
fn music(seconds: f64) -> Vec<f32> {
    let mut audio = excerpt(seconds * 48.0 / 44.1);
    let mut music = audio.channels.swap_remove(0);
    music.truncate((seconds * RATE) as usize / FRAMES * FRAMES);
    music
}

/// How far what is heard is from what was played, in dB of full scale.
fn apart(host: &mut dyn Host, sound: &[f32]) -> f64 {
    let heard = host.play_sound(sound);
    let latency = host.latency();
    null_dbfs(&[heard], &[sound.to_vec()], latency)
}

#[test]
fn a_target_that_is_chosen_in_the_window_is_heard() {
    if !alone(this_test!()) {
        return;
    }
    let walk = |host: &mut dyn Host| {
        let music = music(3.0);
        let before = apart(host, &music);
        assert!(before < -100.0, "{}: {before:.1} dBFS", host.format());
        assert_eq!(host.value("Morph"), 0.0);
        let (target, flute) = (
            place_of(&[(Role::ComboBox, "Target")]),
            host.value("Target"),
        );
        for attempt in 0.. {
            assert!(attempt < 10, "{}: no target was chosen", host.format());
            let pause = Duration::from_millis(600);
            click_at(host.window(), target);
            host.play(pause);
            xdotool(&["type", "alto"]);
            host.play(pause);
            xdotool(&["key", "Return"]);
            host.play(pause);
            if host.value("Target") != flute {
                break;
            }
            xdotool(&["key", "Escape"]);
            host.play(pause);
        }
        assert_eq!(host.value("Morph"), 0.5, "{}", host.format());
        let after = apart(host, &music);
        println!("{}: {before:.1} dBFS, then {after:.1} dBFS", host.format());
        assert!(after > -40.0, "{}: {after:.1} dBFS", host.format());
    };
    // SAFETY: this is the only test of its process.
    unsafe { in_both_formats(&Preferences::default(), walk) };
}

/// Where something of a page is, in the window's pixels.
fn rect_of(page: Page, role: Role, name: &str) -> Rect {
    let window = window(Vec2::from(EDITOR_SIZE), 1.0);
    let harness = open_in(window, concert(), left_on(page, Theme::Dark));
    let rect = harness.get_by_role_and_label(role, name).rect();
    rect.translate(-Vec2::splat(MARGIN))
}

fn middle(rect: Rect) -> [i32; 2] {
    let Pos2 { x, y } = rect.center();
    [x, y].map(|at| at.round() as i32)
}

/// How unlike two colours are.
fn unlike(one: Color32, other: Color32) -> i32 {
    let pairs = one.to_array().into_iter().zip(other.to_array());
    pairs
        .map(|(one, other)| i32::from(one.abs_diff(other)))
        .sum()
}

/// The height of the line of a colour in each column of a part of a picture: where the pixels are most like it. `None` where none is.
fn line(picture: &ColorImage, part: Rect, color: Color32) -> Vec<Option<usize>> {
    let part = part.shrink(2.0);
    (part.left() as usize..part.right() as usize)
        .map(|x| {
            let rows = part.top() as usize..part.bottom() as usize;
            let nearest = rows.min_by_key(|y| unlike(picture[(x, *y)], color))?;
            (unlike(picture[(x, nearest)], color) < 120).then_some(nearest)
        })
        .collect()
}

/// Noise that comes and goes, five times in two seconds, never for as long as the latency alike.
fn bursts() -> Vec<f32> {
    let mut sound = noise(1.0);
    for (index, sample) in sound.iter_mut().enumerate() {
        let time = index as f64 / RATE;
        let gain = (std::f64::consts::TAU * (2.5 + 2.0 * time) * time)
            .sin()
            .powi(2);
        *sample *= gain as f32;
    }
    sound
}

/// Neutral settings change nothing, so that input and output have the same spectrum, if they are of the same moment. The picture is frozen while
/// the sound comes and goes, and each line is looked at alone.
#[test]
fn input_and_output_are_drawn_of_the_same_moment() {
    if !alone(this_test!()) {
        return;
    }
    let mut preferences = Preferences {
        page: Page::Spectrum,
        ..Preferences::default()
    };
    preferences.spectrum.speed = Speed::Fast;
    preferences.spectrum.curve = false;
    preferences.spectrum.peaks = false;
    let palette = Theme::Dark.palette();
    let walk = |host: &mut dyn Host| {
        let switch = |name| middle(rect_of(Page::Spectrum, Role::CheckBox, name));
        let [freeze, input, output] = ["Freeze Spectrum", "Input", "Output"].map(switch);
        // Without the curve's numbers the plot goes on to the right.
        let plot = rect_of(Page::Spectrum, Role::Button, "Spectrum Plot");
        let pause = Duration::from_millis(1_500);
        let sound = bursts();
        let look = |host: &mut dyn Host, at: [i32; 2], sound: &[f32]| {
            click_at(host.window(), at);
            host.play_sound(sound);
        };
        host.play(pause);
        let (mut seen, mut moved) = (0, Vec::new());
        for round in 0..2 {
            host.play_sound(&sound[..sound.len() * (5 + round) / 8 / FRAMES * FRAMES]);
            look(host, freeze, &sound);
            look(host, output, &sound);
            let grey = line(&pixels(host.window()), plot, palette.dim);
            look(host, output, &sound);
            look(host, input, &sound);
            let picture = pixels(host.window());
            let blue = line(&picture, plot, palette.accent);
            screenshot(
                host.window(),
                &format!("spectrum-{}-{round}.png", host.format()),
            );
            look(host, input, &sound);
            look(host, freeze, &sound);
            let both = grey.iter().zip(&blue);
            let apart: Vec<usize> = both
                .filter_map(|(grey, blue)| Some(grey.as_ref()?.abs_diff(*blue.as_ref()?)))
                .collect();
            seen += apart.len();
            moved.extend(apart);
        }
        let wide = 2 * plot.width() as usize;
        moved.sort_unstable();
        let worst = moved[moved.len() * 95 / 100];
        println!(
            "{}: {seen} of {wide} columns, 95 % within {worst} pixels",
            host.format()
        );
        assert!(seen > wide / 2, "{}: {seen} of {wide}", host.format());
        assert!(worst <= 3, "{}: {worst} pixels apart", host.format());
    };
    // SAFETY: this is the only test of its process.
    unsafe { in_both_formats(&preferences, walk) };
}

/// How high a meter's bar is, in pixels: of the accent's colour, from its bottom up, in the middle of its left half.
fn bar(picture: &ColorImage, meter: Rect) -> usize {
    let accent = Theme::Dark.palette().accent;
    let x = (meter.left() + 0.25 * meter.width()) as usize;
    let rows = meter.top() as usize..meter.bottom() as usize;
    rows.filter(|y| unlike(picture[(x, *y)], accent) < 60)
        .count()
}

/// Whether the clip light of a meter is on: something of the warning's colour is wide at its top.
fn is_lit(picture: &ColorImage, meter: Rect) -> bool {
    let warning = Theme::Dark.palette().warning;
    let rows = meter.top() as usize..(meter.top() + 0.2 * meter.height()) as usize;
    let columns = meter.left() as usize + 4..meter.right() as usize - 4;
    let is_wide = |y: usize| {
        let row = columns.clone();
        row.clone()
            .filter(|x| unlike(picture[(*x, y)], warning) < 60)
            .count()
            > row.len() / 2
    };
    rows.filter(|y| is_wide(*y)).count() >= 4
}

#[test]
fn meters_show_levels_and_clipping_until_they_are_clicked() {
    if !alone(this_test!()) {
        return;
    }
    let walk = |host: &mut dyn Host| {
        let meters =
            ["Input Meter", "Output Meter"].map(|name| rect_of(Page::Overview, Role::Button, name));
        let look = |host: &mut dyn Host, gain: f32| {
            let sound: Vec<f32> = noise(2.2).iter().map(|sample| gain * sample).collect();
            host.play_sound(&sound);
            let picture = pixels(host.window());
            let name = format!("meters-{}-{gain}.png", host.format());
            screenshot(host.window(), &name);
            meters.map(|meter| (bar(&picture, meter), is_lit(&picture, meter)))
        };
        let silent = look(host, 0.0);
        assert!(
            silent.iter().all(|(bar, lit)| *bar < 3 && !lit),
            "{silent:?}"
        );
        let [(input, _), (output, _)] = look(host, 1.0);
        assert!(
            input > 100 && input.abs_diff(output) <= 3,
            "{input} {output}"
        );
        // Six of the 66 dB from the bottom to the top of the bars.
        host.set("Output", 0.625);
        let [(same, _), (louder, _)] = look(host, 1.0);
        assert!(same.abs_diff(input) <= 3, "{input} {same}");
        let step = (meters[1].height() * 0.9 * 6.0 / 66.0) as usize;
        assert!(
            (louder - same).abs_diff(step) <= step / 3,
            "{same} {louder}"
        );
        // Noise that reaches 0.63 of full scale at the input is above it at the output.
        let [(_, clips), (_, output)] = look(host, 4.0);
        assert!(!clips && output, "the output alone clips");
        let [(_, _), (_, output)] = look(host, 1.0);
        assert!(output, "the light stays on");
        for attempt in 0.. {
            assert!(attempt < 10, "the light goes out when it is clicked");
            click_at(host.window(), middle(meters[1]));
            let [(_, _), (_, output)] = look(host, 1.0);
            if !output {
                break;
            }
        }
        println!("{}: bars of {input} and {louder} pixels", host.format());
    };
    // SAFETY: this is the only test of its process.
    unsafe { in_both_formats(&Preferences::default(), walk) };
}
