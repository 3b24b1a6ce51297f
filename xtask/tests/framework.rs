//! `docs/framework.md` says what Moodring uses of nice-plug that is no promise of nice-plug's. It must be whole, and of the versions that
//! are built.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod source;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What marks a use of the framework's insides; each is in the first table, with the files that it is used in.
const INSIDES: [&str; 13] = [
    "AsyncExecutor::new",
    "GuiContextInner",
    "PluginDescriptor",
    "PluginInfo",
    "Transport::new",
    "_internal_modulate_value",
    "_internal_set_normalized_value",
    "_internal_set_plain_value",
    "get_state_object",
    "param_ptr_to_hash",
    "set_slices",
    "set_state_inner",
    "setup_logger",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The rows of the table about what is touched.
fn rows() -> Vec<String> {
    let text = fs::read_to_string(root().join("docs/framework.md")).unwrap();
    let (_, from) = text.split_once("## What is touched").unwrap();
    let (table, _) = from.split_once("## What is put right").unwrap();
    table
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(str::to_owned)
        .collect()
}

/// Every source file of the plugin: what it is called in the tables, and its code without comments.
fn sources() -> Vec<(String, String)> {
    let folder = source::folder();
    source::files(&folder)
        .iter()
        .map(|path| {
            let place = path.strip_prefix(&folder).unwrap();
            let place = place.with_extension("").display().to_string();
            let place = place.replace(['/', '\\'], "::");
            let text = fs::read_to_string(path).unwrap();
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            (place, code.collect::<Vec<_>>().join("\n"))
        })
        .collect()
}

#[test]
fn the_table_names_every_file_that_reaches_into_the_framework() {
    let (rows, sources) = (rows(), sources());
    for inside in INSIDES {
        let told: Vec<_> = rows
            .iter()
            .filter(|row| {
                row.split('|')
                    .nth(1)
                    .is_some_and(|what| what.contains(inside))
            })
            .filter_map(|row| row.split('|').nth(4))
            .flat_map(|places| places.split('`'))
            .filter(|place| place.contains("::"))
            .collect();
        let used: BTreeSet<_> = sources
            .iter()
            .filter(|(_, code)| code.contains(inside))
            .map(|(place, _)| place.as_str())
            .collect();
        assert_eq!(used, told.into_iter().collect(), "{inside}");
    }
    for (place, code) in &sources {
        let is_listed = rows.iter().any(|row| row.contains(&format!("`{place}`")));
        let uses_wrapper = ["wrapper::{", "wrapper::clap", "wrapper::vst3"]
            .iter()
            .any(|path| code.contains(path));
        assert!(
            is_listed || place.starts_with("entry::vst3::") || !uses_wrapper,
            "{place} uses nice_plug::wrapper and isn't in docs/framework.md"
        );
    }
}

#[test]
fn nice_plug_is_pinned_to_the_versions_that_the_tables_are_about() {
    let tables = fs::read_to_string(root().join("docs/framework.md")).unwrap();
    let mut crates = BTreeSet::new();
    for manifest in ["Cargo.toml", "xtask/Cargo.toml", "host/Cargo.toml"] {
        let text = fs::read_to_string(root().join(manifest)).unwrap();
        for line in text.lines().filter(|line| line.starts_with("nice-plug")) {
            let (name, wanted) = line.split_once(" = ").unwrap();
            let version = wanted.trim_matches('"').strip_prefix('=');
            let version = version.unwrap_or_else(|| panic!("{manifest}: {line} isn't pinned"));
            assert!(
                tables.contains(&format!("{name} {version}")),
                "docs/framework.md isn't about {name} {version}"
            );
            crates.insert(name.to_owned());
        }
    }
    assert_eq!(crates.len(), 3, "{crates:?}");
}
