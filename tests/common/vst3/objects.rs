//! What a host hands a plugin.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    IComponentHandler, IComponentHandlerTrait, IParamValueQueue, IParamValueQueueTrait,
    IParameterChanges, IParameterChangesTrait, ParamID, ParamValue,
};
use nice_plug::wrapper::vst3::vst3::Steinberg::{
    IBStream, IBStreamTrait, int32, int64, kInvalidArgument, kResultFalse, kResultOk, tresult,
};
use nice_plug::wrapper::vst3::vst3::{Class, ComWrapper};

/// One parameter's changes: frames and values.
pub struct Queue {
    id: u32,
    points: Vec<(i32, f64)>,
}

impl Class for Queue {
    type Interfaces = (IParamValueQueue,);
}

impl IParamValueQueueTrait for Queue {
    unsafe fn getParameterId(&self) -> ParamID {
        self.id
    }

    unsafe fn getPointCount(&self) -> int32 {
        self.points.len() as int32
    }

    unsafe fn getPoint(&self, index: int32, frame: *mut int32, value: *mut ParamValue) -> tresult {
        match self.points.get(index as usize) {
            Some((at, to)) => {
                // SAFETY: places for one each.
                unsafe {
                    frame.write(*at);
                    value.write(*to);
                }
                kResultOk
            }
            None => kInvalidArgument,
        }
    }

    unsafe fn addPoint(&self, _: int32, _: ParamValue, _: *mut int32) -> tresult {
        kResultFalse
    }
}

/// A block's changes.
pub struct Changes(Vec<ComWrapper<Queue>>);

impl Changes {
    /// Of parameters, their frames and values.
    pub fn of(queues: impl IntoIterator<Item = (u32, Vec<(i32, f64)>)>) -> ComWrapper<Self> {
        ComWrapper::new(Self(
            queues
                .into_iter()
                .map(|(id, points)| ComWrapper::new(Queue { id, points }))
                .collect(),
        ))
    }
}

impl Class for Changes {
    type Interfaces = (IParameterChanges,);
}

impl IParameterChangesTrait for Changes {
    unsafe fn getParameterCount(&self) -> int32 {
        self.0.len() as int32
    }

    unsafe fn getParameterData(&self, index: int32) -> *mut IParamValueQueue {
        let queue = self.0.get(index as usize);
        queue
            .and_then(|queue| queue.as_com_ref::<IParamValueQueue>())
            .map_or(std::ptr::null_mut(), |queue| queue.as_ptr())
    }

    unsafe fn addParameterData(&self, _: *const ParamID, _: *mut int32) -> *mut IParamValueQueue {
        std::ptr::null_mut()
    }
}

/// Bytes with a place.
#[derive(Default)]
pub struct Stream {
    bytes: Mutex<Vec<u8>>,
    place: AtomicUsize,
}

impl Stream {
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: Mutex::new(bytes.to_vec()),
            place: AtomicUsize::new(0),
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().unwrap().clone()
    }
}

impl Class for Stream {
    type Interfaces = (IBStream,);
}

impl IBStreamTrait for Stream {
    unsafe fn read(
        &self,
        buffer: *mut std::ffi::c_void,
        count: int32,
        read: *mut int32,
    ) -> tresult {
        let bytes = self.bytes.lock().unwrap();
        let place = self.place.load(Ordering::Relaxed);
        let part = &bytes[place..(place + count as usize).min(bytes.len())];
        self.place.store(place + part.len(), Ordering::Relaxed);
        // SAFETY: room for `count`, and a place for one.
        unsafe {
            std::ptr::copy_nonoverlapping(part.as_ptr(), buffer.cast(), part.len());
            if !read.is_null() {
                read.write(part.len() as int32);
            }
        }
        kResultOk
    }

    unsafe fn write(
        &self,
        buffer: *mut std::ffi::c_void,
        count: int32,
        written: *mut int32,
    ) -> tresult {
        // SAFETY: `count` bytes, and a place for one.
        unsafe {
            let part = std::slice::from_raw_parts(buffer.cast::<u8>(), count as usize);
            self.bytes.lock().unwrap().extend_from_slice(part);
            if !written.is_null() {
                written.write(count);
            }
        }
        kResultOk
    }

    unsafe fn seek(&self, place: int64, mode: int32, now: *mut int64) -> tresult {
        let from = match mode {
            0 => 0,
            1 => self.place.load(Ordering::Relaxed) as int64,
            _ => self.bytes.lock().unwrap().len() as int64,
        };
        self.place.store((from + place) as usize, Ordering::Relaxed);
        if !now.is_null() {
            // SAFETY: a place for one.
            unsafe { now.write(from + place) };
        }
        kResultOk
    }

    unsafe fn tell(&self, place: *mut int64) -> tresult {
        // SAFETY: a place for one.
        unsafe { place.write(self.place.load(Ordering::Relaxed) as int64) };
        kResultOk
    }
}

/// The host's ear.
#[derive(Default)]
pub struct Handler {
    /// Flags of `restartComponent`.
    pub restarts: Mutex<Vec<i32>>,
    /// What the editor has set.
    pub edits: Mutex<Vec<(u32, f64)>>,
}

impl Class for Handler {
    type Interfaces = (IComponentHandler,);
}

impl IComponentHandlerTrait for Handler {
    unsafe fn beginEdit(&self, _: ParamID) -> tresult {
        kResultOk
    }

    unsafe fn performEdit(&self, id: ParamID, value: ParamValue) -> tresult {
        self.edits.lock().unwrap().push((id, value));
        kResultOk
    }

    unsafe fn endEdit(&self, _: ParamID) -> tresult {
        kResultOk
    }

    unsafe fn restartComponent(&self, flags: int32) -> tresult {
        self.restarts.lock().unwrap().push(flags);
        kResultOk
    }
}
