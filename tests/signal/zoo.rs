//! The zoo against the pipeline and onnxruntime: the network by itself, and in an instance of the plugin.

use std::path::{Path, PathBuf};

use crate::{
    common::{edited, plugin, set, with_models},
    taggers::{check, reference, taggers},
};
use moodring::{
    audio_file::AudioFile,
    model::{ModelSource, TaggerCard},
};
use moodring_host::Render;
use serde_json::json;

/// How many networks are committed.
const COMMITTED: usize = 7;

/// Tags that a project can choose to be read by its host.
const CHOSEN: usize = 8;

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zoo")
}

/// What a zoo's references are made of: to the end of the second answer that hears as much as the network looks at.
fn sound(zoo: &Path, card: &TaggerCard) -> Vec<f32> {
    let audio = AudioFile::read(zoo.join("sound.flac")).unwrap();
    assert_eq!(audio.sample_rate, card.front_end.sample_rate());
    // The first answer comes after half a second.
    let more = ((card.front_end.seconds() - 0.5) / card.pace).ceil() + 1.0;
    let seconds = 0.5 + more * card.pace;
    let samples = (seconds * f64::from(audio.sample_rate)).round() as usize;
    let over_and_over = audio.channels[0].iter().copied().cycle();
    over_and_over.take(samples).collect()
}

/// Holds each network of a zoo to its references.
fn check_all(zoo: &Path, count: usize) {
    let folders = taggers(zoo);
    assert_eq!(folders.len(), count, "{}", zoo.display());
    for folder in folders {
        let card = ModelSource::Folder(folder.clone()).tagger_card().unwrap();
        assert!(check(&folder, &sound(zoo, &card)), "{}", folder.display());
        let worst = in_an_instance(&folder, &card, &sound(zoo, &card));
        println!("  in an instance of the plugin: {worst:.6}");
        assert!(worst < 1e-3, "{}: {worst}", folder.display());
    }
}

/// The greatest difference between the probabilities that a host reads of an instance with this network and those of the reference, over the
/// likeliest tags.
fn in_an_instance(folder: &Path, card: &TaggerCard, sound: &[f32]) -> f32 {
    let expected = reference(folder, "read").unwrap();
    let mut likeliest: Vec<usize> = (0..expected.len()).collect();
    likeliest.sort_by(|one, other| expected[*other].total_cmp(&expected[*one]));
    likeliest.truncate(CHOSEN);
    let tags: Vec<_> = likeliest
        .iter()
        .map(|index| json!({"kind": card.tags[*index].kind, "name": card.tags[*index].name}))
        .collect();

    let mut plugin = plugin();
    let state = with_models(&plugin.save_state().unwrap(), folder);
    let midi = json!({"on": true, "channel": 1, "headlines": "off", "headline_channel": 2});
    // While nothing depends on answers a bounce doesn't wait for them.
    let outputs = json!({"tags": tags, "midi": midi});
    let state = edited(&state, |json| {
        json["fields"]["outputs"] = json!(outputs.to_string());
    });
    plugin.load_state(&state).unwrap();
    set(&mut plugin, &[("Averaging", "1 s")]);
    // The answer takes effect a while behind the sound that it is of; what is behind must bring no other answer.
    let rate = f64::from(card.front_end.sample_rate());
    let behind = (0.4 * rate) as usize;
    let longer: Vec<f32> = sound.iter().copied().chain(vec![0.01; behind]).collect();
    let rendered = Render::offline(rate)
        .run(&mut plugin, &[longer.clone(), longer], &[])
        .unwrap();
    assert!(!rendered.output.is_empty());
    let params = plugin.params().unwrap();
    let read = params[params.len() - CHOSEN..].iter();
    let found = read.map(|param| plugin.value(param.id).unwrap() as f32);
    let apart = found
        .zip(&likeliest)
        .map(|(found, tag)| (found - expected[*tag]).abs());
    apart.fold(0.0, f32::max)
}

#[test]
fn the_committed_zoo_says_what_its_references_say_by_itself_and_in_an_instance() {
    check_all(&committed(), COMMITTED);
}

#[test]
#[ignore = "needs MOODRING_ZOO, a folder that `cargo xtask models zoo` wrote; cargo xtask test sets it"]
fn every_network_of_the_zoo_says_what_its_reference_says() {
    let zoo = PathBuf::from(std::env::var_os("MOODRING_ZOO").expect("MOODRING_ZOO"));
    check_all(&zoo, 10);
}
