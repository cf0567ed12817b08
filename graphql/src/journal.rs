//! The journal itself, for those who may read it.

mod event;
mod filter;
mod head;
mod queries;
mod scan;
mod subscriptions;

pub(crate) use event::{Event, Position, without_personal};
pub(crate) use head::HeadQueries;
pub(crate) use queries::EventQueries;
pub(crate) use subscriptions::EventSubscriptions;
