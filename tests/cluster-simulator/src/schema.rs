//! How lists and maps of objects are merged: what a real server knows from its schemas, by the names of fields.

use serde_json::Value;

/// How a list merges.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum List {
    /// Replaced as a whole.
    Atomic,
    /// By values.
    Set,
    /// By these fields of their items.
    Map(&'static [&'static str]),
}

/// How the list at this path merges; `path` has the names of the fields down to it.
pub(crate) fn list(path: &[&str]) -> List {
    let Some(field) = path.last() else { return List::Atomic };
    match *field {
        "containers" | "initContainers" | "ephemeralContainers" | "env" | "volumes" | "imagePullSecrets" | "resourceClaims" => {
            List::Map(&["name"])
        }
        "secrets" if path.len() == 1 => List::Map(&["name"]),
        "volumeMounts" => List::Map(&["mountPath"]),
        "volumeDevices" => List::Map(&["devicePath"]),
        "ports" if path.contains(&"containers") || path.contains(&"initContainers") => List::Map(&["containerPort", "protocol"]),
        "ports" if path.first() == Some(&"spec") && path.len() == 2 => List::Map(&["port", "protocol"]),
        "conditions" => List::Map(&["type"]),
        "hostAliases" => List::Map(&["ip"]),
        "topologySpreadConstraints" => List::Map(&["topologyKey", "whenUnsatisfiable"]),
        "ownerReferences" => List::Map(&["uid"]),
        "finalizers" => List::Set,
        _ => List::Atomic,
    }
}

/// Whether the map at this path is replaced as a whole.
pub(crate) fn is_atomic(path: &[&str]) -> bool {
    const ATOMIC: [&str; 9] = [
        "configMapKeyRef",
        "fieldRef",
        "labelSelector",
        "namespaceSelector",
        "nodeSelector",
        "podSelector",
        "resourceFieldRef",
        "roleRef",
        "secretKeyRef",
    ];
    path.last().is_some_and(|last| ATOMIC.contains(last) || *last == "selector" && path.first() == Some(&"spec"))
}

/// What a field is if it is not given, as far as it is part of an item's key.
fn assumed(field: &str) -> Value {
    if field == "protocol" { Value::from("TCP") } else { Value::Null }
}

/// The values of an item's key fields.
pub(crate) fn key(item: &Value, fields: &[&str]) -> Vec<Value> {
    fields.iter().map(|field| item.get(*field).cloned().unwrap_or_else(|| assumed(field))).collect()
}
