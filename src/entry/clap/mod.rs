//! The CLAP entry point, in the place of `nice_export_clap!`: between a host and nice-plug 0.4.2 stands an [`Instance`], which
//! hands either of them only what the other can bear.
//!
//! The host holds the instance's own `clap_plugin`, whose functions call the framework's; the framework holds the instance's
//! own `clap_host`, whose functions call the host's. Each thing that is put right on the way, with its place in nice-plug's
//! `src/wrapper/clap/wrapper.rs` where nothing else is named:
//!
//! | place | what nice-plug does | where it is put right |
//! | --- | --- | --- |
//! | 2753 | aborts when a host without `clap.gui` opens the editor | `host`: a stand-in |
//! | `util.rs`:38 | aborts where a function of the host, of a list or of a stream is null | `host`, `events`, `state` |
//! | 503 | aborts when it is created without a host | [`create`] |
//! | 391 | allocates to know its thread, where the host has no `clap.thread-check` | `host` |
//! | 2378, 2868 | aborts when the host destroys the editor in the call that says that it is gone | `host`: said afterwards |
//! | 2135 | aborts in `process` before `activate` | `process` |
//! | `../util/buffer_management.rs`:211, 204 | aborts at more output channels than the layout has; writes to null | `process` |
//! | 2065 | reads one input port more than the host has given | `process` |
//! | `../util/buffer_management.rs`:234 | copies as many channels as the input has, however few the output has | `process` |
//! | 2262, 3494 | has no word for a track that may sleep, and no tail while it does | `process` |
//! | 2000 | splits a block behind its end | `events` |
//! | 991 | reads an event that isn't there | `events` |
//! | 2267 | keeps the editor's changes to itself when the host takes no events | `events` |
//! | nice-plug-core, `params/float.rs`:213 and the like | forgets a new base while modulation hides it | `events`, [`Instance::load`] |
//! | 3229 | tells the host base and modulation as the value | `params` |
//! | 3163 | aborts when the host asks for one parameter more than there are | `params` |
//! | 2631, 2825, 2959 | reads the name of an API, of a window's, or a size that isn't there | `gui` |
//! | 3470 | trusts a stream to give no more than it was asked for | `state` |
//! | 1495 | has the audio thread load a state that the plugin sets itself, and waits for it | [`Instance::load`] |
//!
//! It also adds what nice-plug doesn't know: the presets of [`clap_presets`].
//!
//! With a nice-plug that has this right, this file goes and the macro comes back.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

mod events;
mod factory;
mod gui;
mod host;
mod host_tables;
mod instance;
mod lifecycle;
mod params;
mod preset_load;
mod process;
mod state;

pub use factory::clap_entry;
