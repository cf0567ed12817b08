//! What an installation decides for a cluster.

use std::collections::BTreeMap;

use domain::{kernel::Mebibytes, workshops::cluster_needs::Toleration};

/// How environments are made in a cluster.
#[derive(Clone, Debug)]
pub struct Settings {
    /// This installation's name, at most 63 letters, digits and hyphens; others on the same cluster have other names.
    pub instance: String,
    /// The workbench's image where a workshop names none. It must have bash, coreutils, grep, procps and what workshops need.
    pub image: String,
    /// What the terminal's container may use; its memory is the workshop's.
    pub workbench_millicpu: u32,
    /// Where learners' kubectl reaches the cluster.
    pub api: ApiAccess,
    /// Whether workshops may open private networks.
    pub allow_private_egress: bool,
    /// For pods of workshops that name none.
    pub runtime_class: Option<String>,
    /// For all pods of ours, besides the workshop's.
    pub node_selector: BTreeMap<String, String>,
    pub tolerations: Vec<Toleration>,
    pub vcluster: VclusterSettings,
}

/// Where the API server is, seen from inside the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiAccess {
    /// `https://…`, for the learner's kubeconfig.
    pub server: String,
    /// Its certificate authority, in PEM.
    pub ca: Option<String>,
    /// Addresses and ports that must be reachable for it.
    pub endpoints: Vec<(String, u16)>,
}

/// Clusters inside of clusters.
#[derive(Clone, Debug)]
pub struct VclusterSettings {
    /// The open-source image with its version.
    pub image: String,
    /// The control plane's binaries.
    pub kubernetes_image: String,
    /// What the control plane may use.
    pub millicpu: u32,
    pub memory: Mebibytes,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            instance: "nalabo".to_owned(),
            image: "docker.io/library/buildpack-deps:bookworm".to_owned(),
            workbench_millicpu: 1000,
            api: ApiAccess { server: "https://kubernetes.default.svc".to_owned(), ..ApiAccess::default() },
            allow_private_egress: false,
            runtime_class: None,
            node_selector: BTreeMap::new(),
            tolerations: Vec::new(),
            vcluster: VclusterSettings {
                image: "ghcr.io/loft-sh/vcluster-oss:0.30.0".to_owned(),
                kubernetes_image: "ghcr.io/loft-sh/kubernetes:v1.34.0".to_owned(),
                millicpu: 1000,
                memory: Mebibytes(1024),
            },
        }
    }
}
