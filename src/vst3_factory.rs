//! The VST3 entry point, in the place of `nice_export_vst3!`: two bugs of nice-plug 0.4.2 are worked around here.
//!
//! nice-plug's `setupProcessing` stores the buffer configuration with the process mode of the call *before*, and only
//! then takes the new mode in. A host that says once that it renders offline, as most do, gets a plugin that was told
//! `Realtime`, which then does not wait for its networks: the bounce depends on the machine's speed. Called twice with
//! the same setup, `setupProcessing` stores the right mode, and has no other effect.
//!
//! `process` reads one input bus more than the host has given when the host leaves the sidechain out.
//!
//! So the factory hands out the framework's own object with these two entries of its `IAudioProcessor` table replaced.
//!
//! With a nice-plug that has this right, this file goes and the macro comes back.
#![allow(unsafe_code, reason = "VST3 is a C++ interface")]

use std::ffi::c_void;
use std::marker::PhantomData;
use std::sync::OnceLock;

use nice_plug::prelude::Vst3Plugin;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    AudioBusBuffers, AudioBusBuffers__type0, IAudioProcessor, IAudioProcessorVtbl, ProcessData,
    ProcessSetup,
};
use nice_plug::wrapper::vst3::vst3::Steinberg::{
    FIDString, FUnknown, IPluginFactory, IPluginFactory2, IPluginFactory2Trait, IPluginFactory3,
    IPluginFactory3Trait, IPluginFactoryTrait, PClassInfo, PClassInfo2, PClassInfoW, PFactoryInfo,
    TUID, int32, kInternalError, kInvalidArgument, kResultOk, tresult,
};
use nice_plug::wrapper::vst3::vst3::{Class, ComWrapper};
use nice_plug::wrapper::vst3::{PluginInfo, Wrapper};

use crate::framework_thread;

/// Exports what a VST3 host looks for in a library: the factory, and the calls before the first use and after the last,
/// which each platform names its own way.
macro_rules! export_vst3 {
    ($plugin:ty) => {
        #[allow(unsafe_code, reason = "hosts look for this name")]
        #[unsafe(no_mangle)]
        extern "system" fn GetPluginFactory() -> *mut ::std::ffi::c_void {
            $crate::vst3_factory::new_factory::<$plugin>()
        }

        #[cfg(all(unix, not(target_os = "macos")))]
        #[allow(unsafe_code, reason = "hosts look for this name")]
        #[unsafe(no_mangle)]
        extern "C" fn ModuleEntry(_library: *mut ::std::ffi::c_void) -> bool {
            ::nice_plug::wrapper::setup_logger::<$plugin>();
            true
        }

        #[cfg(all(unix, not(target_os = "macos")))]
        #[allow(unsafe_code, reason = "hosts look for this name")]
        #[unsafe(no_mangle)]
        extern "C" fn ModuleExit() -> bool {
            true
        }

        #[cfg(target_os = "macos")]
        #[allow(unsafe_code, reason = "hosts look for this name")]
        #[unsafe(no_mangle)]
        extern "C" fn bundleEntry(_library: *mut ::std::ffi::c_void) -> bool {
            ::nice_plug::wrapper::setup_logger::<$plugin>();
            true
        }

        #[cfg(target_os = "macos")]
        #[allow(unsafe_code, reason = "hosts look for this name")]
        #[unsafe(no_mangle)]
        extern "C" fn bundleExit() -> bool {
            true
        }

        #[cfg(windows)]
        #[allow(unsafe_code, reason = "hosts look for this name")]
        #[unsafe(no_mangle)]
        extern "system" fn InitDll() -> bool {
            ::nice_plug::wrapper::setup_logger::<$plugin>();
            true
        }

        #[cfg(windows)]
        #[allow(unsafe_code, reason = "hosts look for this name")]
        #[unsafe(no_mangle)]
        extern "system" fn ExitDll() -> bool {
            true
        }
    };
}
pub(crate) use export_vst3;

/// A new factory for the one plugin `P`, with a reference that the host owns; null if there is none to be had.
pub fn new_factory<P: Vst3Plugin>() -> *mut c_void {
    let factory = Factory::<P> {
        info: PluginInfo::for_plugin::<P>(),
        plugin: PhantomData,
    };
    ComWrapper::new(factory)
        .to_com_ptr::<IPluginFactory>()
        .map_or(std::ptr::null_mut(), |factory| factory.into_raw().cast())
}

struct Factory<P> {
    info: PluginInfo,
    /// A function pointer's: the factory makes plugins but has none, and is shared between threads though `P` is not.
    plugin: PhantomData<fn() -> P>,
}

impl<P: Vst3Plugin> Class for Factory<P> {
    type Interfaces = (IPluginFactory, IPluginFactory2, IPluginFactory3);
}

impl<P: Vst3Plugin> IPluginFactoryTrait for Factory<P> {
    unsafe fn getFactoryInfo(&self, info: *mut PFactoryInfo) -> tresult {
        // SAFETY: the host's pointer, to a place for this type or null.
        unsafe { fill(info, 0, || self.info.create_factory_info()) }
    }

    unsafe fn countClasses(&self) -> int32 {
        1
    }

    unsafe fn getClassInfo(&self, index: int32, info: *mut PClassInfo) -> tresult {
        // SAFETY: as above.
        unsafe { fill(info, index, || self.info.create_class_info()) }
    }

