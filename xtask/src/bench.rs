//! `cargo xtask bench`: what the plugin costs.

use anyhow::Result;

use crate::bundle;
use crate::project::{PACKAGE, Project};
use crate::steps::Steps;

/// Bundles, then runs benches/plugin.rs on it; or benches/load, with that many seconds for each measurement.
///
/// # Errors
/// If the plugin doesn't build or the bench fails.
pub fn run(project: &Project, load: Option<f64>) -> Result<()> {
    let bundles = bundle::run(project)?;
    let name = if load.is_some() { "load" } else { "plugin" };
    let mut bench = project.cargo("bench");
    bench
        .args(["--package", PACKAGE, "--bench", name])
        .env("MOODRING_BUNDLED", &bundles.clap)
        // What is measured is the shipped plugin with the shipped models, whatever the user has set.
        .env_remove("MOODRING_MODELS")
        .env_remove("MOODRING_READOUT");
    if let Some(seconds) = load {
        bench
            .args(["--", "--seconds", &seconds.to_string()])
            .env("MOODRING_STATUS", project.target.join("load.jsonl"));
    }
    Steps::default().run(name, &mut bench)
}
