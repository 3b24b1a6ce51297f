//! What a scanner asks of the files.
#![allow(unsafe_code, reason = "a library is opened as a scanner does")]

use std::collections::BTreeSet;
use std::ffi::CStr;
use std::path::Path;

use crate::common::process::{alone, this_test, threads};
use crate::common::{bare_host, bundled, plugin, vst3};
use clap_sys::factory::plugin_factory::{CLAP_PLUGIN_FACTORY_ID, clap_plugin_factory};
use moodring_host::Bundle;

#[test]
fn only_the_plugins_own_id_makes_one() {
    let bundle = Bundle::load(bundled()).unwrap();
    let id = bundle.descriptors()[0].id.clone();
    assert!(bundle.makes(&id));
    for wrong in [
        format!("{id}x"),
        format!("{id} "),
        format!(" {id}"),
        format!("{id}.extra"),
        id[..id.len() - 1].to_owned(),
        id.to_uppercase(),
        String::new(),
        "x".repeat(100_000),
    ] {
        assert!(!bundle.makes(&wrong), "{:.60}", wrong);
    }
}

#[test]
fn the_description_is_what_scanners_ask_for() {
    let bundle = Bundle::load(bundled()).unwrap();
    let descriptors = bundle.descriptors();
    assert_eq!(descriptors.len(), 1);
    let descriptor = &descriptors[0];
    let (created, features) = (bundle.create_first().unwrap(), &descriptor.features);
    assert_eq!(created.descriptor(), descriptor);
    for text in [
        &descriptor.id,
        &descriptor.name,
        &descriptor.vendor,
        &descriptor.version,
    ] {
        assert!(!text.trim().is_empty(), "{descriptor:?}");
    }
    assert!(descriptor.id.split('.').count() >= 3);
    assert_eq!(descriptor.version, env!("CARGO_PKG_VERSION"));
    let once: BTreeSet<&String> = features.iter().collect();
    assert_eq!(once.len(), features.len(), "{features:?}");
    assert!(
        features.contains(&"audio-effect".to_owned()),
        "{features:?}"
    );
    // CLAP's own features of effects; others need a namespace.
    let standard = [
        "audio-effect",
        "analyzer",
        "filter",
        "equalizer",
        "multi-effects",
        "utility",
        "mixing",
        "mastering",
        "mono",
        "stereo",
    ];
    for feature in features {
        assert!(
            standard.contains(&feature.as_str()) || feature.contains(':'),
            "{feature}: neither CLAP's nor in a namespace"
        );
    }
}

/// Nobody is sent to a page that isn't there: while Cargo.toml names no repository there is no link.
#[test]
fn links_lead_into_the_repository_or_nowhere() {
    let repository = env!("CARGO_PKG_REPOSITORY");
    let factory: &clap_plugin_factory = bare_host::factory(CLAP_PLUGIN_FACTORY_ID);
    // SAFETY: the factory is asked as the standard has it; what it describes is there for good, in texts that end in 0.
    let [url, manual, support] = unsafe {
        let descriptor = &*factory.get_plugin_descriptor.unwrap()(factory, 0);
        [
            descriptor.url,
            descriptor.manual_url,
            descriptor.support_url,
        ]
        .map(|text| (!text.is_null()).then(|| CStr::from_ptr(text).to_str().unwrap()))
    };
    assert_eq!(url, Some(repository));
    for page in [manual, support] {
        match page {
            None => assert_eq!(repository, ""),
            Some(page) => {
                let inside = page.strip_prefix(repository).unwrap();
                assert!(!repository.is_empty() && inside.starts_with('/'), "{page}");
            }
        }
    }
    let library = vst3::Library::open(&vst3::library());
    assert_eq!(library.url(), repository);
}

/// A scanner may resolve every symbol at once, and makes instances just to look at them.
#[test]
fn a_scan_resolves_every_symbol_and_starts_nothing() {
    if !alone(this_test!()) {
        return;
    }
    let all_threads = threads("");
    for path in [bundled(), vst3::library()] {
        let flags = libloading::os::unix::RTLD_NOW | libloading::os::unix::RTLD_LOCAL;
        let begun = std::time::Instant::now();
        // SAFETY: loading runs nothing but the plugin's own initialisers, of which there are none.
        let library = unsafe { libloading::os::unix::Library::open(Some(&path), flags) }.unwrap();
        println!(
            "{}: {:.1} ms",
            path.display(),
            begun.elapsed().as_secs_f64() * 1e3
        );
        for symbol in [&b"clap_entry"[..], b"GetPluginFactory"] {
            // SAFETY: only asked for, not used.
            unsafe { library.get::<*const u8>(symbol) }.unwrap();
        }
    }
    let begun = std::time::Instant::now();
    let mut plugin = plugin();
    plugin.params().unwrap();
    plugin.save_state().unwrap();
    println!(
        "instance and parameters: {:.1} ms",
        begun.elapsed().as_secs_f64() * 1e3
    );
    // The framework has one thread for all instances.
    assert!(
        threads("") <= all_threads + 1,
        "threads for a plugin that is only looked at"
    );
    drop(plugin);
    assert_eq!(threads(""), all_threads);
}

#[test]
fn the_vst3_is_where_it_should_be() {
    assert!(
        Path::new(&vst3::library()).is_file(),
        "run `cargo xtask bundle` first"
    );
}
