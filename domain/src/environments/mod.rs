//! Where people work: one isolated environment per session, made and unmade by a saga, and the clusters they are made on.

pub mod cluster;
pub mod cost;
pub mod environment;
pub mod pool;
mod rejection;
pub mod roster;

pub use rejection::EnvironmentRejection;
