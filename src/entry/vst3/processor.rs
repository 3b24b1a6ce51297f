//! `IAudioProcessor`, and what an activation is.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError, atomic::Ordering};

use nice_plug::{
    context::{PluginApi, activate::ActivateContext},
    prelude::{AudioIOLayout, BufferConfig, NonZeroU32, Plugin, ProcessMode},
    wrapper::vst3::vst3::Steinberg::{
        TBool,
        Vst::RestartFlags_,
        Vst::{
            BusDirection, IAudioProcessorTrait, IProcessContextRequirements_::Flags_,
            IProcessContextRequirementsTrait, ProcessData, ProcessModes_, ProcessSetup,
            SpeakerArrangement, SymbolicSampleSizes_,
        },
        int32, kInternalError, kInvalidArgument, kNotInitialized, kResultFalse, kResultOk, tresult,
        uint32,
    },
};

use super::{blocks::Blocks, guarded::guarded, link::Link, object::Object};
use crate::{
    plugin::Moodring,
    thread::{AudioThread, MainThread},
};

const SAMPLE_32: int32 = SymbolicSampleSizes_::kSample32 as int32;

/// Sample rates in Hz that are taken: beyond them a host's number is a mistake, and memory grows with it.
const RATES: std::ops::RangeInclusive<f64> = 1_000.0..=3_072_000.0;

/// Locks, whatever has happened to those who had it before.
fn lock<'a, T>(mutex: &'a Mutex<T>, _: &MainThread) -> MutexGuard<'a, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Locks if nobody else has it. Wait-free.
fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// What the plugin may ask of a host while it is activated.
struct Activation<'a>(&'a Link);

impl ActivateContext<Moodring> for Activation<'_> {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Vst3
    }

    fn execute(&self, (): ()) {}

    fn set_latency_samples(&self, samples: u32) {
        self.0.latency.store(samples, Ordering::Release);
    }

    fn set_current_voice_capacity(&self, _: u32) {}
}

impl Object {
    /// Makes the plugin ready to play as the host has set it up. The host hears of another latency, with none of our locks
    /// held: it may come back from within that call.
    pub fn activate(&self, main: &MainThread) -> tresult {
        let Some(config) = *lock(&self.setup, main) else {
            return kNotInitialized;
        };
        let arrangement = self.buses.arrangement(main);
        let latency_before = self.link.latency.load(Ordering::Acquire);
        self.link.set_playing(false);
        {
            let mut blocks = lock(&self.blocks, main);
            *blocks = None;
            let channels = NonZeroU32::new(arrangement.main_channels() as u32);
            let layout = AudioIOLayout {
                main_input_channels: channels,
                main_output_channels: channels,
                ..AudioIOLayout::const_default()
            };
            let mut plugin = lock(&self.link.plugin, main);
            self.link.set_active(true);
            if !plugin.activate(&layout, &config, &mut Activation(&self.link)) {
                self.link.set_active(false);
                return kResultFalse;
            }
            self.link.tail.store(plugin.tail(), Ordering::Release);
            *blocks = Some(Blocks::new(
                &self.link,
                arrangement,
                config.sample_rate,
                main,
            ));
        }
        if self.link.latency.load(Ordering::Acquire) != latency_before {
            self.link.restart(RestartFlags_::kLatencyChanged, main);
        }
        kResultOk
    }

    /// Ends an activation, if there is one.
    pub fn deactivate(&self, main: &MainThread) {
        let was_active = lock(&self.blocks, main).take().is_some();
        self.link.set_playing(false);
        self.link.set_active(false);
        if was_active {
            lock(&self.link.plugin, main).deactivate();
        }
    }

    fn is_active(&self, main: &MainThread) -> bool {
        lock(&self.blocks, main).is_some()
    }
}

impl IAudioProcessorTrait for Object {
    unsafe fn setBusArrangements(
        &self,
        inputs: *mut SpeakerArrangement,
        inputs_count: int32,
        outputs: *mut SpeakerArrangement,
        outputs_count: int32,
    ) -> tresult {
        // SAFETY: so many there are, by the standard.
        let list = |speakers: *mut SpeakerArrangement, count: int32| unsafe {
            match usize::try_from(count) {
                Ok(0) => Some(&[][..]),
                Ok(count) if !speakers.is_null() => {
                    Some(std::slice::from_raw_parts(speakers, count))
                }
                _ => None,
            }
        };
        let main = MainThread::assume();
        match (list(inputs, inputs_count), list(outputs, outputs_count)) {
            (Some(_), Some(_)) if self.is_active(&main) => kResultFalse,
            (Some(inputs), Some(outputs)) => self.buses.arrange(inputs, outputs, &main),
            _ => kInvalidArgument,
        }
    }

