//! Runs of workshops, and who comes.

pub mod catalogue;
mod folding;
pub mod registrants;
pub mod registration_days;
pub mod registrations;
pub mod run_fill;
pub mod run_texts;
pub mod run_tickets;
pub mod run_totals;
pub mod runs;
mod text;
pub mod vocabulary;
