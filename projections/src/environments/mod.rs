//! Environments that sessions work in, and the clusters they are on.

pub mod alerts;
pub mod clusters;
#[allow(clippy::module_inception)] // Named after its table, as every read model is.
pub mod environments;
pub mod pools;
