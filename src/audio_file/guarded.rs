//! Calls of the decoding library that may not come back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use symphonia::core::errors::Error;

/// What the decoding library makes of it. Some damaged headers break an assertion deep in it: that is a bad file, not our crash.
///
/// # Errors
/// The library's, and that it has failed.
pub(super) fn guarded<T>(call: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or(Err(Error::DecodeError(
        "the decoding library fails at what is in it",
    )))
}
