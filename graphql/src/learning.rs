//! Sessions, and what comes of them.

mod attempts;
mod author_dashboard;
mod errors;
mod learner_dashboard;
pub(crate) mod loaders;
mod mutations;
mod queries;
mod session;
mod session_steps;
mod statistics;
mod step_mutations;
mod subscriptions;

pub(crate) use mutations::SessionMutations;
pub(crate) use queries::SessionQueries;
pub(crate) use session::{Session, session};
pub(crate) use statistics::WorkshopStatistics;
pub(crate) use step_mutations::StepMutations;
pub(crate) use subscriptions::SessionSubscriptions;
