//! What the plugin's files find as `crate::params`.

#[path = "../../src/params/slots.rs"]
pub mod slots;
