//! Who did what, and how things came to be as they are.

mod activity;
mod entry;
mod filter;
mod history;
mod open_sign_ins;
mod queries;

pub(crate) use activity::ActivityQueries;
pub(crate) use history::HistoryQueries;
pub(crate) use queries::AuditQueries;
