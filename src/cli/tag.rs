//! `moodring tag`.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{CliError, tell};
use crate::{
    audio_file::AudioReader,
    listen::Listener,
    model::{Affect, ModelSource, TagInfo, TagKind, TaggerModel},
    params::LONGEST_AVERAGE,
    telemetry::{ListenState, Readout},
};

/// Averaging of the printed numbers, in seconds: the plugin's default.
const AVERAGING: f64 = 4.0;

/// Frames heard at a time.
const BLOCK: usize = 512;

/// Prints every answer on every file. A file that can't be read, or not to its end, is told and doesn't keep the others from being
/// heard.
pub(super) fn run(source: &ModelSource, top: usize, files: &[PathBuf]) -> Result<(), CliError> {
    let tagger = TaggerModel::load(source)?;
    let mut output = io::stdout().lock();
    let mut all_well = true;
    for file in files {
        match tag(&tagger, top, file, &mut output) {
            Ok(()) => {}
            Err(CliError::Output(why)) => return Err(CliError::Output(why)),
            Err(why) => {
                tell(&why);
                all_well = false;
            }
        }
    }
    if all_well {
        Ok(())
    } else {
        Err(CliError::Told)
    }
}

/// Prints the answers on a file as they come.
fn tag(
    tagger: &TaggerModel,
    top: usize,
    file: &Path,
    output: &mut impl Write,
) -> Result<(), CliError> {
    let mut reader = AudioReader::open(file)?;
    let (rate, channels) = (reader.sample_rate(), reader.channel_count());
    let mut listener =
        Listener::new(tagger.clone(), rate as f64, channels).map_err(|why| CliError::Rate {
            file: file.display().to_string(),
            rate,
            why: why.to_string(),
        })?;
    writeln!(output, "{}", file.display()).map_err(CliError::Output)?;

    let mut answers = 0_u64;
    let mut hear = |listener: &mut Listener, block: &[f32]| -> Result<(), CliError> {
        if let Some(readout) = listener.push(block, AVERAGING, LONGEST_AVERAGE as f64)? {
            answers += 1;
            print_readout(output, &readout, &tagger.card().tags, top).map_err(CliError::Output)?;
        }
        Ok(())
    };
    // What has been read and not been heard yet: less than a block.
    let mut pending = Vec::new();
    let ended = loop {
        let block = match reader.next_block() {
            Ok(Some(block)) => block,
            Ok(None) => break Ok(()),
            Err(why) => break Err(why),
        };
        interleave(block, &mut pending);
        let block_samples = BLOCK * channels.max(1);
        let whole = pending.len() / block_samples * block_samples;
        for block in pending.chunks_exact(block_samples) {
            hear(&mut listener, block)?;
        }
        pending.drain(..whole);
    };
    hear(&mut listener, &pending)?;
    if answers == 0 {
        let seconds = reader.seconds();
        let why = match listener.state() {
            ListenState::Waiting => format!("silence: nothing above -60 dBFS in {seconds:.2} s"),
            _ => format!("{seconds:.2} s are too short: an answer takes half a second of sound"),
        };
        writeln!(output, "  no answer, {why}").map_err(CliError::Output)?;
    }
    Ok(ended?)
}

/// Appends a block (`[channel_idx][frame_idx]`) as the listener wants it: frame by frame.
fn interleave(block: &[Vec<f32>], interleaved: &mut Vec<f32>) {
    let frames = block.first().map_or(0, Vec::len);
    interleaved.extend((0..frames).flat_map(|frame| {
        block
            .iter()
            .map(move |channel| channel.get(frame).copied().unwrap_or_default())
    }));
}

fn print_readout(
    output: &mut impl Write,
    readout: &Readout,
    tags: &[TagInfo],
    top: usize,
) -> io::Result<()> {
    write!(
        output,
        "{:7.1} s  {:10}",
        readout.seconds,
        readout.state.id()
    )?;
    for kind in TagKind::ALL {
        let mut best: Vec<(&str, f32)> = tags
            .iter()
            .zip(&readout.average)
            .filter(|(tag, _)| tag.kind == kind)
            .map(|(tag, probability)| (tag.name.as_str(), *probability))
            .collect();
        best.sort_by(|a, b| b.1.total_cmp(&a.1));
        write!(output, "  {}:", kind.id())?;
        for (name, probability) in best.iter().take(top) {
            write!(output, " {name} {:.0} %", 100.0 * probability)?;
        }
    }
    if let Some(Affect { valence, arousal }) = readout.affect {
        write!(output, "  valence: {valence:.2} arousal: {arousal:.2}")?;
    }
    writeln!(output)
}
