//! The object that hosts hold: a component and its controller in one.

use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex, OnceLock};

use nice_plug::{
    prelude::BufferConfig,
    wrapper::vst3::{
        Wrapper,
        vst3::{
            Class, ComPtr,
            Steinberg::{
                FUnknown, IBStream, IPlugView, IPluginBaseTrait, TBool, TUID,
                Vst::{
                    BusDirection, BusInfo, ChannelContext::IInfoListener, IAudioProcessor,
                    IComponent, IComponentTrait, IEditController, IProcessContextRequirements,
                    IUnitInfo, IoMode, MediaType, RoutingInfo,
                },
                int32, kInternalError, kInvalidArgument, kNoInterface, kResultFalse, kResultOk,
                tresult,
            },
        },
    },
};

use crate::{entry::background_thread, thread::MainThread};

use super::{
    blocks::Blocks,
    buses::Buses,
    guarded::guarded,
    hosted::{Hosted, take_made},
    link::Link,
    state,
};

/// What the host holds: a component and its controller. The host's count of references owns it; its main thread and its audio
/// thread call it.
pub struct Object {
    /// The framework's half, without its place in the world of COM.
    pub framework: ManuallyDrop<Wrapper<Hosted>>,
    /// The framework's view: made once, since it sends what its window wants to the one that it has made last.
    pub view: OnceLock<Option<ComPtr<IPlugView>>>,
    pub link: Arc<Link>,
    pub buses: Buses,
    /// What the next activation is for.
    pub setup: Mutex<Option<BufferConfig>>,
    /// Present while active. Only tried by the audio thread.
    pub blocks: Mutex<Option<Blocks>>,
}

impl Class for Object {
    type Interfaces = (
        IComponent,
        IEditController,
        IAudioProcessor,
        IProcessContextRequirements,
        IUnitInfo,
        IInfoListener,
    );
}

impl Object {
    /// A new instance.
    pub fn new(_: &MainThread) -> Option<Self> {
        background_thread::VST3.is_in_use(|| {
            std::mem::forget(Wrapper::<Hosted>::new());
            take_made();
        });
        let framework = ManuallyDrop::new(Wrapper::<Hosted>::new());
        Some(Self {
            framework,
            view: OnceLock::new(),
            link: take_made()?,
            buses: Buses::default(),
            setup: Mutex::default(),
            blocks: Mutex::default(),
        })
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        self.link.set_handler(None, &MainThread::assume());
        guarded((), || {
            // SAFETY: nobody uses it after this.
            unsafe { ManuallyDrop::drop(&mut self.framework) };
        });
    }
}

impl IPluginBaseTrait for Object {
    unsafe fn initialize(&self, _context: *mut FUnknown) -> tresult {
        kResultOk
    }

    unsafe fn terminate(&self) -> tresult {
        guarded(kInternalError, || {
            let main = MainThread::assume();
            self.deactivate(&main);
            self.link.set_handler(None, &main);
            kResultOk
        })
    }
}

impl IComponentTrait for Object {
    unsafe fn getControllerClassId(&self, _class: *mut TUID) -> tresult {
        // It is the same object.
        kNoInterface
    }

    unsafe fn setIoMode(&self, _mode: IoMode) -> tresult {
        kResultOk
    }

    unsafe fn getBusCount(&self, media: MediaType, direction: BusDirection) -> int32 {
        Buses::count(media, direction)
    }

    unsafe fn getBusInfo(
        &self,
        media: MediaType,
        direction: BusDirection,
        index: int32,
        place: *mut BusInfo,
    ) -> tresult {
        match self
            .buses
            .info(media, direction, index, &MainThread::assume())
        {
            Some(info) if !place.is_null() => {
                // SAFETY: a place for one.
                unsafe { place.write(info) };
                kResultOk
            }
            _ => kInvalidArgument,
        }
    }

    unsafe fn getRoutingInfo(&self, from: *mut RoutingInfo, to: *mut RoutingInfo) -> tresult {
        if from.is_null() || to.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: the host's own two.
        match self.buses.route(unsafe { &*from }, &MainThread::assume()) {
            Some(info) => {
                // SAFETY: as above.
                unsafe { to.write(info) };
                kResultOk
            }
            None => kResultFalse,
        }
    }

    unsafe fn activateBus(
        &self,
        media: MediaType,
        direction: BusDirection,
        index: int32,
        state: TBool,
    ) -> tresult {
        self.buses
            .activate(media, direction, index, state, &MainThread::assume())
    }

    unsafe fn setActive(&self, state: TBool) -> tresult {
        guarded(kInternalError, || {
            let main = MainThread::assume();
            if state != 0 {
                return self.activate(&main);
            }
            self.deactivate(&main);
            kResultOk
        })
    }

    unsafe fn setState(&self, stream: *mut IBStream) -> tresult {
        // SAFETY: the host's own.
        guarded(kInternalError, || unsafe {
            state::load(&self.link, stream, &MainThread::assume())
        })
    }

    unsafe fn getState(&self, stream: *mut IBStream) -> tresult {
        // SAFETY: the host's own.
        guarded(kInternalError, || unsafe {
            state::save(&self.link, stream, &MainThread::assume())
        })
    }
}
