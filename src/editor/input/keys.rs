//! Gives keys that the editor has no use for back to the host, so that the space bar starts and stops the song wherever the
//! pointer is.
//!
//! While text is typed, and while a menu or a question is open, every key is the editor's own. Otherwise on Windows and macOS
//! baseview passes back what it is told to: [`own_keys`] are kept while a control has the focus, all others pass. On X11
//! baseview 0.4.2 drops that answer: a window gets every key while it has the focus or the pointer is in it, and the host gets
//! none. So [`HostKeys`] listens to the window's keys on a connection of its own, and sends on those that aren't the editor's,
//! to the window that would have got them if this one hadn't asked. They go with the frame that they cause.
//!
//! With a baseview that passes keys back on X11, [`HostKeys`] goes.

use egui::Popup;
use nice_plug_egui::{Key, KeyCapture};

/// Which keys the editor has a use for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyUse {
    /// None: nothing has the focus.
    #[default]
    Nothing,
    /// The [`own_keys`]: a control has the focus.
    Control,
    /// All of them: text is typed, or a menu or a question is open. Escape closes those, and the host may close the window with
    /// it.
    All,
}

impl KeyUse {
    /// Asks what is open, or has the focus, which keys it wants.
    pub fn of(context: &egui::Context) -> Self {
        let is_asked = context.memory(|memory| memory.top_modal_layer().is_some());
        if context.text_edit_focused() || Popup::is_any_open(context) || is_asked {
            Self::All
        } else if context.egui_wants_keyboard_input() {
            Self::Control
        } else {
            Self::Nothing
        }
    }

    /// What baseview is told to keep from the host.
    pub fn capture(self) -> KeyCapture {
        match self {
            Self::All => KeyCapture::CaptureAll,
            Self::Control | Self::Nothing => KeyCapture::CaptureKeys(own_keys()),
        }
    }
}

/// What a control that has the focus understands: Tab and the arrows move, Enter and the space bar press, Escape leaves.
fn own_keys() -> Vec<Key> {
    const NAMES: [&str; 8] = [
        "Tab",
        "ArrowUp",
        "ArrowDown",
        "ArrowLeft",
        "ArrowRight",
        "Enter",
        "Escape",
        " ",
    ];
    NAMES.iter().filter_map(|name| name.parse().ok()).collect()
}

#[cfg(not(target_os = "linux"))]
pub use elsewhere::HostKeys;
#[cfg(target_os = "linux")]
pub use x11::{HostKeys, window_id};

#[cfg(target_os = "linux")]
mod x11 {
    use nice_plug_egui::baseview::WindowContext;
    use raw_window_handle::{HasWindowHandle, RawWindowHandle};
    use x11rb::connection::Connection;
    use x11rb::errors::ReplyError;
    use x11rb::protocol::Event;
    use x11rb::protocol::xproto::{
        ChangeWindowAttributesAux, ConnectionExt as _, EventMask, KeyPressEvent,
    };
    use x11rb::rust_connection::RustConnection;
    use x11rb::wrapper::ConnectionExt as _;

    use super::KeyUse;

    /// X11's symbols of [`super::own_keys`]: Tab with and without Shift, the arrows, both Enter, Escape and the space bar.
    const OWN_SYMBOLS: [u32; 10] = [
        0xff09, 0xfe20, 0xff51, 0xff52, 0xff53, 0xff54, 0xff0d, 0xff8d, 0xff1b, 0x20,
    ];

    /// Set in an event's type when a program sent it, not the server.
    const SENT: u8 = 0x80;

    /// A key that goes down within so many milliseconds of going up is held and repeats: the server stamps both halves of a repeat
    /// by the clock, and on a busy machine it may be interrupted between them. No finger is as fast.
    const REPEAT_MS: u32 = 10;

    /// The number of a window; `None` if it isn't one of X11's.
    pub fn window_id(window: &WindowContext) -> Option<u32> {
        match window.window_handle().ok()?.as_raw() {
            RawWindowHandle::Xlib(handle) => u32::try_from(handle.window).ok(),
            RawWindowHandle::Xcb(handle) => Some(handle.window.get()),
            _ => None,
        }
    }

    /// Hears the keys of one window, on the window's thread.
    pub struct HostKeys {
        connection: RustConnection,
        window: u32,
        /// Codes of the keys with [`OWN_SYMBOLS`].
        own: Vec<u8>,
        /// Codes of the keys that are down, and whether each was kept: the host hears of the end of what it has heard the beginning
        /// of, and of nothing else.
        down: Vec<(u8, bool)>,
        /// Code and time of the last that went up, and whether it was kept: a key that is held goes up and down again at once.
        up: (u8, u32, bool),
    }

    impl HostKeys {
        /// Listens to a window; `None` if it isn't one of X11's or the server won't have it.
        pub fn of(window: &WindowContext) -> Option<Self> {
            Self::listen(window_id(window)?).ok()
        }

