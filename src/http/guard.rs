//! What is done with every request before anything else, and with every answer at last: who it is from is found out, and browsers are
//! told how little they may do with what they get.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use tower_http::cors::CorsLayer;

use super::{Proxies, server::Encrypted};

/// Of answers that are data: nothing in them is to be run, loaded or framed.
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// What no page of ours uses.
const PERMISSIONS: &str =
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()";
/// What pages of other origins may send; what browsers send by themselves is not named.
const SENT: [HeaderName; 5] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("x-request-id"),
];
/// What scripts of theirs may read beside the body.
const READ: [HeaderName; 2] = [header::RETRY_AFTER, HeaderName::from_static("x-request-id")];

/// How requests are looked at.
#[derive(Debug)]
pub(crate) struct Guard {
    pub(crate) proxies: Proxies,
    /// How long browsers are to ask by HTTPS alone.
    pub(crate) hsts_days: u32,
}

pub(super) async fn request(State(guard): State<Arc<Guard>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get().map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| *peer);
    let encrypted = request.extensions().get::<Encrypted>().is_some();
    let client = peer.map(|peer| guard.proxies.client(peer, encrypted, request.headers()));
    if let Some(client) = client {
        request.extensions_mut().insert(client);
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        // A page may have one of its own.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if client.is_some_and(|client| client.secure) {
        strictly(headers, guard.hsts_days);
    }
    response
}

/// Of an answer that came in the clear browsers would not believe it.
fn strictly(headers: &mut HeaderMap, days: u32) {
    let seconds = u64::from(days) * 24 * 60 * 60;
    if let Some(value) = HeaderValue::try_from(format!("max-age={seconds}; includeSubDomains")).ok().filter(|_| days > 0) {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
}

/// Lets pages of these origins ask, and read what they are answered. Nobody else's may.
pub(super) fn origins(allowed: &[String]) -> CorsLayer {
    let allowed: Vec<HeaderValue> = allowed.iter().filter_map(|origin| HeaderValue::from_str(&origin.to_ascii_lowercase()).ok()).collect();
    let layer = CorsLayer::new().allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE]);
    layer.allow_origin(allowed).allow_headers(SENT).expose_headers(READ).allow_credentials(true)
}
