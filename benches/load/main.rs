//! Playback under load: many instances in one paced host, alone and beside a process that burns every core. Run it by
//! `cargo xtask bench --load`.
//!
//! One audio thread processes all instances in turn, as a DAW does with tracks that feed one bus: the hardest case, since
//! they share one deadline. It has the real-time priority that a DAW gives it, if the system lets it; the engine's threads
//! have none. Each cell of the table is measured twice: with Moodring, and with a control in its place that computes for as
//! long as Moodring did in the mean, so that what the machine does to any plugin can be told from what this one does.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may fail")]

#[cfg(target_os = "linux")]
mod burner;
#[cfg(target_os = "linux")]
mod paced;
#[cfg(target_os = "linux")]
mod summary;
#[cfg(target_os = "linux")]
mod table;
#[cfg(target_os = "linux")]
mod threads;

#[cfg(target_os = "linux")]
fn main() {
    if std::env::args().any(|argument| argument == burner::ARGUMENT) {
        burner::burn();
    } else {
        table::print();
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("the load is measured by what Linux tells in /proc: run it there");
}
