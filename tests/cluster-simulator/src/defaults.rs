//! What the server fills into new objects.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{resources, store::Key};

/// For a new object. `number` is of no meaning and makes cluster addresses differ.
pub(crate) fn fill_in(key: &Key, object: &mut Value, number: u64) {
    match key.kind {
        "namespaces" => namespace(&key.name, object),
        "pods" => pod(object),
        "services" => service(object, number),
        "secrets" => secret(object),
        "deployments" | "replicasets" | "statefulsets" => workload(key.kind, object),
        "persistentvolumeclaims" => {
            default(&mut object["spec"], "volumeMode", &json!("Filesystem"));
            default(&mut object["spec"], "storageClassName", &json!("standard"));
            object["status"] = json!({"phase": "Pending"});
        }
        "networkpolicies" => {
            let egress = object["spec"]["egress"].is_array();
            let types = if egress { json!(["Ingress", "Egress"]) } else { json!(["Ingress"]) };
            default(&mut object["spec"], "policyTypes", &types);
        }
        _ => {}
    }
}

fn default(object: &mut Value, field: &str, value: &Value) {
    if object.is_null() {
        *object = json!({});
    }
    if object.is_object() && object[field].is_null() {
        object[field] = value.clone();
    }
}

fn namespace(name: &str, object: &mut Value) {
    default(&mut object["metadata"], "labels", &json!({}));
    object["metadata"]["labels"]["kubernetes.io/metadata.name"] = json!(name);
    object["spec"] = json!({"finalizers": ["kubernetes"]});
    object["status"] = json!({"phase": "Active"});
}

fn pod(object: &mut Value) {
    let spec = &mut object["spec"];
    default(spec, "restartPolicy", &json!("Always"));
    default(spec, "terminationGracePeriodSeconds", &json!(30));
    default(spec, "dnsPolicy", &json!("ClusterFirst"));
    default(spec, "schedulerName", &json!("default-scheduler"));
    default(spec, "enableServiceLinks", &json!(true));
    default(spec, "securityContext", &json!({}));
    for container in resources::containers_mut(object) {
        container_defaults(container);
    }
    let guaranteed = resources::total(object, "limits");
    let requested = resources::total(object, "requests");
    let class = match (guaranteed.is_empty() && requested.is_empty(), guaranteed == requested) {
        (true, _) => "BestEffort",
        (_, true) => "Guaranteed",
        _ => "Burstable",
    };
    object["status"] = json!({"phase": "Pending", "qosClass": class});
}

fn container_defaults(container: &mut Value) {
    let image = container["image"].as_str().unwrap_or_default();
    let latest = image.ends_with(":latest") || !image.rsplit('/').next().unwrap_or_default().contains([':', '@']);
    default(container, "imagePullPolicy", &json!(if latest { "Always" } else { "IfNotPresent" }));
    default(container, "terminationMessagePath", &json!("/dev/termination-log"));
    default(container, "terminationMessagePolicy", &json!("File"));
    default(container, "resources", &json!({}));
    // Every limit is a request, too, where there is no other.
    let limits = container["resources"]["limits"].clone();
    for (name, value) in limits.as_object().into_iter().flatten() {
        default(&mut container["resources"]["requests"], name, value);
    }
    for port in container["ports"].as_array_mut().into_iter().flatten() {
        default(port, "protocol", &json!("TCP"));
    }
}

fn service(object: &mut Value, number: u64) {
    let spec = &mut object["spec"];
    default(spec, "type", &json!("ClusterIP"));
    default(spec, "sessionAffinity", &json!("None"));
    if spec["type"] != "ExternalName" {
        let address = format!("10.96.{}.{}", number / 250 % 250, number % 250 + 1);
        default(spec, "clusterIP", &json!(address));
        let address = spec["clusterIP"].clone();
        default(spec, "clusterIPs", &json!([address]));
    }
    for port in spec["ports"].as_array_mut().into_iter().flatten() {
        default(port, "protocol", &json!("TCP"));
        let target = port["port"].clone();
        default(port, "targetPort", &target);
    }
    object["status"] = json!({"loadBalancer": {}});
}

/// `stringData` is moved into `data`.
pub(crate) fn secret(object: &mut Value) {
    default(object, "type", &json!("Opaque"));
    let Some(Value::Object(texts)) = object.as_object_mut().and_then(|fields| fields.remove("stringData")) else { return };
    for (name, text) in texts {
        let encoded = STANDARD.encode(text.as_str().unwrap_or_default());
        if !object["data"].is_object() {
            object["data"] = json!({});
        }
        object["data"][name] = json!(encoded);
    }
}

fn workload(kind: &str, object: &mut Value) {
    let spec = &mut object["spec"];
    default(spec, "replicas", &json!(1));
    match kind {
        "deployments" => {
            default(spec, "strategy", &json!({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}));
            default(spec, "revisionHistoryLimit", &json!(10));
            default(spec, "progressDeadlineSeconds", &json!(600));
        }
        "statefulsets" => {
            default(spec, "podManagementPolicy", &json!("OrderedReady"));
            default(spec, "updateStrategy", &json!({"type": "RollingUpdate"}));
        }
        _ => {}
    }
    object["status"] = json!({});
}
