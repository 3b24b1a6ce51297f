//! What presets there are, for the host's browser.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

use std::ffi::{CStr, CString, c_char, c_void};
use std::path::Path;

use clap_sys::{
    factory::preset_discovery::*, universal_plugin_id::clap_universal_plugin_id,
    version::CLAP_VERSION,
};
use nice_plug::prelude::ClapPlugin;

use crate::{
    entry::text::utf8,
    library::{FileStore, Library, Preset, factory_presets},
    plugin::Moodring,
};

/// The factory of the one provider there is.
pub static FACTORY: clap_preset_discovery_factory = clap_preset_discovery_factory {
    count: Some(count),
    get_descriptor: Some(descriptor),
    create: Some(create),
};

const PROVIDER_ID: &CStr = c"org.moodring.moodring.presets";

static DESCRIPTOR: clap_preset_discovery_provider_descriptor =
    clap_preset_discovery_provider_descriptor {
        clap_version: CLAP_VERSION,
        id: PROVIDER_ID.as_ptr(),
        name: c"Moodring".as_ptr(),
        vendor: c"Moodring".as_ptr(),
    };

/// A provider, and the host's end that it declares things to.
struct Provider {
    inner: clap_preset_discovery_provider,
    indexer: *const clap_preset_discovery_indexer,
}

unsafe extern "C" fn count(_: *const clap_preset_discovery_factory) -> u32 {
    1
}

unsafe extern "C" fn descriptor(
    _: *const clap_preset_discovery_factory,
    index: u32,
) -> *const clap_preset_discovery_provider_descriptor {
    match index {
        0 => &DESCRIPTOR,
        _ => std::ptr::null(),
    }
}

unsafe extern "C" fn create(
    _: *const clap_preset_discovery_factory,
    indexer: *const clap_preset_discovery_indexer,
    id: *const c_char,
) -> *const clap_preset_discovery_provider {
    // SAFETY: a name that ends in 0, by the standard.
    if indexer.is_null() || id.is_null() || unsafe { CStr::from_ptr(id) } != PROVIDER_ID {
        return std::ptr::null();
    }
    let provider = Box::into_raw(Box::new(Provider {
        inner: clap_preset_discovery_provider {
            desc: &DESCRIPTOR,
            provider_data: std::ptr::null_mut(),
            init: Some(init),
            destroy: Some(destroy),
            get_metadata: Some(get_metadata),
            get_extension: Some(get_extension),
        },
        indexer,
    }));
    // SAFETY: it was made just now, and nobody else has it.
    unsafe {
        (*provider).inner.provider_data = provider.cast();
        &raw const (*provider).inner
    }
}

/// Says where presets are: in the plugin, and in the user's folder if there is one.
unsafe extern "C" fn init(provider: *const clap_preset_discovery_provider) -> bool {
    // SAFETY: one that `create` has made, and the host's indexer outlives it.
    let indexer = unsafe { (*(*provider).provider_data.cast::<Provider>()).indexer };
    // SAFETY: as above.
    let (Some(declare_filetype), Some(declare_location)) =
        (unsafe { ((*indexer).declare_filetype, (*indexer).declare_location) })
    else {
        return false;
    };
    let own = clap_preset_discovery_location {
        flags: CLAP_PRESET_DISCOVERY_IS_FACTORY_CONTENT,
        name: c"Moodring".as_ptr(),
        kind: CLAP_PRESET_DISCOVERY_LOCATION_PLUGIN,
        location: std::ptr::null(),
    };
    // SAFETY: the host's function, with what lives until it returns.
    if !unsafe { declare_location(indexer, &own) } {
        return false;
    }
    let store = Library::of_this_user().presets();
    let folder = store.folder().filter(|folder| folder.is_dir());
    let Some(folder) = folder.and_then(|folder| CString::new(folder.to_str()?).ok()) else {
        return true;
    };
    let files = clap_preset_discovery_filetype {
        name: c"Moodring preset".as_ptr(),
        description: std::ptr::null(),
        file_extension: c"json".as_ptr(),
    };
    let users = clap_preset_discovery_location {
        flags: CLAP_PRESET_DISCOVERY_IS_USER_CONTENT,
        name: c"Yours".as_ptr(),
        kind: CLAP_PRESET_DISCOVERY_LOCATION_FILE,
        location: folder.as_ptr(),
    };
    // SAFETY: as above.
    unsafe { declare_filetype(indexer, &files) && declare_location(indexer, &users) }
}

