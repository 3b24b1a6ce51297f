//! `cargo xtask bench`: what the plugin costs.

use anyhow::Result;

use crate::bundle;
use crate::project::{PACKAGE, Project};
use crate::steps::Steps;

/// What is measured.
#[derive(Debug, Clone, Copy)]
pub enum What {
    /// The plugin's parts: benches/plugin.rs.
    Plugin,
    /// Many instances: benches/load.
    Load(Length),
    /// The open editor: benches/editor.rs.
    Editor,
}

/// How long the load is measured.
#[derive(Debug, Clone, Copy)]
pub enum Length {
    /// Seconds for each measurement.
    Each(f64),
    /// Minutes for all of them.
    All(f64),
}

/// Bundles, then measures.
///
/// # Errors
/// If the plugin doesn't build or the bench fails.
pub fn run(project: &Project, what: What) -> Result<()> {
    let bundles = bundle::run(project)?;
    let name = match what {
        What::Plugin => "plugin",
        What::Load(_) => "load",
        What::Editor => "editor",
    };
    let mut bench = project.cargo("bench");
    bench
        .args(["--package", PACKAGE, "--bench", name])
        .env("MOODRING_BUNDLED", &bundles.clap)
        // What is measured is the shipped plugin with the shipped models, whatever the user has set.
        .env_remove("MOODRING_MODELS")
        .env_remove("MOODRING_READOUT");
    if let What::Load(length) = what {
        let (option, value) = match length {
            Length::Each(seconds) => ("--seconds", seconds),
            Length::All(minutes) => ("--minutes", minutes),
        };
        bench
            .args(["--", option, &value.to_string()])
            .env("MOODRING_STATUS", project.target.join("load.jsonl"));
    }
    Steps::default().run(name, &mut bench)
}
