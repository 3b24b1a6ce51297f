//! The numbers of steering ([`super::steering`]). The figures of the model's knobs are measured with the same: models/training reads them from this file, so each is one
//! line of the form `pub const NAME: TYPE = VALUE;`. They were chosen on what the report's tables don't use.

/// How deep a frame is heard below its strongest band, in dB.
pub const HEARD_RANGE_DB: f32 = 80.0;

/// Share of the time that latents are smoothed for, for which the levels that steering sees are, and once more what it asks for: one behind the other they are as
/// quick as a latent is, and the curve moves no more from hop to hop.
pub const PACE: f32 = 0.75;

/// Steps in which knobs are turned from where they stand at 0.
pub const STEPS: usize = 6;

/// Cosines over the bands that a correction is a sum of.
pub const WAVES: usize = 12;

/// From this cosine on a rougher one costs several times as much as a smooth one.
pub const SMOOTH_WAVES: f32 = 6.0;

/// A correction's largest gain in any band, in dB.
pub const LARGEST_DB: f32 = 20.0;

/// What a step costs for its own sake: the more, the smaller it is.
pub const DAMPING: f32 = 0.02;

/// What a descriptor counts whose knob stands still, in the knobs' order.
pub const STILL: [f32; 8] = [2.0, 2.0, 2.0, 2.0, 0.3, 0.3, 0.3, 0.3];

/// What a descriptor counts whose knob is turned.
pub const TURNED: [f32; 8] = [1.0, 1.0, 0.9, 1.0, 1.7, 1.7, 1.7, 1.7];

/// A knob that is turned by this much counts half as still, half as turned, in the knob's units.
pub const HALF_TURNED: f32 = 0.1;

/// How many standard deviations a descriptor is to rise where its latent rises by 1, near the middle: of the first four.
pub const RISE: [f32; 4] = [1.35, 1.25, 0.42, 1.05];

/// How many it is to fall where the latent falls by 1. Noise falls further than it rises, since gaps that hold nothing can't be filled.
pub const FALL: [f32; 4] = [1.35, 1.25, 1.05, 1.05];

/// Descriptors follow their latents up to so many standard deviations, as the model is trained.
pub const KNOB_LIMIT: f32 = 3.0;

/// Share of a latent's way that its descriptor follows beyond that limit, too, so that it rises everywhere.
pub const BEYOND_LIMIT: f32 = 0.5;

/// Width of the range around a band's bounds, in dB, in which it is thought to follow a curve in part.
pub const KNEE_DB: f32 = 2.0;
