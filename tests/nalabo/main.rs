//! Drives the built binary as its users do: by HTTP, by web sockets, from the command line.
#![allow(clippy::print_stdout)] // Why a test is skipped, and how far a soak is.

mod accounts;
mod alerts;
mod archives;
mod authoring;
mod away;
mod clusters;
mod corpus;
mod crash;
mod damage;
mod demonstration;
mod durability;
mod end_to_end;
mod engines;
mod environments;
mod failover;
mod feed;
mod generations;
mod guards;
mod hostile;
mod infrastructures;
mod keys;
mod lesson;
mod mail;
mod nodes;
mod operations;
mod people;
mod poison;
mod pools;
mod providers;
mod readme;
mod recovery;
mod revocation;
mod signing_keys;
mod site;
mod stalled;
