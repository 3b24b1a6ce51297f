//! The menu of a parameter: the host's own with Moodring's entries in it, or the host's entries in Moodring's. The framework has no such
//! extension (nice-plug 0.4.2).

use std::ffi::{CStr, CString, c_void};

use clap_sys::{
    ext::context_menu::{
        CLAP_CONTEXT_MENU_ITEM_BEGIN_SUBMENU, CLAP_CONTEXT_MENU_ITEM_CHECK_ENTRY,
        CLAP_CONTEXT_MENU_ITEM_END_SUBMENU, CLAP_CONTEXT_MENU_ITEM_ENTRY,
        CLAP_CONTEXT_MENU_ITEM_SEPARATOR, CLAP_CONTEXT_MENU_ITEM_TITLE,
        CLAP_CONTEXT_MENU_TARGET_KIND_GLOBAL, CLAP_CONTEXT_MENU_TARGET_KIND_PARAM,
        clap_context_menu_builder, clap_context_menu_check_entry, clap_context_menu_entry,
        clap_context_menu_item_kind, clap_context_menu_item_title, clap_context_menu_submenu,
        clap_context_menu_target, clap_host_context_menu, clap_plugin_context_menu,
    },
    id::{CLAP_INVALID_ID, clap_id},
    plugin::clap_plugin,
};
use nice_plug::prelude::ParamPtr;

use super::instance::{Instance, Param};
use crate::{
    editor::{EntryKind, HostAnswer, HostEntry, HostWish, MenuAction},
    entry::text::utf8,
    thread::MainThread,
};

pub static TABLE: clap_plugin_context_menu = clap_plugin_context_menu {
    populate: Some(populate),
    perform: Some(perform),
};

/// Grants what the editor waits for, if anything.
pub fn serve(instance: &Instance, _: &MainThread) {
    let host = instance.calls.host();
    host.grant(|wish| {
        let menu = instance.host.extension(|all| all.context_menu)?;
        match wish {
            HostWish::Menu { target, at, .. } => {
                let target = target_of(instance, target)?;
                Some(show(instance, menu, &target, at))
            }
            HostWish::Perform { target, action } => {
                let target = target_of(instance, target)?;
                if let Some(perform) = menu.perform {
                    // SAFETY: the host's own function, with an entry of its own; what it says is its business.
                    unsafe { perform(instance.host.real(), &target, action) };
                }
                None
            }
        }
    });
}

/// The target of a menu as the host knows it; `None` if it is no parameter of this instance.
fn target_of(instance: &Instance, param: Option<ParamPtr>) -> Option<clap_context_menu_target> {
    match param {
        None => Some(clap_context_menu_target {
            kind: CLAP_CONTEXT_MENU_TARGET_KIND_GLOBAL,
            id: CLAP_INVALID_ID,
        }),
        Some(pointer) => {
            let mut known = instance.params.iter();
            let param = known.find(|param| param.pointer == pointer)?;
            Some(clap_context_menu_target {
                kind: CLAP_CONTEXT_MENU_TARGET_KIND_PARAM,
                id: param.id,
            })
        }
    }
}

/// Has the host show its menu, or takes its entries down if it can't.
fn show(
    instance: &Instance,
    menu: &clap_host_context_menu,
    target: &clap_context_menu_target,
    [x, y]: [i32; 2],
) -> HostAnswer {
    let real = instance.host.real();
    // SAFETY: the host's own functions. A window in a host's has its coordinates, and no screen.
    unsafe {
        if let (Some(can_popup), Some(popup)) = (menu.can_popup, menu.popup)
            && can_popup(real)
            && popup(real, target, 0, x, y)
        {
            return HostAnswer::Shown;
        }
    }
    let mut entries = Vec::new();
    let builder = clap_context_menu_builder {
        ctx: (&raw mut entries).cast(),
        add_item: Some(add_item),
        supports: Some(supports),
    };
    // SAFETY: the builder lives until it returns, and has the list that its functions look for.
    let populated = menu
        .populate
        .is_some_and(|populate| unsafe { populate(real, target, &builder) });
    if !populated {
        entries.clear();
    }
    HostAnswer::Entries(entries)
}

unsafe extern "C" fn supports(
    _: *const clap_context_menu_builder,
    kind: clap_context_menu_item_kind,
) -> bool {
    kind <= CLAP_CONTEXT_MENU_ITEM_TITLE
}

unsafe extern "C" fn add_item(
    builder: *const clap_context_menu_builder,
    kind: clap_context_menu_item_kind,
    data: *const c_void,
) -> bool {
    // SAFETY: the builder that the host was given, whose list is there until `show` returns.
    let entries = unsafe {
        builder
            .as_ref()
            .and_then(|builder| builder.ctx.cast::<Vec<HostEntry>>().as_mut())
    };
    let Some(entries) = entries.filter(|entries| HostEntry::fits(entries)) else {
        return false;
    };
    // SAFETY: data of the kind that is told, or null.
    match unsafe { entry(kind, data) } {
        Some(entry) => {
            entries.push(entry);
            true
        }
        None => false,
    }
}

