//! A host's menu for a parameter, of each kind: shown by the host, offered as items, refused.
#![allow(unsafe_code, reason = "VST3 is a C++ interface")]

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    IComponentHandler, IComponentHandler3, IComponentHandler3Trait, IComponentHandlerTrait,
    IContextMenu, IContextMenu_::Item, IContextMenuItem_::Flags_, IContextMenuTarget,
    IContextMenuTargetTrait, IContextMenuTrait, ParamID, ParamValue,
};
use nice_plug::wrapper::vst3::vst3::Steinberg::{
    IPlugView, UCoord, int32, kInvalidArgument, kNotImplemented, kResultOk, tresult,
};
use nice_plug::wrapper::vst3::vst3::{Class, ComPtr, ComRef, ComWrapper};

use super::text_of;

/// What kind of menu the host has, and what was asked of it.
#[derive(Default)]
pub struct MenuTold {
    /// Whether the host shows its menu itself.
    pub shows: AtomicBool,
    /// Whether it has none for any parameter.
    pub refuses: AtomicBool,
    /// How many menus were asked for.
    pub made: AtomicU32,
    /// The parameter and the view of the last one.
    pub asked: Mutex<Option<(Option<u32>, usize)>>,
    /// Where the last one was shown.
    pub shown_at: Mutex<Option<[i32; 2]>>,
    /// What is in the last one.
    pub items: Mutex<Vec<(Item, Option<ComPtr<IContextMenuTarget>>)>>,
    /// The host's own items that were chosen, by tag.
    pub performed: Mutex<Vec<int32>>,
    /// What the editor has set.
    pub edits: Mutex<Vec<(u32, f64)>>,
}

/// A host's ear with menus.
pub struct MenuHandler(pub Arc<MenuTold>);

impl Class for MenuHandler {
    type Interfaces = (IComponentHandler, IComponentHandler3);
}

impl IComponentHandlerTrait for MenuHandler {
    unsafe fn beginEdit(&self, _: ParamID) -> tresult {
        kResultOk
    }

    unsafe fn performEdit(&self, id: ParamID, value: ParamValue) -> tresult {
        self.0.edits.lock().unwrap().push((id, value));
        kResultOk
    }

    unsafe fn endEdit(&self, _: ParamID) -> tresult {
        kResultOk
    }

    unsafe fn restartComponent(&self, _: int32) -> tresult {
        kResultOk
    }
}

impl IComponentHandler3Trait for MenuHandler {
    unsafe fn createContextMenu(
        &self,
        view: *mut IPlugView,
        param: *const ParamID,
    ) -> *mut IContextMenu {
        // SAFETY: a number, or null.
        let param = unsafe { param.as_ref() }.copied();
        *self.0.asked.lock().unwrap() = Some((param, view as usize));
        self.0.made.fetch_add(1, Ordering::AcqRel);
        if self.0.refuses.load(Ordering::Acquire) {
            return std::ptr::null_mut();
        }
        let own = ComWrapper::new(OwnTarget(self.0.clone()));
        let own = own.to_com_ptr::<IContextMenuTarget>();
        let items = [
            ("Show automation lane", 7, 0),
            ("", 0, Flags_::kIsSeparator),
            ("Learn MIDI", 8, 0),
        ];
        let items = items.map(|(text, tag, flags)| {
            // SAFETY: numbers and characters.
            let mut item: Item = unsafe { std::mem::zeroed() };
            for (place, unit) in item.name.iter_mut().zip(text.encode_utf16()) {
                *place = unit as _;
            }
            (item.tag, item.flags) = (tag, flags as int32);
            // A line between two has nobody who carries it out.
            (item, own.clone().filter(|_| !text.is_empty()))
        });
        *self.0.items.lock().unwrap() = items.into();
        let menu = ComWrapper::new(HostMenu(self.0.clone()));
        menu.to_com_ptr::<IContextMenu>().unwrap().into_raw()
    }
}

struct OwnTarget(Arc<MenuTold>);

impl Class for OwnTarget {
    type Interfaces = (IContextMenuTarget,);
}

impl IContextMenuTargetTrait for OwnTarget {
    unsafe fn executeMenuItem(&self, tag: int32) -> tresult {
        self.0.performed.lock().unwrap().push(tag);
        kResultOk
    }
}

struct HostMenu(Arc<MenuTold>);

impl Class for HostMenu {
    type Interfaces = (IContextMenu,);
}

impl IContextMenuTrait for HostMenu {
    unsafe fn getItemCount(&self) -> int32 {
        self.0.items.lock().unwrap().len() as int32
    }

    unsafe fn getItem(
        &self,
        index: int32,
        item: *mut Item,
        target: *mut *mut IContextMenuTarget,
    ) -> tresult {
        let items = self.0.items.lock().unwrap();
        let Some((own, carries_out)) = items.get(index as usize) else {
            return kInvalidArgument;
        };
        // SAFETY: places for one each.
        unsafe {
            item.write(*own);
            let pointer = carries_out.as_ref().map(ComPtr::as_ptr);
            target.write(pointer.unwrap_or(std::ptr::null_mut()));
        }
        kResultOk
    }

    unsafe fn addItem(&self, item: *const Item, target: *mut IContextMenuTarget) -> tresult {
        // SAFETY: an item, and a live object.
        let (item, target) = unsafe { (*item, ComRef::from_raw(target)) };
        let target = target.map(|target| target.to_com_ptr());
        self.0.items.lock().unwrap().push((item, target));
        kResultOk
    }

    unsafe fn removeItem(&self, item: *const Item, _: *mut IContextMenuTarget) -> tresult {
        // SAFETY: an item.
        let wanted = unsafe { *item };
        let mut items = self.0.items.lock().unwrap();
        items.retain(|(item, _)| item.tag != wanted.tag || item.name != wanted.name);
        kResultOk
    }

    unsafe fn popup(&self, x: UCoord, y: UCoord) -> tresult {
        if !self.0.shows.load(Ordering::Acquire) {
            return kNotImplemented;
        }
        *self.0.shown_at.lock().unwrap() = Some([x, y]);
        kResultOk
    }
}

/// An item's text.
pub fn text(item: &Item) -> String {
    text_of(&item.name)
}
