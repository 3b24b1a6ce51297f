//! Calls in any order, with null pointers, wrong sizes and nonsense: each is answered, none ends the process.

use std::ffi::c_void;
use std::ptr::null_mut;

use nice_plug::wrapper::vst3::vst3::ComPtr;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::SymbolicSampleSizes_::{kSample32, kSample64};
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    AudioBusBuffers, AudioBusBuffers__type0,
    ChannelContext::{IInfoListener, IInfoListenerTrait},
    IAudioProcessorTrait, IComponentTrait, IEditControllerTrait, IProcessContextRequirements,
    IProcessContextRequirementsTrait, IUnitInfo, IUnitInfoTrait, ProcessData, ProcessSetup,
};
use nice_plug::wrapper::vst3::vst3::Steinberg::{
    IPlugViewContentScaleSupport, IPlugViewContentScaleSupportTrait, IPlugViewTrait,
    IPluginBaseTrait, kInvalidArgument, kNotInitialized, kResultOk,
};

use super::{RATE, at_start, vst3};
use crate::common::dice::Dice;
use crate::common::process::{alone, this_test};
use crate::common::vst3::{Block, Changes, Vst3};

const FRAMES: usize = 64;

#[test]
fn a_block_before_set_up_or_activation_is_an_error() {
    let sound = [[0.5; FRAMES]; 2];
    let block = Block {
        frames: FRAMES,
        input: &[&sound[0], &sound[1]],
        ..Block::default()
    };
    let vst3 = vst3();
    assert_eq!(vst3.process(&block).result, kNotInitialized);
    // SAFETY: only numbers.
    unsafe {
        assert_ne!(vst3.component.setActive(1), kResultOk);
        assert_ne!(vst3.processor.setProcessing(1), kResultOk);
    }
    assert_eq!(vst3.process(&block).result, kNotInitialized);
    assert_eq!(vst3.set_up(RATE, FRAMES as i32, false), kResultOk);
    assert_eq!(vst3.process(&block).result, kNotInitialized);
    vst3.play(RATE, FRAMES as i32, false);
    assert_eq!(vst3.process(&block).result, kResultOk);
    vst3.stop();
    assert_eq!(vst3.process(&block).result, kNotInitialized);
}

#[test]
fn set_ups_that_make_no_sense_are_refused() {
    let vst3 = vst3();
    for rate in [0.0, -48_000.0, f64::NAN, f64::INFINITY, 1.0, 1e12] {
        assert_ne!(vst3.set_up(rate, 512, false), kResultOk, "{rate}");
    }
    for frames in [0, -1, i32::MIN] {
        assert_ne!(vst3.set_up(RATE, frames, false), kResultOk, "{frames}");
    }
    // SAFETY: as the standard says, but for the null.
    unsafe {
        assert_eq!(vst3.processor.setupProcessing(null_mut()), kInvalidArgument);
        assert_ne!(vst3.component.setActive(1), kResultOk);
    }
    // As long as it likes: nothing is made of that size.
    vst3.play(RATE, i32::MAX, false);
}

/// A block whose every part may be missing, too small or too large.
fn mangled(vst3: &Vst3, dice: &mut Dice) -> i32 {
    let mut samples = [[0.25f32; FRAMES]; 8];
    let mut pointers: Vec<*mut f32> = samples.iter_mut().map(|part| part.as_mut_ptr()).collect();
    for pointer in &mut pointers {
        if dice.roll(12) == 0 {
            *pointer = null_mut();
        }
    }
    let mut bus = |first: usize| AudioBusBuffers {
        numChannels: [0, 1, 2, 2, 2, 4, -1, i32::MIN][dice.roll(8)],
        silenceFlags: 0,
        __field0: AudioBusBuffers__type0 {
            channelBuffers32: if dice.roll(10) == 0 {
                null_mut()
            } else {
                pointers[first..].as_mut_ptr()
            },
        },
    };
    let mut inputs = [bus(0), bus(2)];
    let mut outputs = [bus(4)];
    let changes = Changes::of([(vst3.params()[0].0.len() as u32, vec![(0, 0.5)])]);
    let changes = changes.to_com_ptr().unwrap();
    let mut data = ProcessData {
        processMode: dice.roll(5) as i32 - 1,
        symbolicSampleSize: [kSample32, kSample32, kSample32, kSample64, 77][dice.roll(5)] as i32,
        numSamples: [0, 1, FRAMES as i32, FRAMES as i32, -1, i32::MIN][dice.roll(6)],
        numInputs: [0, 1, 2, -1][dice.roll(4)],
        numOutputs: [0, 1, 1, 1, -1][dice.roll(5)],
        inputs: if dice.roll(8) == 0 {
            null_mut()
        } else {
            inputs.as_mut_ptr()
        },
        outputs: if dice.roll(8) == 0 {
            null_mut()
        } else {
            outputs.as_mut_ptr()
        },
        inputParameterChanges: if dice.roll(2) == 0 {
            null_mut()
        } else {
            changes.as_ptr()
        },
        outputParameterChanges: null_mut(),
        inputEvents: null_mut(),
        outputEvents: null_mut(),
        processContext: null_mut(),
    };
    // SAFETY: never more than there is: no bus is told to have more channels than pointers follow.
    unsafe { vst3.processor.process(&mut data) }
}

