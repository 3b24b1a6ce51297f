//! Keeps the window at the size that its host has agreed to.
//!
//! A host may refuse the size that the user has dragged the window to. baseview 0.4.2 then goes back by one step, to the size
//! before it. While the corner is dragged several steps are under way, and the step before was refused, too: the window would
//! stay at a size for which the host has made no room. So baseview hears of no refusal. The next frame leads the window back to
//! the size that was agreed to last.

use std::{
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use nice_plug::editor::{
    HostCallbacks,
    dpi::{PhysicalSize, Size},
};
use nice_plug_egui::RepaintNotifier;

/// What the host has said about the size of a window. The host's main thread writes it and the window's thread reads it; clones
/// are the same.
#[derive(Clone, Default)]
pub struct HostSize(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// The size that the host has agreed to last; none before the window is open.
    agreed: Option<PhysicalSize<u32>>,
    /// Whether the host has refused a size since the window was opened.
    has_refused: bool,
    /// Whether the window was refused a size and hasn't been sent back yet.
    strays: bool,
}

impl HostSize {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets the window before this one.
    pub fn forget(&self) {
        *self.state() = State::default();
    }

    /// Notes a size, in pixels, that is the host's own wish.
    pub fn agree(&self, size: PhysicalSize<u32>) {
        self.state().agreed = Some(size);
    }

    /// Whether the host has refused a size in this window, so that the user is to be offered no other.
    pub fn is_fixed(&self) -> bool {
        self.state().has_refused
    }

    /// The size in pixels to go back to, once after each refusal.
    pub fn way_back(&self) -> Option<PhysicalSize<u32>> {
        let mut state = self.state();
        let strays = std::mem::take(&mut state.strays);
        state.agreed.filter(|_| strays)
    }

    /// Stands between baseview and `host`, and wakes the window by `repaint` when it is to go back.
    pub fn heard_from(
        &self,
        host: Box<dyn HostCallbacks>,
        repaint: RepaintNotifier,
    ) -> Box<dyn HostCallbacks> {
        let size = self.clone();
        Box::new(HeardHost {
            size,
            host,
            repaint,
        })
    }
}

/// A host that agrees to everything as far as baseview knows. It is called on the host's main thread.
struct HeardHost {
    size: HostSize,
    host: Box<dyn HostCallbacks>,
    repaint: RepaintNotifier,
}

impl HostCallbacks for HeardHost {
    fn request_resize(&mut self, wanted: Size, scale_factor: f64) -> Result<(), Box<dyn Error>> {
        let size = Some(wanted.to_physical(scale_factor));
        let before = self.size.state().agreed;
        // The way back, which is nothing new to the host.
        if size == before {
            return Ok(());
        }
        // The host may set a size of its own meanwhile, which then holds.
        let answer = self.host.request_resize(wanted, scale_factor);
        let mut state = self.size.state();
        if answer.is_err() {
            (state.has_refused, state.strays) = (true, true);
            self.repaint.request_repaint();
        } else if state.agreed == before {
            state.agreed = size;
        }
        Ok(())
    }

    fn destroyed(&mut self) {
        self.host.destroyed();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    const OPENED: PhysicalSize<u32> = PhysicalSize::new(960, 620);

    /// A host that agrees to some sizes, and what it has made room for.
    #[derive(Clone)]
    struct Host {
        agrees_to: Vec<PhysicalSize<u32>>,
        room: Arc<Mutex<PhysicalSize<u32>>>,
    }

    impl HostCallbacks for Host {
        fn request_resize(&mut self, wanted: Size, scale: f64) -> Result<(), Box<dyn Error>> {
            let wanted = wanted.to_physical(scale);
            if !self.agrees_to.contains(&wanted) {
                return Err("no room".into());
            }
            *self.room.lock().unwrap() = wanted;
            Ok(())
        }
        fn destroyed(&mut self) {}
    }

    /// baseview's window: each step is told to the host later, and one that is refused is taken back to where it began.
    struct Window {
        size: PhysicalSize<u32>,
        untold: VecDeque<[PhysicalSize<u32>; 2]>,
    }

    impl Window {
        fn resize(&mut self, size: PhysicalSize<u32>) {
            if size != self.size {
                self.untold.push_back([self.size, size]);
                self.size = size;
            }
        }

        /// Tells the host of one step; returns whether there was one.
        fn tell(&mut self, host: &mut dyn HostCallbacks) -> bool {
            let Some([before, after]) = self.untold.pop_front() else {
                return false;
            };
            if host.request_resize(after.into(), 1.0).is_err() {
                self.size = before;
            }
            true
        }
    }

    /// Whichever of four steps a host agrees to, and however many it is late by, the window ends where the host has made room.
    #[test]
    fn a_window_comes_to_rest_where_its_host_has_made_room() {
        let steps = [940, 900, 860, 820].map(|width| PhysicalSize::new(width, 600));
        for agreed in 0..1 << steps.len() {
            for late in 0..=steps.len() {
                let agrees_to = (0..steps.len()).filter(|step| agreed >> step & 1 == 1);
                let agrees_to = agrees_to.map(|step| steps[step]).chain([OPENED]);
                let host = Host {
                    agrees_to: agrees_to.collect(),
                    room: Arc::new(Mutex::new(OPENED)),
                };
                let size = HostSize::default();
                size.agree(OPENED);
                let mut heard = size.heard_from(Box::new(host.clone()), RepaintNotifier::new());
                let mut window = Window {
                    size: OPENED,
                    untold: VecDeque::new(),
                };
                for step in steps {
                    window.resize(step);
                    if window.untold.len() > late {
                        window.tell(&mut *heard);
                    }
                }
                // Frames go on between what the host is told.
                for _ in 0..20 {
                    window.tell(&mut *heard);
                    if let Some(back) = size.way_back() {
                        window.resize(back);
                    }
                }
                let room = *host.room.lock().unwrap();
                assert!(window.untold.is_empty());
                assert_eq!(window.size, room, "steps {agreed:04b}, {late} late");
                let refuses = agreed != (1 << steps.len()) - 1;
                assert_eq!(size.is_fixed(), refuses, "steps {agreed:04b}");
            }
        }
    }

    #[test]
    fn a_size_that_the_host_sets_while_it_is_asked_holds() {
        /// Has room for less than it is asked for.
        struct Other(HostSize);
        impl HostCallbacks for Other {
            fn request_resize(&mut self, _: Size, _: f64) -> Result<(), Box<dyn Error>> {
                self.0.agree(PhysicalSize::new(800, 500));
                Ok(())
            }
            fn destroyed(&mut self) {}
        }
        let size = HostSize::default();
        size.agree(OPENED);
        let mut heard = size.heard_from(Box::new(Other(size.clone())), RepaintNotifier::new());
        let wanted = PhysicalSize::new(940, 600);
        heard.request_resize(wanted.into(), 1.0).unwrap();
        assert_eq!(size.state().agreed, Some(PhysicalSize::new(800, 500)));
        assert!(!size.is_fixed());
    }
}
