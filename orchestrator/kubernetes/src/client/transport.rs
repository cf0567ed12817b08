//! One request.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header, uri::PathAndQuery};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::{self, connect::Connect};
use kube::client::Body;
use tokio::{sync::Semaphore, time::timeout};

use super::{body::Bounded, pace::Pace};
use crate::unreachable::Unreachable;

/// How long a watch may be silent: the server sends a bookmark every minute or so.
const SILENCE: Duration = Duration::from_mins(5);
/// Tries at a request that the server was too busy for.
const TRIES: u32 = 5;
/// Tries at a request that failed, where it does no harm to send it twice.
const REPEATS: u32 = 3;
/// The longest that a server's `Retry-After` is followed.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

#[derive(Clone)]
pub(super) struct Transport<C> {
    pub(super) http: legacy::Client<C, Full<Bytes>>,
    pub(super) server: Uri,
    pub(super) authorization: Option<HeaderValue>,
    pub(super) places: Arc<Semaphore>,
    pub(super) pace: Arc<Pace>,
    pub(super) timeout: Duration,
    pub(super) largest: usize,
}

impl<C: Connect + Clone + Send + Sync + 'static> Transport<C> {
    pub(super) async fn send(self, request: Request<Body>) -> Result<Response<Bounded>, Unreachable> {
        let is_upgrade = request.headers().contains_key(header::UPGRADE);
        let query = request.uri().query().unwrap_or_default();
        let is_stream = query.split('&').any(|part| part == "watch=true" || part == "follow=true");
        let request = self.addressed(request).await?;
        // An apply does the same each time; a creation or a program that is run does not.
        let is_repeatable = !is_upgrade && request.method() != Method::POST;
        let mut tries = 0;
        loop {
            tries += 1;
            let place = if is_stream || is_upgrade { None } else { Arc::clone(&self.places).acquire_owned().await.ok() };
            self.pace.turn().await;
            let answered = self.once(request.clone()).await;
            let may_repeat = is_repeatable && tries < REPEATS;
            let pause = match &answered {
                Ok(response) => pause_before_retry(response)
                    .filter(|_| tries < TRIES)
                    .or_else(|| (may_repeat && is_failure(response.status())).then(moment)),
                Err(Unreachable::Broken(_)) => may_repeat.then(moment),
                Err(_) => None,
            };
            if let Some(pause) = pause {
                drop((answered, place));
                tokio::time::sleep(pause).await;
                continue;
            }
            let response = answered?;
            refuse_strangers(&response)?;
            let patience = if is_stream { SILENCE } else { self.timeout };
            return Ok(response.map(|body| Bounded::new(body, self.largest, is_stream, patience, place)));
        }
    }

    async fn once(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Unreachable> {
        let answered = timeout(self.timeout, self.http.request(request)).await;
        let answered = answered.map_err(|_| Unreachable::TimedOut { what: "the answer", seconds: self.timeout.as_secs() })?;
        answered.map_err(|error| Unreachable::find(&error).cloned().unwrap_or_else(|| Unreachable::Broken(root(&error))))
    }

    /// The request under the server's address and with our credential.
    async fn addressed(&self, request: Request<Body>) -> Result<Request<Full<Bytes>>, Unreachable> {
        let broken = |what: &str| Unreachable::Broken(what.to_owned());
        let (mut parts, body) = request.into_parts();
        let below = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let path = format!("{}{below}", self.server.path().trim_end_matches('/'));
        let mut address = self.server.clone().into_parts();
        address.path_and_query = Some(path.parse().map_err(|_| broken("the request has no valid path"))?);
        parts.uri = Uri::from_parts(address).map_err(|_| broken("the request has no valid address"))?;
        if let Some(authorization) = &self.authorization {
            parts.headers.insert(header::AUTHORIZATION, authorization.clone());
        }
        parts.headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!("nalabo/", env!("CARGO_PKG_VERSION"))));
        let body = body.collect().await.map_err(|_| broken("the request's body cannot be read"))?.to_bytes();
        let mut addressed = Request::from_parts(parts, Full::new(body));
        // The upgrade of a WebSocket is asked for by the request's extensions too; they stay.
        *addressed.version_mut() = http::Version::HTTP_11;
        Ok(addressed)
    }
}

/// The last of an error's causes, which is the one that says something.
fn root(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string()
}

/// The server could not, this time.
fn is_failure(status: StatusCode) -> bool {
    [StatusCode::INTERNAL_SERVER_ERROR, StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE, StatusCode::GATEWAY_TIMEOUT]
        .contains(&status)
}

/// Not all at the same moment.
fn moment() -> Duration {
    Duration::from_millis(rand::random_range(50..=250))
}

/// After how long a request that had no effect is worth sending again.
fn pause_before_retry(response: &Response<Incoming>) -> Option<Duration> {
    let stated = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok()).map(Duration::from_secs);
    let pause = match response.status() {
        StatusCode::TOO_MANY_REQUESTS => stated.unwrap_or(Duration::from_secs(1)),
        // Only said of requests that were not begun.
        StatusCode::SERVICE_UNAVAILABLE => stated?,
        _ => return None,
    };
    Some(pause.min(LONGEST_PAUSE) + moment())
}

fn refuse_strangers(response: &Response<Incoming>) -> Result<(), Unreachable> {
    if response.status().is_redirection() {
        return Err(Unreachable::Redirected(response.status().as_u16()));
    }
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("text/html") { Err(Unreachable::NotKubernetes("text/html".to_owned())) } else { Ok(()) }
}
