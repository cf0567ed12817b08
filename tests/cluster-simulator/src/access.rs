//! Who may do what: RBAC, evaluated from the roles and bindings that are stored.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    failure::{Answer, Failure},
    identity::User,
    store::{Key, Store},
    target::Target,
};

mod escalation;
mod reviews;

pub(crate) use escalation::refuse_escalation;
pub(crate) use reviews::review;

const MASTERS: &str = "system:masters";

/// What somebody wants to do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attempt {
    pub(crate) verb: String,
    pub(crate) group: String,
    /// With the subresource: `pods/exec`.
    pub(crate) resource: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl Attempt {
    pub(crate) fn of(target: &Target, verb: &str) -> Self {
        // A namespace is in itself, as far as roles are concerned.
        let namespace = if target.kind.plural == "namespaces" { &target.name } else { &target.namespace };
        Self {
            verb: verb.to_owned(),
            group: target.kind.group.to_owned(),
            resource: target.resource(),
            namespace: namespace.clone(),
            name: target.name.clone(),
        }
    }
}

/// Whether somebody may do it.
pub(crate) fn allows(store: &Store, user: &User, attempt: &Attempt) -> bool {
    let is_review = matches!(attempt.resource.as_str(), "selfsubjectaccessreviews" | "selfsubjectrulesreviews" | "selfsubjectreviews");
    is_master(user)
        || is_review && attempt.verb == "create"
        || rules(store, user, &attempt.namespace).iter().any(|rule| covers(rule, attempt))
}

pub(crate) fn is_master(user: &User) -> bool {
    user.groups.iter().any(|group| group == MASTERS)
}

/// # Errors
/// 403, in the words of a real server.
pub(crate) fn authorize(store: &Store, user: &User, target: &Target, verb: &str) -> Answer<()> {
    let attempt = Attempt::of(target, verb);
    if allows(store, user, &attempt) {
        return Ok(());
    }
    let place = if target.namespace.is_empty() {
        " at the cluster scope".to_owned()
    } else {
        format!(" in the namespace \"{}\"", target.namespace)
    };
    let why = format!("User \"{}\" cannot {verb} resource \"{}\" in API group \"{}\"{place}", user.name, attempt.resource, attempt.group);
    Err(Failure::forbidden(target.kind, &target.name, &why))
}

/// All rules that hold for somebody in a namespace.
pub(crate) fn rules(store: &Store, user: &User, namespace: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut extend = |role: Option<&Arc<Value>>| {
        found.extend(role.and_then(|role| role["rules"].as_array()).into_iter().flatten().cloned());
    };
    for (_, binding) in store.list("clusterrolebindings", "") {
        if binds(binding, user, "") {
            extend(role(store, binding, ""));
        }
    }
    if !namespace.is_empty() {
        for (_, binding) in store.list("rolebindings", namespace) {
            if binds(binding, user, namespace) {
                extend(role(store, binding, namespace));
            }
        }
    }
    found
}

/// The role that a binding refers to.
pub(crate) fn role<'a>(store: &'a Store, binding: &Value, namespace: &str) -> Option<&'a Arc<Value>> {
    let name = binding["roleRef"]["name"].as_str()?;
    match binding["roleRef"]["kind"].as_str()? {
        "Role" => store.find("roles", namespace, name),
        _ => store.find("clusterroles", "", name),
    }
}

fn binds(binding: &Value, user: &User, namespace: &str) -> bool {
    let mut subjects = binding["subjects"].as_array().into_iter().flatten();
    subjects.any(|subject| {
        let name = subject["name"].as_str().unwrap_or_default();
        match subject["kind"].as_str() {
            Some("User") => user.name == name,
            Some("Group") => user.groups.iter().any(|group| group == name),
            Some("ServiceAccount") => {
                let place = subject["namespace"].as_str().unwrap_or(namespace);
                user.name == format!("system:serviceaccount:{place}:{name}")
            }
            _ => false,
        }
    })
}

/// Whether a list of a rule has this or all.
fn has(rule: &Value, list: &str, wanted: &str) -> bool {
    rule[list].as_array().into_iter().flatten().any(|value| value == "*" || value == wanted)
}

/// Whether one rule allows an attempt.
pub(crate) fn covers(rule: &Value, attempt: &Attempt) -> bool {
    let names = rule["resourceNames"].as_array().filter(|names| !names.is_empty());
    let is_meant = names.is_none_or(|names| names.iter().any(|name| name == attempt.name.as_str()));
    let any_sub = attempt.resource.split_once('/').is_some_and(|(_, sub)| has(rule, "resources", &format!("*/{sub}")));
    is_meant
        && has(rule, "verbs", &attempt.verb)
        && has(rule, "apiGroups", &attempt.group)
        && (any_sub || has(rule, "resources", &attempt.resource))
}

/// The roles that every cluster has.
pub(crate) fn bootstrap(store: &mut Store) {
    let all = json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, {"nonResourceURLs": ["*"], "verbs": ["*"]}]);
    let reads = json!(["get", "list", "watch"]);
    let writes = json!(["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]);
    let core = json!([
        "pods",
        "pods/log",
        "pods/status",
        "configmaps",
        "services",
        "endpoints",
        "persistentvolumeclaims",
        "serviceaccounts",
        "events",
        "resourcequotas",
        "limitranges",
        "namespaces"
    ]);
    let edited = json!([
        "pods",
        "pods/exec",
        "pods/portforward",
        "configmaps",
        "secrets",
        "services",
        "endpoints",
        "persistentvolumeclaims",
        "serviceaccounts",
        "serviceaccounts/token",
        "events"
    ]);
    let others =
        json!(["deployments", "replicasets", "statefulsets", "daemonsets", "deployments/scale", "jobs", "ingresses", "networkpolicies"]);
    let groups = json!(["apps", "batch", "networking.k8s.io"]);
    let view = [
        json!({"apiGroups": [""], "resources": core, "verbs": reads}),
        json!({"apiGroups": groups, "resources": others, "verbs": reads}),
        json!({"apiGroups": ["metrics.k8s.io"], "resources": ["pods"], "verbs": reads}),
    ];
    let mut edit = view.to_vec();
    edit.push(json!({"apiGroups": [""], "resources": edited, "verbs": writes}));
    edit.push(json!({"apiGroups": groups, "resources": others, "verbs": writes}));
    let mut admin = edit.clone();
    admin.push(json!({"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles", "rolebindings"], "verbs": writes}));
    let roles = [("cluster-admin", all), ("view", json!(view)), ("edit", json!(edit)), ("admin", json!(admin))];
    for (name, rules) in roles {
        let role = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
            "metadata": {"name": name, "uid": uuid::Uuid::new_v4(), "creationTimestamp": store.clock.stamp()}, "rules": rules,
        });
        store.put(Key::new("clusterroles", "", name), role);
    }
}
