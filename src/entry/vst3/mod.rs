//! The VST3 entry point, in the place of `nice_export_vst3!`, and the object that hosts hold.
//!
//! The framework's `Wrapper` describes the parameters and makes the editor's view. All else that a host asks of a
//! component and of a processor is answered here: what goes wrong there can take the host down, or lose settings. The one
//! door to the framework is [`object`]; it calls it as a Rust value, not by its table, so that a panic is an error code.
//! `docs/framework.md` lists what is put right, and where.
#![allow(unsafe_code, reason = "VST3 is a C++ interface")]

mod blocks;
mod buses;
mod changes;
mod context_menu;
mod controller;
mod factory;
mod guarded;
mod hosted;
mod link;
mod object;
mod processor;
mod state;
mod values;
mod view;
