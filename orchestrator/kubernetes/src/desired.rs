//! What should stand in a cluster for an environment, as typed objects. Pure: the same facts give the same objects.
//!
//! An environment has a namespace for its workbench, in which the learner's token has no rights: there checks run. A workshop
//! that works with the cluster has a second one, which is the learner's.

mod access;
mod names;
mod namespaces;
mod network;
mod objects;
mod quota;
mod settings;
mod vcluster;
mod workbench;

use domain::{
    kernel::{EnvironmentId, SessionId},
    workshops::{
        cluster_needs::{Isolation, KubernetesNeeds},
        content::EnvironmentNeeds,
    },
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use orchestrator::driver::EnvironmentSpec;

pub(crate) use self::{
    access::{LEARNER_ACCOUNT, kubeconfig},
    names::environment_in,
    vcluster::{CONTROL_PLANE, KUBECONFIG_SECRET, VCLUSTER_PORT, vcluster_host},
    workbench::{EXAMINER, LEARNER, POD},
};
pub use self::{
    names::{ENVIRONMENT, INSTANCE, MANAGED_BY, MANAGER, environment_of, learner_namespace, workbench_namespace},
    objects::ObjectError,
    settings::{ApiAccess, Settings, VclusterSettings},
};

/// What objects are made from.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub environment: EnvironmentId,
    pub session: SessionId,
    pub needs: &'a EnvironmentNeeds,
    pub settings: &'a Settings,
}

impl<'a> Facts<'a> {
    /// Those of an environment.
    #[must_use]
    pub const fn of(spec: &'a EnvironmentSpec, settings: &'a Settings) -> Self {
        Self { environment: spec.id, session: spec.session, needs: &spec.needs, settings }
    }

    /// The part of the cluster that is the learner's, if there is one.
    #[must_use]
    pub const fn cluster(&self) -> Option<&'a KubernetesNeeds> {
        self.needs.kubernetes.as_ref()
    }

    /// Whether the learner's part is a cluster of its own.
    #[must_use]
    pub fn has_vcluster(&self) -> bool {
        self.cluster().is_some_and(|needs| needs.isolation == Isolation::Vcluster)
    }

    /// The environment's namespaces, the workbench's first.
    pub(crate) fn places(&self) -> Vec<Place> {
        let workbench = Place { namespace: workbench_namespace(self.environment), part: Part::Workbench };
        let learner = self.cluster().map(|_| Place { namespace: learner_namespace(self.environment), part: Part::Learner });
        std::iter::once(workbench).chain(learner).collect()
    }

    fn metadata(&self, namespace: Option<&str>, name: &str) -> ObjectMeta {
        ObjectMeta {
            name: Some(name.to_owned()),
            namespace: namespace.map(str::to_owned),
            labels: Some(names::labels(self.environment, self.session, &self.settings.instance)),
            ..ObjectMeta::default()
        }
    }
}

/// One of an environment's namespaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) namespace: String,
    pub(crate) part: Part,
}

/// What a namespace is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Workbench,
    Learner,
}

#[cfg(test)]
mod tests;
