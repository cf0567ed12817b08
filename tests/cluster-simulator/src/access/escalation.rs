//! Nobody gives what they do not have: roles and bindings are refused beyond their author's own rights.

use serde_json::Value;

use super::{Attempt, allows, covers, is_master, role, rules};
use crate::{
    failure::{Answer, Failure},
    identity::User,
    store::{Key, Store},
};

/// # Errors
/// 403 if a role holds, or a binding gives, what `user` may not do in its namespace, unless they may `escalate` or `bind`.
pub(crate) fn refuse_escalation(store: &Store, user: &User, key: &Key, object: &Value) -> Answer<()> {
    let kind = key.kind();
    let (resource, verb, wanted) = match kind.plural {
        "roles" | "clusterroles" => (kind.plural, "escalate", object["rules"].clone()),
        "rolebindings" | "clusterrolebindings" => {
            let referred = if object["roleRef"]["kind"] == "Role" { "roles" } else { "clusterroles" };
            let Some(role) = role(store, object, &key.namespace) else {
                let name = object["roleRef"]["name"].as_str().unwrap_or_default();
                return if is_master(user) { Ok(()) } else { Err(Failure::not_found(crate::kinds::kind(referred), name)) };
            };
            (referred, "bind", role["rules"].clone())
        }
        _ => return Ok(()),
    };
    let name = object["roleRef"]["name"].as_str().unwrap_or(&key.name);
    let attempt = Attempt {
        verb: verb.to_owned(),
        group: kind.group.to_owned(),
        resource: resource.to_owned(),
        namespace: key.namespace.clone(),
        name: name.to_owned(),
    };
    if allows(store, user, &attempt) {
        return Ok(());
    }
    let held = rules(store, user, &key.namespace);
    let missing: Vec<String> = wanted.as_array().into_iter().flatten().filter(|rule| !holds(&held, rule)).map(Value::to_string).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let why = format!(
        "user \"{}\" (groups={:?}) is attempting to grant RBAC permissions not currently held:\n{}",
        user.name,
        user.groups,
        missing.join("\n")
    );
    Err(Failure::forbidden(kind, &key.name, &why))
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Whether every single right of a rule is among those held.
fn holds(held: &[Value], rule: &Value) -> bool {
    let names = texts(&rule["resourceNames"]);
    let names = if names.is_empty() { vec![""] } else { names };
    let mut attempts = Vec::new();
    for verb in texts(&rule["verbs"]) {
        for group in texts(&rule["apiGroups"]) {
            for resource in texts(&rule["resources"]) {
                for name in &names {
                    attempts.push(Attempt {
                        verb: verb.to_owned(),
                        group: group.to_owned(),
                        resource: resource.to_owned(),
                        namespace: String::new(),
                        name: (*name).to_owned(),
                    });
                }
            }
        }
    }
    attempts.iter().all(|attempt| held.iter().any(|rule| covers(rule, attempt)))
}
