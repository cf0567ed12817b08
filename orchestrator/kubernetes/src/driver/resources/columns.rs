//! An object's columns, much as kubectl prints them. Values of config maps stay where they are.

use std::{cmp::Reverse, collections::BTreeMap, fmt::Debug};

use commands::environments::EnvironmentResource;
use domain::kernel::Timestamp;
use k8s_openapi::{
    NamespaceResourceScope,
    api::{
        apps::v1::Deployment,
        core::v1::{ConfigMap, ContainerStatus, Event, Pod, Service},
    },
    apimachinery::pkg::apis::meta::v1::Time,
};
use kube::{Resource, ResourceExt};
use serde::de::DeserializeOwned;

/// How long a line may be before it is cut.
const LONGEST: usize = 500;

/// A kind that learners see.
pub(super) trait Shown:
    Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned + Send + Sync + 'static
{
    /// What is particular to the kind.
    fn particular(&self) -> EnvironmentResource;

    fn columns(&self) -> EnvironmentResource {
        let particular = self.particular();
        EnvironmentResource {
            name: self.name_any(),
            namespace: self.namespace().unwrap_or_default(),
            created_at: particular.created_at.or_else(|| self.creation_timestamp().as_ref().and_then(instant)),
            message: particular.message.map(|message| line(&message)).filter(|message| !message.is_empty()),
            ..particular
        }
    }
}

/// Events latest first, all others by name, and those of one name by namespace.
pub(super) fn sort(rows: &mut [EnvironmentResource]) {
    rows.sort_by(|one, other| {
        let latest = |row: &EnvironmentResource| Reverse(row.about.as_ref().and(row.created_at));
        latest(one).cmp(&latest(other)).then_with(|| (&one.name, &one.namespace).cmp(&(&other.name, &other.namespace)))
    });
}

fn instant(time: &Time) -> Option<Timestamp> {
    Timestamp::from_timestamp(time.0.as_second(), 0)
}

/// A message of a server's as one line of bounded length.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect()
}

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

impl Shown for Pod {
    fn particular(&self) -> EnvironmentResource {
        let status = self.status.as_ref();
        let containers: Vec<&ContainerStatus> = status.iter().flat_map(|status| status.container_statuses.iter().flatten()).collect();
        let of = self.spec.as_ref().map_or(0, |spec| spec.containers.len());
        let ready = containers.iter().filter(|container| container.ready).count();
        let (waits, message) = containers.iter().find_map(|container| halted(container)).unzip();
        let phase = status.and_then(|status| status.reason.clone().or_else(|| status.phase.clone()));
        let going = self.metadata.deletion_timestamp.as_ref().map(|_| "Terminating".to_owned());
        EnvironmentResource {
            status: going.or(waits).or(phase),
            ready: Some((u32::try_from(ready).unwrap_or(u32::MAX), u32::try_from(of).unwrap_or(u32::MAX))),
            restarts: Some(containers.iter().map(|container| count(container.restart_count)).sum()),
            message: message.filter(|message| !message.is_empty()).or_else(|| unscheduled(self)),
            ..EnvironmentResource::default()
        }
    }
}

/// Why a container waits or has failed, in a word and in a line.
fn halted(container: &ContainerStatus) -> Option<(String, String)> {
    let state = container.state.as_ref()?;
    if let Some(waiting) = &state.waiting {
        return Some((waiting.reason.clone()?, waiting.message.clone().unwrap_or_default()));
    }
    let ended = state.terminated.as_ref().filter(|ended| ended.exit_code != 0)?;
    let reason = ended.reason.clone().unwrap_or_else(|| "Error".to_owned());
    Some((reason, format!("exit status {} {}", ended.exit_code, ended.message.as_deref().unwrap_or_default()).trim().to_owned()))
}

fn unscheduled(pod: &Pod) -> Option<String> {
    let mut conditions = pod.status.as_ref()?.conditions.iter().flatten();
    conditions.find(|condition| condition.type_ == "PodScheduled" && condition.status == "False")?.message.clone()
}

impl Shown for Service {
    fn particular(&self) -> EnvironmentResource {
        let Some(spec) = &self.spec else { return EnvironmentResource::default() };
        let port = |port: &k8s_openapi::api::core::v1::ServicePort| format!("{}/{}", port.port, port.protocol.as_deref().unwrap_or("TCP"));
        let ports: Vec<_> = spec.ports.iter().flatten().map(port).collect();
        EnvironmentResource {
            status: Some(spec.type_.clone().unwrap_or_else(|| "ClusterIP".to_owned())),
            message: Some(format!("{} {}", spec.cluster_ip.as_deref().unwrap_or_default(), ports.join(", ")).trim().to_owned()),
            ..EnvironmentResource::default()
        }
    }
}

impl Shown for Deployment {
    fn particular(&self) -> EnvironmentResource {
        let wanted = self.spec.replicas.unwrap_or(1);
        let status = self.status.clone().unwrap_or_default();
        let ready = status.ready_replicas.unwrap_or_default();
        let failing = |condition: &&k8s_openapi::api::apps::v1::DeploymentCondition| {
            (condition.type_.as_deref() == Some("ReplicaFailure")) == (condition.status.as_deref() == Some("True"))
        };
        EnvironmentResource {
            status: Some(if ready >= wanted { "Available" } else { "Progressing" }.to_owned()),
            ready: Some((count(ready), count(wanted))),
            message: status.conditions.iter().flatten().filter(failing).find_map(|condition| condition.message.clone()),
            ..EnvironmentResource::default()
        }
    }
}

impl Shown for ConfigMap {
    fn particular(&self) -> EnvironmentResource {
        let texts = self.data.iter().flat_map(BTreeMap::keys);
        let keys: Vec<_> = texts.chain(self.binary_data.iter().flat_map(BTreeMap::keys)).cloned().collect();
        EnvironmentResource { message: Some(keys.join(", ")), ..EnvironmentResource::default() }
    }
}

impl Shown for Event {
    fn particular(&self) -> EnvironmentResource {
        let about = &self.involved_object;
        let at = self.last_timestamp.as_ref().and_then(instant);
        let at = at.or_else(|| Timestamp::from_timestamp(self.event_time.as_ref()?.0.as_second(), 0));
        let reason = self.reason.as_deref().unwrap_or_default();
        EnvironmentResource {
            status: self.type_.clone(),
            created_at: at,
            about: Some(format!("{}/{}", about.kind.as_deref().unwrap_or_default(), about.name.as_deref().unwrap_or_default())),
            message: Some(format!("{reason}: {}", self.message.as_deref().unwrap_or_default())),
            ..EnvironmentResource::default()
        }
    }
}
