//! The journal itself, for those who may read it.

mod event;
mod filter;
mod queries;
mod scan;
mod subscriptions;

pub(crate) use queries::EventQueries;
pub(crate) use subscriptions::EventSubscriptions;
