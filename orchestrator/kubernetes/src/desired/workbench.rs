//! The pod with the learner's terminal, and beside it the container that checks run in: another user, who sees the learner's
//! processes and files and whom the learner can neither see into nor signal.

use std::collections::BTreeMap;

use domain::workshops::cluster_needs::Toleration as Tolerated;
use k8s_openapi::{
    api::core::v1::{
        Capabilities, Container, EmptyDirVolumeSource, EnvVar, Pod, PodSecurityContext, PodSpec, ResourceRequirements, SeccompProfile,
        SecurityContext, Service, ServicePort, ServiceSpec, Toleration, Volume, VolumeMount,
    },
    apimachinery::pkg::{api::resource::Quantity, util::intstr::IntOrString},
};

use super::{Facts, quota::quantities, workbench_namespace};

/// The pod, and the Service of its ports.
pub(crate) const POD: &str = "workbench";
/// The container with the terminal.
pub(crate) const LEARNER: &str = "learner";
/// The container that checks run in.
pub(crate) const EXAMINER: &str = "examiner";
/// What tells the pod apart for its Service.
const APP: &str = "app.kubernetes.io/name";
/// Both containers' group, so that each reads what the other writes.
const GROUP: i64 = 1000;
/// Space for `/tmp`, and for a check's own files.
const SCRATCH_MEBIBYTES: u32 = 64;

/// What a container may use, and what is kept free for it.
pub(super) struct Share {
    name: &'static str,
    user: i64,
    pub(super) millicpu: u32,
    pub(super) requested_millicpu: u32,
    pub(super) memory: u32,
    pub(super) requested_memory: u32,
    pub(super) disk: u32,
}

impl Facts<'_> {
    /// Both containers: memory and disk are the workshop's.
    pub(super) fn shares(&self) -> [Share; 2] {
        let (memory, millicpu) = (self.needs.memory.0, self.settings.workbench_millicpu);
        let disk = self.needs.disk.0 + SCRATCH_MEBIBYTES;
        [
            Share {
                name: LEARNER,
                user: 1000,
                millicpu,
                requested_millicpu: millicpu.div_ceil(10),
                memory,
                requested_memory: memory.div_ceil(2),
                disk,
            },
            Share {
                name: EXAMINER,
                user: 1001,
                millicpu: 500,
                requested_millicpu: 10,
                memory: 256,
                requested_memory: 32,
                disk: SCRATCH_MEBIBYTES,
            },
        ]
    }

    pub(crate) fn workbench(&self) -> Pod {
        let cluster = self.cluster();
        let mut metadata = self.metadata(Some(&workbench_namespace(self.environment)), POD);
        metadata.labels.get_or_insert_default().insert(APP.to_owned(), POD.to_owned());
        let selector: BTreeMap<_, _> =
            self.settings.node_selector.iter().chain(cluster.iter().flat_map(|needs| &needs.node_selector)).map(owned).collect();
        let tolerations = self.settings.tolerations.iter().chain(cluster.iter().flat_map(|needs| &needs.tolerations));
        let spec = PodSpec {
            containers: self.shares().iter().map(|share| self.container(share)).collect(),
            volumes: Some(vec![scratch("home", self.needs.disk.0), scratch("tmp", SCRATCH_MEBIBYTES), scratch("check", SCRATCH_MEBIBYTES)]),
            // So that checks see what the learner runs.
            share_process_namespace: Some(true),
            automount_service_account_token: Some(false),
            enable_service_links: Some(false),
            service_account_name: Some("default".to_owned()),
            restart_policy: Some("Always".to_owned()),
            termination_grace_period_seconds: Some(1),
            hostname: Some("workshop".to_owned()),
            runtime_class_name: cluster.and_then(|needs| needs.runtime_class.clone()).or_else(|| self.settings.runtime_class.clone()),
            node_selector: Some(selector).filter(|selector| !selector.is_empty()),
            tolerations: Some(tolerations.map(toleration).collect()).filter(|all: &Vec<_>| !all.is_empty()),
            security_context: Some(PodSecurityContext {
                run_as_non_root: Some(true),
                run_as_group: Some(GROUP),
                fs_group: Some(GROUP),
                seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), localhost_profile: None }),
                ..PodSecurityContext::default()
            }),
            ..PodSpec::default()
        };
        Pod { metadata, spec: Some(spec), status: None }
    }

    fn container(&self, share: &Share) -> Container {
        let image = self.cluster().and_then(|needs| needs.image.clone()).unwrap_or_else(|| self.settings.image.clone());
        let ours = [("HOME", "/home/learner"), ("LANG", "C.UTF-8"), ("PATH", "/usr/local/bin:/usr/bin:/bin")];
        let mut variables: Vec<_> = ours.map(|(name, value)| variable(name, value)).to_vec();
        let mut mounts = vec![mount("home", "/home/learner"), mount("tmp", "/tmp")];
        if share.name == LEARNER {
            let workshops = self.cluster().into_iter().flat_map(|needs| &needs.variables);
            variables.extend(workshops.map(|(name, value)| variable(name, value)));
        } else {
            mounts.push(mount("check", "/run/check"));
        }
        Container {
            name: share.name.to_owned(),
            image: Some(image),
            command: Some(vec!["sleep".to_owned(), "infinity".to_owned()]),
            working_dir: Some("/home/learner".to_owned()),
            env: Some(variables),
            volume_mounts: Some(mounts),
            resources: Some(resources(share)),
            security_context: Some(confined(share.user)),
            ..Container::default()
        }
    }

    /// The ports that other pods of the environment reach under `workbench`; none if the workshop has none.
    pub(crate) fn service(&self) -> Option<Service> {
        let ports = &self.cluster()?.ports;
        let port = |port: &domain::workshops::cluster_needs::Port| ServicePort {
            name: Some(port.name.clone()),
            port: port.port.into(),
            target_port: Some(IntOrString::Int(port.port.into())),
            ..ServicePort::default()
        };
        let spec = ServiceSpec {
            selector: Some(BTreeMap::from([(APP.to_owned(), POD.to_owned())])),
            ports: Some(ports.iter().map(port).collect()),
            ..ServiceSpec::default()
        };
        let metadata = self.metadata(Some(&workbench_namespace(self.environment)), POD);
        (!ports.is_empty()).then_some(Service { metadata, spec: Some(spec), status: None })
    }
}