        fn listen(window: u32) -> Result<Self, Box<dyn std::error::Error>> {
            let (connection, _) = RustConnection::connect(None)?;
            let keys = EventMask::KEY_PRESS | EventMask::KEY_RELEASE;
            let listen = ChangeWindowAttributesAux::new().event_mask(keys);
            connection
                .change_window_attributes(window, &listen)?
                .check()?;
            let first = connection.setup().min_keycode;
            let count = connection.setup().max_keycode - first + 1;
            let mapping = connection.get_keyboard_mapping(first, count)?.reply()?;
            let symbols = mapping
                .keysyms
                .chunks(mapping.keysyms_per_keycode.max(1).into());
            let own = (first..=connection.setup().max_keycode)
                .zip(symbols)
                .filter(|(_, symbols)| symbols.iter().any(|symbol| OWN_SYMBOLS.contains(symbol)))
                .map(|(code, _)| code)
                .collect();
            Ok(Self {
                connection,
                window,
                own,
                down: Vec::new(),
                up: (0, 0, false),
            })
        }

        /// Sends the keys since the last call on to the host, but for those that are `used` here.
        pub fn hand_back(&mut self, used: KeyUse) {
            // A round trip, about 0.1 ms: a key that the window has heard has then come here, too.
            if self.connection.sync().is_err() {
                return;
            }
            while let Ok(Some(event)) = self.connection.poll_for_event() {
                let (mask, key) = match event {
                    Event::KeyPress(key) => (EventMask::KEY_PRESS, key),
                    Event::KeyRelease(key) => (EventMask::KEY_RELEASE, key),
                    _ => continue,
                };
                // What a program sent here comes from the host, which has no use for it.
                if key.response_type & SENT != 0 {
                    continue;
                }
                let keeps = match used {
                    KeyUse::Nothing => false,
                    KeyUse::Control => self.own.contains(&key.detail),
                    KeyUse::All => true,
                };
                let (code, time) = (key.detail, key.time);
                let known = self.down.iter().position(|(down, _)| *down == code);
                let known = known.map(|index| self.down.swap_remove(index).1);
                let is_own = if mask == EventMask::KEY_PRESS {
                    // What is kept stays so while it repeats, even if it has closed what it was kept for. One that is down
                    // already went up elsewhere.
                    let (up, since, kept) = self.up;
                    let repeats = up == code && time.wrapping_sub(since) <= REPEAT_MS;
                    let keeps = if repeats { kept } else { keeps };
                    self.down.push((code, keeps));
                    keeps
                } else {
                    if let Some(kept) = known {
                        self.up = (code, time, kept);
                    }
                    // One that isn't down went down elsewhere.
                    known.unwrap_or(keeps)
                };
                if !is_own {
                    // The window may be closing.
                    let _ = self.send_on(mask, key);
                }
            }
        }

        fn send_on(&self, mask: EventMask, key: KeyPressEvent) -> Result<(), ReplyError> {
            let parent = self.connection.query_tree(self.window)?.reply()?.parent;
            let key = KeyPressEvent {
                event: parent,
                child: self.window,
                ..key
            };
            // To the parent or the nearest window around it that wants keys.
            self.connection.send_event(true, parent, mask, key)?;
            self.connection.flush()?;
            Ok(())
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use nice_plug_egui::baseview::WindowContext;

    /// Nothing to do: baseview passes keys back.
    pub struct HostKeys;

    impl HostKeys {
        /// There is nothing to listen to.
        pub fn of(_: &WindowContext) -> Option<Self> {
            None
        }

        /// No key is ever heard.
        pub fn hand_back(&mut self, _: super::KeyUse) {}
    }
}

#[cfg(test)]
mod tests {
    use egui::{Id, Key, Modal, Popup, Ui};
    use egui_kittest::{Harness, kittest::Queryable};

    use super::KeyUse;

    fn harness() -> Harness<'static, String> {
        let draw = |ui: &mut Ui, text: &mut String| {
            let menu = ui.button("Menu");
            Popup::menu(&menu).show(|ui| ui.label("An entry"));
            if ui.button("Question").clicked() {
                ui.memory_mut(|memory| memory.data.insert_temp(Id::unique("asked"), true));
            }
            if ui.memory(|memory| memory.data.get_temp(Id::unique("asked")) == Some(true)) {
                let modal =
                    Modal::new(Id::unique("question")).show(ui.ctx(), |ui| ui.label("Yes?"));
                if modal.should_close() {
                    ui.memory_mut(|memory| memory.data.insert_temp(Id::unique("asked"), false));
                }
            }
            let name = ui.label("Name");
            ui.text_edit_singleline(text).labelled_by(name.id);
        };
        Harness::builder()
            .with_context_setup(crate::editor::load_fonts)
            .build_ui_state(draw, String::new())
    }

    #[test]
    fn all_keys_are_the_editors_while_something_is_open_or_text_is_typed() {
        let mut harness = harness();
        harness.run();
        assert_eq!(KeyUse::of(&harness.ctx), KeyUse::Nothing);
        for name in ["Menu", "Question"] {
            harness.get_by_label(name).click();
            harness.run();
            assert_eq!(KeyUse::of(&harness.ctx), KeyUse::All, "{name}");
            harness.key_press(Key::Escape);
            harness.run();
            assert_eq!(KeyUse::of(&harness.ctx), KeyUse::Nothing, "{name}, closed");
        }
        harness.get_by_role(egui::Role::TextInput).click();
        harness.run();
        assert_eq!(KeyUse::of(&harness.ctx), KeyUse::All, "text");
    }
}
