//! Environments that sessions work in.

#[allow(clippy::module_inception)] // Named after its table, as every read model is.
pub mod environments;
