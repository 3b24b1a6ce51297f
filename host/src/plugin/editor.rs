//! An instance's editor: opened, resized, closed.

use clack_extensions::gui::{GuiSize, PluginGui};

use super::Plugin;
use crate::display::Display;
use crate::editor::{EditorWindow, Key};
use crate::error::HostError;

impl Plugin {
    /// Opens the editor in a window of its own on `display`; does nothing when it is open.
    ///
    /// # Errors
    /// [`HostError::Refused`] without an X11 editor, [`HostError::Window`] when the window can't be made.
    pub fn open_editor(&mut self, display: &Display) -> Result<(), HostError> {
        if self.editor.is_none() {
            let gui: PluginGui = self.extension("gui")?;
            let title = self.descriptor.name.clone();
            self.editor = Some(EditorWindow::open(
                &gui,
                &self.instance.plugin_handle(),
                display,
                &title,
            )?);
        }
        Ok(())
    }

    /// The editor's window, if open.
    pub fn editor(&self) -> Option<&EditorWindow> {
        self.editor.as_ref()
    }

    /// Tells the open editor how many physical pixels a logical one has, as hosts do on screens of high density. The window
    /// follows.
    ///
    /// # Errors
    /// [`HostError::Refused`] without an open editor or if the plugin can't do it, [`HostError::Window`] if the window can't
    /// follow.
    pub fn scale_editor(&mut self, scale: f64) -> Result<(), HostError> {
        let gui: PluginGui = self.extension("gui")?;
        let handle = self.instance.plugin_handle();
        gui.set_scale(&handle, scale)
            .map_err(|_| HostError::refused(format!("refuses the scale {scale}")))?;
        let size = gui
            .get_size(&handle)
            .ok_or_else(|| HostError::refused("has an editor of unknown size"))?;
        match &mut self.editor {
            Some(editor) => editor.resize(size),
            None => Err(HostError::refused("has no open editor")),
        }
    }

    /// Asks the open editor to take a size, in pixels, as when a user drags the window's frame: the plugin says which size
    /// near it would do, and gets that one. Returns it.
    ///
    /// # Errors
    /// [`HostError::Refused`] without an open editor or if the plugin can't do it, [`HostError::Window`] if the window can't
    /// follow.
    pub fn resize_editor(&mut self, width: u32, height: u32) -> Result<(u32, u32), HostError> {
        let gui: PluginGui = self.extension("gui")?;
        let handle = self.instance.plugin_handle();
        let editor = self
            .editor
            .as_mut()
            .ok_or_else(|| HostError::refused("has no open editor"))?;
        let wanted = GuiSize { width, height };
        let size = gui.adjust_size(&handle, wanted).unwrap_or(wanted);
        gui.set_size(&handle, size)
            .map_err(|_| HostError::refused(format!("refuses the size {width} x {height}")))?;
        editor.resize(size)?;
        Ok((size.width, size.height))
    }

    /// What the plugin says of its editor's size, in pixels.
    pub fn editor_size(&mut self) -> Option<(u32, u32)> {
        let gui: PluginGui = self.extension("gui").ok()?;
        let size = gui.get_size(&self.instance.plugin_handle())?;
        Some((size.width, size.height))
    }

    /// The keys that came back from the open editor, or that it never got, since the last call; [`Plugin::pump`] collects
    /// them.
    pub fn take_keys(&mut self) -> Vec<Key> {
        self.editor
            .as_mut()
            .map_or_else(Vec::new, EditorWindow::take_keys)
    }

    /// Closes the editor, if open.
    pub fn close_editor(&mut self) {
        if let Some(editor) = self.editor.take()
            && let Ok(gui) = self.extension::<PluginGui>("gui")
        {
            editor.close(&gui, &self.instance.plugin_handle());
        }
    }
}
