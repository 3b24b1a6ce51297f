//! `moodring morph`.

use std::{
    collections::VecDeque,
    io::{self, Write},
    path::Path,
};

use nice_plug::util;

use super::{CliError, settings, stop::Stop};
use crate::{
    audio_file::{AudioReader, WavWriter},
    dsp::{StftLayout, clean, crossfade},
    library::Library,
    model::{ModelError, ModelSource, TimbreModel},
    morph::{DirectCurves, MorphControls, Shaper, Stage},
    params::MoodringParams,
    thread::MainThread,
};

/// Samples of the silence that drives the last sound out, at a time.
const BLOCK: usize = 1024;

/// Morphs `file` into `output`, which has what it had until all is written. Of a file that can't be read to its end the rest is
/// morphed, and then told.
pub(super) fn run(
    source: &ModelSource,
    preset: Option<&str>,
    settings: &[String],
    file: &Path,
    output: &Path,
) -> Result<(), CliError> {
    let main = MainThread::assume();
    let params = MoodringParams::default();
    if let Some(name) = preset {
        Library::of_this_user()
            .find(name)?
            .settings()?
            .put(&params, &main);
    }
    for setting in settings {
        settings::set(&params, setting)?;
    }
    let timbre = TimbreModel::load(source)?;
    let mut reader = AudioReader::open(file)?;
    let (rate, channels) = (reader.sample_rate(), reader.channel_count());
    if channels > 2 {
        return Err(CliError::Channels {
            file: file.display().to_string(),
            found: channels,
        });
    }
    let mut chain = Chain::new(&timbre, &params, rate as f64, channels, &main)?;
    let stop = Stop::listen().map_err(CliError::Signals)?;
    let mut writer = WavWriter::create(output, rate, channels, reader.expected_frames())?;
    let ended = loop {
        if let Some(signal) = stop.asked() {
            return Err(CliError::Interrupted {
                output: output.display().to_string(),
                signal,
            });
        }
        match reader.next_block() {
            Ok(Some(block)) => writer.write(chain.process(block))?,
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
    if output.as_os_str() != "-" {
        writeln!(io::stdout(), "{}", output.display()).map_err(CliError::Output)?;
    }
    Ok(ended?)
}

/// The wet path alone, lined up with its input.
struct Chain {
    stage: Stage<DirectCurves>,
    controls: MorphControls,
    keep_loudness: bool,
    mix: f32,
    gain: f32,
    /// Samples of the stage's output still to be dropped: its latency, at the beginning.
    early: usize,
    /// What has been taken in and not been given out, indexed by `[channel_idx]`, oldest sample first.
    dry: Vec<VecDeque<f32>>,
    /// The present block, indexed by `[channel_idx][sample_idx]`.
    block: Vec<Vec<f32>>,
}

impl Chain {
    fn new(
        timbre: &TimbreModel,
        params: &MoodringParams,
        rate: f64,
        channels: usize,
        thread: &MainThread,
    ) -> Result<Self, ModelError> {
        let card = &timbre.card().front_end;
        let mut shaper = Shaper::new(timbre.clone());
        shaper.set_captures(&params.captures.both(thread))?;
        Ok(Self {
            stage: Stage::new(card, rate, channels, Some(DirectCurves::new(shaper))),
            controls: MorphControls::read(params),
            keep_loudness: params.keep_loudness.value(),
            mix: params.mix.value(),
            gain: util::db_to_gain(params.output.value()),
            early: StftLayout::for_rate(rate, card.sample_rate as f64, card.n_fft).latency(),
            dry: vec![VecDeque::new(); channels],
            block: vec![Vec::new(); channels],
        })
    }

    /// Takes a block in; gives as much out, less the latency at the beginning. Both are indexed by `[channel_idx][sample_idx]`.
    fn process(&mut self, block: &[Vec<f32>]) -> &[Vec<f32>] {
        for ((wet, dry), samples) in self.block.iter_mut().zip(&mut self.dry).zip(block) {
            wet.clear();
            wet.extend(samples.iter().map(|sample| clean(*sample)));
            dry.extend(wet.iter());
        }
        self.bend()
    }

    /// What is still to come out, block by block; `None` when that was all.
    fn rest(&mut self) -> Option<&[Vec<f32>]> {
        let left = self.dry.first().map_or(0, VecDeque::len);
        if left == 0 {
            return None;
        }
        for wet in &mut self.block {
            wet.clear();
            wet.resize(BLOCK.min(self.early + left), 0.0);
        }
        Some(self.bend())
    }

    fn bend(&mut self) -> &[Vec<f32>] {
        let mut block: Vec<&mut [f32]> = self.block.iter_mut().map(Vec::as_mut_slice).collect();
        self.stage
            .process(&mut block, &[], self.controls, self.keep_loudness);
        let early = self.early.min(self.block.first().map_or(0, Vec::len));
        self.early -= early;
        for (wet, dry) in self.block.iter_mut().zip(&mut self.dry) {
            wet.drain(..early);
            for wet in wet {
                let dry = dry.pop_front().unwrap_or_default();
                *wet = crossfade(dry, *wet, self.mix) * self.gain;
            }
        }
        &self.block
    }
}
