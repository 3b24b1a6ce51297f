//! What threads share through, by one name: `proofs/` compiles the files that use it with loom's types in its place.

pub use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread::{Thread, park_timeout},
};
