//! What objects must look like, as far as tests meet it.

use serde_json::Value;

use crate::{
    admission,
    failure::{Answer, Failure},
    quantity::Quantity,
    resources,
    store::Key,
};

const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', \
    and must start and end with an alphanumeric character";
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', \
    and must start and end with an alphanumeric character";

/// # Errors
/// 422, naming the first field that is wrong.
pub(crate) fn check(key: &Key, object: &Value) -> Answer<()> {
    let wrong = |field: &str, why: &str| Err(Failure::invalid(key.kind(), &key.name, field, why));
    name(key)?;
    for (label, value) in object["metadata"]["labels"].as_object().into_iter().flatten() {
        if !value.as_str().is_some_and(is_label_value) {
            return wrong(
                "metadata.labels",
                &format!("Invalid value of {label}: a valid label must be 63 characters of [A-Za-z0-9_.-] or less"),
            );
        }
    }
    match key.kind {
        "namespaces" => admission::refuse_labels(key, object),
        "pods" => pod(key, object),
        "resourcequotas" => {
            let hard = object["spec"]["hard"].as_object().into_iter().flatten();
            for (resource, value) in hard {
                if Quantity::of(value).is_none() {
                    return wrong(&format!("spec.hard[{resource}]"), "Invalid value: must be a quantity");
                }
            }
            Ok(())
        }
        "services"
            if object["spec"]["ports"].as_array().is_none_or(Vec::is_empty)
                && object["spec"]["type"] != "ExternalName"
                && object["spec"]["clusterIP"] != "None" =>
        {
            wrong("spec.ports", "Required value")
        }
        "deployments" | "replicasets" | "statefulsets" => {
            let spec = &object["spec"];
            let selector = crate::selectors::Selectors::of_object(&spec["selector"]);
            if selector.is_empty() {
                return wrong("spec.selector", "Required value");
            }
            if selector.match_object(&spec["template"]) {
                Ok(())
            } else {
                wrong("spec.template.metadata.labels", "`selector` does not match template `labels`")
            }
        }
        _ => Ok(()),
    }
}

fn name(key: &Key) -> Answer<()> {
    let (longest, dots, rule) = match key.kind {
        "namespaces" | "services" => (63, false, LABEL),
        _ => (253, true, SUBDOMAIN),
    };
    let known = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'.' && dots;
    let edges = |c: Option<&u8>| c.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = key.name.as_bytes();
    let plain = bytes.len() <= longest && bytes.iter().all(|c| known(*c)) && edges(bytes.first()) && edges(bytes.last());
    // Roles may be called almost anything, such as `system:node`.
    let free = key.kind.contains("role") && !key.name.is_empty() && !key.name.contains(['/', '%']);
    if plain || free {
        Ok(())
    } else {
        Err(Failure::invalid(key.kind(), &key.name, "metadata.name", &format!("Invalid value: \"{}\": {rule}", key.name)))
    }
}

fn is_label_value(value: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    value.len() <= 63 && value.chars().all(known) && !value.starts_with(['_', '.', '-']) && !value.ends_with(['_', '.', '-'])
}

fn pod(key: &Key, object: &Value) -> Answer<()> {
    let wrong = |field: String, why: &str| Err(Failure::invalid(key.kind(), &key.name, &field, why));
    let containers = object["spec"]["containers"].as_array();
    if containers.is_none_or(Vec::is_empty) {
        return wrong("spec.containers".to_owned(), "Required value");
    }
    let volumes: Vec<&Value> = object["spec"]["volumes"].as_array().into_iter().flatten().map(|volume| &volume["name"]).collect();
    let mut names = Vec::new();
    for (at, container) in resources::containers(object).enumerate() {
        let field = |name: &str| format!("spec.containers[{at}].{name}");
        if container["name"].as_str().is_none_or(str::is_empty) {
            return wrong(field("name"), "Required value");
        }
        if names.contains(&&container["name"]) {
            return wrong(field("name"), &format!("Duplicate value: {}", container["name"]));
        }
        names.push(&container["name"]);
        if container["image"].as_str().is_none_or(str::is_empty) {
            return wrong(field("image"), "Required value");
        }
        for mount in container["volumeMounts"].as_array().into_iter().flatten() {
            if !volumes.contains(&&mount["name"]) {
                return wrong(field("volumeMounts[0].name"), &format!("Not found: {}", mount["name"]));
            }
        }
        for what in ["requests", "limits"] {
            for (resource, value) in container["resources"][what].as_object().into_iter().flatten() {
                let Some(amount) = Quantity::of(value) else {
                    return wrong(field(&format!("resources.{what}.{resource}")), "Invalid value: must be a quantity");
                };
                let limit = Quantity::of(&container["resources"]["limits"][resource]);
                if what == "requests" && limit.is_some_and(|limit| amount > limit) {
                    let why = format!("Invalid value: \"{amount}\": must be less than or equal to {resource} limit");
                    return wrong(field("resources.requests"), &why);
                }
            }
        }
    }
    Ok(())
}

/// # Errors
/// 422 if a field changed that must not.
pub(crate) fn check_change(key: &Key, old: &Value, new: &Value) -> Answer<()> {
    let wrong = |field: &str, why: &str| Err(Failure::invalid(key.kind(), &key.name, field, why));
    let differs = |pointer: &str| old.pointer(pointer) != new.pointer(pointer);
    match key.kind {
        "pods" if changeless(old) != changeless(new) => wrong(
            "spec",
            "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,\
             `spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),\
             `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
        ),
        "secrets" | "configmaps" if old["immutable"] == true && (differs("/data") || differs("/binaryData")) => {
            wrong("data", "Forbidden: field is immutable when `immutable` is set")
        }
        "secrets" if differs("/type") => wrong("type", "Invalid value: field is immutable"),
        "rolebindings" | "clusterrolebindings" if differs("/roleRef") => wrong("roleRef", "Invalid value: cannot change roleRef"),
        "services" if differs("/spec/clusterIP") => wrong("spec.clusterIPs[0]", "Invalid value: may not change once set"),
        "deployments" | "replicasets" | "statefulsets" if differs("/spec/selector") => {
            wrong("spec.selector", "Invalid value: field is immutable")
        }
        "persistentvolumeclaims" if differs("/spec/accessModes") || differs("/spec/storageClassName") => {
            wrong("spec", "Forbidden: spec is immutable after creation except resources.requests")
        }
        _ => Ok(()),
    }
}

/// A pod's spec without what may change.
fn changeless(pod: &Value) -> Value {
    let mut pod = pod.clone();
    for container in resources::containers_mut(&mut pod) {
        container["image"] = Value::Null;
    }
    for field in ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "nodeName"] {
        pod["spec"][field] = Value::Null;
    }
    pod["spec"].take()
}
