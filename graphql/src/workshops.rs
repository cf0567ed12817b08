//! What is taught.

mod actions;
mod cluster_needs;
mod content;
mod environment_needs;
mod errors;
mod inputs;
pub(crate) mod loaders;
mod mutations;
mod pages;
mod queries;
mod versions;
mod words;
mod workshop;

pub(crate) use content::load as load_content;
pub(crate) use mutations::WorkshopMutations;
pub(crate) use pages::StepPage;
pub(crate) use queries::WorkshopQueries;
pub(crate) use words::{Difficulty, StepRule};
pub(crate) use workshop::{Workshop, workshop};
