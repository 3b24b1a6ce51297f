//! What the audio thread does with a host's block: it is cut where a parameter changes, and goes through the plugin in place.
//!
//! Whatever the host says of its buffers is only believed as far as it is plausible. Nothing here allocates, locks or waits after construction.

mod outgoing;

use nice_plug::{
    context::{
        PluginApi,
        process::{ProcessContext, SendEventError},
    },
    midi::PluginNoteEvent,
    prelude::{AuxiliaryBuffers, Buffer, Plugin, ProcessStatus, Transport},
    wrapper::vst3::vst3::Steinberg::{
        Vst::{
            AudioBusBuffers, IEventList, ProcessContext as Place, ProcessContext_::StatesAndFlags_,
            ProcessData,
        },
        kInvalidArgument, kResultFalse, kResultOk, tresult,
    },
};

use super::{
    buses::{Arrangement, CHANNELS, INPUTS},
    changes::{self, Changes, Cursor},
    link::Link,
};
use crate::{
    entry::readings::Told,
    plugin::Moodring,
    thread::{AudioThread, MainThread},
};

/// Most samples that the plugin gets at once: the sidechain's copies are so long. What it makes doesn't depend on it.
const LONGEST: usize = 1024;

/// The buffers of one activation. The main thread makes them, the audio thread owns them.
pub struct Blocks {
    cursors: Box<[Option<Cursor>]>,
    main: Buffer<'static>,
    side: [Buffer<'static>; 1],
    /// The sidechain, `[channel][sample]`: the host may have put it where the output goes.
    side_copy: [Vec<f32>; CHANNELS],
    main_channels: usize,
    side_channels: usize,
    sample_rate: f32,
    /// What the host has been told of what is heard.
    told: Told,
}

/// The channels of a bus, as many as there are.
type Pointers = ([*mut f32; CHANNELS], usize);

impl Blocks {
    /// Allocates all that [`Blocks::process`] needs.
    pub fn new(link: &Link, arrangement: Arrangement, sample_rate: f32, _: &MainThread) -> Self {
        Self {
            cursors: changes::room_for(&link.values),
            main: with_room(),
            side: [with_room()],
            side_copy: std::array::from_fn(|_| vec![0.0; LONGEST]),
            main_channels: arrangement.main_channels(),
            side_channels: arrangement.side_channels(),
            sample_rate,
            told: Told::default(),
        }
    }

