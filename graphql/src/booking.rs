//! Runs of workshops, and who comes.

mod amounts;
mod asking;
mod dashboards;
mod errors;
mod filter;
mod found;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod guest_mutations;
pub(crate) mod loaders;
mod local_times;
mod money;
mod mutations;
mod my_bookings;
mod payment_mutations;
mod queries;
mod registrant;
mod registration;
mod registration_inputs;
mod registration_mutations;
mod run;
mod run_dashboard;
mod run_inputs;
mod run_mutations;
mod run_parts;
mod subscriptions;
mod ticket_inputs;
mod viewer;
mod words;

pub(crate) use dashboards::DashboardQueries;
pub(crate) use mutations::BookingMutations;
pub(crate) use queries::RunQueries;
pub(crate) use registration::{Registration, registration};
pub(crate) use run::{Run, run};
pub(crate) use subscriptions::RunSubscriptions;
