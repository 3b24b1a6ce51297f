//! A VST3 host of the plainest kind, which tells the plugin's every answer.
#![allow(unsafe_code, reason = "VST3 and dlopen have no other way in")]

pub mod menus;
mod objects;
mod outgoing;
#[cfg(target_os = "linux")]
pub mod view;

use std::ffi::{CStr, c_void};
use std::path::{Path, PathBuf};
use std::ptr::null_mut;
use std::sync::{Arc, OnceLock};

use libloading::Symbol;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    AudioBusBuffers, AudioBusBuffers__type0, BusDirection, BusDirections_, BusInfo,
    IAudioProcessor, IAudioProcessorTrait, IComponent, IComponent_iid, IComponentHandler,
    IComponentTrait, IEditController, IEditControllerTrait, IEventList, IParameterChanges,
    MediaTypes_, ParameterInfo, ParameterInfo_::ParameterFlags_, ProcessContext,
    ProcessContext_::StatesAndFlags_, ProcessData, ProcessModes_, ProcessSetup, SpeakerArrangement,
    SymbolicSampleSizes_::kSample32,
};
use nice_plug::wrapper::vst3::vst3::Steinberg::{
    IBStream, IPluginBaseTrait, IPluginFactory, IPluginFactoryTrait, PClassInfo, PFactoryInfo,
    TUID, kResultOk, tresult,
};
use nice_plug::wrapper::vst3::vst3::{ComPtr, ComWrapper};

pub use objects::{Changes, Handler, Stream};
pub use outgoing::{Events, Told};

/// A text in UTF-16 that ends in 0, or is as long as its place.
pub fn text_of(units: &[u16]) -> String {
    let units: Vec<u16> = units
        .iter()
        .copied()
        .take_while(|unit| *unit != 0)
        .collect();
    String::from_utf16(&units).unwrap()
}

/// The bundled plugin's library.
pub fn library() -> PathBuf {
    super::bundled()
        .with_file_name("Moodring.vst3")
        .join(format!(
            "Contents/{}-linux/Moodring.so",
            std::env::consts::ARCH
        ))
}

/// What [`watch_process`] was given.
static WATCH: OnceLock<fn(bool)> = OnceLock::new();

/// As [`moodring_host::watch_process`]: lets `watch` be called with `true` before each block and with `false` behind it.
pub fn watch_process(watch: fn(bool)) {
    WATCH.get_or_init(|| watch);
}

/// An open library.
#[derive(Clone)]
pub struct Library {
    factory: ComPtr<IPluginFactory>,
    /// After what it made.
    _library: Arc<libloading::Library>,
}

impl Library {
    pub fn open(path: &Path) -> Self {
        // SAFETY: the plugin's own library and entry points, called as the standard says.
        unsafe {
            let library = libloading::Library::new(path)
                .unwrap_or_else(|why| panic!("{why}: run `cargo xtask bundle` first"));
            if let Ok(entry) =
                library.get::<unsafe extern "C" fn(*mut c_void) -> bool>(b"ModuleEntry")
            {
                assert!(entry(null_mut()));
            }
            let get: Symbol<unsafe extern "system" fn() -> *mut c_void> =
                library.get(b"GetPluginFactory").unwrap();
            let factory = ComPtr::from_raw(get().cast::<IPluginFactory>()).unwrap();
            Self {
                factory,
                _library: Arc::new(library),
            }
        }
    }

    /// The vendor's page on the web, as the factory tells it.
    pub fn url(&self) -> String {
        // SAFETY: a place for one; the text in it ends in 0.
        unsafe {
            let mut info: PFactoryInfo = std::mem::zeroed();
            assert_eq!(self.factory.getFactoryInfo(&mut info), kResultOk);
            let url = CStr::from_ptr(info.url.as_ptr());
            url.to_str().unwrap().to_owned()
        }
    }