    unsafe fn createInstance(
        &self,
        cid: FIDString,
        iid: FIDString,
        obj: *mut *mut c_void,
    ) -> tresult {
        if cid.is_null() || iid.is_null() || obj.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: a class id is 16 bytes by the standard.
        if unsafe { &*cid.cast::<[u8; 16]>() } != self.info.cid {
            return kInvalidArgument;
        }
        framework_thread::VST3.is_in_use(|| std::mem::forget(Wrapper::<P>::new()));
        let plugin = ComWrapper::new(Wrapper::<P>::new());
        let (Some(processor), Some(unknown)) = (
            plugin.as_com_ref::<IAudioProcessor>(),
            plugin.as_com_ref::<FUnknown>(),
        ) else {
            return kInternalError;
        };
        // SAFETY: nobody else has this object yet, and its table is the framework's.
        unsafe { guard(processor.as_ptr()) };
        let unknown = unknown.as_ptr();
        // SAFETY: a live object's own method; the host's pointers are not null.
        unsafe { ((*(*unknown).vtbl).queryInterface)(unknown, iid as *const TUID, obj) }
    }
}

impl<P: Vst3Plugin> IPluginFactory2Trait for Factory<P> {
    unsafe fn getClassInfo2(&self, index: int32, info: *mut PClassInfo2) -> tresult {
        // SAFETY: as above.
        unsafe { fill(info, index, || self.info.create_class_info_2()) }
    }
}

impl<P: Vst3Plugin> IPluginFactory3Trait for Factory<P> {
    unsafe fn getClassInfoUnicode(&self, index: int32, info: *mut PClassInfoW) -> tresult {
        // SAFETY: as above.
        unsafe { fill(info, index, || self.info.create_class_info_unicode()) }
    }

    unsafe fn setHostContext(&self, _context: *mut FUnknown) -> tresult {
        kResultOk
    }
}

/// Answers a host's question about class `index`, of which there is one.
///
/// # Safety
/// `place` is null or a place for a `T`.
unsafe fn fill<T>(place: *mut T, index: int32, answer: impl FnOnce() -> T) -> tresult {
    if place.is_null() || index != 0 {
        return kInvalidArgument;
    }
    // SAFETY: the caller's promise.
    unsafe { place.write(answer()) };
    kResultOk
}

/// Most input buses of any layout: the main one and the sidechain.
const BUSES: usize = 2;

/// The framework's table of `IAudioProcessor`, and the copy with the replaced entries. Made once: all instances are of
/// one class.
static TABLES: OnceLock<(&'static IAudioProcessorVtbl, IAudioProcessorVtbl)> = OnceLock::new();

/// Gives an object the table with [`setup_processing_twice`] and [`process_what_is_there`].
///
/// # Safety
/// `processor` is a live object of the framework's class, which no other thread has.
unsafe fn guard(processor: *mut IAudioProcessor) {
    // SAFETY: a live object points to its class' table, which is a constant of the program.
    let original: &'static IAudioProcessorVtbl = unsafe { &*(*processor).vtbl };
    let (_, replaced) = TABLES.get_or_init(|| {
        let mut replaced = *original;
        replaced.setupProcessing = setup_processing_twice;
        replaced.process = process_what_is_there;
        (original, replaced)
    });
    // SAFETY: the pointer to the table is the object's own, and nobody reads it meanwhile.
    unsafe { (*processor).vtbl = replaced };
}

unsafe extern "system" fn setup_processing_twice(
    processor: *mut IAudioProcessor,
    setup: *mut ProcessSetup,
) -> tresult {
    let Some((original, _)) = TABLES.get() else {
        return kInternalError;
    };
    // SAFETY: the host's own call, passed on; the standard has it made while the plugin is inactive.
    unsafe {
        (original.setupProcessing)(processor, setup);
        (original.setupProcessing)(processor, setup)
    }
}

/// Calls the framework's `process` with exactly [`BUSES`] inputs: those that the host hasn't given are empty.
unsafe extern "system" fn process_what_is_there(
    processor: *mut IAudioProcessor,
    data: *mut ProcessData,
) -> tresult {
    let Some((original, _)) = TABLES.get() else {
        return kInternalError;
    };
    if data.is_null() {
        return kInvalidArgument;
    }
    let nothing = AudioBusBuffers {
        numChannels: 0,
        silenceFlags: 0,
        __field0: AudioBusBuffers__type0 {
            channelBuffers32: std::ptr::null_mut(),
        },
    };
    let mut inputs = [nothing; BUSES];
    // SAFETY: the host's own, and only copied.
    let mut told = unsafe { std::ptr::read(data) };
    if !told.inputs.is_null() {
        let given = usize::try_from(told.numInputs).unwrap_or(0).min(BUSES);
        // SAFETY: so many there are.
        let given = unsafe { std::slice::from_raw_parts(told.inputs, given) };
        for (input, given) in inputs.iter_mut().zip(given) {
            // SAFETY: the host's own bus.
            if unsafe { is_whole(given) } {
                *input = *given;
            }
        }
        told.inputs = inputs.as_mut_ptr();
        told.numInputs = BUSES as int32;
    }
    // SAFETY: the host's own call, with nothing missing.
    unsafe { (original.process)(processor, &mut told) }
}

/// Whether all of a bus' channels are there.
///
/// # Safety
/// The bus is a host's.
unsafe fn is_whole(bus: &AudioBusBuffers) -> bool {
    // SAFETY: nice-plug refuses samples of 64 bits, so these are the pointers that are set.
    let channels = unsafe { bus.__field0.channelBuffers32 };
    if channels.is_null() {
        return false;
    }
    // SAFETY: so many pointers there are.
    let channels = unsafe {
        std::slice::from_raw_parts(channels, usize::try_from(bus.numChannels).unwrap_or(0))
    };
    channels.iter().all(|channel| !channel.is_null())
}
