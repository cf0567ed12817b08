//! Namespaces, and the Pod Security Standard that each enforces.

use domain::workshops::cluster_needs::PodSecurity;
use k8s_openapi::api::core::v1::Namespace;

use super::{Facts, Part, Place};

impl Facts<'_> {
    pub(crate) fn namespace(&self, place: &Place) -> Namespace {
        let mut metadata = self.metadata(None, &place.namespace);
        let labels = metadata.labels.get_or_insert_default();
        for mode in ["enforce", "warn", "audit"] {
            labels.insert(format!("pod-security.kubernetes.io/{mode}"), self.pod_security(place.part).to_owned());
        }
        labels.insert("nalabo.dev/part".to_owned(), place.part.word().to_owned());
        Namespace { metadata, ..Namespace::default() }
    }

    /// The workbench never needs more than `restricted`. A vCluster's control plane needs `baseline`; pods inside are held to the
    /// workshop's own standard by the vCluster's admission.
    fn pod_security(&self, part: Part) -> &'static str {
        let asked = self.cluster().map(|needs| needs.security).unwrap_or_default();
        if part == Part::Learner && (self.has_vcluster() || asked == PodSecurity::Baseline) { "baseline" } else { "restricted" }
    }
}

impl Part {
    const fn word(self) -> &'static str {
        match self {
            Self::Workbench => "workbench",
            Self::Learner => "learner",
        }
    }
}
