//! The limits of a curve. The training learns with the same: models/training reads them from this file, so each is one line of
//! the form `pub const NAME: f32 = NUMBER;`.

/// Least gain of a curve, in dB.
pub const LOWEST_GAIN_DB: f32 = -60.0;

/// Greatest gain of a curve, in dB.
pub const HIGHEST_GAIN_DB: f32 = 24.0;

/// A band this far below the frame's strongest, in dB, is not boosted at all: there is only noise to lift.
pub const NO_BOOST_BELOW_DB: f32 = -80.0;

/// A band this far below the frame's strongest, in dB, may be boosted in full; in between the allowance is linear.
pub const FULL_BOOST_ABOVE_DB: f32 = -45.0;

/// Least gain of what is about as loud as a frame's strongest band, in dB. It is as much as Keep Loudness makes up for: a lone high tone, where a timbre's envelope
/// holds next to nothing, would be as much softer as its gain is below that.
pub const LOWEST_GAIN_OF_STRONGEST_DB: f32 = -40.0;

/// A band no further below the frame's strongest than this, in dB, is about as loud.
pub const STRONG_ABOVE_DB: f32 = -20.0;

/// A band this far below the frame's strongest, in dB, may have the least gain of all; in between the least gain is linear.
pub const WEAK_BELOW_DB: f32 = -40.0;
