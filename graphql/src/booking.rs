//! Runs of workshops, and who comes.

pub(crate) mod loaders;
mod money;
mod registrant;
mod registration;
mod run;
mod run_parts;
mod viewer;
mod words;

pub(crate) use registration::{Registration, registration};
pub(crate) use run::{Run, run};
