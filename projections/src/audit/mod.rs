//! Who did what: read models of the context `audit`.

pub mod activity;
pub mod entries;
mod search;
pub mod subjects;

pub use search::{Filter, Found, Order, search};
