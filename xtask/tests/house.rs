//! The house stays as `docs/ARCHITECTURE.md` draws it: arrows between its rooms point down, and nothing goes in a circle.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use source::{files, folder};

/// The rooms of `src/`, and those that each may use. A room that isn't here is new: give it a line, and one in
/// `docs/ARCHITECTURE.md`.
const ARROWS: &[(&str, &[&str])] = &[
    // It is a crate of its own, which names `moodring::cli`.
    ("main", &[]),
    (
        "entry",
        &["plugin", "editor", "library", "params", "engine", "thread"],
    ),
    (
        "cli",
        &[
            "plugin",
            "chain",
            "listen",
            "morph",
            "telemetry",
            "library",
            "params",
            "model",
            "engine",
            "dsp",
            "audio_file",
            "atomic_file",
            "foreign_text",
            "thread",
        ],
    ),
    (
        "plugin",
        &[
            "editor",
            "chain",
            "listen",
            "meter",
            "morph",
            "outputs",
            "telemetry",
            "params",
            "model",
            "engine",
            "thread",
        ],
    ),
    (
        "editor",
        &[
            "telemetry",
            "library",
            "params",
            "model",
            "engine",
            "atomic_file",
            "regular_file",
            "json_text",
            "user_folder",
            "calendar",
            "thread",
        ],
    ),
    (
        "chain",
        &[
            "listen", "meter", "outputs", "morph", "params", "model", "dsp",
        ],
    ),
    (
        "listen",
        &[
            "outputs",
            "telemetry",
            "params",
            "model",
            "engine",
            "dsp",
            "thread",
        ],
    ),
    (
        "outputs",
        &[
            "telemetry",
            "params",
            "model",
            "user_folder",
            "calendar",
            "thread",
        ],
    ),
    ("meter", &["telemetry", "params", "engine", "dsp", "thread"]),
    (
        "morph",
        &["telemetry", "params", "model", "engine", "dsp", "thread"],
    ),
    ("telemetry", &["model", "dsp"]),
    (
        "library",
        &[
            "params",
            "user_folder",
            "atomic_file",
            "regular_file",
            "json_text",
            "foreign_text",
            "thread",
        ],
    ),
    ("params", &["model", "engine", "foreign_text", "thread"]),
    (
        "model",
        &[
            "engine",
            "dsp",
            "user_folder",
            "regular_file",
            "json_text",
            "foreign_text",
            "thread",
        ],
    ),
    ("engine", &["thread"]),
    ("audio_file", &["atomic_file"]),
    ("atomic_file", &["regular_file"]),
    ("dsp", &[]),
    ("user_folder", &[]),
    ("calendar", &[]),
    ("regular_file", &[]),
    ("json_text", &["foreign_text"]),
    ("foreign_text", &[]),
    ("thread", &[]),
];

/// Files that are longer than [`MOST_LINES`], and why.
const LONG_FILES: &[(&str, &str)] = &[];

const MOST_LINES: usize = 400;
const MOST_FILES: usize = 15;

/// A module's path below `crate`: `["editor", "look", "theme"]`.
type Module = Vec<String>;

/// `src/editor/mod.rs` and `src/editor.rs` are both `editor`; `src/lib.rs` is the crate itself.
fn module_of(file: &Path) -> Module {
    let relative = file.strip_prefix(folder()).unwrap().with_extension("");
    let mut module: Module = relative
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if module
        .last()
        .is_some_and(|name| name == "mod" || name == "lib")
    {
        module.pop();
    }
    module
}

/// Whether a file is a module's tests alone, which may use what they like.
fn is_tests(module: &Module) -> bool {
    module.last().is_some_and(|name| name == "tests")
}

