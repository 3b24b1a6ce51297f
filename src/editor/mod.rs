//! What is seen: one file a panel; draws from a [`Snapshot`], never touches the engine's insides.

mod snapshot;

pub use snapshot::{Codes, Snapshot, Status};
