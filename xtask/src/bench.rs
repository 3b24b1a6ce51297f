//! `cargo xtask bench`: what the plugin costs.

use anyhow::Result;

use crate::bundle;
use crate::project::{PACKAGE, Project};
use crate::steps::Steps;

/// Bundles, then runs benches/plugin.rs on it.
///
/// # Errors
/// If the plugin doesn't build or the bench fails.
pub fn run(project: &Project) -> Result<()> {
    let bundles = bundle::run(project)?;
    let mut bench = project.cargo("bench");
    bench
        .args(["--package", PACKAGE, "--bench", "plugin"])
        .env("MOODRING_BUNDLED", &bundles.clap);
    Steps::default().run("bench", &mut bench)
}
