//! Hosts that have less than they might, or break their word.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

use std::ffi::{CStr, c_void};
use std::ptr;

use clap_sys::{
    events::{clap_event_header, clap_input_events, clap_output_events},
    ext::{
        gui::{
            CLAP_EXT_GUI, CLAP_WINDOW_API_X11, clap_plugin_gui, clap_window, clap_window_handle,
        },
        params::{CLAP_EXT_PARAMS, clap_plugin_params},
        state::{CLAP_EXT_STATE, clap_plugin_state},
    },
    factory::plugin_factory::{CLAP_PLUGIN_FACTORY_ID, clap_plugin_factory},
    process::{CLAP_PROCESS_CONTINUE, CLAP_PROCESS_ERROR, clap_process},
    stream::{clap_istream, clap_ostream},
};

use crate::common::{
    bare_host::{BareHost, Change, EXTENSIONS, MOST_FRAMES, factory, no_block, port},
    process::{alone, this_test},
};

/// Everything that can be done without a window.
fn do_everything(host: &BareHost) {
    let infos = host.infos();
    let values: Vec<_> = infos
        .iter()
        .map(|info| (0, info.id, Change::Value(info.max_value)))
        .collect();
    host.flush(&values);
    for round in 0..3 {
        host.activate(44_100.0 + f64::from(round));
        host.start();
        for info in &infos {
            let changes = [
                (3, info.id, Change::Value(info.default_value)),
                (9, info.id, Change::Modulation(0.5 * info.max_value)),
            ];
            let status = host.process(&mut vec![vec![0.25; MOST_FRAMES]; 2], &changes);
            assert_eq!(status, CLAP_PROCESS_CONTINUE);
            host.pump();
        }
        let state = host.state();
        assert!(host.load(&state));
        host.flush(&values);
        host.stop();
        host.deactivate();
    }
}

#[test]
fn a_host_needs_no_extension() {
    if !alone(this_test!()) {
        return;
    }
    do_everything(&BareHost::with(&[]));
    for one in EXTENSIONS {
        do_everything(&BareHost::with(&[one]));
        let others: Vec<&CStr> = EXTENSIONS
            .into_iter()
            .filter(|other| *other != one)
            .collect();
        do_everything(&BareHost::with(&others));
    }
    do_everything(&BareHost::with(&EXTENSIONS));
    // Nor a function in any.
    do_everything(&BareHost::hollow());
}

#[test]
fn what_a_host_does_wrong_is_refused() {
    if !alone(this_test!()) {
        return;
    }
    let plugins: &clap_plugin_factory = factory(CLAP_PLUGIN_FACTORY_ID);
    let id = c"org.moodring.moodring";
    // SAFETY: all of it is what the plugin must bear; what isn't null lives until the calls return.
    unsafe {
        let none = plugins.create_plugin.unwrap()(plugins, ptr::null(), id.as_ptr());
        assert!(none.is_null());

        let host = BareHost::with(&EXTENSIONS);
        let plugin = host.plugin;
        let params: &clap_plugin_params = host.extension(CLAP_EXT_PARAMS);
        let count = params.count.unwrap()(plugin);
        let mut info = std::mem::zeroed();
        for index in [count, count + 1, u32::MAX] {
            assert!(!params.get_info.unwrap()(plugin, index, &mut info));
        }
        assert!(!params.get_value.unwrap()(plugin, info.id, ptr::null_mut()));

        let gui: &clap_plugin_gui = host.extension(CLAP_EXT_GUI);
        assert!(!gui.is_api_supported.unwrap()(plugin, ptr::null(), false));
        assert!(!gui.create.unwrap()(plugin, ptr::null(), false));
        assert!(!gui.adjust_size.unwrap()(
            plugin,
            ptr::null_mut(),
            ptr::null_mut()
        ));
        let nameless = clap_window {
            api: ptr::null(),
            specific: clap_window_handle { x11: 1 },
        };
        assert!(!gui.set_parent.unwrap()(plugin, &nameless));
        gui.destroy.unwrap()(plugin);
        assert!(gui.is_api_supported.unwrap()(
            plugin,
            CLAP_WINDOW_API_X11.as_ptr(),
            false
        ));

        // A block before there was an activation.
        let mut sound = vec![vec![0.0; 64]; 2];
        assert_eq!(host.process(&mut sound, &[]), CLAP_PROCESS_ERROR);
        assert_eq!(host.process_raw(&no_block()), CLAP_PROCESS_ERROR);
        assert_eq!(
            (*plugin).process.unwrap()(plugin, ptr::null()),
            CLAP_PROCESS_ERROR
        );
        host.activate(48_000.0);
        host.start();
        assert_eq!(host.process(&mut sound, &[]), CLAP_PROCESS_CONTINUE);
        odd_blocks(&host);
        odd_lists(&host, params);
        host.stop();
        host.deactivate();
        assert_eq!(host.process(&mut sound, &[]), CLAP_PROCESS_ERROR);
        odd_streams(&host);
    }
}

