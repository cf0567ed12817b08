//! The API below `/simulator/`, for tests of other processes: faults, behaviour, time, inspection. JSON in, JSON out.
//!
//! | | |
//! |---|---|
//! | `GET /simulator/counts` | objects by kind |
//! | `GET /simulator/objects/PLURAL` | all objects of a kind |
//! | `GET`, `DELETE /simulator/requests` | requests so far; forget them |
//! | `GET /simulator/faults` | how often each fault has struck |
//! | `POST /simulator/faults` | inject one: its `id` |
//! | `DELETE /simulator/faults`, `DELETE /simulator/faults/ID` | take all or one back |
//! | `GET`, `PATCH /simulator/behaviour` | how the cluster behaves |
//! | `POST /simulator/advance` | `{"milliseconds": …}` |
//! | `POST /simulator/watches/drop`, `…/freeze`, `POST /simulator/compact` | interrupt watches |
//! | `POST /simulator/tokens` | `{"user": …, "groups": […]}`: a `token` |
//! | `POST /simulator/unreachable` | `{"milliseconds": …}`: for so long every connection is closed, also to this API |

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    http::{Request, Response, header::AUTHORIZATION},
};
use serde_json::{Value, json};

use super::answers::{self, refused};
use crate::{
    cluster::Cluster,
    failure::{Answer, Failure},
    identity::User,
    kinds, patch,
};

const LARGEST: usize = 1 << 20;

pub(super) async fn answer(cluster: &Arc<Cluster>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let expected = format!("Bearer {}", cluster.control_token);
    if parts.headers.get(AUTHORIZATION).is_none_or(|given| given.as_bytes() != expected.as_bytes()) {
        return refused(&Failure::unauthorized());
    }
    let bytes = to_bytes(body, LARGEST).await.unwrap_or_default();
    let body = if bytes.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&bytes) };
    let done = match body {
        Ok(body) => perform(cluster, parts.method.as_str(), parts.uri.path(), &body),
        Err(error) => Err(Failure::bad_request(error.to_string())),
    };
    done.map_or_else(|failure| refused(&failure), |value| answers::json(200, &value))
}

fn perform(cluster: &Arc<Cluster>, method: &str, path: &str, body: &Value) -> Answer<Value> {
    let wrong = |what: &str| Failure::bad_request(format!("{path}: {what}"));
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).skip(1).collect();
    match (method, &segments[..]) {
        ("GET", ["counts"]) => Ok(json!(cluster.locked(|store| store.counts()))),
        ("GET", ["objects", plural]) => {
            let kind = kinds::KINDS.iter().find(|kind| kind.plural == *plural).ok_or_else(|| wrong("no such kind"))?;
            Ok(cluster.locked(|store| store.list(kind.plural, "").map(|(_, object)| (**object).clone()).collect()))
        }
        ("GET", ["requests"]) => Ok(json!(cluster.tally().requests())),
        ("DELETE", ["requests"]) => {
            cluster.tally().forget();
            Ok(Value::Null)
        }
        (_, ["faults", rest @ ..]) => faults(cluster, method, rest, body, &wrong),
        ("GET", ["behaviour"]) => Ok(json!(cluster.locked(|store| store.behaviour.clone()))),
        ("PATCH", ["behaviour"]) => cluster.locked(|store| {
            let mut changed = json!(store.behaviour);
            patch::merge(&mut changed, body);
            store.behaviour = serde_json::from_value(changed.clone()).map_err(|error| wrong(&error.to_string()))?;
            Ok(changed)
        }),
        ("POST", ["advance"]) => {
            let milliseconds = body["milliseconds"].as_u64().ok_or_else(|| wrong("milliseconds: a number is expected"))?;
            cluster.advance(Duration::from_millis(milliseconds));
            Ok(Value::Null)
        }
        ("POST", ["watches", "drop"]) => {
            cluster.interrupt(|all| all.dropped += 1);
            Ok(Value::Null)
        }
        ("POST", ["watches", "freeze"]) => {
            cluster.interrupt(|all| all.frozen += 1);
            Ok(Value::Null)
        }
        ("POST", ["compact"]) => {
            cluster.locked(crate::store::Store::compact);
            Ok(Value::Null)
        }
        ("POST", ["tokens"]) => {
            let user = body["user"].as_str().ok_or_else(|| wrong("user: a text is expected"))?;
            let groups: Vec<&str> = body["groups"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            Ok(json!({"token": cluster.admit(User::new(user, &groups))}))
        }
        ("POST", ["unreachable"]) => {
            let milliseconds = body["milliseconds"].as_u64().ok_or_else(|| wrong("milliseconds: a number is expected"))?;
            let cluster = Arc::clone(cluster);
            tokio::spawn(async move {
                // The answer leaves before.
                tokio::time::sleep(Duration::from_millis(50)).await;
                cluster.set_reachable(false);
                tokio::time::sleep(Duration::from_millis(milliseconds)).await;
                cluster.set_reachable(true);
            });
            Ok(Value::Null)
        }
        _ => Err(Failure::no_resource()),
    }
}

fn faults(cluster: &Cluster, method: &str, rest: &[&str], body: &Value, wrong: &dyn Fn(&str) -> Failure) -> Answer<Value> {
    match (method, rest) {
        ("GET", []) => Ok(json!(cluster.faults().struck())),
        ("POST", []) => {
            let fault = serde_json::from_value(body.clone()).map_err(|error| wrong(&error.to_string()))?;
            Ok(json!({"id": cluster.faults().add(fault)}))
        }
        ("DELETE", []) => {
            cluster.faults().clear();
            Ok(Value::Null)
        }
        ("DELETE", [id]) => {
            cluster.faults().remove(id.parse().map_err(|_| wrong("a number is expected"))?);
            Ok(Value::Null)
        }
        _ => Err(Failure::no_resource()),
    }
}
