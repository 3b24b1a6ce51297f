//! Date and time of day, for the names of files and what is in them.

use std::time::{SystemTime, UNIX_EPOCH};

/// Date and time of day in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Utc {
    year: i64,
    month: i64,
    day: i64,
    /// Seconds since midnight.
    second: u64,
}

impl Utc {
    /// What the system's clock says.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self::at(since.unwrap_or_default().as_secs())
    }

    /// From seconds since 1970, by H. Hinnant, "chrono-compatible low-level date algorithms" (2013).
    fn at(seconds: u64) -> Self {
        let days = (seconds / 86_400) as i64 + 719_468;
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // Years begin in March here.
        let month_of_year = (5 * day_of_year + 2) / 153;
        let month = (month_of_year + 2) % 12 + 1;
        Self {
            year: era * 400 + year_of_era + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * month_of_year + 2) / 5 + 1,
            second: seconds % 86_400,
        }
    }

    fn parts(self) -> (String, [u64; 3]) {
        let date = format!("{:04}-{:02}-{:02}", self.year, self.month, self.day);
        let second = self.second;
        (date, [second / 3_600, second / 60 % 60, second % 60])
    }

    /// As a part of a file's name: `2026-11-21-103807Z`.
    pub fn for_names(self) -> String {
        let (date, [hour, minute, second]) = self.parts();
        format!("{date}-{hour:02}{minute:02}{second:02}Z")
    }

    /// As in a file (RFC 3339): `2026-11-21T10:38:07Z`.
    pub fn for_files(self) -> String {
        let (date, [hour, minute, second]) = self.parts();
        format!("{date}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (1_795_257_487, "2026-11-21T10:38:07Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(Utc::at(seconds).for_files(), text);
        }
    }
}
