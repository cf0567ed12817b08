//! Communities, and who is of them.

#[allow(clippy::module_inception)] // Named after its table, as every read model is.
pub mod communities;
pub mod members;
