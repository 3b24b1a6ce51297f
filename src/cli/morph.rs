//! `moodring morph`.

use std::{
    io::{self, Write},
    path::Path,
    sync::Arc,
};

use super::{CliError, settings, stop::Stop, strays::Strays, tell};
use crate::{
    audio_file::{AudioReader, WavWriter},
    chain::{Chain, ChainControls, ChainEnds, ChainFormat},
    library::Library,
    listen::{DirectEar, ListenTap},
    model::{ModelError, ModelSource, TaggerModel, TimbreModel},
    morph::{DirectCurves, Shaper},
    params::{MoodringParams, SteerSource},
    thread::MainThread,
};

/// Samples of the silence that drives the last sound out, at a time.
const BLOCK: usize = 1024;

/// Sets the parameters to those of a preset, and then as each of the `settings` says.
pub(super) fn set_up(
    params: &MoodringParams,
    preset: Option<&str>,
    settings: &[String],
) -> Result<(), CliError> {
    let main = MainThread::assume();
    if let Some(name) = preset {
        Library::of_this_user()
            .find(name)?
            .settings()?
            .put(params, &main);
    }
    for setting in settings {
        settings::set(params, setting)?;
    }
    Ok(())
}

/// Morphs `file` into `output`, which has what it had until all is written. Of a file that can't be read to its end the rest is
/// morphed, and then told; so are samples that are no sound, which are no error.
pub(super) fn run(
    source: &ModelSource,
    params: &MoodringParams,
    file: &Path,
    output: &Path,
) -> Result<(), CliError> {
    let main = MainThread::assume();
    let timbre = TimbreModel::load(source)?;
    let mut reader = AudioReader::open(file)?;
    let (rate, channels) = (reader.sample_rate(), reader.channel_count());
    if channels > 2 {
        return Err(CliError::Channels {
            file: file.display().to_string(),
            found: channels,
        });
    }
    let tap = steering_ear(source, params, file, (rate, channels), &main)?;
    let mut chain = AlignedChain::new(&timbre, params, tap, rate as f32, channels, &main)?;
    let stop = Stop::listen().map_err(CliError::Signals)?;
    let mut writer = WavWriter::create(output, rate, channels, reader.expected_frames())?;
    let mut strays = Strays::default();
    let ended = loop {
        if let Some(signal) = stop.asked() {
            return Err(CliError::Interrupted {
                state: format!("{} is as it was", output.display()),
                signal,
            });
        }
        match reader.next_block() {
            Ok(Some(block)) => {
                strays.look_at(block);
                writer.write(chain.process(block))?;
            }
            Ok(None) => break Ok(()),
            Err(why) => break Err(why),
        }
    };
    while let Some(block) = chain.rest() {
        writer.write(block)?;
    }
    // Not every system replaces a file that is open.
    drop(reader);
    writer.finish()?;
    if let Some(note) = strays.note(rate) {
        tell(&format_args!("{}: {note}", file.display()));
    }
    if output.as_os_str() != "-" {
        writeln!(io::stdout(), "{}", output.display()).map_err(CliError::Output)?;
    }
    Ok(ended?)
}

/// What hears the sound of `file`, of a rate in Hz and so many channels, if what is heard steers anything.
fn steering_ear(
    source: &ModelSource,
    params: &MoodringParams,
    file: &Path,
    (rate, channels): (u32, usize),
    thread: &MainThread,
) -> Result<Option<ListenTap>, CliError> {
    let sources = params.steers.each_ref().map(|steer| steer.source.value());
    if sources.iter().all(|source| *source == SteerSource::Off) {
        return Ok(None);
    }
    for (index, source) in sources.into_iter().enumerate() {
        let known = [SteerSource::Off, SteerSource::Valence, SteerSource::Arousal];
        if !known.contains(&source) {
            let number = index + 1;
            return Err(CliError::Setting {
                setting: format!("Steer {number} Source"),
                why: "which tag that is only a project knows: here it takes Valence, Arousal, Off"
                    .to_owned(),
            });
        }
    }
    let tagger = TaggerModel::load(source)?;
    let ear = DirectEar::new(tagger, f64::from(rate), channels, params, thread);
    let ear = ear.map_err(|why| CliError::Rate {
        file: file.display().to_string(),
        rate,
        why: why.to_string(),
    })?;
    Ok(Some(ListenTap::direct(ear)))
}

/// The plugin's chain on one thread, lined up with its input.
struct AlignedChain {
    chain: Chain<DirectCurves>,
    controls: ChainControls,
    /// Samples of the chain's output still to be dropped: its latency, at the beginning.
    early: usize,
    /// Samples that have been taken in and not been given out.
    owed: usize,
    /// The present block, indexed by `[channel_idx][sample_idx]`.
    block: Vec<Vec<f32>>,
}

impl AlignedChain {
    fn new(
        timbre: &TimbreModel,
        params: &MoodringParams,
        tap: Option<ListenTap>,
        sample_rate: f32,
        channels: usize,
        thread: &MainThread,
    ) -> Result<Self, ModelError> {
        let mut shaper = Shaper::new(timbre.clone());
        shaper.set_captures(&params.captures.both(thread))?;
        let controls = ChainControls::read(params, true);
        let format = ChainFormat {
            sample_rate,
            channels,
            longest_block: ChainFormat::USUAL_BLOCK,
            latency_mode: params.latency.get(),
            offline: true,
        };
        let ends = ChainEnds {
            curves: Some(DirectCurves::new(shaper)),
            tap,
            meter: None,
            listen: Arc::default(),
            sidechain_heard: Arc::default(),
        };
        let chain = Chain::new(&timbre.card().front_end, format, ends, &controls);
        Ok(Self {
            early: chain.latency() as usize,
            chain,
            controls,
            owed: 0,
            block: vec![Vec::new(); channels],
        })
    }

    /// Takes a block in; gives as much out, less the latency at the beginning. Both are indexed by `[channel_idx][sample_idx]`.
    fn process(&mut self, block: &[Vec<f32>]) -> &[Vec<f32>] {
        for (own, samples) in self.block.iter_mut().zip(block) {
            own.clone_from(samples);
        }
        self.owed += block.first().map_or(0, Vec::len);
        self.replace_block()
    }

    /// What is still to come out, block by block; `None` when that was all.
    fn rest(&mut self) -> Option<&[Vec<f32>]> {
        if self.owed == 0 {
            return None;
        }
        for own in &mut self.block {
            own.clear();
            own.resize(BLOCK.min(self.early + self.owed), 0.0);
        }
        Some(self.replace_block())
    }

    fn replace_block(&mut self) -> &[Vec<f32>] {
        let mut block: Vec<&mut [f32]> = self.block.iter_mut().map(Vec::as_mut_slice).collect();
        self.chain.process(&mut block, &[], &self.controls);
        let samples = self.block.first().map_or(0, Vec::len);
        let early = self.early.min(samples);
        for own in &mut self.block {
            own.drain(..early);
        }
        self.early -= early;
        self.owed -= samples - early;
        &self.block
    }
}
