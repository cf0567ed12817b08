//! Environments on Kubernetes: connecting to a cluster, looking at what it can do, and making environments in it.

mod api_access;
pub mod client;
pub mod clusters;
pub mod connect_script;
pub mod connection;
pub mod desired;
pub mod driver;
mod exec;
mod failure;
pub mod fleet;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod guard;
pub mod kubeconfig;
pub mod measured;
pub mod permissions;
pub mod probe;
mod unreachable;

pub use api_access::api_access;
pub use unreachable::Unreachable;
