//! Another process that keeps every core busy.

use std::io::Read;
use std::process::{Child, Command, Stdio};

/// Makes this program the burner.
pub const ARGUMENT: &str = "--burn";

/// The process; gone when dropped.
pub struct Burner(Child);

impl Burner {
    pub fn start() -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        Self(child)
    }
}

impl Drop for Burner {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Burns until the other end of standard input is gone, so that no burner outlives its bench.
pub fn burn() {
    let cores = std::thread::available_parallelism().unwrap().get();
    for _ in 0..cores {
        std::thread::spawn(|| {
            loop {
                std::hint::spin_loop();
            }
        });
    }
    let _ = std::io::stdin().read(&mut [0]);
}
