//! Where learners work.

mod environment;
mod errors;
pub(crate) mod loaders;
mod mutations;

pub(crate) use environment::{Environment, environment, environment_of};
pub(crate) use mutations::EnvironmentMutations;
