//! The VST3 entry point, in the place of `nice_export_vst3!`, and the object that hosts hold.
//!
//! nice-plug 0.4.2's `Wrapper` describes the parameters and makes the editor's view. All else that a host asks of a
//! component and of a processor is answered here: what goes wrong there can take the host down, or lose settings. The one
//! door to the framework is [`object`]; it calls it as a Rust value, not by its table, so that a panic is an error code.
//!
//! | upstream (`nice-plug/src/`) | what it does | what is done here |
//! | --- | --- | --- |
//! | `event_loop/background_thread.rs:95,140` | the worker of all instances ends when a task's instance is gone; the last instance then panics, or joins itself | nothing is ever queued there: [`values`], [`hosted`], [`view`] |
//! | `wrapper/vst3/inner.rs:490` | every change of a parameter on the audio thread is such a task | [`changes`] sets parameters itself |
//! | `wrapper/vst3/inner.rs:673`, `view.rs:520` | a task that the worker runs while the editor is open panics (`Fragile`) | [`hosted`], [`view`] |
//! | `wrapper/vst3/wrapper.rs:767` | `setParamNormalized` is ignored while processing | [`values`] |
//! | `wrapper/vst3/inner.rs:507` | a state from the editor is loaded by the audio thread, or never | [`hosted`] |
//! | `wrapper/vst3/wrapper.rs:858` | the sidechain's arrangement is compared with the main input's | [`buses`] |
//! | `wrapper/vst3/wrapper.rs:980` | the configuration is stored with the process mode of the call before | [`processor`] |
//! | `wrapper/vst3/wrapper.rs:1071` | `process` without `setupProcessing` aborts | [`processor`] |
//! | `wrapper/vst3/wrapper.rs:1103` | more than 1024 changes in a block allocate and log | [`changes`] reads them where they are |
//! | `wrapper/vst3/wrapper.rs:1447` | one input bus more is read than the host has given | [`blocks`] |
//! | `wrapper/util/buffer_management.rs:208,296` | a bus with more channels panics, a block longer than announced allocates, a missing input is what the output held | [`blocks`] |
//! | `wrapper/vst3/wrapper.rs:499` | as many bytes of a state are believed in as the host says | [`state`] |
//! | `wrapper/vst3/wrapper.rs:622` | `getParameterInfo` panics at the index behind the last | [`controller`] |
//! | `wrapper/vst3/view.rs:385` | each editor leaves two files and an event handler behind | [`view`] |
//!
//! With a nice-plug that has this right, this folder goes and the macro comes back.
#![allow(unsafe_code, reason = "VST3 is a C++ interface")]

mod blocks;
mod buses;
mod changes;
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
