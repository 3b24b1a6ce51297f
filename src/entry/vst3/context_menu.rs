//! The menu of a parameter: the host's own with Moodring's entries in it, or the host's entries in Moodring's. The framework has none
//! (nice-plug 0.4.2).

use std::sync::{Arc, PoisonError, atomic::Ordering};

use nice_plug::{
    prelude::ParamPtr,
    wrapper::vst3::vst3::{
        Class, ComPtr, ComRef, ComWrapper,
        Steinberg::{
            Vst::{
                IComponentHandler3, IComponentHandler3Trait, IContextMenu, IContextMenu_::Item,
                IContextMenuItem_::Flags_, IContextMenuTarget, IContextMenuTargetTrait,
                IContextMenuTrait,
            },
            int32, kInvalidArgument, kResultFalse, kResultOk, tresult,
        },
    },
};

use super::link::{HostItem, Link, Offered};
use crate::{
    editor::{EntryKind, HostAnswer, HostEntry, HostSide, HostWish, MenuAction},
    entry::text,
    thread::MainThread,
};

/// More entries than any host has.
const MOST: int32 = 1_000;

/// Carries out Moodring's entries in a host's menu.
struct OwnTarget {
    host: Arc<HostSide>,
    param: ParamPtr,
}

impl Class for OwnTarget {
    type Interfaces = (IContextMenuTarget,);
}

impl IContextMenuTargetTrait for OwnTarget {
    unsafe fn executeMenuItem(&self, tag: int32) -> tresult {
        let action = usize::try_from(tag)
            .ok()
            .and_then(|tag| MenuAction::ALL.get(tag));
        match action {
            Some(action) if self.host.choose(self.param, *action) => kResultOk,
            Some(_) => kResultFalse,
            None => kInvalidArgument,
        }
    }
}

/// Grants what the editor waits for, if anything.
pub fn serve(link: &Link, main: &MainThread) {
    link.calls.host().grant(|wish| match wish {
        HostWish::Menu { target, at, .. } => {
            let shown = show(link, target, at, main);
            Some(shown.unwrap_or(HostAnswer::Entries(Vec::new())))
        }
        HostWish::Perform { action, .. } => {
            let offered = {
                let mut place = link.offered.lock().unwrap_or_else(PoisonError::into_inner);
                place.take()
            };
            let offered = offered.as_ref();
            let entry = offered.and_then(|offered| offered.entries.get(action as usize));
            if let Some((item, Some(target))) = entry {
                // SAFETY: the host's own object; what it says is its business.
                unsafe { target.executeMenuItem(item.tag) };
            }
            None
        }
    });
}

/// Has the host show its menu, or takes its entries down if it doesn't. `None` if it has no menu for this.
fn show(
    link: &Link,
    target: Option<ParamPtr>,
    [x, y]: [i32; 2],
    main: &MainThread,
) -> Option<HostAnswer> {
    let handler = link.handler(main)?.cast::<IComponentHandler3>()?;
    let view = link.view.load(Ordering::Acquire);
    if view.is_null() {
        return None;
    }
    let number = match target {
        Some(param) => Some(link.values.number_of(param)?),
        None => None,
    };
    let number = number.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: the host's own object, its own view, and a number that lives until it returns; the menu comes with a reference.
    let menu = unsafe { ComPtr::from_raw(handler.createContextMenu(view, number)) }?;
    let entries = entries(&menu);
    let own = target.and_then(|param| add_own(link, &menu, param, main));
    // SAFETY: the host's own object. The place is in the view's coordinates.
    if unsafe { menu.popup(x, y) } == kResultOk {
        return Some(HostAnswer::Shown);
    }
    if let Some((target, items)) = own {
        for item in items {
            // SAFETY: as above, with what it was given.
            unsafe { menu.removeItem(&item, target.as_ptr()) };
        }
    }
    let shown = shown(&entries);
    let offered = Offered { menu, entries };
    let before = {
        let mut place = link.offered.lock().unwrap_or_else(PoisonError::into_inner);
        place.replace(offered)
    };
    // The host's own code, and none of our locks.
    drop(before);
    Some(HostAnswer::Entries(shown))
}

/// The host's own entries, and who carries them out.
fn entries(menu: &ComPtr<IContextMenu>) -> Vec<HostItem> {
    // SAFETY: the host's own object, with places for one of each. Not every host counts a reference for the target that it gives out, so
    // that it is held by one of our own.
    unsafe {
        (0..menu.getItemCount().min(MOST))
            .filter_map(|index| {
                let mut item: Item = std::mem::zeroed();
                let mut target = std::ptr::null_mut();
                let told = menu.getItem(index, &mut item, &mut target);
                let target = ComRef::from_raw(target).map(|target| target.to_com_ptr());
                (told == kResultOk).then_some((item, target))
            })
            .collect()
    }
}

/// Adds Moodring's entries for a parameter; returns who carries them out, and what was added.
fn add_own(
    link: &Link,
    menu: &ComPtr<IContextMenu>,
    param: ParamPtr,
    main: &MainThread,
) -> Option<(ComPtr<IContextMenuTarget>, Vec<Item>)> {
    let host = link.calls.host();
    let own = ComWrapper::new(OwnTarget {
        host: host.clone(),
        param,
    });
    let target = own.to_com_ptr::<IContextMenuTarget>()?;
    let mut added = Vec::new();
    for line in host.own_lines(param, main) {
        let tag = MenuAction::ALL
            .iter()
            .position(|known| *known == line.action);
        // SAFETY: numbers and characters, all of which may be 0.
        let mut item: Item = unsafe { std::mem::zeroed() };
        let units = line.text.encode_utf16().take(item.name.len() - 1);
        for (place, unit) in item.name.iter_mut().zip(units) {
            *place = unit as _;
        }
        item.tag = tag.map_or(-1, |tag| tag as int32);
        if !line.is_enabled {
            item.flags |= Flags_::kIsDisabled as int32;
        }
        if line.is_checked == Some(true) {
            item.flags |= Flags_::kIsChecked as int32;
        }
        // SAFETY: the host's own object, with an item that lives until it returns and a target that counts its references.
        if unsafe { menu.addItem(&item, target.as_ptr()) } == kResultOk {
            added.push(item);
        }
    }
    Some((target, added))
}

/// The host's entries as the editor shows them; each is known by its place.
fn shown(entries: &[HostItem]) -> Vec<HostEntry> {
    let mut shown = Vec::new();
    for (place, (item, _)) in entries.iter().enumerate() {
        if !HostEntry::fits(&shown) {
            break;
        }
        let has = |flag: u32| item.flags as u32 & flag == flag;
        let is_enabled = !has(Flags_::kIsDisabled);
        let action = place as u32;
        let kind = if has(Flags_::kIsGroupEnd) {
            EntryKind::End
        } else if has(Flags_::kIsGroupStart) {
            EntryKind::Begin
        } else if has(Flags_::kIsSeparator) {
            EntryKind::Separator
        } else if has(Flags_::kIsChecked) {
            EntryKind::Check(action, true)
        } else {
            EntryKind::Action(action)
        };
        let is_enabled = is_enabled || kind == EntryKind::Begin;
        shown.push(HostEntry::new(&text::utf16(item.name), is_enabled, kind));
    }
    shown
}
