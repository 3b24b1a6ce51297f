//! Spectra as the timbre model sees them: shapes, whatever the level.

use moodring::{
    dsp::{Analyser, Levels, StftLayout},
    model::{BANDS, MelDb, TimbreModel},
    morph::mel_bank,
};

/// Frames whose loudest band is below this, in dB, tell nothing about timbre.
const QUIET_DB: f32 = -60.0;

/// Each hop's spectrum as the timbre model sees it, in dB around 0; `None` where it is quiet.
pub fn shapes(timbre: &TimbreModel, rate: f64, sound: &[f32]) -> Vec<Option<MelDb>> {
    let card = &timbre.card().front_end;
    let layout = StftLayout::for_rate(rate, card.sample_rate as f64, card.n_fft);
    let bank = mel_bank(card, rate, &layout).into();
    let mut analyser = Analyser::new(Levels::new(bank, layout.window, card.floor), layout.window);
    sound
        .chunks_exact(layout.hop)
        .map(|hop| {
            hop.iter().for_each(|sample| analyser.push([*sample; 2]));
            let mut levels = [0.0; BANDS];
            analyser.levels(&mut levels);
            let loud = levels.iter().any(|level| *level > QUIET_DB);
            loud.then(|| timbre.normalise(&levels).map(|level| level * card.unit_db))
        })
        .collect()
}

/// RMS difference over the bands, in dB.
pub fn distance(a: &[f32], b: &[f32]) -> f32 {
    let sum: f32 = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum();
    (sum / a.len() as f32).sqrt()
}

/// Mean distance over the hops at which both sound.
pub fn mean_distance(a: &[Option<MelDb>], b: &[Option<MelDb>]) -> f32 {
    let distances: Vec<f32> = a
        .iter()
        .zip(b)
        .filter_map(|(a, b)| Some(distance(a.as_ref()?, b.as_ref()?)))
        .collect();
    assert!(distances.len() > 50, "{} hops", distances.len());
    distances.iter().sum::<f32>() / distances.len() as f32
}

/// Mean spectrum over the hops that sound.
pub fn mean_shape(shapes: &[Option<MelDb>]) -> MelDb {
    let count = shapes.iter().flatten().count() as f32;
    let mut mean = [0.0; BANDS];
    for shape in shapes.iter().flatten() {
        for (mean, level) in mean.iter_mut().zip(shape) {
            *mean += level / count;
        }
    }
    mean
}
