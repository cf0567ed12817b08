//! One span and one line of log for each request, tied to what the caller calls it.

use std::time::Instant;

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use opentelemetry::{
    global,
    propagation::{Extractor, Injector},
};
use tracing::Instrument;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id if it has none that is a UUID, and puts it into the caller's trace if it names one.
/// The query string stays out of the log: a ticket may be in it.
pub(super) async fn request(mut request: Request, next: Next) -> Response {
    let request_id = id_of(request.headers());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let span = tracing::info_span!("request", %method, path, %request_id);
    let parent = global::get_text_map_propagator(|propagator| propagator.extract(&Headers(request.headers())));
    // It fails where no traces are collected, and then there is nothing to be tied to.
    let _ = span.set_parent(parent);
    if let Ok(value) = HeaderValue::try_from(request_id.to_string()) {
        request.headers_mut().insert(REQUEST_ID, value);
    }
    // What follows, events included, names this span as where it comes from.
    global::get_text_map_propagator(|propagator| propagator.inject_context(&span.context(), &mut HeadersMut(request.headers_mut())));
    let began = Instant::now();
    async move {
        let response = next.run(request).await;
        let status = response.status().as_u16();
        let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(target: "nalabo::access", status, milliseconds);
        response
    }
    .instrument(span)
    .await
}

fn id_of(headers: &HeaderMap) -> Uuid {
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).and_then(|id| Uuid::try_parse(id).ok());
    given.unwrap_or_else(Uuid::now_v7)
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

struct HeadersMut<'a>(&'a mut HeaderMap);

impl Injector for HeadersMut<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}
