//! What a host makes of the buses.

use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{SpeakerArr, SpeakerArrangement};
use nice_plug::wrapper::vst3::vst3::Steinberg::{kInvalidArgument, kResultFalse, kResultOk};

use super::{RATE, music, slices, vst3};
use crate::common::vst3::Vst3;

const NONE: SpeakerArrangement = SpeakerArr::kEmpty;
const MONO: SpeakerArrangement = SpeakerArr::kMono;
const STEREO: SpeakerArrangement = SpeakerArr::kStereo;
const SURROUND: SpeakerArrangement = SpeakerArr::k51;

/// Main input, sidechain and output.
type Buses = [SpeakerArrangement; 3];

fn channels(buses: Buses) -> [(SpeakerArrangement, i32); 3] {
    buses.map(|speakers| (speakers, speakers.count_ones() as i32))
}

#[test]
fn a_sidechain_may_have_other_channels_than_the_main_bus() {
    use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::IAudioProcessorTrait;
    let vst3 = vst3();
    for buses in [
        [MONO, STEREO, MONO],
        [STEREO, MONO, STEREO],
        [MONO, MONO, MONO],
        [MONO, NONE, MONO],
        [STEREO, NONE, STEREO],
        [STEREO, STEREO, STEREO],
    ] {
        assert_eq!(vst3.arrange(buses), kResultOk, "{buses:?}");
        assert_eq!(vst3.arrangement(), channels(buses));
    }
    // Hosts that know no sidechain leave it as it is.
    let (mut input, mut output) = (MONO, MONO);
    // SAFETY: one each.
    let told = unsafe {
        vst3.processor
            .setBusArrangements(&mut input, 1, &mut output, 1)
    };
    assert_eq!(told, kResultOk);
    assert_eq!(vst3.arrangement(), channels([MONO, STEREO, MONO]));
}

/// The order of calls of the standard's own test: the present arrangements with the main bus made mono.
#[test]
fn what_is_accepted_is_what_is_told() {
    let vst3 = vst3();
    let [_, (side, _), _] = vst3.arrangement();
    assert_eq!(vst3.arrange([MONO, side, MONO]), kResultOk);
    assert_eq!(vst3.arrangement(), channels([MONO, side, MONO]));
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let vst3 = vst3();
    let before = vst3.arrangement();
    for buses in [
        [MONO, STEREO, STEREO],
        [STEREO, STEREO, MONO],
        [SURROUND, STEREO, SURROUND],
        [STEREO, SURROUND, STEREO],
        [NONE, STEREO, NONE],
        [NONE, NONE, NONE],
        [u64::MAX, STEREO, u64::MAX],
    ] {
        assert_eq!(vst3.arrange(buses), kResultFalse, "{buses:?}");
        assert_eq!(vst3.arrangement(), before);
    }
    use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::IAudioProcessorTrait;
    let mut many = [STEREO; 3];
    let list = many.as_mut_ptr();
    let null = std::ptr::null_mut();
    // SAFETY: never more than there are.
    unsafe {
        let processor = &vst3.processor;
        assert_eq!(processor.setBusArrangements(list, 3, list, 1), kResultFalse);
        assert_eq!(processor.setBusArrangements(list, 2, list, 2), kResultFalse);
        for told in [
            processor.setBusArrangements(null, 2, list, 1),
            processor.setBusArrangements(list, 2, null, 1),
            processor.setBusArrangements(list, -1, list, 1),
            processor.setBusArrangements(list, i32::MIN, list, -1),
        ] {
            assert_eq!(told, kInvalidArgument);
        }
    }
    assert_eq!(vst3.arrangement(), before);
    vst3.play(RATE, 512, true);
    assert_eq!(vst3.arrange([MONO, MONO, MONO]), kResultFalse);
    assert_eq!(vst3.arrangement(), before);
}

/// A render that leads to what plays at the sidechain.
fn led(buses: Buses, main: &[&[f32]], side: &[&[f32]]) -> Vec<f32> {
    let vst3: Vst3 = vst3();
    assert_eq!(vst3.arrange(buses), kResultOk);
    // The last of four: Sidechain.
    for (title, value) in [("Morph To", 1.0), ("Morph", 1.0), ("Smoothing", 0.0)] {
        assert_eq!(vst3.set(vst3.id(title), value), kResultOk);
    }
    vst3.play(RATE, 480, true);
    vst3.render(main, side, 480, |_, _| None).swap_remove(0)
}

#[test]
fn a_mono_track_hears_both_sides_of_a_stereo_sidechain() {
    let sound = music(4.0);
    let half = sound[0].len() / 2;
    let main = &sound[0][..half];
    let beside = &sound[1][half..][..half];
    let silence = vec![0.0; half];
    let mono = led([MONO, MONO, MONO], &[main], &[beside]);
    let deaf = led([MONO, MONO, MONO], &[main], &[&silence]);
    assert!(mono != deaf);
    let both = led([MONO, STEREO, MONO], &[main], &[beside, beside]);
    assert!(both == mono);
    for side in [[beside, &silence[..]], [&silence[..], beside]] {
        let one = led([MONO, STEREO, MONO], &[main], &side);
        assert!(one != deaf, "one of the sides isn't heard");
    }
    // A stereo track hears a mono sidechain at its full level.
    let stereo = led([STEREO, STEREO, STEREO], &[main, main], &[beside, beside]);
    let narrow = led([STEREO, MONO, STEREO], &[main, main], &[beside]);
    assert!(narrow == stereo);
}

#[test]
fn a_sidechain_that_is_switched_off_is_not_heard() {
    use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::IComponentTrait;
    let sound = music(2.0);
    let input = slices(&sound);
    let render = |is_on: u8| {
        let vst3 = vst3();
        for (title, value) in [("Morph To", 1.0), ("Morph", 1.0)] {
            vst3.set(vst3.id(title), value);
        }
        // SAFETY: only numbers: audio, input, the second.
        let told = unsafe { vst3.component.activateBus(0, 0, 1, is_on) };
        assert_eq!(told, kResultOk);
        vst3.play(RATE, 480, true);
        let side = [&sound[1][..], &sound[0][..]];
        let heard = vst3.render(&input, &side, 480, |_, _| None);
        let alone = vst3.render(&input, &[], 480, |_, _| None);
        (heard, alone)
    };
    let (on, _) = render(1);
    let (off, _) = render(0);
    assert!(on != off);
}
