//! Where learners work, and the clusters that it is on.

mod alerts;
mod cluster;
mod cluster_inputs;
mod cluster_mutations;
mod environment;
mod environment_usage;
mod errors;
pub(crate) mod loaders;
mod mutations;
mod operations;
mod platform;
mod pools;
mod queries;
mod resources;
mod subscriptions;
mod usage;

pub(crate) use alerts::{AlertQueries, AlertSubscriptions};
pub(crate) use cluster::{Cluster, cluster};
pub(crate) use cluster_mutations::ClusterMutations;
pub(crate) use environment::{Environment, environment, environment_of};
pub(crate) use environment_usage::EnvironmentUsageQueries;
pub(crate) use mutations::EnvironmentMutations;
pub(crate) use operations::OperationMutations;
pub(crate) use platform::PlatformQueries;
pub(crate) use pools::{PoolMutations, PoolQueries};
pub(crate) use queries::EnvironmentQueries;
pub(crate) use resources::{ResourceQueries, ResourceSubscriptions};
pub(crate) use subscriptions::ClusterSubscriptions;
pub(crate) use usage::UsageQueries;
