//! What the targets find as `crate::common`: of the tests' host, the part that the `state` target needs.
#![allow(dead_code, reason = "the tests use all of it")]

#[path = "../../tests/common/bare_host/mod.rs"]
pub mod bare_host;
