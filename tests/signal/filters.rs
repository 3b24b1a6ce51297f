//! How close the filters come to the curves that they are made of, in Studio and in Live.

use crate::common::excerpt;
use moodring::{
    dsp::{Analyser, BandInterpolation, FilterDesign, FilterPhase, Levels, MelBank, StftLayout},
    model::{BANDS, MelDb, ModelSource, TimbreModel},
    morph::{FrameMessage, MorphControls, Shaper, mel_bank},
};
use realfft::RealFftPlanner;

const RATE: f64 = 48_000.0;

/// Curves of the excerpt, every tenth, with these controls.
fn curves(timbre: &TimbreModel, controls: MorphControls) -> Vec<MelDb> {
    let card = &timbre.card().front_end;
    let layout = StftLayout::for_rate(RATE, card.sample_rate as f64, card.n_fft);
    let bank = mel_bank(card, RATE, &layout).into();
    let mut analyser = Analyser::new(Levels::new(bank, layout.window, card.floor), layout.window);
    let mut shaper = Shaper::new(timbre.clone());
    let sound = excerpt(12.0).channels.swap_remove(0);
    let mut curves = Vec::new();
    for (index, hop) in sound.chunks_exact(layout.hop).enumerate() {
        hop.iter().for_each(|sample| analyser.push([*sample; 2]));
        let mut levels = [0.0; BANDS];
        analyser.levels(&mut levels);
        let shaped = shaper
            .shape(&FrameMessage {
                index: index as u64,
                hop_seconds: (layout.hop as f64 / RATE) as f32,
                levels,
                controls,
                ..FrameMessage::blank()
            })
            .unwrap();
        if index % 10 == 0 && shaped.gain_db.iter().any(|gain| *gain != 0.0) {
            curves.push(shaped.gain_db);
        }
    }
    curves
}

/// Measures filters on a grid that is finer than any of them.
struct Measure {
    bank: MelBank,
    spread: BandInterpolation,
    /// Which bands are between 60 Hz and 16 kHz.
    counted: Vec<bool>,
}

const GRID: usize = 16_384;

impl Measure {
    fn new(timbre: &TimbreModel) -> Self {
        let card = &timbre.card().front_end;
        let bank = MelBank::slaney_mean(RATE, GRID, BANDS, card.f_min.into(), card.f_max.into());
        Self {
            spread: BandInterpolation::new(RATE, GRID, bank.centres()),
            counted: bank
                .centres()
                .iter()
                .map(|hz| (60.0..16_000.0).contains(hz))
                .collect(),
            bank,
        }
    }

    /// Gain of each band, in dB, of gains over the grid as powers.
    fn bands(&self, powers: &[f32]) -> MelDb {
        let mut bands = [0.0; BANDS];
        self.bank.apply(powers, &mut bands);
        bands.map(|power| 10.0 * power.max(1e-12).log10())
    }

    fn of_curve(&self, curve: &MelDb) -> MelDb {
        let powers: Vec<f32> = self
            .spread
            .spread(curve)
            .map(|db| 10.0_f32.powf(db / 10.0))
            .collect();
        self.bands(&powers)
    }

    fn of_filter(&self, taps: &[f32]) -> MelDb {
        let transform = RealFftPlanner::<f32>::new().plan_fft_forward(GRID);
        let mut frame = taps.to_vec();
        frame.resize(GRID, 0.0);
        let mut spectrum = transform.make_output_vec();
        transform.process(&mut frame, &mut spectrum).unwrap();
        let powers: Vec<f32> = spectrum.iter().map(|bin| bin.norm_sqr()).collect();
        self.bands(&powers)
    }

    /// Sum of the squared differences over the bands that count, and how many they are.
    fn difference(&self, a: &MelDb, b: &MelDb) -> (f64, usize) {
        let counted = a.iter().zip(b).zip(&self.counted).filter(|(_, is)| **is);
        counted.fold((0.0, 0), |(sum, count), ((a, b), _)| {
            (sum + f64::from(a - b).powi(2), count + 1)
        })
    }
}

/// A filter of these taps for a curve.
fn filter(taps: usize, phase: FilterPhase, centres: &[f64], curve: &MelDb) -> Vec<f32> {
    let mut design = FilterDesign::new(taps, phase);
    let spread = BandInterpolation::new(RATE, design.transform_len(), centres);
    design.design(spread.spread(curve)).to_vec()
}

#[test]
fn the_filter_in_live_is_within_1_db_of_that_in_studio_and_both_are_of_the_curve() {
    let timbre = TimbreModel::load(&ModelSource::Embedded).unwrap();
    let measure = Measure::new(&timbre);
    let neutral = MorphControls {
        smoothing_ms: 60.0,
        ..MorphControls::neutral()
    };
    let mut bright = neutral;
    bright.knobs[0] = 2.0;
    let mut far = neutral;
    far.knobs = [3.0, -3.0, 3.0, -3.0, 3.0, -3.0, 3.0, -3.0];
    let settings = [
        ("Brightness +2", bright),
        ("all knobs at their ends", far),
        (
            "Morph 100 %",
            MorphControls {
                morph: 1.0,
                ..neutral
            },
        ),
        (
            "Morph and Resynthesis 100 %",
            MorphControls {
                morph: 1.0,
                resynthesis: 1.0,
                ..neutral
            },
        ),
    ];
    for (name, controls) in settings {
        let curves = curves(&timbre, controls);
        assert!(curves.len() > 50);
        let steepest = curves
            .iter()
            .flat_map(|curve| curve.windows(2).map(|pair| (pair[1] - pair[0]).abs()))
            .fold(0.0, f32::max);
        println!(
            "{name}: {} curves, steepest {steepest:.1} dB a band",
            curves.len()
        );
        for taps in [512, 1024, 2048, 4096] {
            let mut sums = [(0.0, 0); 3];
            for curve in &curves {
                let wanted = measure.of_curve(curve);
                let [studio, live] = [FilterPhase::Zero, FilterPhase::Minimum].map(|phase| {
                    measure.of_filter(&filter(taps, phase, measure.bank.centres(), curve))
                });
                let pairs = [(&studio, &wanted), (&live, &wanted), (&live, &studio)];
                for ((sum, count), (a, b)) in sums.iter_mut().zip(pairs) {
                    let (more, bands) = measure.difference(a, b);
                    (*sum, *count) = (*sum + more, *count + bands);
                }
            }
            let [studio, live, apart] = sums.map(|(sum, count)| (sum / count as f64).sqrt());
            println!(
                "  {taps:4} taps: Studio {studio:.2} dB from the curve, Live {live:.2} dB, {apart:.2} dB apart"
            );
            if taps == 2048 {
                assert!(apart <= 1.0, "{name}: {apart} dB apart");
                assert!(studio <= 1.0 && live <= 1.0, "{name}: {studio}, {live} dB");
            }
        }
    }
}
