//! Gives back the keymap that baseview 0.4.2 makes for each window on X11 and forgets: about 130 kB an opening.
//!
//! baseview makes a keymap, has libxkbcommon make the keyboard's state of it, and gives back the state alone. Neither can be reached
//! from outside. But baseview finds libxkbcommon's functions by their names. So `build.rs` has the linker lead what the plugin file
//! asks `dlsym` for through [`__wrap_dlsym`], which answers one name with a function of this file's: that one has the state made, and
//! then gives the keymap back. The state keeps it as long as it lives.
//!
//! Executables that the editor is linked into are not led through here, and their linker leaves this file out: they open no
//! windows by the hundred. With a baseview that gives the keymap back, this file goes, and its line in `build.rs`.
#![allow(unsafe_code, reason = "libxkbcommon is a C library")]

use std::{
    ffi::{CStr, c_char, c_void},
    mem::transmute,
    sync::OnceLock,
};

/// What baseview has the state made by, and what it forgets to call.
const MAKES_STATE: &CStr = c"xkb_x11_state_new_from_device";
const GIVES_KEYMAP_BACK: &CStr = c"xkb_keymap_unref";

/// `xkb_x11_state_new_from_device`: of a keymap, a connection and a device. The state holds the keymap.
type MakeState = unsafe extern "C" fn(*mut c_void, *mut c_void, i32) -> *mut c_void;
/// `xkb_keymap_unref`.
type GiveBack = unsafe extern "C" fn(*mut c_void);

/// Both, once baseview has asked for the first. They stay loaded: baseview never lets go of the library.
static FUNCTIONS: OnceLock<(MakeState, GiveBack)> = OnceLock::new();

unsafe extern "C" {
    /// The system's `dlsym`, as the linker calls it where it wraps it.
    fn __real_dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

/// Stands in the place of `dlsym` for everything in the plugin file. On any thread but the audio thread; allocates nothing.
///
/// # Safety
/// As for `dlsym`: `name` is a text that ends in 0, and `library` came from `dlopen`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __wrap_dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void {
    // SAFETY: the caller's promise is the same.
    let found = unsafe { __real_dlsym(library, name) };
    // SAFETY: as above; a name was found, so there is one.
    if found.is_null() || unsafe { CStr::from_ptr(name) } != MAKES_STATE {
        return found;
    }
    // SAFETY: a name that ends in 0. libxkbcommon-x11 is linked to the library that has this one, where it is found, too.
    let gives_back = unsafe { __real_dlsym(library, GIVES_KEYMAP_BACK.as_ptr()) };
    if gives_back.is_null() {
        return found;
    }
    FUNCTIONS.get_or_init(|| {
        // SAFETY: functions of these names have these types in every version of libxkbcommon since 0.5.
        unsafe {
            (
                transmute::<*mut c_void, MakeState>(found),
                transmute::<*mut c_void, GiveBack>(gives_back),
            )
        }
    });
    make_state as *mut c_void
}

/// Stands in the place of `xkb_x11_state_new_from_device` for baseview, on the window's thread.
unsafe extern "C" fn make_state(
    keymap: *mut c_void,
    connection: *mut c_void,
    device: i32,
) -> *mut c_void {
    let Some((make, give_back)) = FUNCTIONS.get() else {
        return std::ptr::null_mut();
    };
    // SAFETY: the caller's promise is the same. It has the keymap from `xkb_x11_keymap_new_from_device`, never gives it back and has no
    // more use for it; the state has a reference of its own.
    unsafe {
        let state = make(keymap, connection, device);
        give_back(keymap);
        state
    }
}
