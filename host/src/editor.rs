//! A window with the plugin's editor in it.
#![allow(
    unsafe_code,
    reason = "the plugin draws into a window that is named by number"
)]

use std::path::Path;

use clack_extensions::gui::{GuiApiType, GuiConfiguration, GuiSize, PluginGui, Window};
use clack_host::prelude::PluginMainThreadHandle;
use x11rb::COPY_DEPTH_FROM_PARENT;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ConfigureWindowAux, ConnectionExt as _, CreateWindowAux, EventMask, ImageFormat,
    ImageOrder, PropMode, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use crate::Display;
use crate::display::PACKAGES;
use crate::error::HostError;
use crate::picture::write_png;

/// A top-level X11 window that a plugin's editor is embedded in. Made by [`Plugin::open_editor`](crate::Plugin::open_editor),
/// kept up to date by [`Plugin::pump`](crate::Plugin::pump).
pub struct EditorWindow {
    connection: RustConnection,
    window: u32,
    size: GuiSize,
    /// What [`Plugin::take_keys`](crate::Plugin::take_keys) gives out.
    keys: Vec<Key>,
}

/// A key that reached the host's window: the editor had no use for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// X11's code of the key.
    pub code: u8,
    /// Whether it went down or up.
    pub pressed: bool,
}

impl EditorWindow {
    pub(crate) fn open(
        gui: &PluginGui,
        plugin: &PluginMainThreadHandle<'_>,
        display: &Display,
        title: &str,
    ) -> Result<Self, HostError> {
        let configuration = GuiConfiguration {
            api_type: GuiApiType::X11,
            is_floating: false,
        };
        if !gui.is_api_supported(plugin, configuration) {
            return Err(HostError::refused(
                "has no editor that can be embedded in an X11 window",
            ));
        }
        gui.create(plugin, configuration).map_err(|_| {
            let found =
                "could not create its editor; libraries that it opens at run time may be missing";
            HostError::refused(format!("{found}, on Debian: {PACKAGES}"))
        })?;

        let opened = (|| {
            let size = gui
                .get_size(plugin)
                .ok_or_else(|| HostError::refused("has an editor of unknown size"))?;
            let this = Self::create(display, size, title).map_err(window_error)?;
            // SAFETY: the window outlives the editor: Plugin::close_editor destroys the editor first.
            unsafe { gui.set_parent(plugin, Window::from_x11_handle(this.window.into())) }
                .and_then(|()| gui.show(plugin))
                .map_err(|error| HostError::Window(format!("editor: {error}")))?;
            Ok(this)
        })();
        if opened.is_err() {
            gui.destroy(plugin);
        }
        opened
    }

    fn create(
        display: &Display,
        size: GuiSize,
        title: &str,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let (connection, screen) = RustConnection::connect(Some(display.name()))?;
        let root = connection
            .setup()
            .roots
            .get(screen)
            .ok_or("no such screen")?
            .root;
        let window = connection.generate_id()?;
        let (width, height) = (u16::try_from(size.width)?, u16::try_from(size.height)?);
        connection.create_window(
            COPY_DEPTH_FROM_PARENT,
            window,
            root,
            0,
            0,
            width,
            height,
            0,
            WindowClass::INPUT_OUTPUT,
            0,
            &CreateWindowAux::new().event_mask(
                EventMask::STRUCTURE_NOTIFY | EventMask::KEY_PRESS | EventMask::KEY_RELEASE,
            ),
        )?;
        connection.change_property8(
            PropMode::REPLACE,
            window,
            AtomEnum::WM_NAME,
            AtomEnum::STRING,
            title.as_bytes(),
        )?;
        connection.map_window(window)?;
        // The plugin has a connection of its own: the window must exist before that one hears of it.
        connection.sync()?;
        Ok(Self {
            connection,
            window,
            size,
            keys: Vec::new(),
        })
    }

    /// Destroys the editor, then the window.
    pub(crate) fn close(self, gui: &PluginGui, plugin: &PluginMainThreadHandle<'_>) {
        gui.destroy(plugin);
    }

    /// The X11 id of the window.
    pub fn id(&self) -> u32 {
        self.window
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.size.width, self.size.height)
    }

    /// Follows the editor's own wish for another size.
    pub(crate) fn resize(&mut self, size: GuiSize) -> Result<(), HostError> {
        let configuration = ConfigureWindowAux::new()
            .width(size.width)
            .height(size.height);
        self.connection
            .configure_window(self.window, &configuration)
            .map_err(window_error)
            .and_then(|_| self.connection.sync().map_err(window_error))?;
        self.size = size;
        Ok(())
    }

    /// Reads what the server sent and keeps the keys. Nothing else is of interest.
    pub(crate) fn drain_events(&mut self) -> Result<(), HostError> {
        while let Some(event) = self.connection.poll_for_event().map_err(window_error)? {
            let (code, pressed) = match event {
                Event::KeyPress(key) => (key.detail, true),
                Event::KeyRelease(key) => (key.detail, false),
                _ => continue,
            };
            self.keys.push(Key { code, pressed });
        }
        Ok(())
    }

    pub(crate) fn take_keys(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.keys)
    }

    /// Writes what the window shows to a PNG file. The window must be wholly on the screen and not covered.
    ///
    /// # Errors
    /// [`HostError::Window`] if the server can't give the picture, [`HostError::Write`].
    pub fn screenshot(&self, path: impl AsRef<Path>) -> Result<(), HostError> {
        let rgb = self.pixels().map_err(window_error)?;
        write_png(path.as_ref(), self.size.width, self.size.height, &rgb)
    }

    /// The window's pixels: rows from the top, three bytes (red, green, blue) a pixel.
    fn pixels(&self) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        let (width, height) = (
            u16::try_from(self.size.width)?,
            u16::try_from(self.size.height)?,
        );
        let image = self
            .connection
            .get_image(ImageFormat::Z_PIXMAP, self.window, 0, 0, width, height, !0)?
            .reply()?;
        let setup = self.connection.setup();
        let format = setup
            .pixmap_formats
            .iter()
            .find(|format| format.depth == image.depth);
        if !matches!(format, Some(format) if format.bits_per_pixel == 32) {
            return Err(format!("a screen of depth {} instead of 24", image.depth).into());
        }
        Ok(image
            .data
            .chunks_exact(4)
            .flat_map(|pixel| match (setup.image_byte_order, pixel) {
                (ImageOrder::MSB_FIRST, [_, red, green, blue]) | (_, [blue, green, red, _]) => {
                    [*red, *green, *blue]
                }
                _ => [0; 3],
            })
            .collect())
    }
}

fn window_error(error: impl std::fmt::Display) -> HostError {
    HostError::Window(format!("editor window: {error}"))
}
