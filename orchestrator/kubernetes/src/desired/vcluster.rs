//! A cluster inside of the learner's namespace: a control plane in a StatefulSet, which puts the learner's pods into that
//! namespace. Learners are administrators in there and nobody out here.

use domain::{kernel::EnvironmentId, workshops::cluster_needs::PodSecurity};
use k8s_openapi::{
    api::{
        apps::v1::{StatefulSet, StatefulSetSpec},
        core::v1::{
            Container, ContainerPort, EnvVar, EnvVarSource, HTTPGetAction, ObjectFieldSelector, PodSpec, PodTemplateSpec, Probe,
            ResourceRequirements, Secret, SecretVolumeSource, Service, ServiceAccount, ServicePort, ServiceSpec, Volume,
        },
        rbac::v1::{Role, RoleBinding},
    },
    apimachinery::pkg::{
        apis::meta::v1::{LabelSelector, ObjectMeta},
        util::intstr::IntOrString,
    },
};
use serde_json::json;

use super::{
    Facts, learner_namespace,
    quota::quantities,
    workbench::{confined, mount, scratch, toleration, variable},
};
use crate::permissions::{LEARNER, VCLUSTER};

/// The StatefulSet, its Service, its account and its role.
pub(crate) const NAME: &str = "vcluster";
/// Where the control plane puts the administrator's kubeconfig, under `config`.
pub(crate) const KUBECONFIG_SECRET: &str = "vc-vcluster";
const CONFIG_SECRET: &str = "vc-config-vcluster";
/// The pod of the control plane, and the port that its API is at.
pub(crate) const CONTROL_PLANE: &str = "vcluster-0";
pub(crate) const VCLUSTER_PORT: u16 = 8443;
const PORT: i32 = VCLUSTER_PORT as i32;

/// The name that a vCluster's certificate is for, within the host.
pub(crate) fn vcluster_host(environment: EnvironmentId) -> String {
    format!("{NAME}.{}.svc", learner_namespace(environment))
}

/// All of it.
pub(crate) struct Vcluster {
    pub(crate) account: ServiceAccount,
    pub(crate) role: Role,
    pub(crate) binding: RoleBinding,
    pub(crate) config: Secret,
    pub(crate) services: [Service; 2],
    pub(crate) control_plane: StatefulSet,
}

