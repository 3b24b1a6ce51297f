//! A CLAP host with no more than it is told to have, in C's own terms, around the plugin that is linked into the test.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

mod events;
mod extensions;
mod menus;

use std::ffi::{CStr, c_void};
use std::mem::zeroed;
use std::ptr;
use std::sync::atomic::Ordering;

use clap_sys::{
    audio_buffer::clap_audio_buffer,
    ext::{
        params::{CLAP_EXT_PARAMS, clap_param_info, clap_plugin_params},
        state::{CLAP_EXT_STATE, clap_plugin_state},
    },
    factory::plugin_factory::{CLAP_PLUGIN_FACTORY_ID, clap_plugin_factory},
    host::clap_host,
    id::clap_id,
    plugin::clap_plugin,
    process::{clap_process, clap_process_status},
    stream::{clap_istream, clap_ostream},
    version::CLAP_VERSION,
};
use moodring::clap_entry;

use events::{TAKEN, events, list};
use extensions::{as_audio, get_extension, nothing, request_callback, request_process, told};

pub use events::Change;
pub use extensions::{EXTENSIONS, Told};
pub use menus::{MenuTold, Popup, own_entries, perform};

/// Longest block, in frames.
pub const MOST_FRAMES: usize = 512;

/// One instance in a host of its own.
pub struct BareHost {
    pub plugin: *const clap_plugin,
    host: *mut clap_host,
}

// SAFETY: which call is which thread's is up to the tests, as it is to a host; what the plugin tells the host is atomic or
// locked.
unsafe impl Sync for BareHost {}

/// The entry point's factory of that name.
pub fn factory<T>(id: &CStr) -> &'static T {
    // SAFETY: the entry point is asked as the standard has it, and its factories are there for good.
    unsafe {
        let factory = clap_entry.get_factory.unwrap()(id.as_ptr());
        factory.cast::<T>().as_ref().expect("a factory")
    }
}

