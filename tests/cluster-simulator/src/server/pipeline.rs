//! What becomes of each request: counted, struck by faults, authenticated, authorized, answered.

use std::{fmt, sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    http::{Request, Response, header::AUTHORIZATION, request::Parts},
};
use serde_json::Value;

use super::{
    answers::{self, build, faulty, refused},
    control, objects,
};
use crate::{
    access,
    cluster::Cluster,
    discovery, exec,
    failure::{Answer, Failure},
    faults::{Effect, Subject},
    identity::User,
    portforward,
    target::Target,
    watch,
};

/// A request may have so many bytes, as on a real server.
const LARGEST: usize = 3 << 20;

/// The connection is closed instead of an answer.
#[derive(Debug)]
pub(super) struct Lost;

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer is lost")
    }
}

impl std::error::Error for Lost {}

/// A request whose body is read.
pub(super) struct Call {
    pub(super) parts: Parts,
    pub(super) body: Value,
}

/// Counts a request as under way until it is dropped.
struct Counted<'a>(&'a Cluster, u16);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.tally().end(self.1);
    }
}

pub(super) async fn respond(cluster: Arc<Cluster>, certificate: Option<[u8; 32]>, request: Request<Body>) -> Result<Response<Body>, Lost> {
    if request.uri().path().starts_with("/simulator/") {
        return Ok(control::answer(&cluster, request).await);
    }
    let metrics = cluster.locked(|store| store.behaviour.metrics);
    let target = Target::parse(request.method(), request.uri(), metrics);
    let call = read(request).await;
    let subject = subject(target.as_ref().ok().and_then(Option::as_ref), call.as_ref().ok());
    cluster.tally().begin(format!("{} {}", subject.verb, subject.resource));
    let mut counted = Counted(&cluster, 0);
    let latency = cluster.locked(|store| store.behaviour.latency);
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let effect = cluster.faults().strike(&subject);
    let mut watched = None;
    match &effect {
        Some(Effect::LoseRequest) => return Err(Lost),
        Some(Effect::HalfOpen) if subject.verb == "watch" => return Ok(build(200, "application/json", answers::silence())),
        Some(Effect::HalfOpen) => std::future::pending().await,
        Some(Effect::Slow { milliseconds }) => tokio::time::sleep(Duration::from_millis(*milliseconds)).await,
        Some(Effect::DropWatch { after }) => watched = Some(*after),
        Some(effect) => {
            if let Some(response) = faulty(effect) {
                counted.1 = response.status().as_u16();
                return Ok(response);
            }
        }
        None => {}
    }
    let response = match (target, call) {
        (Ok(target), Ok(call)) => dispatch(&cluster, certificate, target, call, watched).await,
        (Err(failure), _) | (_, Err(failure)) => Err(failure),
    };
    let response = response.unwrap_or_else(|failure| refused(&failure));
    counted.1 = response.status().as_u16();
    match effect {
        Some(Effect::LoseReply) => Err(Lost),
        Some(Effect::HalfOpenReply) => std::future::pending().await,
        _ => Ok(response),
    }
}

async fn read(request: Request<Body>) -> Answer<Call> {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST).await else {
        return Err(Failure::new(413, "RequestEntityTooLarge", format!("Request entity too large: limit is {LARGEST}")));
    };
    if bytes.is_empty() {
        return Ok(Call { parts, body: Value::Null });
    }
    let body =
        serde_json::from_slice(&bytes).map_err(|error| Failure::bad_request(format!("the object provided is unrecognized: {error}")))?;
    Ok(Call { parts, body })
}

/// As faults and counts see it.
fn subject(target: Option<&Target>, call: Option<&Call>) -> Subject {
    let Some(target) = target else {
        let path = call.map(|call| call.parts.uri.path().to_owned()).unwrap_or_default();
        return Subject { verb: "get".to_owned(), resource: path, ..Subject::default() };
    };
    let named = call.and_then(|call| call.body["metadata"]["name"].as_str()).unwrap_or_default();
    let name = if target.name.is_empty() && target.verb == "create" { named } else { &target.name };
    Subject { verb: target.verb.to_owned(), resource: target.resource(), namespace: target.namespace.clone(), name: name.to_owned() }
}

async fn dispatch(
    cluster: &Arc<Cluster>,
    certificate: Option<[u8; 32]>,
    target: Option<Target>,
    mut call: Call,
    watched: Option<u64>,
) -> Answer<Response<Body>> {
    let path = call.parts.uri.path();
    if matches!(path, "/healthz" | "/livez" | "/readyz") {
        return Ok(build(200, "text/plain", Body::from("ok")));
    }
    let user = authenticate(cluster, certificate, &call.parts)?;
    let Some(target) = target else {
        let metrics = cluster.locked(|store| store.behaviour.metrics);
        return discovery::answer(path, metrics).map(|found| answers::json(200, &found)).ok_or_else(Failure::no_resource);
    };
    cluster.locked(|store| {
        access::authorize(store, &user, &target, target.verb)?;
        // Whoever executes or forwards ports needs both verbs, whichever the request has.
        if matches!(&*target.subresource, "exec" | "portforward") {
            access::authorize(store, &user, &target, "get")?;
            access::authorize(store, &user, &target, "create")?;
        }
        Ok::<_, Failure>(())
    })?;
    match (target.verb, target.subresource.as_str()) {
        ("get" | "create", "exec") => exec::upgrade(cluster, &target, &mut call.parts).await,
        ("get" | "create", "portforward") => portforward::upgrade(cluster, &target, &mut call.parts).await,
        ("watch", "") => {
            let body = watch::open(&cluster.store, &target, cluster.interruptions(), cluster.bookmarks, watched)?;
            Ok(build(200, "application/json", body))
        }
        _ => objects::answer(cluster, user, &target, call),
    }
}

fn authenticate(cluster: &Cluster, certificate: Option<[u8; 32]>, parts: &Parts) -> Answer<User> {
    let bearer = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
    cluster.locked(|store| cluster.credentials().authenticate(store, bearer, certificate))
}