unsafe extern "C" fn destroy(provider: *const clap_preset_discovery_provider) {
    // SAFETY: one that `create` has made, and the host's last use of it.
    drop(unsafe { Box::from_raw((*provider).provider_data.cast::<Provider>()) });
}

unsafe extern "C" fn get_extension(
    _: *const clap_preset_discovery_provider,
    _: *const c_char,
) -> *const c_void {
    std::ptr::null()
}

/// Tells about the presets at a place.
unsafe extern "C" fn get_metadata(
    _: *const clap_preset_discovery_provider,
    kind: clap_preset_discovery_location_kind,
    location: *const c_char,
    receiver: *const clap_preset_discovery_metadata_receiver,
) -> bool {
    if receiver.is_null() {
        return false;
    }
    let receiver = Receiver(receiver);
    match kind {
        CLAP_PRESET_DISCOVERY_LOCATION_PLUGIN => factory_presets().iter().all(|factory| {
            // SAFETY: the host's receiver, which lives until this returns.
            unsafe { receiver.take(&factory.preset, Some(factory.id)) }
        }),
        CLAP_PRESET_DISCOVERY_LOCATION_FILE => {
            // SAFETY: a path that ends in 0, by the standard.
            let Some(file) = (unsafe { utf8(location) }) else {
                return false;
            };
            match FileStore::<Preset>::open(Path::new(file)) {
                // SAFETY: as above.
                Ok(preset) => unsafe { receiver.take(&preset, None) },
                Err(why) => {
                    // SAFETY: as above.
                    unsafe { receiver.refuse(&why.to_string()) };
                    false
                }
            }
        }
        _ => false,
    }
}

/// The host's end that is told about presets.
struct Receiver(*const clap_preset_discovery_metadata_receiver);

impl Receiver {
    /// Tells about one. `false` if the host wants to hear no more.
    ///
    /// # Safety
    /// The receiver is a host's and still there.
    unsafe fn take(&self, preset: &Preset, key: Option<&str>) -> bool {
        let to_c = |text: &str| CString::new(text).ok();
        let (Some(name), Some(plugin_id), Some(key)) = (
            to_c(&preset.name),
            to_c(Moodring::CLAP_ID),
            key.map_or(Some(None), |key| to_c(key).map(Some)),
        ) else {
            return false;
        };
        // SAFETY: the caller's promise; all texts live until the host's functions return.
        unsafe {
            let receiver = &*self.0;
            let Some(begin) = receiver.begin_preset else {
                return false;
            };
            let key = key.as_deref().map_or(std::ptr::null(), CStr::as_ptr);
            if !begin(self.0, name.as_ptr(), key) {
                return false;
            }
            let plugin = clap_universal_plugin_id {
                abi: c"clap".as_ptr(),
                id: plugin_id.as_ptr(),
            };
            if let Some(add_plugin_id) = receiver.add_plugin_id {
                add_plugin_id(self.0, &plugin);
            }
            if let (Some(describe), Some(words)) = (receiver.set_description, to_c(&preset.does)) {
                describe(self.0, words.as_ptr());
            }
        }
        true
    }

    /// Says why there is nothing to tell.
    ///
    /// # Safety
    /// The receiver is a host's and still there.
    unsafe fn refuse(&self, why: &str) {
        // SAFETY: the caller's promise.
        if let (Some(on_error), Ok(why)) = (unsafe { (*self.0).on_error }, CString::new(why)) {
            // SAFETY: as above; the text lives until the host's function returns.
            unsafe { on_error(self.0, 0, why.as_ptr()) };
        }
    }
}
