//! `moodring tag`.

use std::path::{Path, PathBuf};

use super::CliError;
use crate::{
    audio_file::AudioFile,
    listen::{Listener, Readout},
    model::{ModelSource, TagInfo, TagKind, Tagger},
    params::LONGEST_AVERAGE,
};

/// Averaging of the printed numbers, in seconds: the plugin's default.
const AVERAGING: f64 = 4.0;

/// Frames heard at a time.
const BLOCK: usize = 512;

pub(super) fn run(source: &ModelSource, top: usize, files: &[PathBuf]) -> Result<(), CliError> {
    let tagger = Tagger::load(source)?;
    for file in files {
        let audio = AudioFile::read(file)?;
        println!("{}", file.display());
        for readout in readouts(&tagger, file, &audio)? {
            print_readout(&readout, &tagger.card().tags, top);
        }
    }
    Ok(())
}

/// Every answer on a file.
fn readouts(tagger: &Tagger, file: &Path, audio: &AudioFile) -> Result<Vec<Readout>, CliError> {
    let channels = audio.channels.len();
    let mut listener =
        Listener::new(tagger.clone(), audio.sample_rate as f64, channels).map_err(|why| {
            CliError::Rate {
                file: file.display().to_string(),
                rate: audio.sample_rate,
                why: why.to_string(),
            }
        })?;
    let interleaved: Vec<f32> = (0..audio.frames())
        .flat_map(|frame| {
            audio
                .channels
                .iter()
                .filter_map(move |channel| channel.get(frame))
        })
        .copied()
        .collect();
    let mut readouts = Vec::new();
    for block in interleaved.chunks(BLOCK * channels.max(1)) {
        readouts.extend(listener.push(block, AVERAGING, LONGEST_AVERAGE as f64)?);
    }
    Ok(readouts)
}

fn print_readout(readout: &Readout, tags: &[TagInfo], top: usize) {
    print!("{:7.1} s  {:10}", readout.seconds, readout.state.id());
    for kind in TagKind::ALL {
        let mut best: Vec<(&str, f32)> = tags
            .iter()
            .zip(&readout.average)
            .filter(|(tag, _)| tag.kind == kind)
            .map(|(tag, probability)| (tag.name.as_str(), *probability))
            .collect();
        best.sort_by(|a, b| b.1.total_cmp(&a.1));
        print!("  {}:", kind.id());
        for (name, probability) in best.iter().take(top) {
            print!(" {name} {:.0} %", 100.0 * probability);
        }
    }
    println!();
}
