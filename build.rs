//! Link options of the plugin file.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
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
}
