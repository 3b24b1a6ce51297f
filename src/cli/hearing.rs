//! A sound file through the plugin's listener, block by block.

use std::path::Path;

use super::CliError;
use crate::{
    audio_file::{AudioFileError, AudioReader},
    listen::{HeadlineTracker, Listener, parents_of},
    model::TaggerModel,
    params::LONGEST_AVERAGE,
    telemetry::{ListenState, Readout},
};

/// Averaging of the answers, in seconds: the plugin's default.
pub(super) const AVERAGING: f64 = 4.0;

/// Frames heard at a time.
const BLOCK: usize = 512;

/// How often there is an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// As in the plugin, each half second: for whoever looks at the answers themselves.
    Plugin,
    /// Each second: for sums over a whole file. An answer hears 3.7 s, so that nothing is passed over.
    Summary,
}

impl Pace {
    fn half_seconds(self) -> u16 {
        match self {
            Self::Plugin => 1,
            Self::Summary => 2,
        }
    }
}

/// Whoever wants to know what is in a file.
pub(super) trait Hearer {
    /// The next frames as they were decoded, indexed by `[channel_idx][frame_idx]`, at a rate in Hz.
    ///
    /// # Errors
    /// Why nothing more should be read.
    fn block(&mut self, _samples: &[Vec<f32>], _rate: u32) -> Result<(), CliError> {
        Ok(())
    }

    /// The next answer, with its headlines.
    ///
    /// # Errors
    /// Why nothing more should be read.
    fn answer(&mut self, readout: &Readout) -> Result<(), CliError>;
}

/// What a file came to.
pub(super) struct Heard {
    /// Its length as far as it was read, in seconds.
    pub seconds: f64,
    /// Why there was no answer, if there was none.
    pub nothing: Option<String>,
    /// What was wrong with the file behind what was read of it.
    pub ended: Result<(), AudioFileError>,
}

/// Reads a file to its end.
///
/// # Errors
/// When nothing can be read, when the network fails, and what `hearer` has against going on.
pub(super) fn hear(
    tagger: &TaggerModel,
    file: &Path,
    pace: Pace,
    hearer: &mut impl Hearer,
) -> Result<Heard, CliError> {
    let mut reader = AudioReader::open(file)?;
    let (rate, channels) = (reader.sample_rate(), reader.channel_count());
    let mut ear = Ear::new(tagger, rate, channels, pace).map_err(|why| CliError::Rate {
        file: file.display().to_string(),
        rate,
        why: why.to_string(),
    })?;
    // What has been read and not been heard yet: less than a block.
    let mut pending = Vec::new();
    let ended = loop {
        let block = match reader.next_block() {
            Ok(Some(block)) => block,
            Ok(None) => break Ok(()),
            Err(why) => break Err(why),
        };
        hearer.block(block, rate)?;
        interleave(block, &mut pending);
        let block_samples = BLOCK * channels.max(1);
        let whole = pending.len() / block_samples * block_samples;
        for block in pending.chunks_exact(block_samples) {
            ear.hear(block, hearer)?;
        }
        pending.drain(..whole);
    };
    ear.hear(&pending, hearer)?;
    let seconds = reader.seconds();
    let nothing = (!ear.has_answered).then(|| match ear.listener.state() {
        ListenState::Waiting => format!("silence: nothing above -60 dBFS in {seconds:.2} s"),
        _ => format!("{seconds:.2} s are too short: an answer takes half a second of sound"),
    });
    Ok(Heard {
        seconds,
        nothing,
        ended,
    })
}

/// The listener of one stream, and what it names in large letters.
struct Ear {
    listener: Listener,
    headlines: HeadlineTracker,
    has_answered: bool,
}

impl Ear {
    fn new(
        tagger: &TaggerModel,
        rate: u32,
        channels: usize,
        pace: Pace,
    ) -> Result<Self, rubato::ResamplerConstructionError> {
        let tags = &tagger.card().tags;
        let parents = parents_of(tags);
        Ok(Self {
            headlines: HeadlineTracker::new(tags, |tag| parents.get(tag).copied().flatten()),
            listener: Listener::new(tagger.clone(), f64::from(rate), channels)?
                .with_pace(pace.half_seconds()),
            has_answered: false,
        })
    }

    /// Hears samples, the channels interleaved.
    fn hear(&mut self, samples: &[f32], hearer: &mut impl Hearer) -> Result<(), CliError> {
        let longest = f64::from(LONGEST_AVERAGE);
        if let Some(mut readout) = self.listener.push(samples, AVERAGING, longest)? {
            self.headlines.hear(&mut readout, AVERAGING, longest);
            self.has_answered = true;
            hearer.answer(&readout)?;
        }
        Ok(())
    }
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
