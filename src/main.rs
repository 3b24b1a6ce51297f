//! The standalone window and the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    moodring::cli::run(std::env::args_os())
}
