//! What stands in a learner's namespace, as the learner may see it: nothing is shown that the learner's own role does not let them
//! see, and of no other namespace.

mod columns;
mod followed;
mod printed;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use commands::environments::{EnvironmentResource, LogParts, PodLog, ResourceChanges, ResourceKind, Resources, ResourcesError};
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
        let parameters = LogParams { limit_bytes: Some(BYTES), ..parameters(log)? };
        self.0.theirs::<Pod>(environment).logs(&log.pod, &parameters).await.map_err(|error| unread(&error))
    }

    async fn follow_log(&self, environment: EnvironmentId, log: &PodLog) -> Result<LogParts, ResourcesError> {
        let parameters = LogParams { follow: true, ..parameters(log)? };
        let permit = Arc::clone(&self.0.logs).try_acquire_owned().map_err(|_| ResourcesError::Busy)?;
        let printed = self.0.theirs::<Pod>(environment).log_stream(&log.pod, &parameters).await;
        Ok(printed::parts(printed.map_err(|error| unread(&error))?, permit))
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

/// # Errors
/// There can be no pod of that name, which becomes a part of the request's path.
fn parameters(log: &PodLog) -> Result<LogParams, ResourcesError> {
    if !is_name(&log.pod) {
        return Err(Rejection::PodNotFound.into());
    }
    let tail_lines = Some(i64::from(log.lines.clamp(1, LINES)));
    Ok(LogParams { container: log.container.clone(), tail_lines, ..LogParams::default() })
}

fn unread(error: &kube::Error) -> ResourcesError {
    match code(error) {
        Some(404) => Rejection::PodNotFound.into(),
        // It has not begun, or has several containers of which none is named.
        Some(400) => Rejection::LogUnavailable { problem: describe(error) }.into(),
        _ => failed("the log could not be read", error),
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
