//! People who come together.

mod community;
mod errors;
pub(crate) mod loaders;
mod mutations;
mod queries;

pub(crate) use community::{Community, community};
pub(crate) use mutations::CommunityMutations;
pub(crate) use queries::CommunityQueries;
