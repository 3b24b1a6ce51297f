//! A host's menu for a parameter, of each kind: offered as entries, shown by the host, refused.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

use std::ffi::{CStr, CString, c_void};
use std::ptr;
use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use clap_sys::{
    ext::context_menu::{
        CLAP_CONTEXT_MENU_ITEM_CHECK_ENTRY, CLAP_CONTEXT_MENU_ITEM_ENTRY,
        CLAP_CONTEXT_MENU_ITEM_SEPARATOR, CLAP_CONTEXT_MENU_ITEM_TITLE,
        CLAP_CONTEXT_MENU_TARGET_KIND_PARAM, CLAP_EXT_CONTEXT_MENU, clap_context_menu_builder,
        clap_context_menu_check_entry, clap_context_menu_entry, clap_context_menu_item_kind,
        clap_context_menu_item_title, clap_context_menu_target, clap_host_context_menu,
        clap_plugin_context_menu,
    },
    host::clap_host,
    id::clap_id,
};

use super::{BareHost, extensions::told};

/// A menu that the host shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Popup {
    pub kind: u32,
    pub id: clap_id,
    pub at: [i32; 2],
}

/// What kind of menu the host has, and what was asked of it.
#[derive(Default)]
pub struct MenuTold {
    pub shows: AtomicBool,
    pub refuses: AtomicBool,
    pub populated: AtomicU32,
    pub popups: Mutex<Vec<Popup>>,
    pub performed: Mutex<Vec<(clap_id, clap_id)>>,
}

/// The entries that the host offers, by number.
pub const ENTRIES: [(u32, &CStr); 2] = [(100, c"Show automation lane"), (101, c"Learn MIDI")];

pub(super) static CONTEXT_MENU: clap_host_context_menu = clap_host_context_menu {
    populate: Some(populate),
    perform: Some(perform_own),
    can_popup: Some(can_popup),
    popup: Some(popup),
};

unsafe extern "C" fn populate(
    host: *const clap_host,
    _: *const clap_context_menu_target,
    builder: *const clap_context_menu_builder,
) -> bool {
    // SAFETY: this host's own pointer, and the plugin's builder.
    let (menu, table) = unsafe { (&told(host).menu, &*builder) };
    menu.populated.fetch_add(1, Ordering::Release);
    if menu.refuses.load(Ordering::Acquire) {
        return false;
    }
    let add = table.add_item.unwrap();
    // SAFETY: the data lives until each call returns. What isn't whole is refused.
    unsafe {
        let title = clap_context_menu_item_title {
            title: c"Test host".as_ptr(),
            is_enabled: true,
        };
        assert!(add(
            builder,
            CLAP_CONTEXT_MENU_ITEM_TITLE,
            (&raw const title).cast()
        ));
        for (action_id, label) in ENTRIES {
            let entry = clap_context_menu_entry {
                label: label.as_ptr(),
                is_enabled: true,
                action_id,
            };
            let data = (&raw const entry).cast();
            assert!(add(builder, CLAP_CONTEXT_MENU_ITEM_ENTRY, data));
        }
        assert!(add(builder, CLAP_CONTEXT_MENU_ITEM_SEPARATOR, ptr::null()));
        assert!(!add(builder, CLAP_CONTEXT_MENU_ITEM_ENTRY, ptr::null()));
        assert!(!add(builder, 99, (&raw const title).cast()));
    }
    true
}

unsafe extern "C" fn perform_own(
    host: *const clap_host,
    target: *const clap_context_menu_target,
    action: clap_id,
) -> bool {
    // SAFETY: this host's own pointer, and a target.
    let (menu, target) = unsafe { (&told(host).menu, *target) };
    menu.performed.lock().unwrap().push((target.id, action));
    true
}

unsafe extern "C" fn can_popup(host: *const clap_host) -> bool {
    // SAFETY: this host's own pointer.
    unsafe { told(host) }.menu.shows.load(Ordering::Acquire)
}

unsafe extern "C" fn popup(
    host: *const clap_host,
    target: *const clap_context_menu_target,
    _: i32,
    x: i32,
    y: i32,
) -> bool {
    // SAFETY: this host's own pointer, and a target.
    let (menu, target) = unsafe { (&told(host).menu, *target) };
    menu.popups.lock().unwrap().push(Popup {
        kind: target.kind,
        id: target.id,
        at: [x, y],
    });
    !menu.refuses.load(Ordering::Acquire)
}

fn target(id: clap_id) -> clap_context_menu_target {
    clap_context_menu_target {
        kind: CLAP_CONTEXT_MENU_TARGET_KIND_PARAM,
        id,
    }
}

/// The entries that the plugin adds to the host's menu for a parameter, with their numbers; `None` if it adds none.
pub fn own_entries(host: &BareHost, id: clap_id) -> Option<Vec<(String, clap_id)>> {
    unsafe extern "C" fn supports(
        _: *const clap_context_menu_builder,
        _: clap_context_menu_item_kind,
    ) -> bool {
        true
    }
    unsafe extern "C" fn add(
        builder: *const clap_context_menu_builder,
        kind: clap_context_menu_item_kind,
        data: *const c_void,
    ) -> bool {
        // SAFETY: the builder below, with data of the kind that is told.
        unsafe {
            let list = &mut *(*builder).ctx.cast::<Vec<(String, clap_id)>>();
            let (label, number) = match kind {
                CLAP_CONTEXT_MENU_ITEM_ENTRY => {
                    let entry = &*data.cast::<clap_context_menu_entry>();
                    (entry.label, entry.action_id)
                }
                CLAP_CONTEXT_MENU_ITEM_CHECK_ENTRY => {
                    let entry = &*data.cast::<clap_context_menu_check_entry>();
                    (entry.label, entry.action_id)
                }
                other => panic!("{other}"),
            };
            let label: CString = CStr::from_ptr(label).to_owned();
            list.push((label.into_string().unwrap(), number));
        }
        true
    }
    let mut list = Vec::<(String, clap_id)>::new();
    let builder = clap_context_menu_builder {
        ctx: (&raw mut list).cast(),
        add_item: Some(add),
        supports: Some(supports),
    };
    let table: &clap_plugin_context_menu = host.extension(CLAP_EXT_CONTEXT_MENU);
    // SAFETY: all of it lives until the call returns.
    let populated = unsafe { table.populate.unwrap()(host.plugin, &target(id), &builder) };
    populated.then_some(list)
}

/// Has the plugin do what one of its entries says.
pub fn perform(host: &BareHost, id: clap_id, action: clap_id) -> bool {
    let table: &clap_plugin_context_menu = host.extension(CLAP_EXT_CONTEXT_MENU);
    // SAFETY: as above.
    unsafe { table.perform.unwrap()(host.plugin, &target(id), action) }
}
