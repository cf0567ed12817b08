//! `ResourceQuota`: what a namespace may hold.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    failure::{Answer, Failure},
    kinds::Kind,
    quantity::Quantity,
    resources,
    store::{Key, Store},
};

type Amounts = BTreeMap<String, Quantity>;

/// What one object counts for.
fn amounts(kind: &Kind, object: &Value) -> Amounts {
    let one = Quantity::units(1);
    let mut found = Amounts::from([(format!("count/{}", kind.qualified()), one)]);
    let mut add = |name: &str, amount| found.extend([(name.to_owned(), amount)]);
    match kind.plural {
        "pods" if resources::is_over(object) => {}
        "pods" => {
            add("pods", one);
            for (name, amount) in resources::total(object, "requests") {
                add(&format!("requests.{name}"), amount);
                add(&name, amount);
            }
            for (name, amount) in resources::total(object, "limits") {
                add(&format!("limits.{name}"), amount);
            }
        }
        "persistentvolumeclaims" => {
            add("persistentvolumeclaims", one);
            let storage = Quantity::of(&object["spec"]["resources"]["requests"]["storage"]).unwrap_or_default();
            add("requests.storage", storage);
            if let Some(class) = object["spec"]["storageClassName"].as_str() {
                add(&format!("{class}.storageclass.storage.k8s.io/requests.storage"), storage);
                add(&format!("{class}.storageclass.storage.k8s.io/persistentvolumeclaims"), one);
            }
        }
        "services" => {
            add("services", one);
            match object["spec"]["type"].as_str() {
                Some("LoadBalancer") => add("services.loadbalancers", one),
                Some("NodePort") => add("services.nodeports", one),
                _ => {}
            }
        }
        "secrets" | "configmaps" | "resourcequotas" => add(kind.plural, one),
        _ => {}
    }
    found
}

/// What is used of each resource that a quota names.
pub(crate) fn used(store: &Store, quota: &Value, namespace: &str) -> Amounts {
    let hard = quota["spec"]["hard"].as_object().into_iter().flatten();
    let mut used: Amounts = hard.map(|(name, _)| (name.clone(), Quantity::default())).collect();
    for key in store.contents(namespace) {
        let Some(object) = store.get(&key) else { continue };
        for (name, amount) in amounts(key.kind(), object) {
            if let Some(sum) = used.get_mut(&name) {
                *sum += amount;
            }
        }
    }
    used
}

/// # Errors
/// 403 if a quota would be exceeded, does not state yet what is used, or wants what the object does not state.
pub(super) fn check(store: &Store, key: &Key, object: &Value) -> Answer<()> {
    if key.namespace.is_empty() {
        return Ok(());
    }
    let refuse = |why: String| Err(Failure::forbidden(key.kind(), &key.name, &why));
    let asked = amounts(key.kind(), object);
    for (quota_key, quota) in store.list("resourcequotas", &key.namespace) {
        let Some(hard) = quota["spec"]["hard"].as_object() else { continue };
        if key.kind == "pods" {
            let unstated = unstated(object, hard.keys());
            if !unstated.is_empty() {
                return refuse(format!("failed quota: {}: must specify {}", quota_key.name, unstated.join("; ")));
            }
        }
        let mut counted: Vec<&String> = hard.keys().filter(|name| asked.get(*name).is_some_and(|amount| !amount.is_zero())).collect();
        counted.sort();
        if counted.is_empty() {
            continue;
        }
        let unknown: Vec<&str> =
            counted.iter().filter(|name| quota["status"]["hard"][name.as_str()].is_null()).map(|n| n.as_str()).collect();
        if !unknown.is_empty() {
            return refuse(format!("status unknown for quota: {}, resources: {}", quota_key.name, unknown.join(",")));
        }
        let used = used(store, quota, &key.namespace);
        let over = |name: &&&String| Quantity::of(&hard[name.as_str()]).is_some_and(|most| used[**name] + asked[**name] > most);
        let over: Vec<&&String> = counted.iter().filter(over).collect();
        if !over.is_empty() {
            let told =
                |amount: &dyn Fn(&str) -> String| over.iter().map(|name| format!("{name}={}", amount(name))).collect::<Vec<_>>().join(",");
            return refuse(format!(
                "exceeded quota: {}, requested: {}, used: {}, limited: {}",
                quota_key.name,
                told(&|name| asked[name].to_string()),
                told(&|name| used[name].to_string()),
                told(&|name| hard[name].as_str().map_or_else(|| hard[name].to_string(), str::to_owned)),
            ));
        }
    }
    Ok(())
}

/// Amounts that a quota counts and containers do not state, such as `limits.cpu for: workbench`.
fn unstated<'a>(pod: &Value, names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut found = Vec::new();
    for name in names {
        let (what, resource) = match name.as_str() {
            "cpu" | "memory" => ("requests", name.as_str()),
            name => match name.split_once('.') {
                Some((what @ ("requests" | "limits"), resource @ ("cpu" | "memory"))) => (what, resource),
                _ => continue,
            },
        };
        let lacking = resources::containers(pod).filter(|container| container["resources"][what][resource].is_null());
        let lacking: Vec<&str> = lacking.filter_map(|container| container["name"].as_str()).collect();
        if !lacking.is_empty() {
            found.push(format!("{name} for: {}", lacking.join(",")));
        }
    }
    found
}
