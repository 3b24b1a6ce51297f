//! The front-end that a tagger's card asks for, and the window that one answer looks at.

use std::collections::VecDeque;

use crate::{
    dsp::{LogMel, LogMelLayout, MelBank, Mono},
    model::{InputOrder, ListenFrontEnd, LogMelFrontEnd, TaggerCard},
};

/// Turns the sound at a tagger's own rate into what the tagger reads, streaming.
enum FrontEnd {
    /// Into frames of levels.
    LogMel(Box<LogMel>),
    /// Into samples of one channel.
    Waveform(Mono),
}

/// The last frames, or samples, of a stream.
pub struct Features {
    front_end: FrontEnd,
    /// Numbers in a frame; a sample is a frame of one.
    width: usize,
    /// Frames that one answer looks at.
    wanted: usize,
    /// `[frame][band]`, oldest first.
    frames: VecDeque<f32>,
}

impl Features {
    /// The features of a stream of `channels` that came at `source_rate` Hz and is pushed at the card's own rate.
    pub fn new(card: &TaggerCard, source_rate: f64, channels: usize) -> Self {
        let (width, wanted) = (card.front_end.width(), card.front_end.frames());
        Self {
            front_end: match &card.front_end {
                ListenFrontEnd::LogMel(front_end) => {
                    FrontEnd::LogMel(Box::new(log_mel(front_end, source_rate, channels)))
                }
                ListenFrontEnd::Waveform(front_end) => {
                    FrontEnd::Waveform(Mono::new(f64::from(front_end.sample_rate), channels))
                }
            },
            width,
            wanted,
            frames: VecDeque::with_capacity((wanted + 1) * width),
        }
    }

    /// Back to the beginning of a stream.
    pub fn reset(&mut self) {
        match &mut self.front_end {
            FrontEnd::LogMel(log_mel) => log_mel.reset(),
            FrontEnd::Waveform(mono) => mono.reset(),
        }
        self.frames.clear();
    }

    /// Takes samples in, whole frames of the channels, interleaved.
    pub fn push(&mut self, samples: &[f32]) {
        let (frames, most) = (&mut self.frames, self.wanted * self.width);
        let keep = |new: &[f32]| {
            frames.extend(new);
            let old = frames.len().saturating_sub(most);
            frames.drain(..old);
        };
        match &mut self.front_end {
            FrontEnd::LogMel(log_mel) => log_mel.push(samples, keep),
            FrontEnd::Waveform(mono) => mono.push(samples, keep),
        }
    }

    /// Whether there is nothing yet.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Whether there is as much as one answer looks at.
    pub fn is_full(&self) -> bool {
        self.frames.len() >= self.wanted * self.width
    }

    /// Writes what a network reads into `input`, which is as long as that: a window that isn't full yet is tiled with what there is.
    pub fn write(&mut self, card: &TaggerCard, input: &mut [f32]) {
        let (width, wanted) = (self.width, self.wanted);
        let heard = self.frames.make_contiguous().chunks(width);
        match card.order {
            InputOrder::FrameByBand => {
                for (row, levels) in input.chunks_mut(width).zip(heard.cycle()) {
                    for (slot, level) in row.iter_mut().zip(levels) {
                        *slot = *level;
                    }
                }
            }
            InputOrder::BandByFrame => {
                for (frame, levels) in heard.cycle().take(wanted).enumerate() {
                    for (band, level) in levels.iter().enumerate() {
                        if let Some(slot) = input.get_mut(band * wanted + frame) {
                            *slot = *level;
                        }
                    }
                }
            }
        }
        card.normalisation.apply(input, self.width, card.order);
    }
}

/// The streaming front-end that a tagger's card asks for, at the card's own rate, for sound that came at `source_rate` Hz:
/// there is nothing above half of that, whatever a resampler leaves there.
pub fn log_mel(front_end: &LogMelFrontEnd, source_rate: f64, channels: usize) -> LogMel {
    let (rate, n_fft) = (f64::from(front_end.sample_rate), front_end.n_fft);
    let bank = MelBank::new(rate, n_fft, &front_end.bands);
    let bank = match source_rate < rate {
        true => bank.without_above(rate, n_fft, source_rate / 2.0),
        false => bank,
    };
    let (window, length) = (front_end.window, front_end.window_length);
    let layout = LogMelLayout {
        n_fft,
        hop: front_end.hop,
        window: match front_end.window_centred {
            true => window.centred(length, n_fft),
            false => window.samples(length),
        },
        edges: front_end.edges,
        spectrum: front_end.spectrum,
        preemphasis: front_end.preemphasis,
        bank,
        compression: front_end.compression,
    };
    LogMel::new(layout, channels)
}
