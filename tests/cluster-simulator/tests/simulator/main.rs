//! The simulator, seen through a real client.

mod access;
mod admission;
mod apply;
mod bench;
mod control;
mod controllers;
mod faults;
mod metrics;
mod namespaces;
mod objects;
mod programs;
mod vclusters;
mod watches;
