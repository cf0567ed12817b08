//! Who did what, and how things came to be as they are.

mod entry;
mod filter;
mod history;
mod queries;

pub(crate) use history::HistoryQueries;
pub(crate) use queries::AuditQueries;
