//! Hosts that stop calling when they are told that they may.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

use std::time::{Duration, Instant};

use clap_sys::{
    ext::{
        latency::{CLAP_EXT_LATENCY, clap_plugin_latency},
        render::{CLAP_EXT_RENDER, CLAP_RENDER_OFFLINE, clap_plugin_render},
        tail::{CLAP_EXT_TAIL, clap_plugin_tail},
    },
    process::{CLAP_PROCESS_CONTINUE, CLAP_PROCESS_SLEEP},
};

use crate::common::{
    bare_host::{BareHost, Change, EXTENSIONS, MOST_FRAMES},
    excerpt, null_dbfs,
};

const RATE: f64 = 48_000.0;

/// An instance that plays.
fn playing() -> BareHost {
    let host = BareHost::with(&EXTENSIONS);
    host.activate(RATE);
    host.start();
    host
}

fn latency(host: &BareHost) -> usize {
    let latency: &clap_plugin_latency = host.extension(CLAP_EXT_LATENCY);
    // SAFETY: as the standard has it.
    unsafe { latency.get.unwrap()(host.plugin) as usize }
}

/// Samples for which a sound goes on.
fn tail(host: &BareHost) -> usize {
    let tail: &clap_plugin_tail = host.extension(CLAP_EXT_TAIL);
    // SAFETY: as above.
    unsafe { tail.get.unwrap()(host.plugin) as usize }
}

/// Sends a signal through, block by block, during which the plugin is awake; returns what comes out.
fn send(host: &BareHost, input: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let mut output = vec![Vec::new(); input.len()];
    for start in (0..input[0].len()).step_by(MOST_FRAMES) {
        let end = (start + MOST_FRAMES).min(input[0].len());
        let mut block: Vec<Vec<f32>> = input.iter().map(|one| one[start..end].to_vec()).collect();
        assert_eq!(host.process(&mut block, &[]), CLAP_PROCESS_CONTINUE);
        for (whole, block) in output.iter_mut().zip(&block) {
            whole.extend_from_slice(block);
        }
    }
    output
}

fn silence() -> Vec<Vec<f32>> {
    vec![vec![0.0; MOST_FRAMES]; 2]
}

/// Sends silence until the plugin may sleep; returns how many samples that took.
fn fall_asleep(host: &BareHost) -> usize {
    // The readout is made elsewhere, and takes its time.
    let begun = Instant::now();
    let mut sent = 0;
    loop {
        let mut block = silence();
        let status = host.process(&mut block, &[]);
        sent += MOST_FRAMES;
        if status == CLAP_PROCESS_SLEEP {
            assert!(block.iter().flatten().all(|sample| *sample == 0.0));
            return sent;
        }
        assert_eq!(status, CLAP_PROCESS_CONTINUE);
        assert!(begun.elapsed() < Duration::from_secs(60), "it never sleeps");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Some seconds of music, from its middle on, so that the first sample is heard.
fn music(seconds: f64) -> Vec<Vec<f32>> {
    let mut audio = excerpt(2.0 + seconds).channels;
    for channel in &mut audio {
        channel.drain(..2 * 44_100);
    }
    audio
}

#[test]
fn the_tail_is_known_from_the_activation_on() {
    let host = BareHost::with(&EXTENSIONS);
    assert_eq!(tail(&host), 0, "nothing goes on");
    for rate in [RATE, 2.0 * RATE] {
        host.activate(rate);
        let told = tail(&host);
        assert!(told > latency(&host), "{rate} Hz: {told}");
        host.start();
        assert_eq!(host.process(&mut silence(), &[]), CLAP_PROCESS_CONTINUE);
        assert_eq!(tail(&host), told, "{rate} Hz: with the first block");
        host.stop();
        host.deactivate();
    }
}

#[test]
fn a_silent_track_sleeps_after_its_tail_and_wakes_with_the_first_sample() {
    let host = playing();
    let latency = latency(&host);
    let music = music(2.0);
    for round in 0..3 {
        let output = send(&host, &music);
        let null = null_dbfs(&output, &music, latency);
        assert!(null <= -100.0, "round {round}: {null} dBFS");
        let left_over = output.iter().flat_map(|channel| &channel[..latency]);
        // But for the transform's rounding.
        assert!(left_over.into_iter().all(|sample| sample.abs() < 1e-6));
        let sent = fall_asleep(&host);
        println!("asleep after {sent} samples of silence");
        assert!(sent >= tail(&host), "{sent}");
        // The readout says that there is silence once that has lasted a second.
        assert!(sent as f64 >= RATE, "{sent}");
        // The host may stop processing altogether meanwhile.
        if round == 1 {
            host.stop();
            host.start();
        }
        // Or go on for as long as it likes.
        if round == 2 {
            for _ in 0..100 {
                assert_eq!(host.process(&mut silence(), &[]), CLAP_PROCESS_SLEEP);
            }
        }
    }
    assert!(tail(&host) > latency, "even asleep");
}

#[test]
fn a_track_that_was_never_played_sleeps_too() {
    fall_asleep(&playing());
}

#[test]
fn what_is_set_while_it_sleeps_needs_no_waking() {
    let host = playing();
    let music = music(1.0);
    send(&host, &music);
    fall_asleep(&host);
    let output = host.info("Output").id;
    // 12 dB down.
    host.flush(&[(0, output, Change::Value(0.25))]);
    assert_eq!(host.value(output), 0.25);
    let sound = send(&host, &music);
    let expected: Vec<Vec<f32>> = music
        .iter()
        .map(|channel| {
            channel
                .iter()
                .map(|sample| sample * 10_f32.powf(-12.0 / 20.0))
                .collect()
        })
        .collect();
    let null = null_dbfs(&sound, &expected, latency(&host));
    assert!(null <= -100.0, "{null} dBFS");
    // An event in a block of silence is taken as well, and the track may sleep on.
    fall_asleep(&host);
    host.process(&mut silence(), &[(7, output, Change::Value(0.5))]);
    assert_eq!(host.value(output), 0.5);
    fall_asleep(&host);
}

#[test]
fn a_state_wakes_the_host_since_it_may_need_a_restart() {
    let host = playing();
    let state = host.state();
    assert!(host.load(&state));
    let asked = || {
        host.told()
            .process
            .load(std::sync::atomic::Ordering::Acquire)
    };
    assert_eq!(asked(), 0, "awake");
    fall_asleep(&host);
    assert!(host.load(&state));
    assert_eq!(asked(), 1);
    assert!(host.load(&state));
    assert_eq!(asked(), 1, "asked already");
}

#[test]
fn a_bounce_never_sleeps() {
    let host = BareHost::with(&EXTENSIONS);
    let render: &clap_plugin_render = host.extension(CLAP_EXT_RENDER);
    // SAFETY: as the standard has it.
    assert!(unsafe { render.set.unwrap()(host.plugin, CLAP_RENDER_OFFLINE) });
    host.activate(RATE);
    host.start();
    send(&host, &vec![vec![0.0; 10 * RATE as usize]; 2]);
}
