//! How clusters are reached, and how environments are made on them.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// How clusters are reached, and how environments are made on them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClustersConfig {
    /// Permits connections to this host, for clusters on a laptop.
    pub allow_loopback: bool,
    /// Permits connections to private networks.
    pub allow_private: bool,
    /// Between two looks at a cluster that does well.
    pub health_seconds: u32,
    /// Requests begun per second, to one cluster.
    pub requests_per_second: NonZeroU32,
    /// Requests under way at once, to one cluster.
    pub requests_at_once: usize,
    /// The workbench's container image where a workshop names none.
    pub image: String,
    /// For pods of workshops that name none.
    pub runtime_class: Option<String>,
    /// Permits workshops to open private networks to learners.
    pub allow_private_egress: bool,
    /// The image of a vCluster's control plane, with its version.
    pub vcluster_image: String,
    /// The image with its Kubernetes.
    pub vcluster_kubernetes_image: String,
}

impl Default for ClustersConfig {
    fn default() -> Self {
        let settings = orchestrator_kubernetes::desired::Settings::default();
        let client = orchestrator_kubernetes::client::ClientOptions::default();
        Self {
            allow_loopback: client.addresses.allow_loopback,
            allow_private: client.addresses.allow_private,
            health_seconds: 300,
            requests_per_second: client.per_second,
            requests_at_once: client.concurrency,
            image: settings.image,
            runtime_class: settings.runtime_class,
            allow_private_egress: settings.allow_private_egress,
            vcluster_image: settings.vcluster.image,
            vcluster_kubernetes_image: settings.vcluster.kubernetes_image,
        }
    }
}
