//! How somebody's way to a provider and back ends: on the page that is configured, which reads behind `#` what came of it, or with JSON
//! where there is none.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use commands::Fault;
use domain::{Rejection as _, identity::IdentityRejection as Rejection, kernel::Timestamp};
use graphql::Wait;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::federation::{Federation, Refusal};

/// For read models to know what has happened.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// What came of it.
pub(super) enum Ending {
    /// The refresh token is in its cookie.
    SignedIn,
    /// For `signInComplete`.
    Challenge(SecretString, Timestamp),
    /// For `signInWithProvider` or `providerLink`.
    Code(SecretString, Timestamp),
    Failed(Failed),
}

/// Why nothing did.
pub(super) enum Failed {
    Rejected(Rejection),
    Provider(Refusal),
    TooOften(Wait),
    /// Another site's page had a browser come, and nobody asked it to.
    Unwanted,
    Unavailable(String),
}

impl Failed {
    /// As the answer has it.
    pub(super) fn code(&self) -> String {
        match self {
            Self::Rejected(rejection) => rejection.code(),
            Self::Provider(refusal) => refusal.code().to_owned(),
            Self::TooOften(_) => "RATE_LIMITED".into(),
            Self::Unwanted => "NOT_ASKED_FOR".into(),
            Self::Unavailable(_) => "UNAVAILABLE".into(),
        }
    }
}

impl From<Rejection> for Failed {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Provider(refusal)
    }
}

impl From<Wait> for Failed {
    fn from(wait: Wait) -> Self {
        Self::TooOften(wait)
    }
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self::Unavailable(fault.to_string())
    }
}

/// Sends somebody to a provider.
pub(super) fn seen_off(to: &str, cookie: &str) -> Response {
    with_cookies(redirect(to).into_response(), &[cookie.to_owned()])
}

impl Ending {
    pub(super) fn response(self, federation: Option<&Federation>, cookies: &[String]) -> Response {
        let (status, said) = self.said();
        let page = federation.and_then(|federation| federation.return_to.clone());
        let response = match page {
            Some(mut page) if status != StatusCode::TOO_MANY_REQUESTS => {
                // Behind `#` it goes to no server, and to no log.
                let pairs = said.iter().map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
                let mut form = page.clone();
                form.query_pairs_mut().extend_pairs(pairs);
                page.set_fragment(form.query());
                redirect(page.as_str()).into_response()
            }
            Some(_) | None => (status, [(header::CACHE_CONTROL, "no-store")], Json(said)).into_response(),
        };
        with_cookies(response, cookies)
    }

    fn said(self) -> (StatusCode, Map<String, Value>) {
        let secret = |name: &str, secret: &SecretString, until: Timestamp| json!({ name: secret.expose_secret(), "expiresAt": until });
        let failed = |code: &str, message: &str| json!({ "error": code, "message": message });
        let (status, said) = match self {
            Self::SignedIn => (StatusCode::OK, json!({ "signedIn": true })),
            Self::Challenge(token, until) => (StatusCode::OK, secret("challenge", &token, until)),
            Self::Code(code, until) => (StatusCode::OK, secret("code", &code, until)),
            Self::Failed(Failed::Rejected(rejection)) => {
                let status = if rejection == Rejection::ProviderNotFound { StatusCode::NOT_FOUND } else { StatusCode::FORBIDDEN };
                (status, failed(&rejection.code(), &rejection.to_string()))
            }
            Self::Failed(Failed::Provider(refusal)) => {
                tracing::warn!(code = refusal.code(), why = %refusal, "nobody comes by a provider");
                let status = if matches!(refusal, Refusal::Refused(_)) { StatusCode::FORBIDDEN } else { StatusCode::BAD_GATEWAY };
                (status, failed(refusal.code(), refusal.message()))
            }
            Self::Failed(Failed::Unwanted) => {
                (StatusCode::FORBIDDEN, failed("NOT_ASKED_FOR", "another site led here by itself; sign in from a page of this one"))
            }
            Self::Failed(Failed::TooOften(wait)) => {
                let said = failed("RATE_LIMITED", &format!("asked too often; ask again in {} s", wait.seconds()));
                (StatusCode::TOO_MANY_REQUESTS, said)
            }
            Self::Failed(Failed::Unavailable(reason)) => {
                let correlation = Uuid::now_v7();
                tracing::error!(%correlation, reason, "nobody could be signed in by a provider");
                (StatusCode::SERVICE_UNAVAILABLE, failed("UNAVAILABLE", "temporarily unavailable; try again in a moment"))
            }
        };
        let Value::Object(said) = said else { return (status, Map::new()) };
        (status, said)
    }
}

fn redirect(to: &str) -> impl IntoResponse {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to.to_owned()), (header::CACHE_CONTROL, "no-store".to_owned())])
}

fn with_cookies(mut response: Response, cookies: &[String]) -> Response {
    for cookie in cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
