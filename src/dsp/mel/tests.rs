//! What the banks hold, and the way back from bands to bins.

use super::*;

#[test]
fn scales_are_their_own_inverses() {
    for hz in [0.0, 30.0, 440.0, 999.0, 1000.0, 8000.0, 20_000.0] {
        assert!((htk_to_hz(hz_to_htk(hz)) - hz).abs() < 1e-6);
        assert!((slaney_to_hz(hz_to_slaney(hz)) - hz).abs() < 1e-6);
    }
}

#[test]
fn a_flat_spectrum_gives_flat_slaney_bands_up_to_the_nyquist_frequency() {
    for sample_rate in [8_000.0, 44_100.0, 48_000.0, 67_000.0, 192_000.0] {
        let n_fft = 2048;
        let bank = MelBank::slaney_mean(sample_rate, n_fft, 128, 30.0, 20_000.0);
        assert_eq!(bank.centres(), MelBank::slaney_centres(128, 30.0, 20_000.0));
        let mut bands = [9.0; 128];
        bank.apply(&vec![2.0; n_fft / 2 + 1], &mut bands);
        for (band, centre) in bands.iter().zip(bank.centres()) {
            if *centre < sample_rate / 2.0 {
                assert!(
                    (band - 2.0).abs() < 1e-4,
                    "{sample_rate} Hz: {centre} Hz: {band}"
                );
            }
        }
    }
}

#[test]
fn bands_above_a_limit_are_0_and_those_below_are_as_they_were() {
    let layout = BandsLayout {
        bands: 128,
        scale: MelScale::Htk,
        sides: BandSides::StraightInMel,
        same_area: false,
        f_min: 0.0,
        f_max: 15_000.0,
    };
    let bank = || MelBank::new(32_000.0, 1_024, &layout);
    let limited = bank().without_above(32_000.0, 1_024, 11_025.0);
    let power = vec![1.0; 513];
    let (mut all, mut some) = ([0.0; 128], [0.0; 128]);
    bank().apply(&power, &mut all);
    limited.apply(&power, &mut some);
    let mut above = 0;
    let bands = all.iter().zip(&some).skip(1);
    for ((all, some), centres) in bands.zip(bank().centres().windows(3)) {
        if centres[2] < 11_025.0 {
            assert_eq!(all, some);
        } else if centres[0] > 11_025.0 {
            above += 1;
            assert_eq!(*some, 0.0, "{} Hz", centres[1]);
        }
    }
    assert!(above > 5, "{above}");
}

#[test]
fn bands_of_the_same_area_hold_as_much_of_a_flat_density() {
    for scale in [MelScale::Htk, MelScale::Slaney] {
        let layout = BandsLayout {
            bands: 40,
            scale,
            sides: BandSides::StraightInHz,
            same_area: true,
            f_min: 0.0,
            f_max: 8_000.0,
        };
        let bank = MelBank::new(16_000.0, 16_384, &layout);
        let mut bands = [0.0; 40];
        bank.apply(&vec![16_000.0 / 16_384.0; 8_193], &mut bands);
        for band in bands {
            assert!((band - 1.0).abs() < 0.01, "{scale:?}: {band}");
        }
    }
}

#[test]
fn a_flat_curve_spreads_to_exactly_itself() {
    let bank = MelBank::slaney_mean(48_000.0, 2048, 128, 30.0, 20_000.0);
    let spread = BandInterpolation::new(48_000.0, 2048, bank.centres());
    assert_eq!(spread.spread(&[0.0; 128]).count(), 1025);
    assert!(spread.spread(&[0.0; 128]).all(|gain| gain == 0.0));
    assert!(spread.spread(&[3.5; 128]).all(|gain| gain == 3.5));
}
