//! The composition root: what the binary `nalabo` is made of. It alone knows every crate.

mod calendar;
pub mod cli;
pub mod client;
pub mod config;
mod control;
pub mod demo;
mod federation;
mod history;
mod http;
mod mail;
pub mod node;
mod offline;
pub mod operator;
mod payments;
mod telemetry;
mod texts;
mod webhooks;
