//! `cargo xtask demo`: real music through the bundled plugin in a host.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::bundle;
use crate::machine::packages;
use crate::machine::{Machine, Need};
use crate::project::Project;
use crate::steps::Steps;

/// The package that the demo is a program of.
const HOST: &str = "moodring-host";

/// What the demo plays if it is given nothing; its licence lies beside it.
const EXCERPT: &str = "tests/music/war_of_freedom.ogg";

/// The solo that it morphs to another instrument then; its licence lies beside it.
const SOLO: &str = "tests/music/phrase.ogg";

/// Makes paths relative to the user's working directory mean the same from anywhere.
///
/// # Errors
/// If the working directory is gone.
pub fn absolute(files: Vec<PathBuf>) -> Result<Vec<PathBuf>> {
    files
        .into_iter()
        .map(|file| std::path::absolute(&file).with_context(|| format!("{}", file.display())))
        .collect()
}

/// Sets up, bundles and plays.
///
/// # Errors
/// If a package is missing, the plugin doesn't build or the demo fails.
pub fn run(project: &Project, mut files: Vec<PathBuf>) -> Result<()> {
    let solo = files.is_empty().then(|| project.root.join(SOLO));
    if solo.is_some() {
        files.push(project.root.join(EXCERPT));
    }
    let machine = Machine::set_up(project, &[Need::Packages(packages::EDITOR)]);
    let bundles = bundle::run_beside(project, &[HOST])?;
    machine.finish()?;
    let mut demo = project.cargo("run");
    demo.args([
        "--release",
        "--package",
        HOST,
        "--bin",
        "moodring-demo",
        "--",
        "--plugin",
    ])
    .arg(&bundles.clap)
    .arg("--out")
    .arg(project.target.join("demo"))
    .args(files);
    if let Some(solo) = solo {
        demo.arg("--solo").arg(solo);
    }
    Steps::default().run("demo", &mut demo)
}
