//! Moodring's presets and the user's in a CLAP host's browser: listed, told about, loaded.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]
#![allow(unsafe_code, reason = "CLAP is a C interface")]

use std::{
    ffi::{CStr, CString, c_char, c_void},
    fs, ptr,
};

use clap_sys::{
    ext::{
        params::{CLAP_EXT_PARAMS, clap_param_info, clap_plugin_params},
        preset_load::{CLAP_EXT_PRESET_LOAD, clap_plugin_preset_load},
    },
    factory::{
        plugin_factory::{CLAP_PLUGIN_FACTORY_ID, clap_plugin_factory},
        preset_discovery::*,
    },
    host::clap_host,
    plugin::clap_plugin,
    universal_plugin_id::clap_universal_plugin_id,
    version::CLAP_VERSION,
};
use moodring::{
    clap_entry,
    library::{Kept, LIBRARY_VARIABLE, Library, Preset, factory_presets, neutral},
};

/// What the provider has told: locations first, presets then.
#[derive(Debug, Default)]
struct Told {
    filetypes: Vec<String>,
    locations: Vec<(u32, u32, String)>,
    /// Name, load key, the plugin's ABI and id, description.
    presets: Vec<(String, String, String, String)>,
    errors: Vec<String>,
}

unsafe fn words(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: Moodring's own text, which ends in 0.
    unsafe { CStr::from_ptr(text) }.to_str().unwrap().to_owned()
}

unsafe fn told<'a>(data: *mut c_void) -> &'a mut Told {
    // SAFETY: the tests put one there, and use it from one thread.
    unsafe { &mut *data.cast() }
}

unsafe extern "C" fn declare_filetype(
    indexer: *const clap_preset_discovery_indexer,
    filetype: *const clap_preset_discovery_filetype,
) -> bool {
    // SAFETY: what the provider hands over lives for this call.
    unsafe {
        let ending = words((*filetype).file_extension);
        told((*indexer).indexer_data).filetypes.push(ending);
    }
    true
}

unsafe extern "C" fn declare_location(
    indexer: *const clap_preset_discovery_indexer,
    location: *const clap_preset_discovery_location,
) -> bool {
    // SAFETY: as above.
    unsafe {
        let location = &*location;
        let told = told((*indexer).indexer_data);
        let place = words(location.location);
        told.locations.push((location.flags, location.kind, place));
    }
    true
}

unsafe extern "C" fn begin_preset(
    receiver: *const clap_preset_discovery_metadata_receiver,
    name: *const c_char,
    key: *const c_char,
) -> bool {
    // SAFETY: as above.
    unsafe {
        let preset = (words(name), words(key), String::new(), String::new());
        told((*receiver).receiver_data).presets.push(preset);
    }
    true
}

unsafe extern "C" fn add_plugin_id(
    receiver: *const clap_preset_discovery_metadata_receiver,
    id: *const clap_universal_plugin_id,
) {
    // SAFETY: as above.
    unsafe {
        let id = format!("{}:{}", words((*id).abi), words((*id).id));
        told((*receiver).receiver_data)
            .presets
            .last_mut()
            .unwrap()
            .2 = id;
    }
}

unsafe extern "C" fn set_description(
    receiver: *const clap_preset_discovery_metadata_receiver,
    description: *const c_char,
) {
    // SAFETY: as above.
    unsafe {
        let last = told((*receiver).receiver_data).presets.last_mut();
        last.unwrap().3 = words(description);
    }
}

unsafe extern "C" fn on_error(
    receiver: *const clap_preset_discovery_metadata_receiver,
    _: i32,
    message: *const c_char,
) {
    // SAFETY: as above.
    unsafe { told((*receiver).receiver_data).errors.push(words(message)) };
}

unsafe extern "C" fn no_extension(_: *const clap_host, _: *const c_char) -> *const c_void {
    ptr::null()
}

unsafe extern "C" fn nothing(_: *const clap_host) {}

