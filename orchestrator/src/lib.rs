//! Environments: where they run, how they are made and unmade, and the way into them.

pub mod driver;
pub mod home;
pub mod output;
pub mod placement;
pub mod saga;
pub mod sandbox;
pub mod sites;
pub mod stocker;
pub mod tickets;
pub mod watch;
pub mod workbench;