    unsafe fn getBusArrangement(
        &self,
        direction: BusDirection,
        index: int32,
        place: *mut SpeakerArrangement,
    ) -> tresult {
        match self.buses.speakers(direction, index, &MainThread::assume()) {
            Some(speakers) if !place.is_null() => {
                // SAFETY: a place for one.
                unsafe { place.write(speakers) };
                kResultOk
            }
            _ => kInvalidArgument,
        }
    }

    unsafe fn canProcessSampleSize(&self, size: int32) -> tresult {
        if size == SAMPLE_32 {
            kResultOk
        } else {
            kResultFalse
        }
    }

    unsafe fn getLatencySamples(&self) -> uint32 {
        self.link.latency.load(Ordering::Acquire)
    }

    /// Takes effect with the next activation. A mode that the standard doesn't know is the clock's.
    unsafe fn setupProcessing(&self, setup: *mut ProcessSetup) -> tresult {
        if setup.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: the host's own, and only read.
        let setup = unsafe { &*setup };
        if setup.symbolicSampleSize != SAMPLE_32 {
            return kResultFalse;
        }
        // A rate that is no number isn't in the range.
        let Some(longest) = u32::try_from(setup.maxSamplesPerBlock)
            .ok()
            .filter(|longest| *longest > 0 && RATES.contains(&setup.sampleRate))
        else {
            return kInvalidArgument;
        };
        let process_mode = match setup.processMode {
            mode if mode == ProcessModes_::kOffline as int32 => ProcessMode::Offline,
            mode if mode == ProcessModes_::kPrefetch as int32 => ProcessMode::Buffered,
            _ => ProcessMode::Realtime,
        };
        *lock(&self.setup, &MainThread::assume()) = Some(BufferConfig {
            sample_rate: setup.sampleRate as f32,
            min_buffer_size: None,
            max_buffer_size: longest,
            process_mode,
        });
        kResultOk
    }

    /// Starting also forgets all sound.
    unsafe fn setProcessing(&self, state: TBool) -> tresult {
        guarded(kInternalError, || {
            if state == 0 {
                self.link.set_playing(false);
                return kResultOk;
            }
            let (Some(blocks), Some(mut plugin)) =
                (try_lock(&self.blocks), try_lock(&self.link.plugin))
            else {
                return kResultFalse;
            };
            if blocks.is_none() {
                return kNotInitialized;
            }
            self.link.set_playing(true);
            plugin.reset();
            kResultOk
        })
    }

    unsafe fn process(&self, data: *mut ProcessData) -> tresult {
        guarded(kInternalError, || {
            if data.is_null() {
                return kInvalidArgument;
            }
            let (Some(mut blocks), Some(mut plugin)) =
                (try_lock(&self.blocks), try_lock(&self.link.plugin))
            else {
                return kResultFalse;
            };
            let Some(blocks) = blocks.as_mut() else {
                return kNotInitialized;
            };
            // SAFETY: the host's own block, for as long as this call runs.
            let data = unsafe { &*data };
            let counts = [data.numSamples, data.numInputs, data.numOutputs];
            if data.symbolicSampleSize != SAMPLE_32 || counts.iter().any(|count| *count < 0) {
                return kInvalidArgument;
            }
            self.link.set_playing(true);
            let is_side_active = self.buses.is_side_active();
            let audio = AudioThread::assume();
            // SAFETY: as above.
            unsafe { blocks.process(&mut plugin, &self.link, is_side_active, data, &audio) }
        })
    }

    unsafe fn getTailSamples(&self) -> uint32 {
        self.link.tail.load(Ordering::Acquire)
    }
}

impl IProcessContextRequirementsTrait for Object {
    /// Where the song is, which the answers are told with.
    unsafe fn getProcessContextRequirements(&self) -> uint32 {
        (Flags_::kNeedProjectTimeMusic | Flags_::kNeedTempo | Flags_::kNeedTransportState) as uint32
    }
}
