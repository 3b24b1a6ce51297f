//! No panic may leave for a host.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Returns what `call` returns, or `else_this` if it panics.
pub fn guarded<T>(else_this: T, call: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or(else_this)
}
