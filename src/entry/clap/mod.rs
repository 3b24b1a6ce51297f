//! The CLAP entry point, in the place of `nice_export_clap!`: between a host and the framework stands an
//! [`Instance`](instance::Instance), which hands either of them only what the other can bear.
//!
//! The host holds the instance's own `clap_plugin`, whose functions call the framework's; the framework holds the instance's own
//! `clap_host`, whose functions call the host's. `docs/framework.md` lists what is put right on the way.
//!
//! From the top: [`factory`] makes instances, [`lifecycle`] puts together what the host gets of one; [`context_menu`], [`gui`], [`param_indication`],
//! [`params`], [`preset_load`], [`process`] and [`state`] are its extensions, [`readings`] parameters that the framework doesn't know; [`events`] are lists between the two; [`instance`] is what
//! all of them share, [`host`] and [`host_tables`] what the framework sees of the host.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

mod context_menu;
mod events;
mod factory;
mod gui;
mod host;
mod host_tables;
mod instance;
mod lifecycle;
mod param_indication;
mod params;
mod preset_load;
mod process;
mod readings;
mod state;

pub use factory::clap_entry;
