//! Drives the built binary as its users do: by HTTP, by web sockets, from the command line.
#![allow(clippy::print_stdout)] // Why a test is skipped, and how far a soak is.

mod archives;
mod authoring;
mod crash;
mod demonstration;
mod durability;
mod end_to_end;
mod hostile;
mod lesson;
mod operations;
mod people;
mod readme;
mod site;
