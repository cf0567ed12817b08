//! The business of Nalabo as pure decisions: one folder per context, one file per aggregate.
//!
//! Nothing here reads a clock, draws a random number, or knows a database, a framework or another crate of ours.

pub mod audit;
pub mod booking;
pub mod communities;
pub mod decider;
pub mod environments;
pub mod fact;
pub mod gamification;
pub mod identity;
pub mod kernel;
pub mod learning;
pub mod subject;
pub mod upcast;
mod variants;
pub mod workshops;

// So that tests here can begin with what those of other crates begin with.
#[cfg(test)]
extern crate self as domain;

pub use decider::{Decider, Event, Rejection, given};
pub use variants::variants;
