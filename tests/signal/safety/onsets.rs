//! In Live a note sounds as soon as its source does.

use std::path::Path;

use crate::common::{plugin, set, set_latency};
use moodring::audio_file::AudioFile;
use moodring_host::Render;

/// Level of every 5 ms, in dB of full scale.
fn levels(sound: &[f32], rate: f64) -> Vec<f64> {
    let length = (0.005 * rate) as usize;
    let level = |part: &[f32]| {
        let power: f64 = part.iter().map(|x| f64::from(*x).powi(2)).sum();
        10.0 * (power / part.len() as f64 + 1e-12).log10()
    };
    sound.chunks_exact(length).map(level).collect()
}

/// A target whose own notes begin at once: until the note's pitch is heard the source begins it.
#[test]
fn in_live_no_note_begins_with_silence() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/music/phrase.ogg");
    let mut audio = AudioFile::read(path).unwrap();
    audio.channels.extend_from_within(..);
    for articulation in ["0 %", "100 %"] {
        let mut plugin = plugin();
        set_latency(&mut plugin, "live");
        set(
            &mut plugin,
            &[
                ("Target", "Trumpet"),
                ("Morph", "100 %"),
                ("Resynthesis", "100 %"),
                ("Articulation", articulation),
            ],
        );
        let rate = audio.sample_rate as f64;
        let rendered = Render::offline(rate)
            .run(&mut plugin, &audio.channels, &[])
            .unwrap();
        let before = levels(&audio.channels[0], rate);
        let after = levels(&rendered.output[0][rendered.latency as usize..], rate);
        let loudest = before.iter().copied().fold(f64::MIN, f64::max);
        let silent: Vec<bool> = before
            .iter()
            .zip(&after)
            .map(|(before, after)| *before > loudest - 25.0 && *after < before - 18.0)
            .collect();
        let longest = silent.split(|silent| !silent).map(<[bool]>::len).max();
        let longest = 5 * longest.unwrap_or_default();
        println!("Articulation {articulation}: {longest} ms");
        assert!(longest <= 10, "Articulation {articulation}: {longest} ms");
    }
}