/// Every function with what no host should give it.
fn nonsense(vst3: &Vst3, dice: &mut Dice) {
    let index = [-1, 0, 1, 2, 22, 23, 24, 1_000, i32::MIN, i32::MAX][dice.roll(10)];
    let number = [0, 1, 12_345, u32::MAX][dice.roll(4)];
    let params = vst3.params();
    let known = params[dice.roll(params.len())].1;
    let id = if dice.roll(2) == 0 { known } else { number };
    let value = [f64::NAN, f64::INFINITY, -1.0, 2.0, 0.5, 1e300][dice.roll(6)];
    let (media, direction) = (dice.roll(4) as i32 - 1, dice.roll(4) as i32 - 1);
    let mut text = [0; 128];
    let mut digits: Vec<u16> = "0,5 \u{1f3b5}".encode_utf16().chain([0]).collect();
    // SAFETY: places are null or large enough, and texts end in 0.
    unsafe {
        let (component, processor, controller) =
            (&vst3.component, &vst3.processor, &vst3.controller);
        assert_eq!(
            component.getBusInfo(media, direction, index, null_mut()),
            kInvalidArgument
        );
        let mut info = std::mem::zeroed();
        component.getBusInfo(media, direction, index, &mut info);
        component.getBusCount(media, direction);
        component.getRoutingInfo(null_mut(), null_mut());
        component.getControllerClassId(null_mut());
        component.setIoMode(index);
        component.activateBus(media, direction, index, dice.roll(2) as u8);
        assert_eq!(component.setState(null_mut()), kInvalidArgument);
        assert_eq!(component.getState(null_mut()), kInvalidArgument);
        assert_eq!(
            processor.getBusArrangement(direction, index, null_mut()),
            kInvalidArgument
        );
        let mut speakers = 0;
        processor.getBusArrangement(direction, index, &mut speakers);
        processor.canProcessSampleSize(index);
        processor.getLatencySamples();
        processor.getTailSamples();
        assert_eq!(processor.process(null_mut()), kInvalidArgument);
        assert_eq!(
            processor.setBusArrangements(null_mut(), index.max(1), null_mut(), 1),
            kInvalidArgument
        );
        controller.setComponentState(null_mut());
        controller.setState(null_mut());
        controller.getState(null_mut());
        assert_eq!(
            controller.getParameterInfo(index, null_mut()),
            kInvalidArgument
        );
        let mut info = std::mem::zeroed();
        let told = controller.getParameterInfo(index, &mut info);
        assert_eq!(told == kResultOk, (0..params.len() as i32).contains(&index));
        assert_eq!(
            controller.getParamStringByValue(id, value, null_mut()),
            kInvalidArgument
        );
        controller.getParamStringByValue(id, value, &mut text);
        assert_eq!(
            controller.getParamValueByString(id, null_mut(), null_mut()),
            kInvalidArgument
        );
        let mut read = 0.5;
        controller.getParamValueByString(id, digits.as_mut_ptr().cast(), &mut read);
        assert!((0.0..=1.0).contains(&read), "{read}");
        controller.normalizedParamToPlain(id, value);
        let normalised = controller.plainParamToNormalized(id, value);
        assert!(
            (0.0..=1.0).contains(&normalised) || id == number,
            "{normalised}"
        );
        controller.setParamNormalized(id, value);
        assert!((0.0..=1.0).contains(&controller.getParamNormalized(id)));
        assert!(controller.createView(null_mut()).is_null());
        assert!(controller.createView(c"no such view".as_ptr()).is_null());
        let units: ComPtr<IUnitInfo> = vst3.component.cast().unwrap();
        units.getUnitCount();
        assert_ne!(units.getUnitInfo(index, null_mut()), kResultOk);
        let mut unit = std::mem::zeroed();
        units.getUnitInfo(index, &mut unit);
        units.getProgramListInfo(index, null_mut());
        units.getProgramName(index, index, null_mut());
        units.getSelectedUnit();
        let listener: ComPtr<IInfoListener> = vst3.component.cast().unwrap();
        assert_eq!(
            listener.setChannelContextInfos(null_mut()),
            kInvalidArgument
        );
        let needs: ComPtr<IProcessContextRequirements> = vst3.component.cast().unwrap();
        needs.getProcessContextRequirements();
    }
}

