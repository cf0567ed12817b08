//! Requests about objects.

use axum::{
    body::Body,
    http::{
        Response,
        header::{CONTENT_TYPE, USER_AGENT},
    },
};
use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::{
    answers::{self, List, build},
    pipeline::Call,
};
use crate::{
    access,
    cluster::Cluster,
    failure::{Answer, Failure},
    identity::{AUDIENCE, User},
    kinds::{METRICS, REVIEWS},
    logs, metrics, read,
    store::Store,
    target::Target,
    write::{self, Author},
};

/// Seconds that a token holds at least, and if nothing else is asked for.
const SHORTEST: i64 = 600;
const USUAL: i64 = 3600;

pub(super) fn answer(cluster: &Cluster, user: User, target: &Target, call: Call) -> Answer<Response<Body>> {
    let is_one_of = |kinds: &'static [crate::kinds::Kind]| kinds.iter().any(|kind| std::ptr::eq(kind, target.kind));
    if is_one_of(&METRICS) {
        return cluster.locked(|store| metrics::answer(store, target)).map(|value| answers::json(200, &value));
    }
    if is_one_of(&REVIEWS) {
        if target.verb != "create" {
            return Err(Failure::method_not_allowed());
        }
        return cluster.locked(|store| access::review(store, &user, target.kind, call.body)).map(|value| answers::json(201, &value));
    }
    match (target.verb, target.subresource.as_str()) {
        ("create", "token") => token(cluster, target, call.body),
        ("get", "log") => Ok(build(200, "text/plain", logs::read(&cluster.store, target)?)),
        (_, "scale") => cluster.locked(|store| scale(store, target, &call.body)),
        ("create", sub) if !sub.is_empty() => Err(Failure::method_not_allowed()),
        ("get", _) => cluster.locked(|store| read::get(store, target)).map(|object| answers::json(200, &object)),
        ("list", _) => {
            let listed = cluster.locked(|store| read::list(store, target))?;
            let (kind, api_version) = (format!("{}List", target.kind.kind), target.kind.api_version());
            Ok(answers::json(200, &List { kind, api_version, metadata: listed.metadata, items: listed.items }))
        }
        _ => write(cluster, &author(user, target, &call), target, call),
    }
}

fn author(user: User, target: &Target, call: &Call) -> Author {
    let agent = call.parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("unknown");
    let manager = match target.query.get("fieldManager") {
        "" if content_type(call) == "application/apply-patch+yaml" => "",
        "" => agent.split('/').next().unwrap_or("unknown"),
        given => given,
    };
    let dry_run = target.query.get("dryRun") == "All" || call.body["dryRun"][0] == "All";
    Author { user, manager: manager.to_owned(), force: target.query.is("force"), dry_run }
}

fn content_type(call: &Call) -> &str {
    let value = call.parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

fn write(cluster: &Cluster, author: &Author, target: &Target, call: Call) -> Answer<Response<Body>> {
    let kind = content_type(&call).to_owned();
    cluster.locked(|store| match target.verb {
        "create" => write::create(store, author, target, call.body).map(|object| answers::json(201, &object)),
        "update" => write::replace(store, author, target, call.body).map(|object| answers::json(200, &object)),
        "patch" => {
            let written = write::patch(store, author, target, &kind, &call.body)?;
            Ok(answers::json(if written.created { 201 } else { 200 }, &written.object))
        }
        "delete" => write::delete(store, target, &call.body, author.dry_run).map(|value| answers::json(200, &value)),
        "deletecollection" => write::delete_all(store, target, &call.body, author.dry_run).map(|value| answers::json(200, &value)),
        _ => Err(Failure::method_not_allowed()),
    })
}

/// `TokenRequest`.
fn token(cluster: &Cluster, target: &Target, mut request: Value) -> Answer<Response<Body>> {
    let account = cluster.locked(|store| read::get(store, target))?;
    let seconds = request["spec"]["expirationSeconds"].as_i64().unwrap_or(USUAL);
    if seconds < SHORTEST {
        let why = format!("Invalid value: {seconds}: may not specify a duration less than 10 minutes");
        return Err(Failure::invalid(target.kind, &target.name, "spec.expirationSeconds", &why));
    }
    let audiences = request["spec"]["audiences"].as_array().into_iter().flatten();
    let mut audiences: Vec<String> = audiences.filter_map(Value::as_str).map(str::to_owned).collect();
    if audiences.is_empty() {
        audiences.push(AUDIENCE.to_owned());
    }
    let now = cluster.locked(|store| store.clock.now());
    let uid = account["metadata"]["uid"].as_str().unwrap_or_default();
    let subject = (target.namespace.as_str(), target.name.as_str(), uid);
    let (token, expires) = cluster.credentials().issue(subject, audiences.clone(), now, seconds);
    request["apiVersion"] = json!("authentication.k8s.io/v1");
    request["kind"] = json!("TokenRequest");
    request["metadata"] =
        json!({"name": target.name, "namespace": target.namespace, "creationTimestamp": now.to_rfc3339_opts(SecondsFormat::Secs, true)});
    request["spec"] = json!({"audiences": audiences, "expirationSeconds": seconds, "boundObjectRef": null});
    request["status"] = json!({"token": token, "expirationTimestamp": expires.to_rfc3339_opts(SecondsFormat::Secs, true)});
    Ok(answers::json(201, &request))
}

/// The subresource `scale`: a view of `spec.replicas`.
fn scale(store: &mut Store, target: &Target, body: &Value) -> Answer<Response<Body>> {
    let mut object = read::get(store, target)?;
    if target.verb != "get" {
        let Some(replicas) = body["spec"]["replicas"].as_u64() else { return Err(Failure::bad_request("spec.replicas is expected")) };
        object = store.update(&target.key(), |object| object["spec"]["replicas"] = json!(replicas)).unwrap_or(object);
    }
    let scale = json!({
        "apiVersion": "autoscaling/v1", "kind": "Scale",
        "metadata": {
            "name": target.name, "namespace": target.namespace, "uid": object["metadata"]["uid"],
            "resourceVersion": object["metadata"]["resourceVersion"],
        },
        "spec": {"replicas": object["spec"]["replicas"]}, "status": {"replicas": object["status"]["replicas"].as_u64().unwrap_or_default()},
    });
    Ok(answers::json(200, &scale))
}