/// A host with no more than every host has.
fn host() -> clap_host {
    clap_host {
        clap_version: CLAP_VERSION,
        host_data: ptr::null_mut(),
        name: c"test".as_ptr(),
        vendor: c"test".as_ptr(),
        url: c"".as_ptr(),
        version: c"1".as_ptr(),
        get_extension: Some(no_extension),
        request_restart: Some(nothing),
        request_process: Some(nothing),
        request_callback: Some(nothing),
    }
}

fn factory<T>(id: &CStr) -> &'static T {
    // SAFETY: the entry point is asked as the standard has it, and its factories are there for good.
    unsafe {
        let factory = clap_entry.get_factory.unwrap()(id.as_ptr());
        factory.cast::<T>().as_ref().expect("a factory")
    }
}

/// The value of a parameter, 0 to 1.
fn value(plugin: *const clap_plugin, name: &str) -> f64 {
    // SAFETY: the plugin is asked as the standard has it.
    unsafe {
        let get = (*plugin).get_extension.unwrap();
        let params = &*get(plugin, CLAP_EXT_PARAMS.as_ptr()).cast::<clap_plugin_params>();
        for index in 0..params.count.unwrap()(plugin) {
            let mut info: clap_param_info = std::mem::zeroed();
            assert!(params.get_info.unwrap()(plugin, index, &mut info));
            if words(info.name.as_ptr()) == name {
                let mut value = f64::NAN;
                assert!(params.get_value.unwrap()(plugin, info.id, &mut value));
                return (value - info.min_value) / (info.max_value - info.min_value);
            }
        }
    }
    panic!("no parameter {name}")
}

