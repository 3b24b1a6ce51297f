//! The standalone window and the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    match moodring::cli::run(std::env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("moodring: {why}");
            ExitCode::FAILURE
        }
    }
}