impl Facts<'_> {
    pub(crate) fn vcluster(&self) -> Option<Vcluster> {
        if !self.has_vcluster() {
            return None;
        }
        let namespace = learner_namespace(self.environment);
        let mut account = self.account(&namespace, NAME);
        account.automount_service_account_token = Some(true);
        let grants: Vec<_> = LEARNER.iter().chain(&VCLUSTER).copied().collect();
        Some(Vcluster {
            account,
            role: self.role_of(NAME, &grants),
            binding: self.binding_of(NAME, &namespace),
            config: self.config(&namespace),
            services: [self.front(&namespace, NAME, None), self.front(&namespace, "vcluster-headless", Some("None"))],
            control_plane: self.control_plane(&namespace),
        })
    }

    fn config(&self, namespace: &str) -> Secret {
        let standard = match self.cluster().map(|needs| needs.security).unwrap_or_default() {
            PodSecurity::Restricted => "restricted",
            PodSecurity::Baseline => "baseline",
        };
        let host = vcluster_host(self.environment);
        // JSON is YAML. The file is the program's whole configuration.
        let config = json!({
            "controlPlane": {
                "distro": {"k8s": {"enabled": true}},
                "backingStore": {"database": {"embedded": {"enabled": true}}},
                "coredns": {"enabled": true, "embedded": false},
                "proxy": {"port": PORT, "extraSANs": [host]}
            },
            "exportKubeConfig": {"server": format!("https://{host}")},
            "policies": {"podSecurityStandard": standard},
            "rbac": {"clusterRole": {"enabled": "false"}},
            "sync": {
                "toHost": {"pods": {"enabled": true}, "services": {"enabled": true}, "configMaps": {"enabled": true},
                    "secrets": {"enabled": true}, "endpoints": {"enabled": true}, "persistentVolumeClaims": {"enabled": true},
                    "ingresses": {"enabled": true}},
                "fromHost": {"events": {"enabled": true}, "nodes": {"enabled": false}}
            },
            "telemetry": {"enabled": false}
        });
        Secret {
            metadata: self.metadata(Some(namespace), CONFIG_SECRET),
            string_data: Some([("config.yaml".to_owned(), config.to_string())].into()),
            ..Secret::default()
        }
    }

    fn front(&self, namespace: &str, name: &str, cluster_ip: Option<&str>) -> Service {
        let port =
            ServicePort { name: Some("https".to_owned()), port: 443, target_port: Some(IntOrString::Int(PORT)), ..ServicePort::default() };
        let spec = ServiceSpec {
            selector: selector().match_labels,
            ports: Some(vec![port]),
            cluster_ip: cluster_ip.map(str::to_owned),
            publish_not_ready_addresses: cluster_ip.map(|_| true),
            ..ServiceSpec::default()
        };
        Service { metadata: self.metadata(Some(namespace), name), spec: Some(spec), status: None }
    }

    fn control_plane(&self, namespace: &str) -> StatefulSet {
        let mut metadata = self.metadata(None, NAME);
        metadata.name = None;
        metadata.labels.get_or_insert_default().extend(selector().match_labels.unwrap_or_default());
        let settings = &self.settings.vcluster;
        let config = SecretVolumeSource { secret_name: Some(CONFIG_SECRET.to_owned()), ..SecretVolumeSource::default() };
        let pod = PodSpec {
            service_account_name: Some(NAME.to_owned()),
            enable_service_links: Some(false),
            termination_grace_period_seconds: Some(5),
            init_containers: Some(vec![
                copying("vcluster-copy", &settings.image, "/bin/sh", "cp /vcluster /binaries/vcluster"),
                copying("kubernetes", &settings.kubernetes_image, "/bin/sh", "cp -r /kubernetes/. /binaries/"),
            ]),
            containers: vec![self.syncer()],
            volumes: Some(vec![
                scratch("data", 1024),
                scratch("binaries", 1024),
                scratch("pki", 16),
                scratch("tmp", 64),
                Volume { name: "config".to_owned(), secret: Some(config), ..Volume::default() },
            ]),
            node_selector: Some(self.settings.node_selector.clone()).filter(|labels| !labels.is_empty()),
            tolerations: Some(self.settings.tolerations.iter().map(toleration).collect()).filter(|all: &Vec<_>| !all.is_empty()),
            ..PodSpec::default()
        };
        let spec = StatefulSetSpec {
            replicas: Some(1),
            service_name: Some("vcluster-headless".to_owned()),
            selector: selector(),
            template: PodTemplateSpec { metadata: Some(ObjectMeta { namespace: None, ..metadata }), spec: Some(pod) },
            ..StatefulSetSpec::default()
        };
        StatefulSet { metadata: self.metadata(Some(namespace), NAME), spec, status: None }
    }

    fn syncer(&self) -> Container {
        let settings = &self.settings.vcluster;
        let from_field = |name: &str, path: &str| EnvVar {
            name: name.to_owned(),
            value: None,
            value_from: Some(EnvVarSource {
                field_ref: Some(ObjectFieldSelector { field_path: path.to_owned(), api_version: None }),
                ..EnvVarSource::default()
            }),
        };
        let probe = |path: &str, failures: i32| Probe {
            http_get: Some(HTTPGetAction {
                path: Some(path.to_owned()),
                port: IntOrString::Int(PORT),
                scheme: Some("HTTPS".to_owned()),
                ..HTTPGetAction::default()
            }),
            period_seconds: Some(2),
            failure_threshold: Some(failures),
            ..Probe::default()
        };
        Container {
            name: "syncer".to_owned(),
            image: Some(settings.image.clone()),
            ports: Some(vec![ContainerPort { name: Some("https".to_owned()), container_port: PORT, ..ContainerPort::default() }]),
            env: Some(vec![
                variable("VCLUSTER_NAME", NAME),
                from_field("POD_NAME", "metadata.name"),
                from_field("POD_IP", "status.podIP"),
                from_field("NODE_NAME", "spec.nodeName"),
            ]),
            volume_mounts: Some(vec![
                mount("data", "/data"),
                mount("binaries", "/binaries"),
                mount("pki", "/pki"),
                mount("tmp", "/tmp"),
                mount("config", "/var/lib/vcluster"),
            ]),
            startup_probe: Some(probe("/readyz", 150)),
            readiness_probe: Some(probe("/readyz", 30)),
            liveness_probe: Some(probe("/healthz", 60)),
            resources: Some(ResourceRequirements {
                limits: Some(quantities([("cpu", format!("{}m", settings.millicpu)), ("memory", format!("{}Mi", settings.memory.0))])),
                requests: Some(quantities([("cpu", "100m".to_owned()), ("memory", "256Mi".to_owned())])),
                claims: None,
            }),
            security_context: Some(k8s_openapi::api::core::v1::SecurityContext { run_as_non_root: Some(false), ..confined(0) }),
            ..Container::default()
        }
    }
}

fn copying(name: &str, image: &str, shell: &str, script: &str) -> Container {
    Container {
        name: name.to_owned(),
        image: Some(image.to_owned()),
        command: Some([shell, "-c", script].map(str::to_owned).to_vec()),
        volume_mounts: Some(vec![mount("binaries", "/binaries")]),
        resources: Some(ResourceRequirements {
            limits: Some(quantities([("cpu", "500m".to_owned()), ("memory", "256Mi".to_owned())])),
            requests: Some(quantities([("cpu", "20m".to_owned()), ("memory", "64Mi".to_owned())])),
            claims: None,
        }),
        security_context: Some(k8s_openapi::api::core::v1::SecurityContext { run_as_non_root: Some(false), ..confined(0) }),
        ..Container::default()
    }
}

fn selector() -> LabelSelector {
    let labels = [("app", "vcluster"), ("release", NAME)].map(|(name, value)| (name.to_owned(), value.to_owned()));
    LabelSelector { match_labels: Some(labels.into()), ..LabelSelector::default() }
}
