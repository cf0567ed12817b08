//! Questions about one's own rights.

use serde_json::{Value, json};

use super::{Attempt, allows, rules};
use crate::{
    failure::{Answer, Failure},
    identity::User,
    kinds::Kind,
    store::Store,
};

/// Answers a review: the object that was sent, with its status.
pub(crate) fn review(store: &Store, user: &User, kind: &Kind, mut object: Value) -> Answer<Value> {
    object["apiVersion"] = json!(kind.api_version());
    object["kind"] = json!(kind.kind);
    object["status"] = match kind.plural {
        "selfsubjectaccessreviews" => access(store, user, &object["spec"])?,
        "selfsubjectrulesreviews" => {
            let namespace = object["spec"]["namespace"].as_str().unwrap_or_default();
            json!({"resourceRules": rules(store, user, namespace), "nonResourceRules": [], "incomplete": false})
        }
        _ => json!({"userInfo": {"username": user.name, "groups": user.groups}}),
    };
    Ok(object)
}

fn access(store: &Store, user: &User, spec: &Value) -> Answer<Value> {
    if spec["nonResourceAttributes"].is_object() {
        return Ok(json!({"allowed": true}));
    }
    let asked = &spec["resourceAttributes"];
    if !asked.is_object() {
        return Err(Failure::bad_request("spec.resourceAttributes or spec.nonResourceAttributes is expected"));
    }
    let text = |field: &str| asked[field].as_str().unwrap_or_default().to_owned();
    let resource = match asked["subresource"].as_str().filter(|sub| !sub.is_empty()) {
        Some(sub) => format!("{}/{sub}", text("resource")),
        None => text("resource"),
    };
    let attempt = Attempt { verb: text("verb"), group: text("group"), resource, namespace: text("namespace"), name: text("name") };
    let allowed = allows(store, user, &attempt);
    Ok(if allowed { json!({"allowed": true, "reason": "RBAC"}) } else { json!({"allowed": false}) })
}
