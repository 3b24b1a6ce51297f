//! How often a job may panic.

/// Counts the panics of a job.
#[derive(Debug, Default)]
pub struct Faults(u32);

impl Faults {
    /// Panics after which a job isn't started once more: what fails that often will go on failing.
    pub const MOST: u32 = 3;

    /// Counts one more: what to tell the user of the job `name`, which goes on (`Ok`) or has failed too often (`Err`).
    pub fn another(&mut self, name: &str) -> Result<String, String> {
        self.0 += 1;
        if self.0 > Self::MOST {
            return Err(format!("{name} stopped after repeated internal errors"));
        }
        Ok(format!(
            "{name} was restarted after an internal error ({} of {})",
            self.0,
            Self::MOST
        ))
    }
}