    /// Processes a block, and says which of the output's channels are silent.
    ///
    /// # Safety
    /// `data` is a host's block.
    pub unsafe fn process(
        &mut self,
        plugin: &mut Moodring,
        link: &Link,
        is_side_active: bool,
        data: &ProcessData,
        _: &AudioThread,
    ) -> tresult {
        link.calls.count();
        let frames = usize::try_from(data.numSamples).unwrap_or(0);
        // SAFETY: the host's own list, for as long as this call runs.
        let mut changes = unsafe {
            Changes::new(
                data.inputParameterChanges,
                &link.values,
                &mut self.cursors,
                frames,
            )
        };
        if !changes.is_empty() {
            link.repaint.request_repaint();
        }
        // Hosts hand over parameters alone by a block without samples, without a bus, or without channels in it.
        // SAFETY: the host's own buses, as many as it says.
        let output = unsafe { bus(data.outputs, data.numOutputs, 0) };
        let Some(output) = output.filter(|bus| frames > 0 && bus.numChannels != 0) else {
            changes.take_all();
            return kResultOk;
        };
        // SAFETY: the host's own, of samples of 32 bits.
        let outputs = unsafe { pointers(output) };
        let Some((outputs, _)) = outputs.filter(|(_, count)| *count >= self.main_channels) else {
            changes.take_all();
            return kInvalidArgument;
        };
        // SAFETY: as above.
        let input = |index| unsafe {
            bus(data.inputs, data.numInputs, index).and_then(|bus| pointers(bus))
        };
        let [main, side] = std::array::from_fn::<_, INPUTS, _>(input);
        let side = side.filter(|_| is_side_active);

        // SAFETY: the host's own, or null, and only read.
        let place = unsafe { data.processContext.as_ref() };
        let mut context = Context {
            transport: transport(place, self.sample_rate),
            events: data.outputEvents,
            start: 0,
        };
        let mut result = kResultOk;
        let mut start = 0;
        while start < frames {
            let end = changes.take(start).min(start + LONGEST).min(frames);
            let length = end - start;
            context.start = start;
            let side_channels = side.map_or(0, |(_, count)| count.min(self.side_channels));
            // SAFETY: the pointers are to as many samples as the host said, of which these are some; all slices are gone again
            // before the call returns. The sidechain's copies are as long as a piece at most.
            unsafe {
                if let Some((inputs, _)) = side {
                    for (copy, input) in self.side_copy.iter_mut().zip(inputs).take(side_channels) {
                        std::ptr::copy(input.add(start), copy.as_mut_ptr(), length);
                    }
                }
                put_in_place(main, &outputs, self.main_channels, start, length);
                let outputs = outputs.iter().take(self.main_channels);
                self.main.set_slices(length, |slices| {
                    slices.extend(
                        outputs.map(|output| {
                            std::slice::from_raw_parts_mut(output.add(start), length)
                        }),
                    );
                });
                let copies = self.side_copy.iter_mut().take(side_channels);
                self.side[0].set_slices(length, |slices| {
                    slices.extend(
                        copies
                            .map(|copy| std::slice::from_raw_parts_mut(copy.as_mut_ptr(), length)),
                    );
                });
            }
            // SAFETY: only the lifetime differs, and the slices are cleared below.
            let inputs = unsafe { &mut *(&raw mut self.side).cast::<[Buffer<'_>; 1]>() };
            let mut aux = AuxiliaryBuffers {
                inputs,
                outputs: &mut [],
            };
            if let ProcessStatus::Error(_) = plugin.process(&mut self.main, &mut aux, &mut context)
            {
                result = kResultFalse;
            }
            for buffer in [&mut self.main, &mut self.side[0]] {
                // SAFETY: none are left.
                unsafe { buffer.set_slices(0, Vec::clear) };
            }
            start = end;
        }
        // SAFETY: the host's own bus, whose channels are all written now, and its own list.
        unsafe {
            finish(data.outputs, self.main_channels, frames);
            let list = data.outputParameterChanges;
            outgoing::tell(list, &link.params.readings, &mut self.told, frames - 1);
        }
        result
    }
}

/// A buffer that can take [`CHANNELS`] without allocating.
fn with_room() -> Buffer<'static> {
    let mut buffer = Buffer::default();
    // SAFETY: it stays empty.
    unsafe { buffer.set_slices(0, |slices| slices.reserve_exact(CHANNELS)) };
    buffer
}

/// One of a host's buses, if it is there.
///
/// # Safety
/// There are as many as the host says, or none.
unsafe fn bus<'a>(
    buses: *const AudioBusBuffers,
    count: i32,
    index: usize,
) -> Option<&'a AudioBusBuffers> {
    let is_there = !buses.is_null() && usize::try_from(count).is_ok_and(|count| index < count);
    // SAFETY: the caller's promise.
    is_there.then(|| unsafe { &*buses.add(index) })
}

/// The first channels of a bus; `None` if there are none, or one of them is missing.
///
/// # Safety
/// The bus is a host's, of samples of 32 bits.
unsafe fn pointers(bus: &AudioBusBuffers) -> Option<Pointers> {
    // SAFETY: the caller's promise.
    let channels = unsafe { bus.__field0.channelBuffers32 };
    let count = usize::try_from(bus.numChannels).unwrap_or(0).min(CHANNELS);
    if channels.is_null() || count == 0 {
        return None;
    }
    let mut pointers = [std::ptr::null_mut(); CHANNELS];
    for (index, pointer) in pointers.iter_mut().take(count).enumerate() {
        // SAFETY: as many there are.
        *pointer = unsafe { *channels.add(index) };
        if pointer.is_null() {
            return None;
        }
    }
    Some((pointers, count))
}

