//! Channels that cancel each other.

use crate::common::{excerpt, plugin, set};
use moodring::audio_file::AudioFile;
use moodring_host::Render;

use super::{NO_MEMORY, RATE, music, noise};

/// What is turned acts on each channel as it would on that channel alone, whatever the phase between them: one curve for
/// both, made of their powers.
#[test]
fn channels_that_cancel_are_shaped_like_channels_in_phase() {
    let left = music(2.0);
    let inverted: Vec<f32> = left.iter().map(|sample| -sample).collect();
    let stereo = |right: &[f32], sidechain: Vec<Vec<f32>>, settings: &[(&str, &str)]| {
        let mut plugin = plugin();
        set(&mut plugin, settings);
        let render = Render {
            sidechain,
            ..Render::offline(RATE)
        };
        let input = [left.clone(), right.to_vec()];
        render.run(&mut plugin, &input, &[]).unwrap().output
    };
    let in_phase = stereo(&left, vec![], NO_MEMORY);
    assert_ne!(in_phase, stereo(&left, vec![], &[]), "nothing is turned");
    let cancelling = stereo(&inverted, vec![], NO_MEMORY);
    assert!(cancelling[0] == in_phase[0]);
    assert!(
        cancelling[1]
            .iter()
            .zip(&in_phase[1])
            .all(|(a, b)| *a == -b)
    );

    let beside = noise(left.len(), 0.5);
    let against: Vec<f32> = beside.iter().map(|sample| -sample).collect();
    let led = [
        ("Morph To", "Sidechain"),
        ("Morph", "100 %"),
        ("Resynthesis", "100 %"),
    ];
    let silent = stereo(&left, vec![], &led);
    let in_phase = stereo(&left, vec![beside.clone(), beside.clone()], &led);
    assert!(in_phase != silent, "the sidechain isn't heard");
    assert!(stereo(&left, vec![beside, against], &led) == in_phase);
}

/// The command line hears what the plugin hears: the channels' powers, without an offset.
#[test]
fn the_command_line_hears_channels_that_cancel_and_no_offset() {
    let audio = excerpt(4.0);
    let (left, sample_rate) = (&audio.channels[0], audio.sample_rate);
    let changed =
        |change: &dyn Fn(f32) -> f32| -> Vec<f32> { left.iter().map(|x| change(*x)).collect() };
    let folder = tempfile::tempdir().unwrap();
    let answers = |channels: Vec<Vec<f32>>| {
        let path = folder.path().join("sound.wav");
        let audio = AudioFile {
            sample_rate,
            channels,
        };
        audio.write_wav(&path).unwrap();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_moodring"))
            .args(["tag".as_ref(), "--every".as_ref(), path.as_os_str()])
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let alone = answers(vec![left.clone()]);
    assert!(alone.contains("live"), "{alone}");
    for (what, channels) in [
        ("in phase", vec![left.clone(); 2]),
        ("cancelling", vec![left.clone(), changed(&|x| -x)]),
        ("with an offset", vec![changed(&|x| x + 0.1); 2]),
        (
            "with opposite offsets",
            vec![changed(&|x| x + 0.2), changed(&|x| x - 0.2)],
        ),
    ] {
        assert_eq!(answers(channels), alone, "{what}");
    }
}
