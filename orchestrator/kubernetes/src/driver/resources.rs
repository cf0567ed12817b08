//! What stands in a learner's namespace, or in a learner's vCluster, as the learner may see it: nothing is shown that the learner's own
//! role does not let them see, and of no other namespace or vCluster.

mod columns;
mod followed;
mod printed;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use commands::environments::{EnvironmentResource, LogParts, PodLog, ResourceChanges, ResourceKind, Resources, ResourcesError};
use domain::{environments::EnvironmentRejection as Rejection, kernel::EnvironmentId, workshops::cluster_needs::Isolation};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{ConfigMap, Event, Pod, Service},
};
use kube::{
    Api, Client,
    api::{ListParams, LogParams},
    runtime::watcher,
};

use self::columns::{Shown, sort};
pub(super) use self::followed::Followed;
use super::{KubernetesDriver, vcluster::Inside};
use crate::{
    desired::learner_namespace,
    failure::{code, describe},
    unreachable::Unreachable,
};

/// Objects of one kind that are shown at the most.
const MOST: u32 = 500;
/// The longest name that Kubernetes gives.
const LONGEST_NAME: usize = 253;
/// Lines of a log that are shown at the most.
const LINES: u32 = 1000;
/// Bytes of a log that are shown at the most.
const BYTES: i64 = 64 << 10;

/// What is not shown of a vCluster: what Kubernetes has in there for itself.
const FIELDS: &str = "metadata.namespace!=kube-system,metadata.namespace!=kube-public,metadata.namespace!=kube-node-lease";

/// What of a cluster is learners' own.
pub(super) struct Own {
    pub(super) driver: KubernetesDriver,
    pub(super) isolation: Isolation,
}

#[async_trait::async_trait]
impl Resources for Own {
    async fn list(&self, environment: EnvironmentId, kind: ResourceKind) -> Result<Vec<EnvironmentResource>, ResourcesError> {
        let part = self.part(environment).await?;
        match kind {
            ResourceKind::Pods => part.show::<Pod>().await,
            ResourceKind::Services => part.show::<Service>().await,
            ResourceKind::Deployments => part.show::<Deployment>().await,
            ResourceKind::ConfigMaps => part.show::<ConfigMap>().await,
            ResourceKind::Events => part.show::<Event>().await,
        }
    }

    async fn follow(&self, environment: EnvironmentId, kind: ResourceKind) -> Result<ResourceChanges, ResourcesError> {
        let (followed, key, part) = (&self.driver.0.followed, (environment, kind), self.part(environment).await?);
        match kind {
            ResourceKind::Pods => followed.follow(key, part.watched::<Pod>()),
            ResourceKind::Services => followed.follow(key, part.watched::<Service>()),
            ResourceKind::Deployments => followed.follow(key, part.watched::<Deployment>()),
            ResourceKind::ConfigMaps => followed.follow(key, part.watched::<ConfigMap>()),
            ResourceKind::Events => followed.follow(key, part.watched::<Event>()),
        }
    }

    async fn log(&self, environment: EnvironmentId, log: &PodLog) -> Result<String, ResourcesError> {
        let parameters = LogParams { limit_bytes: Some(BYTES), ..parameters(log)? };
        let pods = self.part(environment).await?.pods_of(log)?;
        pods.logs(&log.pod, &parameters).await.map_err(|error| unread(&error))
    }

    async fn follow_log(&self, environment: EnvironmentId, log: &PodLog) -> Result<LogParts, ResourcesError> {
        let parameters = LogParams { follow: true, ..parameters(log)? };
        let permit = Arc::clone(&self.driver.0.logs).try_acquire_owned().map_err(|_| ResourcesError::Busy)?;
        let pods = self.part(environment).await?.pods_of(log)?;
        let printed = pods.log_stream(&log.pod, &parameters).await;
        Ok(printed::parts(printed.map_err(|error| unread(&error))?, permit))
    }
}

impl Own {
    /// # Errors
    /// There is a vCluster, and it is not ready.
    async fn part(&self, environment: EnvironmentId) -> Result<Part, ResourcesError> {
        let cluster = &self.driver.0;
        Ok(match self.isolation {
            Isolation::Namespace => Part::Namespace(cluster.client.clone(), learner_namespace(environment)),
            Isolation::Vcluster => Part::Vcluster(cluster.vcluster(environment).await?),
        })
    }
}

/// A learner's part of a cluster.
enum Part {
    Namespace(Client, String),
    Vcluster(Inside),
}

impl Part {
    fn objects<K: Shown>(&self) -> Api<K> {
        match self {
            Self::Namespace(client, namespace) => Api::namespaced(client.clone(), namespace),
            Self::Vcluster(inside) => Api::all(inside.client()),
        }
    }

    fn fields(&self) -> Option<String> {
        match self {
            Self::Namespace(..) => None,
            Self::Vcluster(_) => Some(FIELDS.to_owned()),
        }
    }

    async fn show<K: Shown>(&self) -> Result<Vec<EnvironmentResource>, ResourcesError> {
        let parameters = ListParams { field_selector: self.fields(), ..ListParams::default().limit(MOST) };
        let listed = self.objects::<K>().list(&parameters).await;
        let listed = listed.map_err(|error| failed("the objects could not be listed", &error))?;
        let mut shown: Vec<_> = listed.iter().map(Shown::columns).collect();
        sort(&mut shown);
        Ok(shown)
    }

    /// What is watched, by a client of its own each time that it begins.
    fn watched<K: Shown>(self) -> impl Fn() -> (Api<K>, watcher::Config) + Send + 'static {
        move || (self.objects(), watcher::Config { field_selector: self.fields(), ..watcher::Config::default() })
    }

    /// # Errors
    /// The pod is said to be in a namespace that is not the learner's, or there can be none of that name.
    fn pods_of(&self, log: &PodLog) -> Result<Api<Pod>, ResourcesError> {
        let wanted = log.namespace.as_deref();
        match self {
            Self::Namespace(client, own) if wanted.is_none_or(|wanted| wanted == own) => Ok(Api::namespaced(client.clone(), own)),
            Self::Vcluster(inside) if wanted.is_none_or(is_name) => Ok(Api::namespaced(inside.client(), wanted.unwrap_or("default"))),
            _ => Err(Rejection::PodNotFound.into()),
        }
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
    match Unreachable::find(error) {
        Some(Unreachable::NotReady) => Rejection::VclusterNotReady.into(),
        Some(Unreachable::Busy) => ResourcesError::Busy,
        _ => ResourcesError::Failed(format!("{doing}: {}", describe(error))),
    }
}

/// Whether a text is the name of an object: lower-case letters, digits, hyphens and dots, with a letter or digit at each end.
fn is_name(text: &str) -> bool {
    let is_plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let bytes = text.as_bytes();
    let ends = [bytes.first(), bytes.last()].into_iter().all(|end| end.copied().is_some_and(is_plain));
    ends && bytes.len() <= LONGEST_NAME && bytes.iter().all(|c| is_plain(*c) || matches!(c, b'-' | b'.'))
}