    /// A new instance, initialised, with a handler.
    pub fn create(&self) -> Vst3 {
        // SAFETY: as the standard says.
        unsafe {
            let mut info: PClassInfo = std::mem::zeroed();
            assert_eq!(self.factory.getClassInfo(0, &mut info), kResultOk);
            let mut component: *mut IComponent = null_mut();
            let iid: *const TUID = &IComponent_iid;
            let made = self.factory.createInstance(
                info.cid.as_ptr(),
                iid.cast(),
                (&raw mut component).cast(),
            );
            assert_eq!(made, kResultOk);
            let component = ComPtr::from_raw(component).unwrap();
            assert_eq!(component.initialize(null_mut()), kResultOk);
            let handler = ComWrapper::new(Handler::default());
            let controller = component.cast::<IEditController>().unwrap();
            let told = handler.to_com_ptr::<IComponentHandler>().unwrap();
            assert_eq!(controller.setComponentHandler(told.as_ptr()), kResultOk);
            Vst3 {
                processor: component.cast().unwrap(),
                controller,
                component,
                handler,
                library: self.clone(),
            }
        }
    }
}

/// A block as the host gives it. Each channel of an input as long as `frames`.
#[derive(Clone, Copy, Default)]
pub struct Block<'a> {
    pub frames: usize,
    pub input: &'a [&'a [f32]],
    /// What plays at the sidechain; no bus, where there are no channels.
    pub side: &'a [&'a [f32]],
    pub changes: Option<&'a ComWrapper<Changes>>,
    /// Where the plugin's own events and parameters go.
    pub events: Option<&'a ComWrapper<Events>>,
    pub told: Option<&'a ComWrapper<Told>>,
    /// Where the song is that plays, in samples.
    pub song: Option<i64>,
}

/// What comes out of a block.
pub struct Output {
    pub channels: Vec<Vec<f32>>,
    /// Which of them the plugin says are silent.
    pub silent: u64,
    pub result: tresult,
}

/// One instance.
pub struct Vst3 {
    pub component: ComPtr<IComponent>,
    pub processor: ComPtr<IAudioProcessor>,
    pub controller: ComPtr<IEditController>,
    pub handler: ComWrapper<Handler>,
    /// After what it made.
    pub library: Library,
}

// SAFETY: by the standard a host calls a plugin from several threads, each its own functions; the handler is locked.
unsafe impl Send for Vst3 {}
// SAFETY: as above.
unsafe impl Sync for Vst3 {}

impl Vst3 {
    /// An instance that renders offline, in stereo.
    pub fn open(library: &Path, rate: f64, max_frames: i32) -> Self {
        let vst3 = Library::open(library).create();
        vst3.play(rate, max_frames, true);
        vst3
    }

    /// Sets up, activates and starts.
    pub fn play(&self, rate: f64, max_frames: i32, offline: bool) {
        assert_eq!(self.set_up(rate, max_frames, offline), kResultOk);
        // SAFETY: as the standard says.
        unsafe {
            assert_eq!(self.component.setActive(1), kResultOk);
            assert_eq!(self.processor.setProcessing(1), kResultOk);
        }
    }

    /// Stops and deactivates.
    pub fn stop(&self) {
        // SAFETY: as the standard says.
        unsafe {
            self.processor.setProcessing(0);
            assert_eq!(self.component.setActive(0), kResultOk);
        }
    }

    pub fn set_up(&self, rate: f64, max_frames: i32, offline: bool) -> tresult {
        let mode = if offline {
            ProcessModes_::kOffline
        } else {
            ProcessModes_::kRealtime
        };
        let mut setup = ProcessSetup {
            processMode: mode as i32,
            symbolicSampleSize: kSample32 as i32,
            maxSamplesPerBlock: max_frames,
            sampleRate: rate,
        };
        // SAFETY: a whole setup.
        unsafe { self.processor.setupProcessing(&mut setup) }
    }

    /// Sends one block through, of any length, and as many channels out as in.
    pub fn process(&self, block: &Block) -> Output {
        self.process_into(block, block.input.len())
    }

