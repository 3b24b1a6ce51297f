//! Has baseview listen to the screen's counter before it asks for it, on X11.
//!
//! baseview 0.4.2 draws when the server says that the counter has moved on. It listens to that only once its window is mapped, but
//! asks as soon as the engine has news. Where a host takes longer than a sixtieth of a second to show the editor that it has made,
//! the answer comes before baseview listens. It waits for that answer, and nothing is ever drawn. So the window is mapped for a
//! moment before its thread looks at anything, where nobody sees it: baseview listens once it hears of that.
//!
//! With a baseview that listens before it asks, this file goes.

use nice_plug_egui::baseview::WindowContext;

/// Maps a window for a moment, on the window's thread before it runs.
#[cfg(target_os = "linux")]
pub fn map_for_a_moment(window: &WindowContext) {
    if let Some(id) = crate::editor::input::keys::window_id(window) {
        // A window that couldn't be mapped is drawn where its host is quick.
        let _ = map(id);
    }
}

/// Elsewhere there is no such counter.
#[cfg(not(target_os = "linux"))]
pub fn map_for_a_moment(_: &WindowContext) {}

/// Maps a window inside one that isn't mapped, so that no window manager hears of it.
#[cfg(target_os = "linux")]
fn map(window: u32) -> Result<(), Box<dyn std::error::Error>> {
    use x11rb::{
        COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT,
        connection::Connection as _,
        protocol::xproto::{ConnectionExt as _, CreateWindowAux, WindowClass},
        rust_connection::RustConnection,
        wrapper::ConnectionExt as _,
    };

    let (connection, _) = RustConnection::connect(None)?;
    let tree = connection.query_tree(window)?.reply()?;
    let hidden = connection.generate_id()?;
    connection.create_window(
        COPY_DEPTH_FROM_PARENT,
        hidden,
        tree.root,
        0,
        0,
        1,
        1,
        0,
        WindowClass::INPUT_OUTPUT,
        COPY_FROM_PARENT,
        &CreateWindowAux::new(),
    )?;
    connection.reparent_window(window, hidden, 0, 0)?;
    connection.map_window(window)?;
    connection.unmap_window(window)?;
    connection.reparent_window(window, tree.parent, 0, 0)?;
    connection.destroy_window(hidden)?;
    connection.sync()?;
    Ok(())
}
