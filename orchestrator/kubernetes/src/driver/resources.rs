//! What stands in a learner's namespace, as the learner may see it: nothing is shown that the learner's own role does not let them
//! see, and of no other namespace.

mod columns;
mod followed;
#[cfg(test)]
mod tests;

use commands::environments::{EnvironmentResource, PodLog, ResourceChanges, ResourceKind, Resources, ResourcesError};
use domain::{environments::EnvironmentRejection as Rejection, kernel::EnvironmentId};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{ConfigMap, Event, Pod, Service},
};
use kube::{
    Api,
    api::{ListParams, LogParams},
};

use self::columns::{Shown, sort};
pub(super) use self::followed::Followed;
use super::{Cluster, KubernetesDriver};
use crate::{
    desired::learner_namespace,
    failure::{code, describe},
};

/// Objects of one kind that are shown at the most.
const MOST: u32 = 500;
/// The longest name that Kubernetes gives.
const LONGEST_NAME: usize = 253;
/// Lines of a log that are shown at the most.
const LINES: u32 = 1000;
/// Bytes of a log that are shown at the most.
const BYTES: i64 = 64 << 10;

#[async_trait::async_trait]
impl Resources for KubernetesDriver {
    async fn list(&self, environment: EnvironmentId, kind: ResourceKind) -> Result<Vec<EnvironmentResource>, ResourcesError> {
        match kind {
            ResourceKind::Pods => self.0.show::<Pod>(environment).await,
            ResourceKind::Services => self.0.show::<Service>(environment).await,
            ResourceKind::Deployments => self.0.show::<Deployment>(environment).await,
            ResourceKind::ConfigMaps => self.0.show::<ConfigMap>(environment).await,
            ResourceKind::Events => self.0.show::<Event>(environment).await,
        }
    }

    async fn follow(&self, environment: EnvironmentId, kind: ResourceKind) -> Result<ResourceChanges, ResourcesError> {
        let (cluster, key) = (&self.0, (environment, kind));
        match kind {
            ResourceKind::Pods => cluster.followed.follow(key, || cluster.theirs::<Pod>(environment)),
            ResourceKind::Services => cluster.followed.follow(key, || cluster.theirs::<Service>(environment)),
            ResourceKind::Deployments => cluster.followed.follow(key, || cluster.theirs::<Deployment>(environment)),
            ResourceKind::ConfigMaps => cluster.followed.follow(key, || cluster.theirs::<ConfigMap>(environment)),
            ResourceKind::Events => cluster.followed.follow(key, || cluster.theirs::<Event>(environment)),
        }
    }

    async fn log(&self, environment: EnvironmentId, log: &PodLog) -> Result<String, ResourcesError> {
        let PodLog { pod, container, lines } = log;
        // It becomes a part of the request's path.
        if !is_name(pod) {
            return Err(Rejection::PodNotFound.into());
        }
        let tail_lines = Some(i64::from((*lines).clamp(1, LINES)));
        let parameters = LogParams { container: container.clone(), tail_lines, limit_bytes: Some(BYTES), ..LogParams::default() };
        match self.0.theirs::<Pod>(environment).logs(pod, &parameters).await {
            Ok(text) => Ok(text),
            Err(error) => Err(match code(&error) {
                Some(404) => Rejection::PodNotFound.into(),
                // It has not begun, or has several containers of which none is named.
                Some(400) => Rejection::LogUnavailable { problem: describe(&error) }.into(),
                _ => failed("the log could not be read", &error),
            }),
        }
    }
}

impl Cluster {
    /// The learner's objects of a kind.
    fn theirs<K: Shown>(&self, environment: EnvironmentId) -> Api<K> {
        Api::namespaced(self.client.clone(), &learner_namespace(environment))
    }

    async fn show<K: Shown>(&self, environment: EnvironmentId) -> Result<Vec<EnvironmentResource>, ResourcesError> {
        let listed = self.theirs::<K>(environment).list(&ListParams::default().limit(MOST)).await;
        let listed = listed.map_err(|error| failed("the objects could not be listed", &error))?;
        let mut shown: Vec<_> = listed.iter().map(Shown::columns).collect();
        sort(&mut shown);
        Ok(shown)
    }
}

fn failed(doing: &str, error: &kube::Error) -> ResourcesError {
    ResourcesError::Failed(format!("{doing}: {}", describe(error)))
}

/// Whether a text is the name of an object: lower-case letters, digits, hyphens and dots, with a letter or digit at each end.
fn is_name(text: &str) -> bool {
    let is_plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let bytes = text.as_bytes();
    let ends = [bytes.first(), bytes.last()].into_iter().all(|end| end.copied().is_some_and(is_plain));
    ends && bytes.len() <= LONGEST_NAME && bytes.iter().all(|c| is_plain(*c) || matches!(c, b'-' | b'.'))
}
