//! A note as a player sounds it at one hop: the power of its harmonics, and of its noise.

use crate::model::{HARMONICS, NOISE_BANDS, NoteFrame};

/// Harmonics above this are left to the noise, in Hz.
const HIGHEST_HZ: f32 = 18_000.0;

/// Width of the bins that the players were measured in, of a Hann window of 4096 samples at 48 kHz, in Hz.
pub const BIN_HZ: f32 = 48_000.0 / 4096.0;
/// The power of a sine, summed over its bins, over that at its peak.
pub const SPREAD: f32 = 1.5;

/// What has a pitch of a note that is played.
#[derive(Clone, Copy)]
pub struct Tone {
    /// The pitch that is heard, in Hz; 0 if nothing is.
    pub hz: f32,
    /// The pitch that sounds, in Hz.
    pub sounding_hz: f32,
    /// Which note it is.
    pub note: u32,
    /// Power of each harmonic at the peak of its bin; linear.
    pub harmonics: [f32; HARMONICS],
}

impl Tone {
    /// None.
    pub const NONE: Self = Self {
        hz: 0.0,
        sounding_hz: 0.0,
        note: 0,
        harmonics: [0.0; HARMONICS],
    };
}

/// Makes of `tone`, whose pitch is known, what is played with a mean power; returns the power of its noise in a bin of each band, [`BIN_HZ`] wide.
pub fn sound(
    tone: &mut Tone,
    frame: &NoteFrame,
    mean_power: f32,
    widths: &[f32; NOISE_BANDS],
) -> [f32; NOISE_BANDS] {
    let hz = tone.hz;
    let audible = |number: usize| (number + 1) as f32 * hz < HIGHEST_HZ;
    let harmonics: [f32; HARMONICS] = std::array::from_fn(|number| {
        let db = frame.harmonics_db.get(number).filter(|_| audible(number));
        db.map_or(0.0, |db| power(*db))
    });
    let noise = frame.noise_db.map(power);
    let of_noise: f32 = noise
        .iter()
        .zip(widths)
        .map(|(power, width)| power * width)
        .sum();
    let whole = harmonics.iter().sum::<f32>() + of_noise / SPREAD;
    // Of a sine of amplitude 1 the power at its bin is 1, its mean power one half.
    let scale = 2.0 * mean_power / whole.max(1e-9);
    tone.harmonics = harmonics.map(|power| scale * power);
    noise.map(|power| scale * power)
}

/// dB as a power.
pub fn power(db: f32) -> f32 {
    10.0f32.powf(db / 10.0)
}