#[test]
fn presets_are_found_told_about_and_loaded() {
    let folder = tempfile::tempdir().unwrap();
    // SAFETY: this is the only test of this process, and has started no thread.
    unsafe { std::env::set_var(LIBRARY_VARIABLE, folder.path()) };
    let shelf = Library::of_this_user().presets();
    let darker = &factory_presets()[0].preset;
    let mine = Preset {
        does: "Mine and darker".to_owned(),
        ..darker.clone()
    };
    shelf.save(mine.named("Mine".to_owned()), false).unwrap();
    let file = |name: &str| {
        let path = shelf.folder().unwrap().join(name);
        CString::new(path.to_str().unwrap()).unwrap()
    };
    fs::write(shelf.folder().unwrap().join("Broken.json"), "{").unwrap();

    let mut heard = Told::default();
    let data = (&raw mut heard).cast();
    let indexer = clap_preset_discovery_indexer {
        clap_version: CLAP_VERSION,
        name: c"test".as_ptr(),
        vendor: c"test".as_ptr(),
        url: c"".as_ptr(),
        version: c"1".as_ptr(),
        indexer_data: data,
        declare_filetype: Some(declare_filetype),
        declare_location: Some(declare_location),
        declare_soundpack: None,
        get_extension: None,
    };
    let receiver = clap_preset_discovery_metadata_receiver {
        receiver_data: data,
        on_error: Some(on_error),
        begin_preset: Some(begin_preset),
        add_plugin_id: Some(add_plugin_id),
        set_soundpack_id: None,
        set_flags: None,
        add_creator: None,
        set_description: Some(set_description),
        set_timestamps: None,
        add_feature: None,
        add_extra_info: None,
    };
    // SAFETY: everything is called as the standard has it, and lives until the end of this block.
    unsafe {
        let discovery: &clap_preset_discovery_factory = factory(CLAP_PRESET_DISCOVERY_FACTORY_ID);
        assert_eq!(discovery.count.unwrap()(discovery), 1);
        let descriptor = discovery.get_descriptor.unwrap()(discovery, 0);
        assert!(discovery.get_descriptor.unwrap()(discovery, 1).is_null());
        let create = discovery.create.unwrap();
        assert!(create(discovery, &indexer, c"another".as_ptr()).is_null());
        let provider = create(discovery, &indexer, (*descriptor).id);
        assert!((*provider).init.unwrap()(provider));
        let tell = |kind, location: *const c_char| {
            (*provider).get_metadata.unwrap()(provider, kind, location, &receiver)
        };
        assert!(tell(CLAP_PRESET_DISCOVERY_LOCATION_PLUGIN, ptr::null()));
        let found = file("Mine.json");
        assert!(tell(CLAP_PRESET_DISCOVERY_LOCATION_FILE, found.as_ptr()));
        for missing in ["Broken.json", "Missing.json"] {
            let missing = file(missing);
            assert!(!tell(CLAP_PRESET_DISCOVERY_LOCATION_FILE, missing.as_ptr()));
        }
        (*provider).destroy.unwrap()(provider);
    }
    let users = shelf.folder().unwrap().to_str().unwrap().to_owned();
    assert_eq!(heard.filetypes, ["json"]);
    assert_eq!(
        heard.locations,
        [
            (
                CLAP_PRESET_DISCOVERY_IS_FACTORY_CONTENT,
                CLAP_PRESET_DISCOVERY_LOCATION_PLUGIN,
                String::new()
            ),
            (
                CLAP_PRESET_DISCOVERY_IS_USER_CONTENT,
                CLAP_PRESET_DISCOVERY_LOCATION_FILE,
                users
            ),
        ]
    );
    let id = "clap:org.moodring.moodring".to_owned();
    let mut expected: Vec<_> = factory_presets()
        .iter()
        .map(|factory| {
            let Preset { name, does, .. } = &factory.preset;
            (
                name.clone(),
                factory.id.to_owned(),
                id.clone(),
                does.clone(),
            )
        })
        .collect();
    let mine = ["Mine", "", &id, "Mine and darker"].map(str::to_owned);
    expected.push(mine.into());
    assert_eq!(heard.presets, expected);
    assert_eq!(heard.errors.len(), 2);
    assert!(
        heard.errors[0].contains("Broken.json"),
        "{:?}",
        heard.errors
    );

    let host = host();
    // SAFETY: as above; the plugin is gone before the host is.
    unsafe {
        let plugins: &clap_plugin_factory = factory(CLAP_PLUGIN_FACTORY_ID);
        let id = CString::new("org.moodring.moodring").unwrap();
        let plugin = plugins.create_plugin.unwrap()(plugins, &host, id.as_ptr());
        assert!((*plugin).init.unwrap()(plugin));
        let get = (*plugin).get_extension.unwrap();
        let loader = get(plugin, CLAP_EXT_PRESET_LOAD.as_ptr());
        let load = (*loader.cast::<clap_plugin_preset_load>())
            .from_location
            .unwrap();
        let own = CLAP_PRESET_DISCOVERY_LOCATION_PLUGIN;
        let users = CLAP_PRESET_DISCOVERY_LOCATION_FILE;

        assert_eq!(value(plugin, "Brightness"), 0.5);
        let output = value(plugin, "Output");
        assert!(load(plugin, own, ptr::null(), c"underwater".as_ptr()));
        let expected = |preset: &Preset| f64::from(preset.settings().unwrap().values["latent_1"]);
        let underwater = Library::default().find("underwater").unwrap();
        assert!((value(plugin, "Brightness") - expected(&underwater)).abs() < 1e-6);
        assert_eq!(value(plugin, "Output"), output);

        let mine = file("Mine.json");
        assert!(load(plugin, users, mine.as_ptr(), ptr::null()));
        assert!((value(plugin, "Brightness") - expected(darker)).abs() < 1e-6);

        // What can't be loaded changes nothing.
        let broken = file("Broken.json");
        assert!(!load(plugin, own, ptr::null(), c"no such".as_ptr()));
        assert!(!load(plugin, own, ptr::null(), ptr::null()));
        assert!(!load(plugin, users, broken.as_ptr(), ptr::null()));
        assert!(!load(plugin, users, ptr::null(), ptr::null()));
        assert!(!load(plugin, 7, ptr::null(), ptr::null()));
        assert!((value(plugin, "Brightness") - expected(darker)).abs() < 1e-6);
        assert!(expected(&neutral()) != expected(darker));
        (*plugin).destroy.unwrap()(plugin);
    }
}
