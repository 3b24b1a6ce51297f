//! The buses: a main input and output of the same one or two channels, a sidechain of none, one or two, and an output of MIDI.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use nice_plug::wrapper::vst3::vst3::Steinberg::{
    TBool,
    Vst::{
        BusDirection, BusDirections_, BusInfo, BusInfo_::BusFlags_, BusTypes_, MediaType,
        MediaTypes_, RoutingInfo, SpeakerArr, SpeakerArrangement,
    },
    kInvalidArgument, kResultFalse, kResultOk, tresult,
};

use crate::thread::MainThread;

/// Most channels that a bus can have.
pub const CHANNELS: usize = 2;

/// Channels of the output of MIDI.
const MIDI_CHANNELS: i32 = 16;

/// Input buses: the main one and the sidechain.
pub const INPUTS: usize = 2;

const AUDIO: MediaType = MediaTypes_::kAudio as MediaType;
const EVENT: MediaType = MediaTypes_::kEvent as MediaType;
const INPUT: BusDirection = BusDirections_::kInput as BusDirection;
const OUTPUT: BusDirection = BusDirections_::kOutput as BusDirection;

/// The speakers of each bus.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrangement {
    inputs: [SpeakerArrangement; INPUTS],
    output: SpeakerArrangement,
}

impl Arrangement {
    /// Channels of the main input and output.
    pub fn main_channels(&self) -> usize {
        channels(self.output)
    }

    /// Channels of the sidechain.
    pub fn side_channels(&self) -> usize {
        channels(self.inputs[1])
    }

    fn is_supported(&self) -> bool {
        let [main, side] = self.inputs.map(channels);
        (1..=CHANNELS).contains(&main)
            && main == channels(self.output)
            && (0..=CHANNELS).contains(&side)
    }

    fn of(&self, direction: BusDirection, index: i32) -> Option<SpeakerArrangement> {
        match (direction, index) {
            (INPUT, 0 | 1) => self.inputs.get(index as usize).copied(),
            (OUTPUT, 0) => Some(self.output),
            _ => None,
        }
    }
}

fn channels(speakers: SpeakerArrangement) -> usize {
    speakers.count_ones() as usize
}

/// What the host has made of the buses. The main thread sets them; the audio thread reads whether the sidechain is active.
pub struct Buses {
    arrangement: Mutex<Arrangement>,
    is_side_active: AtomicBool,
}

impl Default for Buses {
    fn default() -> Self {
        Self {
            arrangement: Mutex::new(Arrangement {
                inputs: [SpeakerArr::kStereo; INPUTS],
                output: SpeakerArr::kStereo,
            }),
            is_side_active: AtomicBool::new(true),
        }
    }
}

impl Buses {
    fn lock(&self, _: &MainThread) -> MutexGuard<'_, Arrangement> {
        self.arrangement
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The present arrangement. Locks.
    pub fn arrangement(&self, main: &MainThread) -> Arrangement {
        *self.lock(main)
    }

    /// Whether the sidechain is to be read.
    pub fn is_side_active(&self) -> bool {
        self.is_side_active.load(Ordering::Relaxed)
    }

    /// `IAudioProcessor::setBusArrangements`. Buses that the host leaves out stay as they are. What can't be is refused, and
    /// all stays as it is: the host then asks what there is.
    pub fn arrange(
        &self,
        inputs: &[SpeakerArrangement],
        outputs: &[SpeakerArrangement],
        main: &MainThread,
    ) -> tresult {
        if inputs.len() > INPUTS || outputs.len() > 1 {
            return kResultFalse;
        }
        let mut arrangement = self.lock(main);
        let mut wanted = *arrangement;
        for (there, speakers) in wanted.inputs.iter_mut().zip(inputs) {
            *there = *speakers;
        }
        if let Some(speakers) = outputs.first() {
            wanted.output = *speakers;
        }
        if !wanted.is_supported() {
            return kResultFalse;
        }
        *arrangement = wanted;
        kResultOk
    }

    /// `IAudioProcessor::getBusArrangement`.
    pub fn speakers(
        &self,
        direction: BusDirection,
        index: i32,
        main: &MainThread,
    ) -> Option<SpeakerArrangement> {
        self.arrangement(main).of(direction, index)
    }

    /// `IComponent::getBusCount`.
    pub fn count(media: MediaType, direction: BusDirection) -> i32 {
        match (media, direction) {
            (AUDIO, INPUT) => INPUTS as i32,
            (AUDIO | EVENT, OUTPUT) => 1,
            _ => 0,
        }
    }

    fn is_midi(media: MediaType, direction: BusDirection, index: i32) -> bool {
        (media, direction, index) == (EVENT, OUTPUT, 0)
    }

    /// `IComponent::getBusInfo`.
    pub fn info(
        &self,
        media: MediaType,
        direction: BusDirection,
        index: i32,
        main: &MainThread,
    ) -> Option<BusInfo> {
        let (name, kind, channels) = if media == EVENT {
            Self::is_midi(media, direction, index).then_some(())?;
            ("MIDI Output", BusTypes_::kMain, MIDI_CHANNELS)
        } else {
            let speakers = self
                .speakers(direction, index, main)
                .filter(|_| media == AUDIO)?;
            let (name, kind) = match (direction, index) {
                (INPUT, 1) => ("Sidechain", BusTypes_::kAux),
                (INPUT, _) => ("Input", BusTypes_::kMain),
                _ => ("Output", BusTypes_::kMain),
            };
            (name, kind, channels(speakers) as i32)
        };
        #[allow(clippy::unnecessary_cast, reason = "signed on Windows")]
        let mut info = BusInfo {
            mediaType: media,
            direction,
            channelCount: channels,
            name: [0; 128],
            busType: kind as _,
            flags: BusFlags_::kDefaultActive as u32,
        };
        // All ASCII, and shorter than there is room.
        for (place, unit) in info.name.iter_mut().zip(name.encode_utf16()) {
            *place = unit as _;
        }
        Some(info)
    }

    /// `IComponent::getRoutingInfo`: what comes in at the main input, a channel or all of it, goes out at the output.
    pub fn route(&self, from: &RoutingInfo, main: &MainThread) -> Option<RoutingInfo> {
        let channels = self.arrangement(main).main_channels() as i32;
        let is_there =
            from.mediaType == AUDIO && from.busIndex == 0 && (-1..channels).contains(&from.channel);
        is_there.then_some(*from)
    }

    /// `IComponent::activateBus`.
    pub fn activate(
        &self,
        media: MediaType,
        direction: BusDirection,
        index: i32,
        state: TBool,
        main: &MainThread,
    ) -> tresult {
        if Self::is_midi(media, direction, index) {
            return kResultOk;
        }
        if media != AUDIO || self.speakers(direction, index, main).is_none() {
            return kInvalidArgument;
        }
        if (direction, index) == (INPUT, 1) {
            self.is_side_active.store(state != 0, Ordering::Relaxed);
        }
        kResultOk
    }
}
