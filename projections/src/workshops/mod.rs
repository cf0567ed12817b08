//! Workshops and their published versions.

pub mod versions;
#[allow(clippy::module_inception)] // Named after its table, as every read model is.
pub mod workshops;