fn owned((name, value): (&String, &String)) -> (String, String) {
    (name.clone(), value.clone())
}

/// What the Pod Security Standard `restricted` asks for.
pub(super) fn confined(user: i64) -> SecurityContext {
    SecurityContext {
        run_as_user: Some(user),
        run_as_non_root: Some(true),
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities { add: None, drop: Some(vec!["ALL".to_owned()]) }),
        ..SecurityContext::default()
    }
}

fn resources(share: &Share) -> ResourceRequirements {
    let limits = quantities([
        ("cpu", format!("{}m", share.millicpu)),
        ("memory", format!("{}Mi", share.memory)),
        ("ephemeral-storage", format!("{}Mi", share.disk + SCRATCH_MEBIBYTES)),
    ]);
    let requests = quantities([
        ("cpu", format!("{}m", share.requested_millicpu)),
        ("memory", format!("{}Mi", share.requested_memory)),
        ("ephemeral-storage", format!("{}Mi", share.disk)),
    ]);
    ResourceRequirements { limits: Some(limits), requests: Some(requests), claims: None }
}

pub(super) fn scratch(name: &str, mebibytes: u32) -> Volume {
    let empty = EmptyDirVolumeSource { size_limit: Some(Quantity(format!("{mebibytes}Mi"))), ..EmptyDirVolumeSource::default() };
    Volume { name: name.to_owned(), empty_dir: Some(empty), ..Volume::default() }
}

pub(super) fn mount(name: &str, path: &str) -> VolumeMount {
    VolumeMount { name: name.to_owned(), mount_path: path.to_owned(), ..VolumeMount::default() }
}

pub(super) fn variable(name: &str, value: &str) -> EnvVar {
    EnvVar { name: name.to_owned(), value: Some(value.to_owned()), value_from: None }
}

pub(super) fn toleration(tolerated: &Tolerated) -> Toleration {
    let operator = if tolerated.value.is_some() { "Equal" } else { "Exists" };
    Toleration {
        key: Some(tolerated.key.clone()),
        operator: Some(operator.to_owned()),
        value: tolerated.value.clone(),
        effect: tolerated.effect.clone(),
        toleration_seconds: None,
    }
}