/// Copies the input to where the output goes, unless it is there; silence, where there is no input.
///
/// # Safety
/// The pointers are to `start + length` samples at least.
unsafe fn put_in_place(
    main: Option<Pointers>,
    outputs: &[*mut f32; CHANNELS],
    channels: usize,
    start: usize,
    length: usize,
) {
    let (inputs, count) = main.unwrap_or(([std::ptr::null_mut(); CHANNELS], 0));
    for (index, (output, input)) in outputs.iter().zip(inputs).take(channels).enumerate() {
        // SAFETY: the caller's promise.
        unsafe {
            if index >= count {
                output.add(start).write_bytes(0, length);
            } else if *output != input {
                std::ptr::copy(input.add(start), output.add(start), length);
            }
        }
    }
}

/// Clears the channels that the plugin doesn't have, and says which are silent: those whose every sample is 0.
///
/// # Safety
/// The bus is a host's, of samples of 32 bits, with `channels` written channels at least.
unsafe fn finish(output: *mut AudioBusBuffers, channels: usize, frames: usize) {
    let mut silent = 0;
    // SAFETY: the caller's promise.
    unsafe {
        let all = usize::try_from((*output).numChannels).unwrap_or(0);
        for index in 0..all.min(u64::BITS as usize) {
            let channel = *(*output).__field0.channelBuffers32.add(index);
            if channel.is_null() {
                continue;
            }
            if index >= channels {
                channel.write_bytes(0, frames);
            }
            let samples = std::slice::from_raw_parts(channel, frames);
            if samples.iter().all(|sample| *sample == 0.0) {
                silent |= 1 << index;
            }
        }
        (*output).silenceFlags = silent;
    }
}

/// Where the host's song is as a block begins. A host that says nothing of it has a place without any flag.
fn transport(place: Option<&Place>, sample_rate: f32) -> Transport {
    let mut transport = Transport::new(sample_rate);
    if let Some(place) = place.filter(|place| place.state != 0) {
        #[allow(clippy::unnecessary_cast, reason = "signed on Windows")]
        let has = |flag| place.state & flag as u32 != 0;
        let rate = if place.sampleRate > 0.0 {
            place.sampleRate
        } else {
            sample_rate.into()
        };
        transport.playing = has(StatesAndFlags_::kPlaying);
        transport.pos_samples = Some(place.projectTimeSamples);
        transport.pos_seconds = Some(place.projectTimeSamples as f64 / rate);
        transport.pos_beats =
            has(StatesAndFlags_::kProjectTimeMusicValid).then_some(place.projectTimeMusic);
        transport.tempo = has(StatesAndFlags_::kTempoValid).then_some(place.tempo);
    }
    transport
}

/// What the plugin may ask of a host in a block: nothing that would have to be queued.
struct Context {
    transport: Transport,
    /// The host's list for MIDI, or null.
    events: *mut IEventList,
    /// Where the piece that is processed begins in the host's block.
    start: usize,
}

impl ProcessContext<Moodring> for Context {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Vst3
    }

    fn execute_background(&self, (): ()) {}

    fn execute_gui(&self, (): ()) {}

    fn transport(&self) -> &Transport {
        &self.transport
    }

    fn next_event(&mut self) -> Option<PluginNoteEvent<Moodring>> {
        None
    }

    fn try_send_event(
        &mut self,
        event: PluginNoteEvent<Moodring>,
    ) -> Result<(), (PluginNoteEvent<Moodring>, SendEventError)> {
        let frame = self.start + event.timing() as usize;
        // SAFETY: the host's own list, for as long as its call runs.
        match unsafe { outgoing::send(self.events, &event, frame) } {
            true => Ok(()),
            false => Err((event, SendEventError::NoOutputBuffer)),
        }
    }

    fn set_latency_samples(&self, _: u32) {}

    /// Whoever has chosen other models or another latency tells the host: see [`Link::ask_for_activation`].
    fn request_restart(&self) {}

    fn set_current_voice_capacity(&self, _: u32) {}
}
