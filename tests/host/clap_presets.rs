//! Moodring's presets and the user's in a CLAP host's browser: listed, told about, loaded.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

use std::{
    ffi::{CStr, CString, c_char, c_void},
    fs, ptr,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use crate::common::{
    bare_host::{BareHost, EXTENSIONS, factory},
    process::{alone, nobodys_files, this_test},
};
use clap_sys::{
    ext::preset_load::{CLAP_EXT_PRESET_LOAD, clap_plugin_preset_load},
    factory::preset_discovery::*,
    universal_plugin_id::clap_universal_plugin_id,
    version::CLAP_VERSION,
};
use moodring::library::{Kept, Library, Preset, factory_presets, neutral};

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

/// The value of a parameter, 0 to 1.
fn value(host: &BareHost, name: &str) -> f64 {
    let info = host.info(name);
    (host.value(info.id) - info.min_value) / (info.max_value - info.min_value)
}

#[test]
fn presets_are_found_told_about_and_loaded() {
    if !alone(this_test!()) {
        return;
    }
    // SAFETY: this is the only test of this process, and has started no thread.
    let _nobodys = unsafe { nobodys_files() };
    let store = Library::of_this_user().presets();
    let darker = &factory_presets()[0].preset;
    let mine = Preset {
        does: "Mine and darker".to_owned(),
        ..darker.clone()
    };
    store.save(mine.named("Mine".to_owned()), false).unwrap();
    let file = |name: &str| {
        let path = store.folder().unwrap().join(name);
        CString::new(path.to_str().unwrap()).unwrap()
    };
    fs::write(store.folder().unwrap().join("Broken.json"), "{").unwrap();

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
    let users = store.folder().unwrap().to_str().unwrap().to_owned();
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

    let host = BareHost::with(&EXTENSIONS);
    let loaded = || host.told().presets_loaded.load(Ordering::Acquire);
    let own = CLAP_PRESET_DISCOVERY_LOCATION_PLUGIN;
    let users = CLAP_PRESET_DISCOVERY_LOCATION_FILE;
    assert_eq!(value(&host, "Brightness"), 0.5);
    let output = value(&host, "Output");
    assert!(load(&host, own, None, Some(c"underwater")));
    let expected = |preset: &Preset| f64::from(preset.settings().unwrap().values["latent_1"]);
    let underwater = Library::default().find("underwater").unwrap();
    assert!((value(&host, "Brightness") - expected(&underwater)).abs() < 1e-6);
    assert_eq!(value(&host, "Output"), output);
    assert_eq!(loaded(), 1);

    let mine = file("Mine.json");
    assert!(load(&host, users, Some(&mine), None));
    assert!((value(&host, "Brightness") - expected(darker)).abs() < 1e-6);
    assert_eq!(loaded(), 2);

    // What can't be loaded changes nothing, and the host hears why.
    let broken = file("Broken.json");
    for (kind, location, key, why) in [
        (
            own,
            None,
            Some(c"no such"),
            "load key `no such`: not one of",
        ),
        (own, None, None, "load key ``: not one of"),
        (users, Some(&*broken), None, "Broken.json"),
        (users, None, None, "location: none"),
        (7, None, None, "location kind 7"),
    ] {
        assert!(!load(&host, kind, location, key));
        let refused = host.told().presets_refused.lock().unwrap();
        let last = refused.last().unwrap();
        assert!(last.contains(why) && !last.contains('\n'), "{last}");
    }
    assert_eq!(host.told().presets_refused.lock().unwrap().len(), 5);
    assert_eq!(loaded(), 2);
    assert!((value(&host, "Brightness") - expected(darker)).abs() < 1e-6);
    assert!(expected(&neutral()) != expected(darker));

    while_it_plays();
    while_it_sleeps();
}

/// Loads a preset as a host's browser does.
fn load(host: &BareHost, kind: u32, location: Option<&CStr>, key: Option<&CStr>) -> bool {
    let loader: &clap_plugin_preset_load = host.extension(CLAP_EXT_PRESET_LOAD);
    let [location, key] = [location, key].map(|text| text.map_or(ptr::null(), CStr::as_ptr));
    // SAFETY: as the standard has it.
    unsafe { loader.from_location.unwrap()(host.plugin, kind, location, key) }
}

/// Fails if something takes so long that it will take for ever.
fn in_time(what: &str, task: impl FnOnce() + Send + 'static) {
    let (done, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        task();
        done.send(()).unwrap();
    });
    let waited = wait.recv_timeout(Duration::from_secs(60));
    assert!(waited.is_ok(), "{what}: {waited:?}");
}

/// What is loaded is there when the call returns, while another thread processes, and that thread hears of nothing.
fn while_it_plays() {
    in_time("while it plays", || {
        let host = BareHost::with(&EXTENSIONS);
        host.activate(48_000.0);
        host.start();
        let stop = AtomicBool::new(false);
        let blocks = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut block = vec![vec![0.25; 64]; 2];
                while !stop.load(Ordering::Acquire) {
                    host.process(&mut block, &[]);
                    blocks.fetch_add(1, Ordering::Release);
                }
            });
            for factory in factory_presets().iter().cycle().take(200) {
                let key = CString::new(factory.id).unwrap();
                let kind = CLAP_PRESET_DISCOVERY_LOCATION_PLUGIN;
                let rescans = host.told().rescans.load(Ordering::Acquire);
                assert!(load(&host, kind, None, Some(&key)));
                let settings = factory.preset.settings().unwrap();
                let found = value(&host, "Brightness");
                let expected = f64::from(settings.values["latent_1"]);
                assert!((found - expected).abs() < 1e-6, "{}", factory.id);
                assert!(host.told().rescans.load(Ordering::Acquire) > rescans);
                // Some blocks between one and the next.
                let seen = blocks.load(Ordering::Acquire);
                while blocks.load(Ordering::Acquire) < seen + 3 {
                    std::thread::yield_now();
                }
            }
            stop.store(true, Ordering::Release);
        });
        assert_eq!(host.told().presets_loaded.load(Ordering::Acquire), 200);
    });
}

/// Nor does it take a block to be loaded: a track that sleeps, or whose host has stopped in between, has none.
fn while_it_sleeps() {
    in_time("while it sleeps", || {
        let host = BareHost::with(&EXTENSIONS);
        host.activate(48_000.0);
        host.start();
        host.process(&mut [vec![0.0; 64], vec![0.0; 64]], &[]);
        let kind = CLAP_PRESET_DISCOVERY_LOCATION_PLUGIN;
        assert!(load(&host, kind, None, Some(c"underwater")));
        let underwater = Library::default().find("underwater").unwrap();
        let expected = f64::from(underwater.settings().unwrap().values["latent_1"]);
        assert!((value(&host, "Brightness") - expected).abs() < 1e-6);
    });
}
