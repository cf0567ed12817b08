//! What administrators say of clusters.

use async_graphql::{ID, InputObject, OneofObject};
use commands::environments::{ClusterAccess, ClusterProfile};

use crate::failure::{Failure, Result};

/// What a cluster is called, and how it is used.
#[derive(InputObject)]
pub(crate) struct ClusterProfileInput {
    /// 1 to 63 lower-case letters, digits and hyphens; no other cluster has it.
    name: String,
    /// At most 32, such as `region` or `gpu`.
    #[graphql(default)]
    labels: Vec<ClusterLabelInput>,
    /// 1 to 1000: how much of what could go anywhere goes here, against other clusters. 100, if it is left out.
    weight: Option<u32>,
    /// How many environments may have a place at once; null: as many as fit.
    limit: Option<u32>,
}

/// A fact about a cluster that workshops may ask for.
#[derive(InputObject)]
pub(crate) struct ClusterLabelInput {
    key: String,
    #[graphql(default)]
    value: String,
}

/// How a cluster is reached. It is kept sealed and never shown again.
#[derive(OneofObject)]
pub(crate) enum ClusterAccessInput {
    Kubeconfig(KubeconfigInput),
    Token(ClusterTokenInput),
    /// As the pod that the server runs in does; must be true.
    InCluster(bool),
}

/// A kubeconfig with the credentials themselves in it: no programs, no files, no proxies.
#[derive(InputObject)]
pub(crate) struct KubeconfigInput {
    /// YAML of at most 64 KiB.
    #[graphql(secret)]
    text: String,
    /// Which context, if there are several.
    context: Option<String>,
}

/// A token of a service account.
#[derive(InputObject)]
pub(crate) struct ClusterTokenInput {
    /// The https address of the API.
    server: String,
    #[graphql(secret)]
    token: String,
    /// PEM, where the server's certificate is not from a public authority.
    certificate_authority: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct ClusterRegisterInput {
    pub(super) profile: ClusterProfileInput,
    pub(super) access: ClusterAccessInput,
    pub(super) idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct ClusterReviseInput {
    pub(super) cluster_id: ID,
    /// All of it is said anew.
    pub(super) profile: ClusterProfileInput,
    pub(super) idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct ClusterRotateCredentialsInput {
    pub(super) cluster_id: ID,
    pub(super) access: ClusterAccessInput,
    pub(super) idempotency_key: Option<String>,
}

/// What is tried: a cluster with what it is connected with, or what one could be connected with.
#[derive(OneofObject)]
pub(crate) enum ClusterTestInput {
    ClusterId(ID),
    Access(ClusterAccessInput),
}

#[derive(InputObject)]
pub(crate) struct ClusterRemoveInput {
    pub(super) cluster_id: ID,
    /// Tear down the environments that live there.
    #[graphql(default)]
    pub(super) force: bool,
    pub(super) idempotency_key: Option<String>,
}

macro_rules! which {
    ($($name:ident),+) => {$(
        #[derive(InputObject)]
        pub(crate) struct $name {
            pub(super) cluster_id: ID,
            pub(super) idempotency_key: Option<String>,
        }
    )+};
}

which!(ClusterSetDefaultInput, ClusterCordonInput, ClusterUncordonInput, ClusterDrainInput);

impl ClusterProfileInput {
    /// # Errors
    /// A label is there twice.
    pub(super) fn read(self) -> Result<ClusterProfile> {
        let mut labels = std::collections::BTreeMap::new();
        for ClusterLabelInput { key, value } in self.labels {
            if labels.insert(key.clone(), value).is_some() {
                return Err(Failure::bad_input("profile.labels", format!("profile.labels: {key} is there twice")));
            }
        }
        Ok(ClusterProfile { name: self.name, labels, weight: self.weight, limit: self.limit })
    }
}

impl ClusterAccessInput {
    /// # Errors
    /// It is not to be as in the cluster, and nothing else either.
    pub(super) fn read(self) -> Result<ClusterAccess> {
        Ok(match self {
            Self::Kubeconfig(KubeconfigInput { text, context }) => ClusterAccess::Kubeconfig { text: text.into(), context },
            Self::Token(ClusterTokenInput { server, token, certificate_authority }) => {
                ClusterAccess::Token { server, token: token.into(), certificate_authority }
            }
            Self::InCluster(true) => ClusterAccess::InCluster,
            Self::InCluster(false) => {
                return Err(Failure::expected("access.inCluster", "true, or another way"));
            }
        })
    }
}
