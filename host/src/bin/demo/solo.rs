//! A recorded solo as another instrument plays it, and what the tagger hears in both.

use std::{error::Error, path::Path};

use moodring::audio_file::AudioFile;
use moodring_host::{Bundle, ParamEvent};

use crate::{
    Section, bounce, create, file_name, read,
    readout::{self, Readout},
    spectrogram,
};

/// How the solo is morphed, beside Target.
const SETTINGS: [(&str, &str); 3] = [
    ("Morph", "100 %"),
    ("Resynthesis", "100 %"),
    ("Articulation", "100 %"),
];
/// Of each sound, so many instruments are told.
const TOLD: usize = 4;

/// Morphs the solo to `target`, asks the tagger about it and about what it was, and writes sound and picture to `out`. `answers` is where the plugin writes
/// what it hears.
pub fn demonstrate(
    plugin: &Path,
    solo: &Path,
    target: &str,
    out: &Path,
    answers: &Path,
) -> Result<(), Box<dyn Error>> {
    let input = read(solo)?;
    let bundle = Bundle::load(plugin)?;
    let settings = [&[("Target", target)], &SETTINGS[..]].concat();
    // Listen hears what goes in, so what has come out goes in once more.
    let (before, morphed) = heard(&bundle, &input, solo, &settings, answers)?;
    let (after, _) = heard(&bundle, &morphed, solo, &[], answers)?;

    let (sound, picture) = (out.join("morphed.wav"), out.join("spectrogram.png"));
    morphed.write_wav(&sound)?;
    let whole = Section {
        start: 0,
        end: input.frames(),
        label: target.to_owned(),
    };
    spectrogram::draw(&picture, &file_name(solo), &input, &morphed, &[whole])?;
    println!("{} morphed to {target}\n", solo.display());
    for (title, readout) in [("before", &before), ("after", &after)] {
        println!("{title:<6}  {}", readout.mean("instrument", TOLD));
    }
    println!();
    for path in [sound, picture] {
        println!("wrote {}", path.display());
    }
    println!();
    Ok(())
}

/// What the plugin hears in `input` while it plays it with these settings, by name and text; and what comes out.
fn heard(
    bundle: &Bundle,
    input: &AudioFile,
    file: &Path,
    settings: &[(&str, &str)],
    answers: &Path,
) -> Result<(Readout, AudioFile), Box<dyn Error>> {
    readout::discard(answers)?;
    let mut plugin = create(bundle, input)?;
    let events = settings
        .iter()
        .map(|(name, text)| plugin.set_at(0, name, text))
        .collect::<Result<Vec<ParamEvent>, _>>()?;
    plugin.flush(&events)?;
    let (output, latency) = bounce(&mut plugin, input, &[], "morphing")?;
    let readout = Readout::collect(file, input.sample_rate, latency, answers)?;
    Ok((readout, output))
}