/// One of the host's items; `None` if it isn't whole.
///
/// # Safety
/// The data is null or of that kind, with texts that end in 0 or are null.
unsafe fn entry(kind: clap_context_menu_item_kind, data: *const c_void) -> Option<HostEntry> {
    // SAFETY: the caller's promise.
    unsafe {
        Some(match kind {
            CLAP_CONTEXT_MENU_ITEM_ENTRY => {
                let item = data.cast::<clap_context_menu_entry>().as_ref()?;
                let kind = EntryKind::Action(item.action_id);
                HostEntry::new(utf8(item.label)?, item.is_enabled, kind)
            }
            CLAP_CONTEXT_MENU_ITEM_CHECK_ENTRY => {
                let item = data.cast::<clap_context_menu_check_entry>().as_ref()?;
                let kind = EntryKind::Check(item.action_id, item.is_checked);
                HostEntry::new(utf8(item.label)?, item.is_enabled, kind)
            }
            CLAP_CONTEXT_MENU_ITEM_SEPARATOR => HostEntry::new("", true, EntryKind::Separator),
            CLAP_CONTEXT_MENU_ITEM_BEGIN_SUBMENU => {
                let item = data.cast::<clap_context_menu_submenu>().as_ref()?;
                HostEntry::new(utf8(item.label)?, item.is_enabled, EntryKind::Begin)
            }
            CLAP_CONTEXT_MENU_ITEM_END_SUBMENU => HostEntry::new("", true, EntryKind::End),
            CLAP_CONTEXT_MENU_ITEM_TITLE => {
                let item = data.cast::<clap_context_menu_item_title>().as_ref()?;
                HostEntry::new(utf8(item.title)?, item.is_enabled, EntryKind::Title)
            }
            _ => return None,
        })
    }
}

/// The parameter that the host means.
///
/// # Safety
/// The pointer is null or one to a target.
unsafe fn param_of(instance: &Instance, target: *const clap_context_menu_target) -> Option<&Param> {
    // SAFETY: the caller's promise.
    let target = unsafe { target.as_ref() }?;
    match target.kind {
        CLAP_CONTEXT_MENU_TARGET_KIND_PARAM => instance.param(target.id),
        _ => None,
    }
}

/// Adds Moodring's entries for a parameter to the host's menu. The window carries them out: without one there are none.
unsafe extern "C" fn populate(
    plugin: *const clap_plugin,
    target: *const clap_context_menu_target,
    builder: *const clap_context_menu_builder,
) -> bool {
    // SAFETY: the host's own pointers.
    let (Some(instance), Some(table)) = (unsafe { (Instance::of(plugin), builder.as_ref()) })
    else {
        return false;
    };
    // SAFETY: as above.
    let (Some(param), Some(add)) = (unsafe { param_of(instance, target) }, table.add_item) else {
        return false;
    };
    let host = instance.calls.host();
    let lines = host.own_lines(param.pointer, &MainThread::assume());
    let mut is_whole = !lines.is_empty();
    for line in lines {
        let Ok(label) = CString::new(line.text) else {
            continue;
        };
        let action_id = number(line.action);
        let label: &CStr = &label;
        // SAFETY: the host's own function, with data that lives until it returns.
        is_whole &= unsafe {
            match line.is_checked {
                Some(is_checked) => {
                    let item = clap_context_menu_check_entry {
                        label: label.as_ptr(),
                        is_enabled: line.is_enabled,
                        is_checked,
                        action_id,
                    };
                    let data = (&raw const item).cast();
                    add(builder, CLAP_CONTEXT_MENU_ITEM_CHECK_ENTRY, data)
                }
                None => {
                    let item = clap_context_menu_entry {
                        label: label.as_ptr(),
                        is_enabled: line.is_enabled,
                        action_id,
                    };
                    let data = (&raw const item).cast();
                    add(builder, CLAP_CONTEXT_MENU_ITEM_ENTRY, data)
                }
            }
        };
    }
    is_whole
}

/// The number that the host knows an action by.
fn number(action: MenuAction) -> clap_id {
    let place = MenuAction::ALL.iter().position(|known| *known == action);
    place.map_or(CLAP_INVALID_ID, |place| place as clap_id)
}

/// Has the window carry out one of Moodring's entries.
unsafe extern "C" fn perform(
    plugin: *const clap_plugin,
    target: *const clap_context_menu_target,
    action: clap_id,
) -> bool {
    // SAFETY: the host's own pointers.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else {
        return false;
    };
    // SAFETY: as above.
    let param = unsafe { param_of(instance, target) };
    let action = MenuAction::ALL.get(action as usize);
    match (param, action) {
        (Some(param), Some(action)) => instance.calls.host().choose(param.pointer, *action),
        _ => false,
    }
}

/// Whether a host's extension has what a menu takes.
pub fn is_usable(menu: &clap_host_context_menu) -> bool {
    menu.populate.is_some() || (menu.can_popup.is_some() && menu.popup.is_some())
}
