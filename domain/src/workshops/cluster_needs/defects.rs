//! What keeps such needs from being kept.

use std::net::IpAddr;

use super::{Budget, KubernetesNeeds};
use crate::workshops::defects::Defect;

/// Kinds of extra objects, by their API group.
pub const OBJECT_KINDS: [(&str, &str); 12] = [
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "Pod"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
    ("networking.k8s.io/v1", "Ingress"),
];

/// Appends what is wrong with `needs`, which stand at `path`.
pub(in crate::workshops) fn of_cluster_needs(path: &str, needs: &KubernetesNeeds, found: &mut Vec<Defect>) {
    let mut expect = |is_right: bool, field: String, expected: &str| {
        if !is_right {
            found.push(Defect::new(format!("{path}.{field}"), expected));
        }
    };
    if let Budget::Custom(amounts) = needs.budget {
        expect((100..=64_000).contains(&amounts.millicpu), "budget.custom.millicpu".into(), "100 to 64000 thousandths of a CPU");
        expect((128..=262_144).contains(&amounts.memory.0), "budget.custom.memory".into(), "128 to 262144 MiB");
        expect(amounts.storage.0 <= 1_048_576, "budget.custom.storage".into(), "at most 1048576 MiB");
        expect((1..=200).contains(&amounts.pods), "budget.custom.pods".into(), "1 to 200 pods");
    }
    if let Some(image) = &needs.image {
        let plain = image.bytes().all(|b| b.is_ascii_alphanumeric() || b"./:@_-".contains(&b));
        expect(plain && (1..=255).contains(&image.len()), "image".into(), "the name of a container image");
    }
    expect(needs.variables.len() <= 50, "variables".into(), "at most 50 variables");
    for (name, value) in &needs.variables {
        let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !name.starts_with(|c: char| c.is_ascii_digit());
        let is_free = !["HOME", "PATH", "LANG", "USER"].contains(&name.as_str()) && !name.starts_with("NALABO_");
        expect(is_name && is_free && !name.is_empty(), format!("variables.{name}"), "a name of letters, digits and _ that is not ours");
        expect(value.len() <= 4096 && !value.contains('\0'), format!("variables.{name}"), "at most 4096 bytes");
    }
    expect(needs.ports.len() <= 20, "ports".into(), "at most 20 ports");
    for (at, port) in needs.ports.iter().enumerate() {
        let is_name = is_label(&port.name) && port.name.len() <= 15 && port.name.bytes().any(|b| b.is_ascii_lowercase());
        let is_first = needs.ports[..at].iter().all(|other| other.name != port.name && other.port != port.port);
        expect(is_name && is_first, format!("ports[{at}].name"), "1 to 15 lower-case letters, digits and hyphens that no other port has");
        expect(port.port >= 1024, format!("ports[{at}].port"), "a port from 1024 up: the workbench is not root");
    }
    expect(needs.egress.len() <= 50, "egress".into(), "at most 50 networks");
    for (at, network) in needs.egress.iter().enumerate() {
        expect(is_network(network), format!("egress[{at}]"), "a network such as 0.0.0.0/0");
    }
    of_objects(needs, &mut expect);
    for (name, minutes) in [("overtime", needs.overtime), ("idle", needs.idle)] {
        expect(minutes.is_none_or(|minutes| (1..=1440).contains(&minutes.0)), name.into(), "1 to 1440 minutes");
    }
    expect(needs.runtime_class.as_deref().is_none_or(is_label), "runtime_class".into(), "the name of a RuntimeClass");
    expect(needs.node_selector.len() <= 20, "node_selector".into(), "at most 20 labels");
    expect(needs.tolerations.len() <= 20, "tolerations".into(), "at most 20 tolerations");
    for (at, toleration) in needs.tolerations.iter().enumerate() {
        expect(!toleration.key.is_empty(), format!("tolerations[{at}].key"), "the key of a taint");
        let effect = toleration.effect.as_deref().is_none_or(|effect| ["NoSchedule", "PreferNoSchedule", "NoExecute"].contains(&effect));
        expect(effect, format!("tolerations[{at}].effect"), "NoSchedule, PreferNoSchedule or NoExecute");
    }
}

fn of_objects(needs: &KubernetesNeeds, expect: &mut impl FnMut(bool, String, &str)) {
    expect(needs.objects.len() <= 50, "objects".into(), "at most 50 objects");
    let size = serde_json::to_vec(&needs.objects).map_or(usize::MAX, |json| json.len());
    expect(size <= 262_144, "objects".into(), "at most 256 KiB of objects");
    for (at, object) in needs.objects.iter().enumerate() {
        let text = |name: &str| object.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
        let kind = (text("apiVersion"), text("kind"));
        let known = OBJECT_KINDS.map(|(_, kind)| kind).join(", ");
        expect(OBJECT_KINDS.contains(&kind), format!("objects[{at}].kind"), &format!("one of {known}, with its apiVersion"));
        let name = object.pointer("/metadata/name").and_then(serde_json::Value::as_str).unwrap_or_default();
        expect(!name.is_empty(), format!("objects[{at}].metadata.name"), "a name");
        expect(object.pointer("/metadata/namespace").is_none(), format!("objects[{at}].metadata.namespace"), "none: it is the learner's");
    }
}

/// A DNS label.
fn is_label(text: &str) -> bool {
    let plain = text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    (1..=63).contains(&text.len()) && plain && !text.starts_with('-') && !text.ends_with('-')
}

fn is_network(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let most = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}
