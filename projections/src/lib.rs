//! Read models: what queries are answered from, folded from the journal.
//!
//! A read model is a table, a pure fold and its queries, in one file per read model (`<context>/<plural>.rs`, and one
//! line in `registry.rs`). [`Projections`] runs them: it takes a page of events, loads the rows they touch, folds in
//! memory, and writes rows and checkpoints in one transaction, so that each event counts exactly once.

pub mod audit;
mod blocking;
pub mod booking;
mod checkpoints;
pub mod column;
pub mod communities;
mod digest;
pub mod environments;
mod error;
#[cfg(test)]
mod fixtures;
pub mod gamification;
mod held;
pub mod identity;
pub mod learning;
mod lease;
pub mod operator;
mod paging;
mod place;
mod projector;
pub mod read_model;
mod rebuild;
mod registry;
mod rows;
mod runner;
mod store;
pub mod tally;
pub mod time_travel;
pub mod workshops;

pub use chrono_tz::Tz;
pub use digest::digest_of_rows;
pub use error::{ProjectionError, is_unavailable};
pub use paging::{After, Page};
pub use place::Place;
pub use rebuild::{Progress, RebuildOptions, Until, rebuild_into};
pub use registry::names;
pub use runner::{ProjectionOptions, Projections, ReadModelState, ReadModelStatus};
pub use sea_orm::{DatabaseConnection, DbErr};
