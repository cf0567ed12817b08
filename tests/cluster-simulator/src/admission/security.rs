//! Pod Security: the levels `baseline` and `restricted`, by the labels of the namespace.

use serde_json::Value;

use crate::{
    failure::{Answer, Failure},
    resources,
    store::{Key, Store},
};

const LABEL: &str = "pod-security.kubernetes.io/enforce";
const VOLUMES: [&str; 8] = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];
const ADDABLE: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// # Errors
/// 403, naming everything that violates the level.
pub(super) fn check(store: &Store, key: &Key, pod: &Value) -> Answer<()> {
    let namespace = store.find("namespaces", "", &key.namespace);
    let labels = namespace.map(|namespace| &namespace["metadata"]["labels"]);
    let Some(level @ ("baseline" | "restricted")) = labels.and_then(|labels| labels[LABEL].as_str()) else { return Ok(()) };
    let version = labels.and_then(|labels| labels["pod-security.kubernetes.io/enforce-version"].as_str()).unwrap_or("latest");
    let mut violations = baseline(pod);
    if level == "restricted" {
        violations.extend(restricted(pod));
    }
    if violations.is_empty() {
        return Ok(());
    }
    let why = format!("violates PodSecurity \"{level}:{version}\": {}", violations.join(", "));
    Err(Failure::forbidden(key.kind(), &key.name, &why))
}

/// # Errors
/// 422 if a namespace is labelled with a level that there is not.
pub(crate) fn refuse_labels(key: &Key, namespace: &Value) -> Answer<()> {
    for mode in ["enforce", "audit", "warn"] {
        let label = format!("pod-security.kubernetes.io/{mode}");
        let value = namespace["metadata"]["labels"][&label].as_str();
        if value.is_some_and(|value| !["privileged", "baseline", "restricted"].contains(&value)) {
            let field = format!("metadata.labels[{label}]");
            return Err(Failure::invalid(key.kind(), &key.name, &field, "must be one of privileged, baseline, restricted"));
        }
    }
    Ok(())
}

fn volumes(pod: &Value) -> impl Iterator<Item = &Value> {
    pod["spec"]["volumes"].as_array().into_iter().flatten()
}

/// Names of containers for which something holds, as messages list them.
fn those(pod: &Value, holds: impl Fn(&Value) -> bool) -> Option<String> {
    let names: Vec<String> =
        resources::containers(pod).filter(|container| holds(container)).map(|container| container["name"].to_string()).collect();
    match names.len() {
        0 => None,
        1 => Some(format!("container {}", names[0])),
        _ => Some(format!("containers {}", names.join(", "))),
    }
}

fn capabilities<'a>(container: &'a Value, list: &str) -> impl Iterator<Item = &'a str> {
    container["securityContext"]["capabilities"][list].as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn baseline(pod: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for host in ["hostNetwork", "hostPID", "hostIPC"] {
        if pod["spec"][host] == true {
            found.push(format!("host namespaces ({host}=true)"));
        }
    }
    if let Some(which) = those(pod, |container| container["securityContext"]["privileged"] == true) {
        found.push(format!("privileged ({which} must not set securityContext.privileged=true)"));
    }
    if let Some(which) = those(pod, |container| capabilities(container, "add").any(|added| !ADDABLE.contains(&added))) {
        found.push(format!("non-default capabilities ({which} must not include unusual capabilities in securityContext.capabilities.add)"));
    }
    for volume in volumes(pod).filter(|volume| volume["hostPath"].is_object()) {
        found.push(format!("hostPath volumes (volume {})", volume["name"]));
    }
    let host_port = |container: &Value| {
        container["ports"].as_array().into_iter().flatten().any(|port| port["hostPort"].as_u64().is_some_and(|port| port > 0))
    };
    if let Some(which) = those(pod, host_port) {
        found.push(format!("hostPort ({which} uses hostPorts)"));
    }
    if let Some(which) = those(pod, |container| container["securityContext"]["seccompProfile"]["type"] == "Unconfined") {
        found.push(format!("seccompProfile ({which} must not set securityContext.seccompProfile.type to \"Unconfined\")"));
    }
    found
}

fn restricted(pod: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(which) = those(pod, |container| container["securityContext"]["allowPrivilegeEscalation"] != false) {
        found.push(format!("allowPrivilegeEscalation != false ({which} must set securityContext.allowPrivilegeEscalation=false)"));
    }
    let keeps = |container: &Value| {
        !capabilities(container, "drop").any(|dropped| dropped == "ALL")
            || capabilities(container, "add").any(|added| added != "NET_BIND_SERVICE")
    };
    if let Some(which) = those(pod, keeps) {
        found.push(format!("unrestricted capabilities ({which} must set securityContext.capabilities.drop=[\"ALL\"])"));
    }
    for volume in volumes(pod).filter(|volume| !volume["hostPath"].is_object()) {
        let strange = volume.as_object().into_iter().flatten().find(|(name, _)| *name != "name" && !VOLUMES.contains(&name.as_str()));
        if let Some((kind, _)) = strange {
            found.push(format!("restricted volume types (volume {} uses restricted volume type \"{kind}\")", volume["name"]));
        }
    }
    let own = |container: &Value, field: &str| match &container["securityContext"][field] {
        Value::Null => pod["spec"]["securityContext"][field].clone(),
        set => set.clone(),
    };
    if let Some(which) = those(pod, |container| own(container, "runAsNonRoot") != true) {
        found.push(format!("runAsNonRoot != true (pod or {which} must set securityContext.runAsNonRoot=true)"));
    }
    if let Some(which) = those(pod, |container| own(container, "runAsUser") == 0) {
        found.push(format!("runAsUser=0 (pod or {which} must not set runAsUser=0)"));
    }
    let confined = |container: &Value| matches!(own(container, "seccompProfile")["type"].as_str(), Some("RuntimeDefault" | "Localhost"));
    if let Some(which) = those(pod, |container| !confined(container)) {
        found.push(format!(
            "seccompProfile (pod or {which} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")"
        ));
    }
    found
}