    /// The same with `channels` channels out. What they hold before is no input: nothing that is a number, where there is
    /// one, and sound, where there is none.
    pub fn process_into(&self, block: &Block, channels: usize) -> Output {
        let before = if block.input.is_empty() {
            0.5
        } else {
            f32::NAN
        };
        let mut output = vec![vec![before; block.frames]; channels];
        let [mut input, mut side] =
            [block.input, block.side].map(|bus| bus.iter().map(|part| part.to_vec()).collect());
        let mut pointers = [&mut input, &mut side, &mut output].map(|bus: &mut Vec<Vec<f32>>| {
            bus.iter_mut()
                .map(|channel| channel.as_mut_ptr())
                .collect::<Vec<_>>()
        });
        let [input, side, output_bus] = pointers.each_mut().map(|pointers| AudioBusBuffers {
            numChannels: pointers.len() as i32,
            silenceFlags: u64::MAX,
            __field0: AudioBusBuffers__type0 {
                channelBuffers32: pointers.as_mut_ptr(),
            },
        });
        let mut inputs = [input, side];
        let mut outputs = [output_bus];
        let changes = block
            .changes
            .and_then(|changes| changes.as_com_ref::<IParameterChanges>());
        let events = block
            .events
            .and_then(|events| events.as_com_ref::<IEventList>());
        let told = block
            .told
            .and_then(|told| told.as_com_ref::<IParameterChanges>());
        // SAFETY: numbers.
        let mut place: ProcessContext = unsafe { std::mem::zeroed() };
        place.state = StatesAndFlags_::kPlaying;
        place.projectTimeSamples = block.song.unwrap_or(0);
        let mut data = ProcessData {
            processMode: ProcessModes_::kRealtime as i32,
            symbolicSampleSize: kSample32 as i32,
            numSamples: block.frames as i32,
            numInputs: if block.side.is_empty() { 1 } else { 2 },
            numOutputs: 1,
            inputs: inputs.as_mut_ptr(),
            outputs: outputs.as_mut_ptr(),
            inputParameterChanges: changes.map_or(null_mut(), |changes| changes.as_ptr()),
            outputParameterChanges: told.map_or(null_mut(), |told| told.as_ptr()),
            inputEvents: null_mut(),
            outputEvents: events.map_or(null_mut(), |events| events.as_ptr()),
            processContext: match block.song {
                Some(_) => &mut place,
                None => null_mut(),
            },
        };
        let watch: fn(bool) = WATCH.get().copied().unwrap_or(|_| {});
        watch(true);
        // SAFETY: the pointers are to live buffers of the length that is told.
        let result = unsafe { self.processor.process(&mut data) };
        watch(false);
        Output {
            channels: output,
            silent: outputs[0].silenceFlags,
            result,
        }
    }

    /// A whole signal, in blocks of `size`, each with what `changes` makes for its start and length.
    pub fn render(
        &self,
        input: &[&[f32]],
        side: &[&[f32]],
        size: usize,
        mut changes: impl FnMut(usize, usize) -> Option<ComWrapper<Changes>>,
    ) -> Vec<Vec<f32>> {
        let mut output = vec![Vec::new(); input.len()];
        let total = input.first().map_or(0, |channel| channel.len());
        for start in (0..total).step_by(size) {
            let end = (start + size).min(total);
            let cut = |bus: &[&'_ [f32]]| {
                bus.iter()
                    .map(|c| c[start..end].to_vec())
                    .collect::<Vec<_>>()
            };
            let (input, side) = (cut(input), cut(side));
            let block = self.process(&Block {
                frames: end - start,
                input: &input.iter().map(Vec::as_slice).collect::<Vec<_>>(),
                side: &side.iter().map(Vec::as_slice).collect::<Vec<_>>(),
                changes: changes(start, end - start).as_ref(),
                ..Block::default()
            });
            assert_eq!(block.result, kResultOk);
            for (whole, part) in output.iter_mut().zip(block.channels) {
                whole.extend(part);
            }
        }
        output
    }