impl BareHost {
    /// An instance in a host that has the extensions `given` and no other.
    pub fn with(given: &[&'static CStr]) -> Self {
        Self::new(given, false)
    }

    /// An instance in a host that has every extension, without a single function in it, and none of its own but the one that
    /// gives them.
    pub fn hollow() -> Self {
        Self::new(&EXTENSIONS, true)
    }

    fn new(given: &[&'static CStr], hollow: bool) -> Self {
        let told = Told {
            given: given.to_vec(),
            hollow,
            ..Told::default()
        };
        let own = |function: unsafe extern "C" fn(*const clap_host)| (!hollow).then_some(function);
        let host = Box::into_raw(Box::new(clap_host {
            clap_version: CLAP_VERSION,
            host_data: Box::into_raw(Box::new(told)).cast(),
            name: c"test".as_ptr(),
            vendor: c"test".as_ptr(),
            url: c"".as_ptr(),
            version: c"1".as_ptr(),
            get_extension: Some(get_extension),
            request_restart: own(nothing),
            request_process: own(request_process),
            request_callback: own(request_callback),
        }));
        let plugins: &clap_plugin_factory = factory(CLAP_PLUGIN_FACTORY_ID);
        // SAFETY: asked as the standard has it; the host is dropped after the plugin.
        let plugin = unsafe {
            let id = c"org.moodring.moodring";
            let plugin = plugins.create_plugin.unwrap()(plugins, host, id.as_ptr());
            assert!((*plugin).init.unwrap()(plugin));
            plugin
        };
        Self { plugin, host }
    }

    /// What the plugin has asked for.
    pub fn told(&self) -> &Told {
        // SAFETY: it lives as long as this.
        unsafe { told(self.host) }
    }

    /// An extension of the plugin's.
    pub fn extension<T>(&self, id: &CStr) -> &T {
        // SAFETY: the name stands for the type.
        unsafe {
            let get = (*self.plugin).get_extension.unwrap();
            let found = get(self.plugin, id.as_ptr()).cast::<T>();
            found.as_ref().expect("an extension")
        }
    }

    fn params(&self) -> &clap_plugin_params {
        self.extension(CLAP_EXT_PARAMS)
    }

    /// Every parameter.
    pub fn infos(&self) -> Vec<clap_param_info> {
        let params = self.params();
        // SAFETY: asked as the standard has it.
        unsafe {
            (0..params.count.unwrap()(self.plugin))
                .map(|index| {
                    let mut info = zeroed();
                    assert!(params.get_info.unwrap()(self.plugin, index, &mut info));
                    info
                })
                .collect()
        }
    }

    /// The parameter of that name.
    pub fn info(&self, name: &str) -> clap_param_info {
        // SAFETY: the plugin's own text, which ends in 0.
        let of_name = |info: &clap_param_info| unsafe {
            CStr::from_ptr(info.name.as_ptr()).to_str().unwrap() == name
        };
        let found = self.infos().into_iter().find(of_name);
        found.unwrap_or_else(|| panic!("no parameter {name}"))
    }

    /// A parameter's value, as it says itself.
    pub fn value(&self, id: clap_id) -> f64 {
        let mut value = f64::NAN;
        // SAFETY: asked as the standard has it.
        assert!(unsafe { self.params().get_value.unwrap()(self.plugin, id, &mut value) });
        value
    }

    /// Hands changes over with no block.
    pub fn flush(&self, changes: &[(u32, clap_id, Change)]) {
        let events = events(changes);
        let input = list(&events);
        // SAFETY: the lists live until it returns.
        unsafe { self.params().flush.unwrap()(self.plugin, &input, &TAKEN) };
    }

    pub fn activate(&self, rate: f64) {
        // SAFETY: as the standard has it.
        assert!(unsafe {
            (*self.plugin).activate.unwrap()(self.plugin, rate, 1, MOST_FRAMES as u32)
        });
    }

    pub fn deactivate(&self) {
        // SAFETY: as above.
        unsafe { (*self.plugin).deactivate.unwrap()(self.plugin) };
    }

    pub fn start(&self) {
        // SAFETY: as above.
        as_audio(|| assert!(unsafe { (*self.plugin).start_processing.unwrap()(self.plugin) }));
    }

    pub fn stop(&self) {
        // SAFETY: as above.
        as_audio(|| unsafe { (*self.plugin).stop_processing.unwrap()(self.plugin) });
    }

    /// Processes a block in place, `[channel][frame]`, with changes in it.
    pub fn process(
        &self,
        block: &mut [Vec<f32>],
        changes: &[(u32, clap_id, Change)],
    ) -> clap_process_status {
        let events = events(changes);
        let input = list(&events);
        let mut channels: Vec<*mut f32> = block.iter_mut().map(|one| one.as_mut_ptr()).collect();
        let mut port = port(&mut channels);
        let process = clap_process {
            frames_count: block[0].len() as u32,
            audio_inputs: &port.clone(),
            audio_inputs_count: 1,
            audio_outputs: &mut port,
            audio_outputs_count: 1,
            in_events: &input,
            out_events: &TAKEN,
            ..no_block()
        };
        self.process_raw(&process)
    }

    /// Processes whatever block.
    pub fn process_raw(&self, process: &clap_process) -> clap_process_status {
        // SAFETY: what it points to lives until it returns.
        as_audio(|| unsafe { (*self.plugin).process.unwrap()(self.plugin, process) })
    }

    /// Calls back if the plugin has asked for it.
    pub fn pump(&self) {
        if self.told().callback.swap(false, Ordering::AcqRel) {
            // SAFETY: as the standard has it.
            unsafe { (*self.plugin).on_main_thread.unwrap()(self.plugin) };
        }
    }

    /// The state, as it is saved.
    pub fn state(&self) -> Vec<u8> {
        unsafe extern "C" fn write(
            stream: *const clap_ostream,
            from: *const c_void,
            size: u64,
        ) -> i64 {
            // SAFETY: the stream's own bytes, and as many as are said to be there.
            unsafe {
                let bytes = &mut *(*stream).ctx.cast::<Vec<u8>>();
                bytes.extend_from_slice(std::slice::from_raw_parts(from.cast(), size as usize));
            }
            size as i64
        }
        let mut bytes = Vec::<u8>::new();
        let stream = clap_ostream {
            ctx: (&raw mut bytes).cast(),
            write: Some(write),
        };
        let state: &clap_plugin_state = self.extension(CLAP_EXT_STATE);
        // SAFETY: the stream lives until it returns.
        assert!(unsafe { state.save.unwrap()(self.plugin, &stream) });
        bytes
    }

    /// Loads a state, which the stream gives in parts of at most 100 bytes.
    pub fn load(&self, mut bytes: &[u8]) -> bool {
        unsafe extern "C" fn read(
            stream: *const clap_istream,
            into: *mut c_void,
            size: u64,
        ) -> i64 {
            // SAFETY: the stream's own bytes, and room for as many as are said.
            unsafe {
                let bytes = &mut *(*stream).ctx.cast::<&[u8]>();
                let (now, later) = bytes.split_at(bytes.len().min(size as usize).min(100));
                ptr::copy_nonoverlapping(now.as_ptr(), into.cast(), now.len());
                *bytes = later;
                now.len() as i64
            }
        }
        let stream = clap_istream {
            ctx: (&raw mut bytes).cast(),
            read: Some(read),
        };
        self.load_from(&stream)
    }

    /// Loads a state from whatever stream.
    pub fn load_from(&self, stream: &clap_istream) -> bool {
        let state: &clap_plugin_state = self.extension(CLAP_EXT_STATE);
        // SAFETY: the stream lives until it returns.
        unsafe { state.load.unwrap()(self.plugin, stream) }
    }
}

impl Drop for BareHost {
    fn drop(&mut self) {
        // SAFETY: both were made in `new`, and this is their end.
        unsafe {
            (*self.plugin).destroy.unwrap()(self.plugin);
            let host = Box::from_raw(self.host);
            drop(Box::from_raw(host.host_data.cast::<Told>()));
        }
    }
}

/// A block with nothing in it.
pub fn no_block() -> clap_process {
    // SAFETY: all zeros are null pointers and counts of 0.
    unsafe { zeroed() }
}

/// A port of these channels.
pub fn port(channels: &mut [*mut f32]) -> clap_audio_buffer {
    clap_audio_buffer {
        data32: channels.as_mut_ptr(),
        data64: ptr::null_mut(),
        channel_count: channels.len() as u32,
        latency: 0,
        constant_mask: 0,
    }
}
