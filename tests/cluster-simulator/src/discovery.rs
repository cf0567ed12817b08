//! What a client may ask before it knows the cluster.

use serde_json::{Value, json};

use crate::kinds::{KINDS, Kind, METRICS, REVIEWS};

/// The version that the simulator says it is.
pub(crate) const GIT_VERSION: &str = "v1.36.0+simulated";

const VERBS: [&str; 8] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// Answers a path of discovery or health.
pub(crate) fn answer(path: &str, metrics: bool) -> Option<Value> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    match &segments[..] {
        ["version"] => Some(json!({
            "major": "1", "minor": "36", "gitVersion": GIT_VERSION, "gitCommit": "", "gitTreeState": "clean",
            "buildDate": "2026-01-01T00:00:00Z",
            "goVersion": "go1.25", "compiler": "gc", "platform": "linux/amd64",
        })),
        ["api"] => Some(json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []})),
        ["apis"] => {
            let list: Vec<Value> = groups(metrics).into_iter().map(group).collect();
            Some(json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": list}))
        }
        ["api", "v1"] => resources("", "v1", metrics),
        ["apis", name] => {
            let mut found = group(groups(metrics).into_iter().find(|(known, _)| known == name)?);
            found["kind"] = json!("APIGroup");
            found["apiVersion"] = json!("v1");
            Some(found)
        }
        ["apis", name, version] => resources(name, version, metrics),
        _ => None,
    }
}

fn all(metrics: bool) -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().chain(&REVIEWS).chain(METRICS.iter().filter(move |_| metrics))
}

/// Named groups with their versions.
fn groups(metrics: bool) -> Vec<(&'static str, &'static str)> {
    let mut found: Vec<(&str, &str)> = all(metrics).map(|kind| (kind.group, kind.version)).filter(|(group, _)| !group.is_empty()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn group((name, version): (&str, &str)) -> Value {
    let version = json!({"groupVersion": format!("{name}/{version}"), "version": version});
    json!({"name": name, "versions": [version], "preferredVersion": version})
}

fn resources(group: &str, version: &str, metrics: bool) -> Option<Value> {
    let kinds: Vec<&Kind> = all(metrics).filter(|kind| kind.group == group && kind.version == version).collect();
    let first = kinds.first()?;
    let list: Vec<Value> = kinds.iter().flat_map(|kind| entries(kind)).collect();
    Some(json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": first.api_version(), "resources": list}))
}

fn entries(kind: &Kind) -> Vec<Value> {
    let verbs: &[&str] = match kind.group {
        "metrics.k8s.io" => &["get", "list"],
        "authorization.k8s.io" | "authentication.k8s.io" => &["create"],
        _ => &VERBS,
    };
    let entry = |name: String, kind_name: &str, verbs: &[&str], short: &[&str]| {
        let mut entry = json!({"name": name, "singularName": "", "namespaced": kind.namespaced, "kind": kind_name, "verbs": verbs});
        if !short.is_empty() {
            entry["shortNames"] = json!(short);
        }
        if !name.contains('/') {
            entry["singularName"] = json!(kind.kind.to_lowercase());
        }
        entry
    };
    let mut found = vec![entry(kind.plural.to_owned(), kind.kind, verbs, kind.short)];
    for sub in kind.subresources {
        let (kind_name, verbs): (&str, &[&str]) = match *sub {
            "token" => ("TokenRequest", &["create"]),
            "exec" => ("PodExecOptions", &["create", "get"]),
            "log" => ("Pod", &["get"]),
            "scale" => ("Scale", &["get", "patch", "update"]),
            _ => (kind.kind, &["get", "patch", "update"]),
        };
        found.push(entry(format!("{}/{sub}", kind.plural), kind_name, verbs, &[]));
    }
    found
}
