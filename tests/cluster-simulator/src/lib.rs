//! A Kubernetes API server for tests: objects, watches, admission, RBAC, terminals and controllers as they are seen from a
//! client, with faults on demand. No container runs in it: what is executed in a pod is a process of this machine, in a
//! folder of the pod's own (see `exec.rs` for how far it is kept apart).
//!
//! All of the public API is in `simulator.rs` and `options.rs`; the executable `nalabo-cluster-simulator` offers
//! the same to other processes.

mod access;
mod admission;
mod apply;
mod certificates;
mod clock;
mod cluster;
mod controllers;
mod defaults;
mod discovery;
mod exec;
mod failure;
mod faults;
mod fields;
mod identity;
mod kinds;
mod logs;
mod metrics;
mod nodes;
mod options;
mod patch;
mod portforward;
mod quantity;
mod read;
mod resources;
mod schema;
mod selectors;
mod server;
mod simulator;
mod store;
mod tally;
mod target;
mod validation;
mod vcluster;
mod watch;
mod write;

pub use faults::{Effect, Fault, When};
pub use options::{Behaviour, EXIT_ANNOTATION, LOG_ANNOTATION, Node, Options, PULL_ERROR_ANNOTATION};
pub use simulator::{ClientCertificate, Simulator, StartError};
pub use tally::Requests;
