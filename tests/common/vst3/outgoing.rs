//! What a plugin hands a host beside sound.

use std::sync::Mutex;

use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    ControllerNumbers_::kCtrlProgramChange, Event, Event_::EventTypes_, IEventList,
    IEventListTrait, IParamValueQueue, IParamValueQueueTrait, IParameterChanges,
    IParameterChangesTrait, ParamID, ParamValue,
};
use nice_plug::wrapper::vst3::vst3::Steinberg::{int32, kResultFalse, kResultOk, tresult};
use nice_plug::wrapper::vst3::vst3::{Class, ComWrapper};

/// A block's events, as the host's list takes them: frames, and bytes of MIDI 1.0.
#[derive(Default)]
pub struct Events(Mutex<Vec<(i32, [u8; 3])>>);

impl Events {
    /// One that takes some thousands without allocating.
    pub fn with_room() -> Self {
        Self(Mutex::new(Vec::with_capacity(4_096)))
    }

    /// What has come since the last time.
    pub fn take(&self) -> Vec<(i32, [u8; 3])> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Class for Events {
    type Interfaces = (IEventList,);
}

impl IEventListTrait for Events {
    unsafe fn getEventCount(&self) -> int32 {
        0
    }

    unsafe fn getEvent(&self, _: int32, _: *mut Event) -> tresult {
        kResultFalse
    }

    unsafe fn addEvent(&self, event: *mut Event) -> tresult {
        const ON: u32 = EventTypes_::kNoteOnEvent;
        const OFF: u32 = EventTypes_::kNoteOffEvent;
        const LEGACY: u32 = EventTypes_::kLegacyMIDICCOutEvent;
        // SAFETY: the plugin's own event, whose content is of its type.
        let (frame, bytes) = unsafe {
            let event = &*event;
            let bytes = match u32::from(event.r#type) {
                ON => {
                    let note = event.__field0.noteOn;
                    let velocity = (127.0 * note.velocity).round() as u8;
                    [0x90 | note.channel as u8, note.pitch as u8, velocity]
                }
                OFF => {
                    let note = event.__field0.noteOff;
                    [0x80 | note.channel as u8, note.pitch as u8, 0]
                }
                LEGACY => {
                    let legacy = event.__field0.midiCCOut;
                    let (channel, value) = (legacy.channel as u8, legacy.value as u8);
                    if u32::from(legacy.controlNumber) == kCtrlProgramChange {
                        [0xc0 | channel, value, 0]
                    } else {
                        [0xb0 | channel, legacy.controlNumber, value]
                    }
                }
                _ => return kResultFalse,
            };
            (event.sampleOffset, bytes)
        };
        self.0.lock().unwrap().push((frame, bytes));
        kResultOk
    }
}

/// One parameter's queue.
pub struct Queue {
    id: ParamID,
    points: Mutex<Vec<(i32, f64)>>,
}

impl Class for Queue {
    type Interfaces = (IParamValueQueue,);
}

impl IParamValueQueueTrait for Queue {
    unsafe fn getParameterId(&self) -> ParamID {
        self.id
    }

    unsafe fn getPointCount(&self) -> int32 {
        0
    }

    unsafe fn getPoint(&self, _: int32, _: *mut int32, _: *mut ParamValue) -> tresult {
        kResultFalse
    }

    unsafe fn addPoint(&self, frame: int32, value: ParamValue, index: *mut int32) -> tresult {
        let mut points = self.points.lock().unwrap();
        // SAFETY: a place for one.
        unsafe { index.write(points.len() as int32) };
        points.push((frame, value));
        kResultOk
    }
}

/// The parameters that a plugin changes by itself.
#[derive(Default)]
pub struct Told(Mutex<Vec<ComWrapper<Queue>>>);

impl Told {
    /// What has come since the last time: numbers, frames and values.
    pub fn take(&self) -> Vec<(u32, i32, f64)> {
        let queues = std::mem::take(&mut *self.0.lock().unwrap());
        let of = |queue: &ComWrapper<Queue>| {
            let points = queue.points.lock().unwrap().clone();
            let id = queue.id;
            points
                .into_iter()
                .map(move |(frame, value)| (id, frame, value))
        };
        queues.iter().flat_map(of).collect()
    }
}

impl Class for Told {
    type Interfaces = (IParameterChanges,);
}

impl IParameterChangesTrait for Told {
    unsafe fn getParameterCount(&self) -> int32 {
        0
    }

    unsafe fn getParameterData(&self, _: int32) -> *mut IParamValueQueue {
        std::ptr::null_mut()
    }

    unsafe fn addParameterData(
        &self,
        id: *const ParamID,
        index: *mut int32,
    ) -> *mut IParamValueQueue {
        let mut queues = self.0.lock().unwrap();
        let queue = ComWrapper::new(Queue {
            // SAFETY: the plugin's own number.
            id: unsafe { *id },
            points: Mutex::default(),
        });
        let place = queue.as_com_ref::<IParamValueQueue>().unwrap().as_ptr();
        // SAFETY: a place for one.
        unsafe { index.write(queues.len() as int32) };
        queues.push(queue);
        place
    }
}
