//! Link options of the plugin file, and its models, packed.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use miniz_oxide::deflate::compress_to_vec_zlib;

/// The target that Rust links by its own linker.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// The models' files, below `models/`, which `src/model/source.rs` embeds: packed they are a tenth smaller.
const MODELS: [&str; 12] = [
    "tagger/card.json",
    "tagger/map.json",
    "tagger/model.onnx",
    "timbre/card.json",
    "timbre/anchors.json",
    "timbre/encoder.onnx",
    "timbre/decoder.onnx",
    "notes/card.json",
    "notes/players.bin",
    "notes/colours.bin",
    "notes/lines.bin",
    "notes/ear.onnx",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    pack()?;
    // Rust's standard library hands every thread that enters the plugin a destructor that lives in the plugin
    // (a `pthread_key_create` one), and never takes it back. A host that unloads the plugin before such a thread
    // of its own ends, a scanner's for example, would jump into nothing. So the file stays mapped once loaded.
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
        // For src/editor/app/native/keymap.rs, which says why. The second has the plugin call its own function of that name,
        // whatever else the host has loaded.
        println!("cargo:rustc-cdylib-link-arg=-Wl,--wrap=dlsym");
        println!("cargo:rustc-cdylib-link-arg=-Wl,-Bsymbolic-functions");
    }
    // The linker that comes with Rust for this target makes one of functions that are the same to the byte, a thirtieth of the file.
    // Another linker, with which distributions build Rust, may not know the option.
    if std::env::var("TARGET").is_ok_and(|target| target == TARGET) && has_its_own_linker() {
        println!("cargo:rustc-cdylib-link-arg=-Wl,--icf=all");
    }
    Ok(())
}

/// Packs each (zlib) into the folder that the compiler includes it from.
fn pack() -> Result<(), Box<dyn Error>> {
    let folder = std::env::var_os("OUT_DIR").ok_or("OUT_DIR isn't set")?;
    for file in MODELS {
        let from = Path::new("models").join(file);
        println!("cargo:rerun-if-changed={}", from.display());
        let to = Path::new(&folder).join("models").join(file);
        fs::create_dir_all(to.parent().ok_or("no folder")?)?;
        let bytes = fs::read(&from).map_err(|why| format!("{}: {why}", from.display()))?;
        fs::write(to, compress_to_vec_zlib(&bytes, 9))?;
    }
    Ok(())
}

/// Whether the compiler has brought the linker that it then takes.
fn has_its_own_linker() -> bool {
    let Some(compiler) = std::env::var_os("RUSTC") else {
        return false;
    };
    let printed = Command::new(compiler).args(["--print", "sysroot"]).output();
    let Ok(folder) = printed.map(|printed| String::from_utf8_lossy(&printed.stdout).into_owned())
    else {
        return false;
    };
    let libraries = PathBuf::from(folder.trim())
        .join("lib/rustlib")
        .join(TARGET);
    libraries.join("bin/gcc-ld/ld.lld").exists()
}