/// What the compiler sees of a file outside its tests, as far as paths go: without comments and strings.
fn code(text: &str) -> String {
    let text = text.split("\n#[cfg(test)]").next().unwrap_or_default();
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`.
fn expand(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((before, inside)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![path.trim().to_owned()];
    };
    let inside = inside.strip_suffix('}').unwrap_or(inside);
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for letter in inside.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(letter);
    }
    parts
        .iter()
        .filter(|part| !part.trim().is_empty())
        .flat_map(|part| expand(part))
        .map(|part| format!("{before}{part}"))
        .collect()
}

/// Every path of a file that begins at the crate or at a module around it.
fn paths(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for root in ["crate::", "super::"] {
        for (at, _) in code.match_indices(root) {
            let before = code.get(..at).unwrap_or_default();
            // `super::super::` was found at its first word, `$crate` and `a::super` don't exist here.
            if before.ends_with("::")
                || before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_')
            {
                continue;
            }
            let rest = code.get(at..).unwrap_or_default();
            let is_use = before.trim_end().ends_with("use");
            let end = if is_use {
                rest.find(';')
            } else {
                rest.find(|letter: char| {
                    !(letter.is_alphanumeric() || letter == '_' || letter == ':')
                })
            };
            let path = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            found.extend(expand(path));
        }
    }
    found
}

/// The house: each module, and the other modules that it names.
fn house() -> BTreeMap<Module, BTreeSet<Module>> {
    let files: Vec<_> = files(&folder())
        .into_iter()
        .map(|file| (module_of(&file), file))
        .collect();
    let known: BTreeSet<&Module> = files.iter().map(|(module, _)| module).collect();
    let mut house = BTreeMap::new();
    for (module, file) in &files {
        if is_tests(module) {
            continue;
        }
        let mut uses = BTreeSet::new();
        for path in paths(&code(&fs::read_to_string(file).unwrap())) {
            let mut at = module.clone();
            for (index, part) in path.split("::").map(str::trim).enumerate() {
                match (part, index) {
                    ("crate", 0) => at.clear(),
                    ("super", _) => drop(at.pop()),
                    _ => at.push(part.to_owned()),
                }
            }
            // The longest beginning that is a module; what follows is an item in it.
            while !at.is_empty() && !known.contains(&at) {
                at.pop();
            }
            if !at.is_empty() && at != *module {
                uses.insert(at);
            }
        }
        house.insert(module.clone(), uses);
    }
    house
}

fn name(module: &Module) -> String {
    module.join("::")
}

#[test]
fn rooms_use_only_those_below_them() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (module, uses) in house() {
        let Some(room) = module.first() else {
            continue;
        };
        let Some(allowed) = allowed.get(room.as_str()) else {
            wrong.push(format!("{room} is a new room"));
            continue;
        };
        for used in uses {
            if used[0] != *room && !allowed.contains(&used[0].as_str()) {
                wrong.push(format!("{} uses {}", name(&module), name(&used)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_of_arrows_has_no_circle_and_no_arrow_that_nothing_uses() {
    let at = |room: &str| ARROWS.iter().position(|(name, _)| *name == room);
    let mut used = BTreeSet::new();
    for (module, uses) in house() {
        if let Some(room) = module.first() {
            used.extend(uses.iter().map(|other| (room.clone(), other[0].clone())));
        }
    }
    for (index, (room, below)) in ARROWS.iter().enumerate() {
        for other in *below {
            assert!(at(other) > Some(index), "{room} stands above {other}");
            let arrow = ((*room).to_owned(), (*other).to_owned());
            assert!(used.contains(&arrow), "{room} doesn't use {other} any more");
        }
    }
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let house = house();
    // What a module can reach; a file that reaches itself is in a circle. A folder's `mod.rs` names its parts by `mod`, which
    // is no use of them.
    let mut circles = BTreeSet::new();
    for start in house.keys() {
        let (mut seen, mut next) = (BTreeSet::new(), vec![start]);
        while let Some(module) = next.pop() {
            for used in house.get(module).into_iter().flatten() {
                if used == start {
                    circles.insert(format!(
                        "{} -> ... -> {} -> itself",
                        name(start),
                        name(module)
                    ));
                } else if seen.insert(used) {
                    next.push(used);
                }
            }
        }
    }
    let circles: Vec<_> = circles.into_iter().collect();
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn folders_and_files_stay_small() {
    let mut wrong = Vec::new();
    let mut folders: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for file in files(&folder()) {
        let relative = file.strip_prefix(folder()).unwrap().to_path_buf();
        *folders
            .entry(relative.parent().unwrap().to_path_buf())
            .or_default() += 1;
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        let listed = LONG_FILES
            .iter()
            .any(|(long, _)| Path::new(long) == relative);
        if (lines > MOST_LINES) != listed {
            wrong.push(format!("{}: {lines} lines", relative.display()));
        }
    }
    let crowded = folders.iter().filter(|(_, count)| **count > MOST_FILES);
    wrong.extend(crowded.map(|(folder, count)| format!("{}: {count} files", folder.display())));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
