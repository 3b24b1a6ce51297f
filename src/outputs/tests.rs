//! What a receiver gets, and what a session leaves.

use std::{
    net::UdpSocket,
    time::{Duration, SystemTime},
};

use rosc::{OscPacket, OscType, decoder};

use super::*;
use crate::{
    model::{Affect, TagKind},
    telemetry::{HeadlineChange, Headlines, SongPosition},
};

fn tags() -> Vec<TagInfo> {
    ["hip hop", "rock"]
        .map(|name| TagInfo {
            name: name.to_owned(),
            kind: TagKind::Genre,
            parent: None,
        })
        .into()
}

fn readout() -> Readout {
    let mut headlines = Headlines::default();
    headlines.set(TagKind::Genre, Some(1));
    Readout {
        state: ListenState::Live,
        seconds: 4.5,
        probabilities: vec![0.25, 0.75],
        average: vec![0.25, 0.5],
        affect: Some(Affect {
            valence: -0.5,
            arousal: 1.25,
        }),
        headlines,
        headline_changes: vec![HeadlineChange {
            seconds: 4.5,
            kind: TagKind::Genre,
            from: Some(0),
            to: Some(1),
        }],
        song: Some(SongPosition {
            seconds: 61.5,
            beats: Some(123.0),
            tempo: None,
            playing: true,
        }),
        ..Readout::default()
    }
}

const WORKER: WorkerThread = WorkerThread::assume();

/// Outputs with a socket that hears what they send, if they do.
fn heard(name: &str) -> (Outputs, UdpSocket) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let wait = Some(Duration::from_secs(20));
    socket.set_read_timeout(wait).unwrap();
    let params = Arc::new(MoodringParams::default());
    let settings = OutputSettings {
        osc: true,
        address: socket.local_addr().unwrap().to_string(),
        name: name.to_owned(),
        log: false,
        ..OutputSettings::default()
    };
    params.outputs.choose(settings, &WORKER);
    (Outputs::with_folder(params, true, None), socket)
}

/// The messages of the next bundle, and its time.
fn bundle(socket: &UdpSocket) -> (Vec<(String, Vec<OscType>)>, SystemTime) {
    let mut bytes = [0; 65_536];
    let length = socket.recv(&mut bytes).unwrap();
    let (_, packet) = decoder::decode_udp(&bytes[..length]).unwrap();
    let OscPacket::Bundle(bundle) = packet else {
        panic!("{packet:?}");
    };
    let messages = bundle.content.into_iter().map(|packet| match packet {
        OscPacket::Message(message) => (message.addr, message.args),
        OscPacket::Bundle(bundle) => panic!("{bundle:?}"),
    });
    (messages.collect(), bundle.timetag.into())
}

fn of(messages: &[(String, Vec<OscType>)], address: &str) -> Vec<OscType> {
    let found = messages.iter().find(|(addr, _)| addr == address);
    found.map(|(_, args)| args.clone()).unwrap_or_default()
}

#[test]
fn an_answer_is_a_bundle_with_the_time() {
    let (mut outputs, socket) = heard("Deck A/1");
    let tags = tags();
    outputs.params.view.toggle(&tags[0], &WORKER);
    outputs.tell(&readout(), &tags, &WORKER).unwrap();
    let (messages, time) = bundle(&socket);
    let apart = SystemTime::now().duration_since(time).unwrap_or_default();
    assert!(apart < Duration::from_secs(20), "{apart:?}");
    let text = |text: &str| OscType::String(text.to_owned());
    let float = OscType::Float;
    for (place, args) in [
        ("instance", vec![text("Deck A/1")]),
        ("state", vec![text("live")]),
        ("seconds", vec![float(4.5)]),
        ("valence", vec![float(-0.5)]),
        ("arousal", vec![float(1.25)]),
        ("top/genre/1", vec![text("rock"), float(0.5)]),
        ("top/genre/2", vec![text("hip hop"), float(0.25)]),
        ("headline/genre", vec![text("rock"), float(0.5)]),
        ("headline/mood", vec![text(""), float(0.0)]),
        ("change/genre", vec![text("rock"), text("hip hop")]),
        ("tag/genre/hip_hop", vec![float(0.25)]),
        ("song/seconds", vec![float(61.5)]),
        ("song/beats", vec![float(123.0)]),
        ("song/playing", vec![OscType::Int(1)]),
    ] {
        let address = format!("/moodring/Deck_A_1/{place}");
        assert_eq!(of(&messages, &address), args, "{address}");
    }
    let others = ["change/mood", "song/tempo", "tag/genre/rock"];
    assert!(
        messages
            .iter()
            .all(|(address, _)| others.iter().all(|other| !address.ends_with(other)))
    );
}

