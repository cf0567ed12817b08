//! Where people work: one isolated environment per session, made and unmade by a saga.

pub mod environment;
mod rejection;

pub use rejection::EnvironmentRejection;
