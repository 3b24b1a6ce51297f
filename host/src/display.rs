//! The X display that editors open on.
#![allow(unsafe_code, reason = "an environment variable is set")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use x11rb::connection::Connection;
use x11rb::protocol::xproto::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use crate::error::HostError;

/// What a Debian system needs for an editor without a screen, all without recommended packages. The plugin opens
/// these libraries at run time, so no linker tells.
pub(crate) const PACKAGES: &str = "xvfb libegl1 libgl1-mesa-dri libx11-xcb1 libxkbcommon-x11-0";

/// An X display: the user's own, or a virtual one that lives as long as this value.
pub struct Display {
    name: String,
    /// Keeps a virtual server alive: it ends with its last client, even if this process is killed.
    _connection: RustConnection,
    server: Option<Child>,
}

impl Display {
    /// Takes the display that `DISPLAY` names, or else starts Xvfb with software OpenGL and makes `DISPLAY` name it.
    ///
    /// # Safety
    /// Sets environment variables: no other thread may read or write the environment meanwhile. Call it before
    /// threads are started and plugins are loaded.
    ///
    /// # Errors
    /// [`HostError::Window`], which names the packages to install if Xvfb is missing.
    pub unsafe fn open() -> Result<Self, HostError> {
        if let Ok(name) = std::env::var("DISPLAY")
            && !name.is_empty()
        {
            let connection = connect(&name)?;
            return Ok(Self {
                name,
                _connection: connection,
                server: None,
            });
        }

        let (mut server, name) = start_xvfb()?;
        let connection = match connect(&name) {
            Ok(connection) => connection,
            Err(error) => {
                stop(&mut server);
                return Err(error);
            }
        };
        park_pointer(&connection).map_err(|why| HostError::Window(format!("{name}: {why}")))?;
        // SAFETY: the caller guarantees that no other thread uses the environment.
        unsafe {
            std::env::set_var("DISPLAY", &name);
            std::env::set_var("LIBGL_ALWAYS_SOFTWARE", "1");
        }
        Ok(Self {
            name,
            _connection: connection,
            server: Some(server),
        })
    }

    /// The name as in `DISPLAY`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a virtual display that this value started.
    pub fn is_virtual(&self) -> bool {
        self.server.is_some()
    }
}

/// Moves the pointer into the screen's far corner: a virtual server starts with it in the middle, where it would hover over
/// a control in every picture.
fn park_pointer(connection: &RustConnection) -> Result<(), Box<dyn std::error::Error>> {
    let screen = connection.setup().roots.first().ok_or("no screen")?;
    let corner = (i16::MAX, i16::MAX);
    connection.warp_pointer(x11rb::NONE, screen.root, 0, 0, 0, 0, corner.0, corner.1)?;
    connection.sync()?;
    Ok(())
}

impl Drop for Display {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            stop(server);
        }
    }
}

fn connect(name: &str) -> Result<RustConnection, HostError> {
    match RustConnection::connect(Some(name)) {
        Ok((connection, _screen)) => Ok(connection),
        Err(error) => Err(HostError::Window(format!(
            "display `{name}`: no connection ({error}); unset DISPLAY to use a virtual one"
        ))),
    }
}

/// Starts Xvfb on a free display number and waits until it serves.
fn start_xvfb() -> Result<(Child, String), HostError> {
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "+extension", "GLX"])
        .args(["-nolisten", "tcp", "-terminate"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| {
            HostError::Window(format!(
                "Xvfb: can't be started ({error}); on Debian: apt-get install --no-install-recommends {PACKAGES}"
            ))
        })?;
    let mut number = String::new();
    let read = server
        .stdout
        .take()
        .map(|stdout| BufReader::new(stdout).read_line(&mut number));
    let number = number.trim();
    if !matches!(read, Some(Ok(_))) || number.is_empty() {
        stop(&mut server);
        return Err(HostError::Window(
            "Xvfb: ended before it was ready; run `Xvfb -displayfd 1` by hand to see why"
                .to_owned(),
        ));
    }
    let name = format!(":{number}");
    Ok((server, name))
}

fn stop(server: &mut Child) {
    // Both fail only when it is gone already.
    let _ = server.kill();
    let _ = server.wait();
}
