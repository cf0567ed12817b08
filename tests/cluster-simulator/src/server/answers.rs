//! Answers, whole and broken.

use std::{convert::Infallible, sync::Arc};

use axum::{
    body::{Body, Bytes},
    http::{
        Response, StatusCode,
        header::{CONTENT_TYPE, LOCATION, RETRY_AFTER},
    },
};
use futures_util::stream;
use serde::Serialize;
use serde_json::Value;

use crate::{failure::Failure, faults::Effect};

const JSON: &str = "application/json";
const CHUNK: usize = 64 << 10;

/// JSON under a status.
pub(super) fn json(status: u16, value: &impl Serialize) -> Response<Body> {
    let bytes = serde_json::to_vec(value).unwrap_or_default();
    build(status, JSON, Body::from(bytes))
}

pub(super) fn build(status: u16, content_type: &str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = content_type.parse() {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    response
}

pub(super) fn refused(failure: &Failure) -> Response<Body> {
    json(failure.code, &failure.status())
}

/// A list of objects that are shared with the store.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List {
    pub(super) kind: String,
    pub(super) api_version: String,
    pub(super) metadata: Value,
    pub(super) items: Vec<Arc<Value>>,
}

/// The answer that a fault gives instead of the API, if it gives one.
pub(super) fn faulty(effect: &Effect) -> Option<Response<Body>> {
    let refuse = |code, reason, message: &str| Some(refused(&Failure::new(code, reason, message)));
    match effect {
        Effect::Conflict => {
            refuse(409, "Conflict", "injected: the object has been modified; please apply your changes to the latest version")
        }
        Effect::InternalError => refuse(500, "InternalError", "injected: Internal error occurred"),
        Effect::Unavailable => refuse(503, "ServiceUnavailable", "injected: the server is currently unable to handle the request"),
        Effect::Timeout => refuse(504, "Timeout", "injected: the request did not complete within the allotted timeout"),
        Effect::Status { code, reason } => {
            let mut status = Failure::new(*code, "", "injected").status();
            status["reason"] = Value::from(reason.as_str());
            Some(json(*code, &status))
        }
        Effect::TooManyRequests { retry_after } => {
            let mut failure = Failure::new(429, "TooManyRequests", "injected: too many requests, please try again later");
            failure.details = Some(serde_json::json!({"retryAfterSeconds": retry_after}));
            let mut response = refused(&failure);
            response.headers_mut().insert(RETRY_AFTER, (*retry_after).into());
            Some(response)
        }
        Effect::Html => Some(build(200, "text/html; charset=utf-8", Body::from("<!doctype html><title>Sign in</title><p>Not an API."))),
        Effect::Redirect { location } => {
            let mut response = build(302, "text/html", Body::empty());
            if let Ok(location) = location.parse() {
                response.headers_mut().insert(LOCATION, location);
            }
            Some(response)
        }
        Effect::Huge { bytes } => Some(build(200, JSON, huge(*bytes))),
        Effect::Truncated => Some(build(200, JSON, Body::from(r#"{"kind":"Status","apiVersion":"v1","metadata":{"#))),
        _ => None,
    }
}

/// A JSON string that goes on for so many bytes, made as it is read.
fn huge(bytes: u64) -> Body {
    let head = Bytes::from_static(br#"{"kind":""#);
    Body::from_stream(stream::unfold((Some(head), bytes), |(head, left)| async move {
        if let Some(head) = head {
            return Some((Ok::<_, Infallible>(head), (None, left)));
        }
        let length = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        (length > 0).then(|| (Ok(Bytes::from(vec![b'a'; length])), (None, left - length as u64)))
    }))
}

/// A body that never comes.
pub(super) fn silence() -> Body {
    Body::from_stream(stream::pending::<Result<Bytes, Infallible>>())
}
