//! What a host may do, in whatever order: rates, blocks, lifecycle, parameters, transport, threads, and other copies of the
//! plugin beside it. Where the sound doesn't depend on it, it is the same to the bit.

mod blocks;
mod lifecycle;
mod scan;
mod values;

use crate::common::{excerpt, plugin};
use moodring_host::{ParamEvent, Plugin, Render};

const RATE: f64 = 48_000.0;

/// Settings under which everything works: knobs, target, mix.
fn turn(plugin: &mut Plugin) -> Vec<ParamEvent> {
    [
        ("Brightness", "+1.5"),
        ("Target", "Cello"),
        ("Morph", "30 %"),
        ("Resynthesis", "20 %"),
        ("Mix", "80 %"),
    ]
    .map(|(name, text)| plugin.set_at(0, name, text).unwrap())
    .into()
}

/// A turned instance.
fn turned() -> Plugin {
    let mut plugin = plugin();
    let events = turn(&mut plugin);
    plugin.flush(&events).unwrap();
    plugin
}

/// The excerpt's first `seconds`, as if at [`RATE`].
fn music(seconds: f64) -> Vec<Vec<f32>> {
    excerpt(seconds).channels
}

/// What [`turned`] makes of it offline.
fn reference(input: &[Vec<f32>]) -> Vec<Vec<f32>> {
    Render::offline(RATE)
        .run(&mut turned(), input, &[])
        .unwrap()
        .output
}
