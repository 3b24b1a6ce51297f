//! A player's hop as the bands of a frame would have it.

use super::{drawer::Played, tone::BIN_HZ};
use crate::{
    dsp::{MelBank, hann_powers},
    model::{BANDS, MelDb, NOISE_BANDS, TimbreFrontEnd, noise_edges_hz},
    morph::frame_bank::FrameBank,
};

/// How far from a partial its power is looked for, in bins: beyond it Hann's side lobes are 50 dB down.
const REACH: usize = 4;

/// Of a power, before its logarithm is taken.
const TINY: f32 = 1e-20;

/// What frames of one length of the hop would measure of a player; runs on Morph's thread.
pub struct PlayedBands {
    /// Distance of the bins, in Hz.
    bin_hz: f64,
    bank: MelBank,
    /// The bins that each band stands for.
    widths: [f32; BANDS],
    /// The band of noise that each bin lies in.
    noise_band: Vec<Option<usize>>,
    powers: Vec<f32>,
    /// Bands further below the strongest, in dB, are as that.
    range_db: f32,
}

impl PlayedBands {
    /// For frames as [`FrameBank`] has them. Allocates.
    pub fn new(front_end: &TimbreFrontEnd, hop_seconds: f32) -> Self {
        let FrameBank { bank, bins, bin_hz } = FrameBank::new(front_end, hop_seconds);
        let (f_min, f_max) = (f64::from(front_end.f_min), f64::from(front_end.f_max));
        let centre = |band: usize| bank.centres().get(band).copied();
        let widths = std::array::from_fn(|band| {
            let below = band.checked_sub(1).and_then(centre).unwrap_or(f_min);
            let above = centre(band + 1).unwrap_or(f_max);
            ((above - below) / (2.0 * bin_hz)).max(1.0) as f32
        });
        let edges: Vec<f64> = noise_edges_hz().collect();
        let noise_band = (0..bins)
            .map(|bin| {
                let above = edges.partition_point(|edge| *edge <= bin as f64 * bin_hz);
                above.checked_sub(1).filter(|band| *band < NOISE_BANDS)
            })
            .collect();
        Self {
            bin_hz,
            bank,
            widths,
            noise_band,
            powers: vec![0.0; bins],
            range_db: front_end.range_db,
        }
    }

    /// By how much each band of a frame with these `levels` would have to change to be the player's with the frame's power, in dB.
    pub fn gains(&mut self, played: &Played, levels: &MelDb) -> MelDb {
        self.sound(played);
        let mut bands = [0.0; BANDS];
        self.bank.apply(&self.powers, &mut bands);
        let whole = |powers: [f32; BANDS]| -> f32 {
            powers
                .iter()
                .zip(&self.widths)
                .map(|(power, width)| power * width)
                .sum()
        };
        let of_frame = whole(levels.map(|level| 10.0f32.powf(level / 10.0)));
        let scale = of_frame / whole(bands).max(TINY);
        let wanted = bands.map(|power| 10.0 * (scale * power + TINY).log10());
        let (wanted, levels) = (self.floored(&wanted), self.floored(levels));
        std::array::from_fn(|band| wanted[band] - levels[band])
    }

    /// Levels no further below the strongest than the model's range.
    fn floored(&self, levels: &MelDb) -> MelDb {
        let strongest = levels.iter().copied().fold(f32::MIN, f32::max);
        levels.map(|level| level.max(strongest - self.range_db))
    }

    /// Fills the bins with what is played.
    fn sound(&mut self, played: &Played) {
        let white = (self.bin_hz / f64::from(BIN_HZ)) as f32;
        for (power, band) in self.powers.iter_mut().zip(&self.noise_band) {
            let noise = band.and_then(|band| played.noise.get(band));
            *power = white * noise.copied().unwrap_or_default();
        }
        let tones = played.tones.iter().filter(|tone| tone.hz > 0.0);
        let partials = tones.flat_map(|tone| {
            (1..)
                .zip(tone.harmonics)
                .map(|(number, harmonic)| (f64::from(number) * f64::from(tone.hz), harmonic))
        });
        for (hz, harmonic) in partials {
            let place = hz / self.bin_hz;
            let first = (place.ceil() as usize).saturating_sub(REACH);
            let around = self.powers.iter_mut().skip(first).take(2 * REACH);
            for (power, share) in around.zip(hann_powers(first as f64 - place)) {
                *power += harmonic * share as f32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{HARMONICS, ModelSource},
        morph::notes::{VOICES, tone::Tone},
    };

    const HOP: f32 = 512.0 / 48_000.0;

    fn bands() -> PlayedBands {
        let card = ModelSource::embedded_timbre_card().unwrap();
        PlayedBands::new(&card.front_end, HOP)
    }

    /// Harmonics of which each is so many times the one before, every second one times `even`.
    fn played(falls: f32, even: f32) -> Played {
        let mut harmonics = [0.0; HARMONICS];
        for (index, power) in harmonics.iter_mut().take(12).enumerate() {
            let share = if index % 2 == 1 { even } else { 1.0 };
            *power = share * falls.powi(index as i32);
        }
        let mut tones = [Tone::NONE; VOICES];
        tones[0].hz = 500.0;
        tones[0].harmonics = harmonics;
        Played {
            sure: 1.0,
            tones,
            noise: [1e-9; NOISE_BANDS],
        }
    }

    /// Levels of a frame that holds what is played.
    fn levels(bands: &mut PlayedBands, played: &Played, gain_db: f32) -> MelDb {
        let mut levels = [0.0; BANDS];
        bands.sound(played);
        bands.bank.apply(&bands.powers, &mut levels);
        levels.map(|power| gain_db + 10.0 * (power + TINY).log10())
    }

    #[test]
    fn a_frame_that_is_the_player_s_already_needs_no_gain_however_loud_it_is() {
        let mut bands = bands();
        let note = played(0.5, 1.0);
        for gain_db in [-50.0, 0.0, 12.0] {
            let levels = levels(&mut bands, &note, gain_db);
            let gains = bands.gains(&note, &levels);
            assert!(gains.iter().all(|gain| gain.abs() < 0.01), "{gains:?}");
        }
    }

    #[test]
    fn a_hollow_tone_s_even_partials_are_lifted_and_its_power_stays() {
        let mut bands = bands();
        let hollow = levels(&mut bands, &played(0.5, 0.01), -20.0);
        let gains = bands.gains(&played(0.5, 1.0), &hollow);
        let at = |hz: f64| {
            let away = |band: &usize| (bands.bank.centres()[*band] - hz).abs();
            gains[(0..BANDS)
                .min_by(|a, b| away(a).total_cmp(&away(b)))
                .unwrap()]
        };
        let (odd, even) = (at(500.0), at(1_000.0));
        assert!((even - odd - 20.0).abs() < 2.0, "{even} {odd}");
        // Half of the power was missing, so what is there goes down.
        assert!((-3.0..0.0).contains(&odd), "{odd}");
    }
}
