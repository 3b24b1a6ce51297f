//! What a VST3 host looks for in a library: the factory, and the calls before the first use and after the last, which each
//! platform names its own way.

use std::ffi::c_void;

use nice_plug::wrapper::{
    setup_logger,
    vst3::{
        PluginInfo,
        vst3::{
            Class, ComWrapper,
            Steinberg::{
                FIDString, FUnknown, IPluginFactory, IPluginFactory2, IPluginFactory2Trait,
                IPluginFactory3, IPluginFactory3Trait, IPluginFactoryTrait, PClassInfo,
                PClassInfo2, PClassInfoW, PFactoryInfo, TUID, int32, kInternalError,
                kInvalidArgument, kResultOk, tresult,
            },
        },
    },
};

use super::{guarded::guarded, hosted::Hosted, object::Object};
use crate::thread::MainThread;

/// A new factory with a reference that the host owns; null if there is none to be had.
#[unsafe(no_mangle)]
extern "system" fn GetPluginFactory() -> *mut c_void {
    guarded(std::ptr::null_mut(), || {
        ComWrapper::new(Factory(PluginInfo::for_plugin::<Hosted>()))
            .to_com_ptr::<IPluginFactory>()
            .map_or(std::ptr::null_mut(), |factory| factory.into_raw().cast())
    })
}

/// Before the first use of the library.
fn enter() -> bool {
    guarded(false, || {
        setup_logger::<Hosted>();
        true
    })
}

#[cfg(all(unix, not(target_os = "macos")))]
#[unsafe(no_mangle)]
extern "C" fn ModuleEntry(_library: *mut c_void) -> bool {
    enter()
}

#[cfg(all(unix, not(target_os = "macos")))]
#[unsafe(no_mangle)]
extern "C" fn ModuleExit() -> bool {
    true
}

#[cfg(target_os = "macos")]
#[allow(non_snake_case, reason = "hosts look for this name")]
#[unsafe(no_mangle)]
extern "C" fn bundleEntry(_library: *mut c_void) -> bool {
    enter()
}

#[cfg(target_os = "macos")]
#[allow(non_snake_case, reason = "hosts look for this name")]
#[unsafe(no_mangle)]
extern "C" fn bundleExit() -> bool {
    true
}

#[cfg(windows)]
#[unsafe(no_mangle)]
extern "system" fn InitDll() -> bool {
    enter()
}

#[cfg(windows)]
#[unsafe(no_mangle)]
extern "system" fn ExitDll() -> bool {
    true
}

struct Factory(PluginInfo);

impl Class for Factory {
    type Interfaces = (IPluginFactory, IPluginFactory2, IPluginFactory3);
}

impl IPluginFactoryTrait for Factory {
    unsafe fn getFactoryInfo(&self, info: *mut PFactoryInfo) -> tresult {
        // SAFETY: the host's pointer, to a place for this type or null.
        unsafe { fill(info, 0, || self.0.create_factory_info()) }
    }

    unsafe fn countClasses(&self) -> int32 {
        1
    }

    unsafe fn getClassInfo(&self, index: int32, info: *mut PClassInfo) -> tresult {
        // SAFETY: as above.
        unsafe { fill(info, index, || self.0.create_class_info()) }
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
        if unsafe { &*cid.cast::<[u8; 16]>() } != self.0.cid {
            return kInvalidArgument;
        }
        let Some(object) = guarded(None, || Object::new(&MainThread::assume())) else {
            return kInternalError;
        };
        let object = ComWrapper::new(object);
        let Some(unknown) = object.as_com_ref::<FUnknown>() else {
            return kInternalError;
        };
        let unknown = unknown.as_ptr();
        // SAFETY: a live object's own method; the host's pointers are not null.
        unsafe { ((*(*unknown).vtbl).queryInterface)(unknown, iid as *const TUID, obj) }
    }
}

impl IPluginFactory2Trait for Factory {
    unsafe fn getClassInfo2(&self, index: int32, info: *mut PClassInfo2) -> tresult {
        // SAFETY: as above.
        unsafe { fill(info, index, || self.0.create_class_info_2()) }
    }
}

impl IPluginFactory3Trait for Factory {
    unsafe fn getClassInfoUnicode(&self, index: int32, info: *mut PClassInfoW) -> tresult {
        // SAFETY: as above.
        unsafe { fill(info, index, || self.0.create_class_info_unicode()) }
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
