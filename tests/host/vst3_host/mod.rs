//! The VST3 as hosts use and misuse it: instances that come and go under automation, settings that are saved before any
//! block has carried them, buses, storms of changes, calls in any order.
#![allow(unsafe_code, reason = "VST3 is a C++ interface")]

mod blocks;
mod buses;
mod lifetime;
mod menus;
mod order;
mod values;
#[cfg(target_os = "linux")]
mod views;

use crate::common::{excerpt, vst3::Library};
use nice_plug::wrapper::vst3::vst3::ComWrapper;

use crate::common::vst3::{Changes, Vst3};

const RATE: f64 = 48_000.0;

/// A new instance, not yet set up.
fn vst3() -> Vst3 {
    Library::open(&crate::common::vst3::library()).create()
}

/// The excerpt's first `seconds`, as if at [`RATE`].
fn music(seconds: f64) -> Vec<Vec<f32>> {
    excerpt(seconds).channels
}

fn slices(channels: &[Vec<f32>]) -> Vec<&[f32]> {
    channels.iter().map(Vec::as_slice).collect()
}

/// One change at a block's start.
fn at_start(id: u32, value: f64) -> ComWrapper<Changes> {
    Changes::of([(id, vec![(0, value)])])
}