    /// The parameters, by their titles.
    pub fn params(&self) -> Vec<(String, u32)> {
        self.params_with(|_| true)
    }

    /// Those that a host may set.
    pub fn settable_params(&self) -> Vec<(String, u32)> {
        self.params_with(|flags| flags & ParameterFlags_::kIsReadOnly == 0)
    }

    fn params_with(&self, wanted: impl Fn(i32) -> bool) -> Vec<(String, u32)> {
        // SAFETY: a place for one.
        unsafe {
            (0..self.controller.getParameterCount())
                .filter_map(|index| {
                    let mut info: ParameterInfo = std::mem::zeroed();
                    assert_eq!(
                        self.controller.getParameterInfo(index, &mut info),
                        kResultOk
                    );
                    wanted(info.flags).then(|| (text_of(&info.title), info.id))
                })
                .collect()
        }
    }

    /// The number of the parameter of that title.
    pub fn id(&self, title: &str) -> u32 {
        let params = self.params();
        let found = params.iter().find(|(name, _)| name == title);
        found.unwrap_or_else(|| panic!("no {title}: {params:?}")).1
    }

    /// Tells the controller, as hosts do beside the block that carries the change.
    pub fn set(&self, id: u32, value: f64) -> tresult {
        // SAFETY: only numbers.
        unsafe { self.controller.setParamNormalized(id, value) }
    }

    pub fn get(&self, id: u32) -> f64 {
        // SAFETY: only numbers.
        unsafe { self.controller.getParamNormalized(id) }
    }

    pub fn save(&self) -> Vec<u8> {
        let stream = ComWrapper::new(Stream::default());
        let place = stream.to_com_ptr::<IBStream>().unwrap();
        // SAFETY: a live stream.
        let told = unsafe { self.component.getState(place.as_ptr()) };
        assert_eq!(told, kResultOk);
        stream.bytes()
    }

    pub fn load(&self, state: &[u8]) -> tresult {
        let stream = ComWrapper::new(Stream::of(state));
        let place = stream.to_com_ptr::<IBStream>().unwrap();
        // SAFETY: a live stream.
        unsafe { self.component.setState(place.as_ptr()) }
    }

    /// Asks for speakers at the main input, the sidechain and the output.
    pub fn arrange(&self, speakers: [SpeakerArrangement; 3]) -> tresult {
        let [main, side, mut output] = speakers;
        // SAFETY: so many there are.
        unsafe {
            self.processor
                .setBusArrangements([main, side].as_mut_ptr(), 2, &mut output, 1)
        }
    }

    /// The speakers and the channels of the main input, the sidechain and the output.
    pub fn arrangement(&self) -> [(SpeakerArrangement, i32); 3] {
        const AUDIO: i32 = MediaTypes_::kAudio as i32;
        const INPUT: BusDirection = BusDirections_::kInput as BusDirection;
        const OUTPUT: BusDirection = BusDirections_::kOutput as BusDirection;
        [(INPUT, 0), (INPUT, 1), (OUTPUT, 0)].map(|(direction, index)| {
            let mut speakers = 0;
            // SAFETY: places for one each.
            unsafe {
                let mut info: BusInfo = std::mem::zeroed();
                let told = self
                    .processor
                    .getBusArrangement(direction, index, &mut speakers);
                assert_eq!(told, kResultOk);
                let told = self
                    .component
                    .getBusInfo(AUDIO, direction, index, &mut info);
                assert_eq!(told, kResultOk);
                (speakers, info.channelCount)
            }
        })
    }
}

impl Drop for Vst3 {
    fn drop(&mut self) {
        // SAFETY: as the standard says.
        unsafe {
            self.processor.setProcessing(0);
            self.component.setActive(0);
            self.controller.setComponentHandler(null_mut());
            self.component.terminate();
        }
    }
}