#[test]
fn silence_is_told_and_a_bounce_is_not() {
    let (mut outputs, socket) = heard("");
    let mut silence = readout();
    silence.state = ListenState::Silence;
    silence.headline_changes.clear();
    outputs.tell(&silence, &tags(), &WORKER).unwrap();
    let (messages, _) = bundle(&socket);
    let said = of(&messages, "/moodring/state");
    assert_eq!(said, [OscType::String("silence".to_owned())]);

    let mut bounce = Outputs::with_folder(outputs.params.clone(), false, None);
    bounce.tell(&readout(), &tags(), &WORKER).unwrap();
    // And what is switched off.
    let off = OutputSettings {
        osc: false,
        ..outputs.params.outputs.get(&WORKER)
    };
    outputs.params.outputs.choose(off, &WORKER);
    outputs.tell(&readout(), &tags(), &WORKER).unwrap();
    socket.set_nonblocking(true).unwrap();
    assert!(socket.recv(&mut [0; 16]).is_err());
}

#[test]
fn a_receiver_that_is_gone_costs_nothing_and_is_found_when_it_is_back() {
    let (mut outputs, socket) = heard("");
    let address = socket.local_addr().unwrap();
    drop(socket);
    for _ in 0..100 {
        outputs.tell(&readout(), &tags(), &WORKER).unwrap();
    }
    let back = UdpSocket::bind(address).unwrap();
    back.set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    outputs.tell(&readout(), &tags(), &WORKER).unwrap();
    assert!(!bundle(&back).0.is_empty());
}

#[test]
fn a_session_s_log_grows_while_its_switch_is_on() {
    let folder = tempfile::tempdir().unwrap();
    let params = Arc::new(MoodringParams::default());
    let mut outputs = Outputs::with_folder(params.clone(), true, Some(folder.path().join("new")));
    let logs = || {
        let entries = std::fs::read_dir(folder.path().join("new"));
        let mut texts: Vec<_> = entries
            .into_iter()
            .flatten()
            .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
            .collect();
        texts.sort_by_key(String::len);
        texts
    };
    let switch = |log| {
        let settings = OutputSettings {
            log,
            ..OutputSettings::default()
        };
        params.outputs.choose(settings, &WORKER);
    };
    outputs.tell(&readout(), &tags(), &WORKER).unwrap();
    assert_eq!(logs().len(), 0);
    switch(true);
    outputs.tell(&readout(), &tags(), &WORKER).unwrap();
    // Another choice goes on with the same file.
    switch(true);
    outputs.tell(&readout(), &tags(), &WORKER).unwrap();
    let written = logs();
    assert_eq!(written.len(), 1);
    let lines: Vec<serde_json::Value> = written[0]
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["headlines"]["genre"], "rock");
    assert_eq!(lines[1]["song_seconds"], 61.5);
    // Off and on again is another session.
    switch(false);
    outputs.tell(&readout(), &tags(), &WORKER).unwrap();
    switch(true);
    outputs.tell(&readout(), &tags(), &WORKER).unwrap();
    let counts: Vec<_> = logs().iter().map(|log| log.lines().count()).collect();
    assert_eq!(counts, [1, 2]);
}

#[test]
fn a_log_that_can_not_be_written_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("no folder");
    std::fs::write(&file, "").unwrap();
    let params = Arc::new(MoodringParams::default());
    let settings = OutputSettings {
        log: true,
        ..OutputSettings::default()
    };
    params.outputs.choose(settings, &WORKER);
    let mut outputs = Outputs::with_folder(params, true, Some(file));
    let why = outputs.tell(&readout(), &tags(), &WORKER).unwrap_err();
    assert!(why.contains("no folder"), "{why}");
    assert!(outputs.tell(&readout(), &tags(), &WORKER).is_ok());
}