/// A view that nobody shows, asked for everything.
fn unseen_view(vst3: &Vst3) {
    // SAFETY: null, or what the call takes.
    unsafe {
        let view = vst3.controller.createView(c"editor".as_ptr());
        let view = ComPtr::from_raw(view).unwrap();
        assert_ne!(view.isPlatformTypeSupported(null_mut()), kResultOk);
        assert_ne!(
            view.isPlatformTypeSupported(c"nonsense".as_ptr()),
            kResultOk
        );
        assert_ne!(view.attached(null_mut(), null_mut()), kResultOk);
        assert_ne!(
            view.attached(null_mut(), c"X11EmbedWindowID".as_ptr()),
            kResultOk
        );
        let window = std::ptr::dangling_mut::<c_void>();
        assert_ne!(view.attached(window, c"NSView".as_ptr()), kResultOk);
        assert_ne!(view.attached(window, c"HWND".as_ptr()), kResultOk);
        assert_ne!(view.removed(), kResultOk);
        assert_ne!(view.getSize(null_mut()), kResultOk);
        assert_ne!(view.onSize(null_mut()), kResultOk);
        assert_ne!(view.checkSizeConstraint(null_mut()), kResultOk);
        view.setFrame(null_mut());
        view.canResize();
        view.onWheel(1.0);
        view.onFocus(1);
        view.onKeyDown(97, 0, 0);
        let scale: ComPtr<IPlugViewContentScaleSupport> = view.cast().unwrap();
        for factor in [f32::NAN, -1.0, 0.0, f32::INFINITY, 2.0] {
            scale.setContentScaleFactor(factor);
        }
    }
}

/// As pluginval's strictest level calls in random order: parameters without blocks, states saved and loaded, on this thread
/// and on others, activation, buses, blocks of all kinds, views. What was saved comes back, whatever lies between.
#[test]
fn any_order_of_calls_with_nulls_and_wrong_sizes_is_answered() {
    if !alone(this_test!()) {
        return;
    }
    for seed in 0..20 {
        let mut dice = Dice(seed);
        let vst3 = vst3();
        let params = vst3.params();
        let mut saved: Option<(Vec<u8>, Vec<f64>)> = None;
        let values =
            |vst3: &Vst3| -> Vec<f64> { params.iter().map(|(_, id)| vst3.get(*id)).collect() };
        for step in 0..400 {
            // SAFETY: only numbers, or whole setups.
            unsafe {
                match dice.roll(14) {
                    0 => drop(vst3.component.setActive(dice.roll(2) as u8)),
                    1 => drop(vst3.processor.setProcessing(dice.roll(2) as u8)),
                    2 => {
                        let mut setup = ProcessSetup {
                            processMode: dice.roll(5) as i32 - 1,
                            symbolicSampleSize: [kSample32, kSample32, kSample64, 9][dice.roll(4)]
                                as i32,
                            maxSamplesPerBlock: [0, 1, 64, 512, -1, i32::MAX][dice.roll(6)],
                            sampleRate: [RATE, 44_100.0, 8_000.0, 0.0, f64::NAN, 1e15]
                                [dice.roll(6)],
                        };
                        vst3.processor.setupProcessing(&mut setup);
                    }
                    3 | 4 => drop(mangled(&vst3, &mut dice)),
                    5 => {
                        let sound = [[0.5; FRAMES]; 2];
                        let id = params[dice.roll(params.len())].1;
                        vst3.process(&Block {
                            frames: FRAMES,
                            input: &[&sound[0], &sound[1]],
                            changes: Some(&at_start(id, dice.value())),
                            ..Block::default()
                        });
                    }
                    6 | 7 => {
                        for (title, id) in &params {
                            let value = dice.value();
                            assert_eq!(vst3.set(*id, value), kResultOk, "{title}");
                        }
                    }
                    8 => saved = Some((vst3.save(), values(&vst3))),
                    9 => {
                        saved = std::thread::scope(|scope| {
                            let save = || Some((vst3.save(), values(&vst3)));
                            scope.spawn(save).join().unwrap()
                        });
                    }
                    10 => {
                        if let Some((state, then)) = &saved {
                            if dice.roll(2) == 0 {
                                assert_eq!(vst3.load(state), kResultOk);
                            } else {
                                std::thread::scope(|scope| {
                                    scope.spawn(|| assert_eq!(vst3.load(state), kResultOk));
                                });
                            }
                            let now = values(&vst3);
                            assert_eq!(&now, then, "not restored: seed {seed}, step {step}");
                        }
                    }
                    11 => {
                        let mut speakers = || [0, 3, 1 << 19, 0x3f, u64::MAX][dice.roll(5)];
                        vst3.arrange([speakers(), speakers(), speakers()]);
                    }
                    12 => nonsense(&vst3, &mut dice),
                    _ if dice.roll(8) == 0 => unseen_view(&vst3),
                    _ => {
                        vst3.component.terminate();
                        vst3.component.initialize(null_mut());
                    }
                }
            }
        }
    }
}