/// Ports that aren't there, have channels that aren't, or too many.
fn odd_blocks(host: &BareHost) {
    let mut memory = vec![vec![f32::NAN; 64]; 5];
    let mut real: Vec<*mut f32> = memory.iter_mut().map(|one| one.as_mut_ptr()).collect();
    let mut missing = [real[0], ptr::null_mut()];
    let process = |channels: &mut [*mut f32], ports: u32| {
        let mut output = port(channels);
        let status = host.process_raw(&clap_process {
            frames_count: 64,
            audio_inputs: &output.clone(),
            audio_inputs_count: ports,
            audio_outputs: &mut output,
            audio_outputs_count: ports,
            ..no_block()
        });
        assert_eq!(status, CLAP_PROCESS_CONTINUE);
    };
    process(&mut [], 1);
    process(&mut missing, 1);
    process(&mut missing, 0);
    for channels in 1..=5 {
        process(&mut real[..channels], 1);
    }
    // What there is beyond the layout is silence, not whatever was there.
    assert!(memory[2..].iter().flatten().all(|sample| *sample == 0.0));
    assert!(
        memory[..2]
            .iter()
            .flatten()
            .all(|sample| sample.is_finite())
    );
}

/// Lists without functions, and with events that aren't there.
fn odd_lists(host: &BareHost, params: &clap_plugin_params) {
    unsafe extern "C" fn three(_: *const clap_input_events) -> u32 {
        3
    }
    unsafe extern "C" fn none(_: *const clap_input_events, _: u32) -> *const clap_event_header {
        ptr::null()
    }
    let deaf = clap_output_events {
        ctx: ptr::null_mut(),
        try_push: None,
    };
    for (size, get) in [
        (None, None),
        (Some(three as _), None),
        (Some(three as _), Some(none as _)),
    ] {
        let list = clap_input_events {
            ctx: ptr::null_mut(),
            size,
            get,
        };
        let mut sound = vec![vec![0.0; 64]; 2];
        let mut channels: Vec<*mut f32> = sound.iter_mut().map(|one| one.as_mut_ptr()).collect();
        let mut output = port(&mut channels);
        let status = host.process_raw(&clap_process {
            frames_count: 64,
            audio_outputs: &mut output,
            audio_outputs_count: 1,
            in_events: &list,
            out_events: &deaf,
            ..no_block()
        });
        assert_eq!(status, CLAP_PROCESS_CONTINUE);
        // SAFETY: what the plugin must bear.
        unsafe {
            params.flush.unwrap()(host.plugin, &list, &deaf);
            params.flush.unwrap()(host.plugin, ptr::null(), ptr::null());
        }
    }
}

/// Streams without functions, that fail, that end, and that claim to have given more than there was room for.
fn odd_streams(host: &BareHost) {
    unsafe extern "C" fn fail(_: *const clap_istream, _: *mut c_void, _: u64) -> i64 {
        -1
    }
    unsafe extern "C" fn end(_: *const clap_istream, _: *mut c_void, _: u64) -> i64 {
        0
    }
    unsafe extern "C" fn more(_: *const clap_istream, _: *mut c_void, size: u64) -> i64 {
        size as i64 + 1
    }
    unsafe extern "C" fn refuse(_: *const clap_ostream, _: *const c_void, _: u64) -> i64 {
        0
    }
    let whole = host.state();
    for read in [None, Some(fail as _), Some(end as _), Some(more as _)] {
        let stream = clap_istream {
            ctx: ptr::null_mut(),
            read,
        };
        assert!(!host.load_from(&stream));
    }
    let mut endless = whole.clone();
    endless[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    for broken in [&whole[..7], &whole[..whole.len() - 1], &endless, &[]] {
        assert!(!host.load(broken));
    }
    let state: &clap_plugin_state = host.extension(CLAP_EXT_STATE);
    for write in [None, Some(refuse as _)] {
        let stream = clap_ostream {
            ctx: ptr::null_mut(),
            write,
        };
        // SAFETY: what the plugin must bear.
        assert!(!unsafe { state.save.unwrap()(host.plugin, &stream) });
    }
    // SAFETY: as above.
    unsafe {
        assert!(!state.save.unwrap()(host.plugin, ptr::null()));
        assert!(!state.load.unwrap()(host.plugin, ptr::null()));
    }
    assert_eq!(host.state(), whole, "nothing of it changed anything");
}
