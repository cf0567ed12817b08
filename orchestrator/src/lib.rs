//! Environments: where they run and how they are made.

pub mod driver;
pub mod sandbox;
