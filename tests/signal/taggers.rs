//! Taggers of users' own: what each hears and says, against librosa and onnxruntime (`tests/golden/make_taggers.py`).

use std::path::{Path, PathBuf};

use moodring::{
    audio_file::AudioFile,
    listen::{Features, Listener},
    model::{ModelSource, TagKind, TaggerCard, TaggerModel},
    telemetry::{ListenState, Readout},
};

/// The folders of `folder` that hold a tagger.
pub fn taggers(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap_or_else(|why| panic!("{}: {why}", folder.display()))
        .map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = entries
        .filter(|path| path.join("tagger/card.json").exists())
        .collect();
    found.sort();
    found
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/taggers")
}

/// A reference of a tagger, if it has it.
pub fn reference(folder: &Path, name: &str) -> Option<Vec<f32>> {
    let bytes = std::fs::read(folder.join(format!("reference/{name}.f32"))).ok()?;
    let values = bytes.chunks_exact(4);
    Some(
        values
            .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
            .collect(),
    )
}

/// Largest difference, as a share of the expected values' own deviation, or of 1 if that is less.
fn difference(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let count = expected.len() as f32;
    let mean = expected.iter().sum::<f32>() / count;
    let square = expected.iter().map(|value| (value - mean).powi(2));
    let deviation = (square.sum::<f32>() / count).sqrt().max(1.0);
    let apart = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
    apart.fold(0.0, f32::max) / deviation
}

/// What the network is given of a sound, pushed in odd pieces.
fn heard(card: &TaggerCard, sound: &[f32], folder: &Path) -> Vec<f32> {
    let rate = f64::from(card.front_end.sample_rate());
    let mut features = Features::new(card, rate, 1);
    for piece in sound.chunks(333) {
        features.push(piece);
    }
    assert!(features.is_full(), "{}", folder.display());
    let mut input = vec![0.0; card.front_end.width() * card.front_end.frames()];
    features.write(card, &mut input);
    input
}

/// Checks a tagger against what is in its folder, for the sound that its references are of; says whether it has a network.
pub fn check(folder: &Path, sound: &[f32]) -> bool {
    let source = ModelSource::Folder(folder.to_owned());
    let card = source.tagger_card().unwrap();
    let input = heard(&card, sound, folder);
    let name = folder.file_name().unwrap_or_default().display();
    if let Some(expected) = reference(folder, "input") {
        let worst = difference(&input, &expected);
        println!("{name}: input {worst:.6}");
        assert!(worst < 1e-3, "{name}: input {worst}");
    }
    let Some(expected) = reference(folder, "probabilities") else {
        return false;
    };
    let tagger = TaggerModel::load(&source).unwrap();
    let mut found = vec![0.0; card.tags.len()];
    let embedding = tagger.run(&input, &mut found).unwrap();
    let worst = difference(&found, &expected);
    let apart =
        reference(folder, "embedding").map_or(0.0, |expected| difference(&embedding, &expected));
    println!("{name}: probabilities {worst:.6}, embedding {apart:.6}");
    assert!(worst < 1e-3, "{name}: probabilities {worst}");
    assert!(apart < 1e-3, "{name}: embedding {apart}");
    true
}

#[test]
fn what_users_taggers_hear_and_say_equals_the_reference() {
    let folders = taggers(&golden());
    let whole = |folder: &&PathBuf| check(folder, &reference(folder, "sound").expect("a sound"));
    let with_networks = folders.iter().filter(whole).count();
    assert_eq!((folders.len(), with_networks), (6, 3));
}

/// Every answer of a tagger to the first seconds of the excerpt, both channels.
fn answers(folder: &Path, seconds: usize) -> Vec<Readout> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/music/war_of_freedom.ogg");
    let audio = AudioFile::read(&path).unwrap();
    let rate = audio.sample_rate as usize;
    let sound: Vec<f32> = (0..seconds * rate)
        .flat_map(|frame| audio.channels.iter().map(move |channel| channel[frame]))
        .collect();
    let tagger = TaggerModel::load(&ModelSource::Folder(folder.to_owned())).unwrap();
    let channels = audio.channels.len();
    let mut listener = Listener::new(tagger, rate as f64, channels).unwrap();
    let blocks = sound.chunks(128 * channels);
    blocks
        .filter_map(|block| listener.push(block, 4.0, 30.0).unwrap())
        .collect()
}

#[test]
fn a_waveform_tagger_listens_as_any_other_does() {
    let readouts = answers(&golden().join("waveform"), 3);
    let told = |readout: &Readout| (readout.seconds, readout.state);
    assert_eq!(told(&readouts[0]), (0.5, ListenState::WarmingUp));
    let states: Vec<_> = readouts.iter().skip(2).map(told).collect();
    let wanted = [1.5, 2.0, 2.5, 3.0].map(|seconds| (seconds, ListenState::Live));
    assert_eq!(states, wanted);
    for readout in &readouts {
        let sum: f32 = readout.probabilities.iter().sum();
        assert!(
            (sum - 1.0).abs() < 1e-4,
            "one of them is right: {readout:?}"
        );
    }
    assert_ne!(readouts[0].probabilities, readouts[5].probabilities);
}

#[test]
fn a_slower_tagger_answers_at_its_own_pace() {
    let copy = tempfile::tempdir().unwrap();
    let (from, to) = (
        golden().join("yamnet-like/tagger"),
        copy.path().join("tagger"),
    );
    std::fs::create_dir(&to).unwrap();
    std::fs::copy(from.join("model.onnx"), to.join("model.onnx")).unwrap();
    let card = std::fs::read_to_string(from.join("card.json")).unwrap();
    let card = card.replacen('{', "{\"seconds_between_answers\": 1.2,", 1);
    std::fs::write(to.join("card.json"), card).unwrap();
    let readouts = answers(copy.path(), 5);
    let seconds: Vec<_> = readouts.iter().map(|readout| readout.seconds).collect();
    assert_eq!(seconds, [0.5, 2.0, 3.5, 5.0]);
    let tags = ModelSource::Folder(copy.path().to_owned())
        .tagger_card()
        .unwrap()
        .tags;
    assert_eq!(tags[4].kind, TagKind::Other);
}
