//! The editor of a [`BareHost`], in an X11 window that belongs to it.
#![allow(unsafe_code, reason = "CLAP is a C interface")]

use clap_sys::ext::gui::{
    CLAP_EXT_GUI, CLAP_WINDOW_API_X11, clap_plugin_gui, clap_window, clap_window_handle,
};
use x11rb::{
    COPY_DEPTH_FROM_PARENT,
    connection::Connection,
    protocol::xproto::{ConnectionExt as _, CreateWindowAux, WindowClass},
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

use super::bare_host::BareHost;

/// A window with the editor in it. The editor is closed by hand, since a host may do that in whatever order.
pub struct BareWindow {
    connection: RustConnection,
    pub window: u32,
}

impl BareWindow {
    /// Opens it on the display that `DISPLAY` names.
    pub fn open(host: &BareHost) -> Self {
        let gui = gui(host);
        let api = CLAP_WINDOW_API_X11.as_ptr();
        // SAFETY: as the standard has it.
        assert!(unsafe { gui.create.unwrap()(host.plugin, api, false) });
        let (width, height) = size(host);
        let (connection, screen) = RustConnection::connect(None).unwrap();
        let root = connection.setup().roots[screen].root;
        let window = connection.generate_id().unwrap();
        connection
            .create_window(
                COPY_DEPTH_FROM_PARENT,
                window,
                root,
                0,
                0,
                width as u16,
                height as u16,
                0,
                WindowClass::INPUT_OUTPUT,
                0,
                &CreateWindowAux::new(),
            )
            .unwrap();
        connection.map_window(window).unwrap();
        connection.sync().unwrap();
        let parent = clap_window {
            api,
            specific: clap_window_handle { x11: window.into() },
        };
        // SAFETY: as above.
        unsafe {
            assert!(gui.set_parent.unwrap()(host.plugin, &parent));
            // As long as a host may take for it.
            std::thread::sleep(std::time::Duration::from_millis(100));
            assert!(gui.show.unwrap()(host.plugin));
        }
        Self { connection, window }
    }

    /// Destroys the window, with the editor's own in it.
    pub fn destroy(&self) {
        self.connection.destroy_window(self.window).unwrap();
        self.connection.sync().unwrap();
    }
}

/// The plugin's side of its editor.
pub fn gui(host: &BareHost) -> &clap_plugin_gui {
    host.extension(CLAP_EXT_GUI)
}

/// What the plugin says of its editor's size, in pixels.
pub fn size(host: &BareHost) -> (u32, u32) {
    let (mut width, mut height) = (0, 0);
    // SAFETY: as the standard has it.
    assert!(unsafe { gui(host).get_size.unwrap()(host.plugin, &mut width, &mut height) });
    (width, height)
}

/// Closes the editor.
pub fn close(host: &BareHost) {
    // SAFETY: as above.
    unsafe { gui(host).destroy.unwrap()(host.plugin) };
}
