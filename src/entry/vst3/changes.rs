//! The changes that a block carries, taken from the host's own lists as their samples come: nothing is copied, sorted or
//! bounded, so that any number of them is heard, each at its sample.

use nice_plug::wrapper::vst3::vst3::{
    ComRef,
    Steinberg::{
        Vst::{IParamValueQueue, IParamValueQueueTrait, IParameterChanges, IParameterChangesTrait},
        kResultOk,
    },
};

use super::values::{Seen, Values};

/// One parameter's changes in a block, and how far they have been taken.
pub struct Cursor {
    list: *mut IParamValueQueue,
    index: i32,
    count: i32,
    next: Option<Point>,
    seen: Seen,
}

/// A value and the sample that it begins with.
#[derive(Clone, Copy)]
struct Point {
    frame: usize,
    value: f64,
}

// SAFETY: the list is the host's, and only looked at in the call that has brought it.
unsafe impl Send for Cursor {}

/// Room for a block's cursors, one for each of `values`.
pub fn room_for(values: &Values) -> Box<[Option<Cursor>]> {
    (0..values.len()).map(|_| None).collect()
}

/// The changes of a block that are still to come. The audio thread has them for that block.
pub struct Changes<'a> {
    values: &'a Values,
    /// One for each of `values`.
    cursors: &'a mut [Option<Cursor>],
    frames: usize,
}

impl<'a> Changes<'a> {
    /// The changes of a block of `frames`. Those of unknown parameters are left out, and so is a second list for one
    /// parameter, which the standard doesn't know.
    ///
    /// # Safety
    /// `host` is the list that the host has given with a block, or null, and lives as long as the block.
    pub unsafe fn new(
        host: *mut IParameterChanges,
        values: &'a Values,
        cursors: &'a mut [Option<Cursor>],
        frames: usize,
    ) -> Self {
        cursors.fill_with(|| None);
        // SAFETY: the caller's promise; its lists live as long.
        unsafe {
            let host = ComRef::from_raw(host);
            for index in 0..host.map_or(0, |host| host.getParameterCount()) {
                let list = host.map_or(std::ptr::null_mut(), |host| host.getParameterData(index));
                let Some(queue) = ComRef::from_raw(list) else {
                    continue;
                };
                let Some(place) = values.find(queue.getParameterId()) else {
                    continue;
                };
                let Some(free @ None) = cursors.get_mut(place) else {
                    continue;
                };
                let mut cursor = Cursor {
                    list,
                    index: 0,
                    count: queue.getPointCount(),
                    next: None,
                    seen: values.seen(place),
                };
                cursor.advance(frames);
                *free = Some(cursor);
            }
        }
        Self {
            values,
            cursors,
            frames,
        }
    }

    /// Takes all changes up to and with `frame`. Returns where the next one is: the block's end, if there is none.
    pub fn take(&mut self, frame: usize) -> usize {
        let mut next = self.frames;
        for (place, cursor) in self.cursors.iter_mut().enumerate() {
            let Some(cursor) = cursor else { continue };
            while let Some(point) = cursor.next {
                if point.frame > frame {
                    next = next.min(point.frame);
                    break;
                }
                self.values.play(place, point.value, cursor.seen);
                // SAFETY: the block's call, in which the list lives, is still on.
                unsafe { cursor.advance(self.frames) };
            }
        }
        next
    }

    /// Takes all that are left.
    pub fn take_all(mut self) {
        self.take(usize::MAX);
    }

    /// Whether there are any.
    pub fn is_empty(&self) -> bool {
        self.cursors.iter().all(Option::is_none)
    }
}

impl Cursor {
    /// Goes to the next point. One before the block's start or behind its end is taken at the nearest of its samples.
    ///
    /// # Safety
    /// The list lives.
    unsafe fn advance(&mut self, frames: usize) {
        self.next = None;
        // SAFETY: the caller's promise.
        let Some(list) = (unsafe { ComRef::from_raw(self.list) }) else {
            return;
        };
        while self.index < self.count {
            let (mut frame, mut value) = (0, 0.0);
            // SAFETY: as above.
            let told = unsafe { list.getPoint(self.index, &mut frame, &mut value) };
            self.index += 1;
            if told == kResultOk {
                let frame = usize::try_from(frame).unwrap_or(0);
                self.next = Some(Point {
                    frame: frame.min(frames.saturating_sub(1)),
                    value,
                });
                return;
            }
        }
    }
}
