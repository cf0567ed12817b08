//! Bodies of requests.

use std::time::Duration;

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;

use super::{Answer, problem::Problem};

/// Bytes of a body.
const LARGEST: usize = 256 << 10;
/// For a body to arrive.
const ARRIVAL: Duration = Duration::from_secs(10);

/// A body of JSON. What is wrong with it is said by where it is, and never by what it is: that may be a secret.
pub(super) async fn read<T: DeserializeOwned>(parts: &Parts, body: Body) -> Answer<T> {
    let media_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        let expected = "expected content-type application/json";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "BAD_USER_INPUT", expected).at("Content-Type"));
    }
    let bytes = whole(body, LARGEST).await?;
    let mut json = serde_json::Deserializer::from_slice(&bytes);
    serde_path_to_error::deserialize(&mut json).map_err(|error| malformed(&error))
}

/// All of a body, if it arrives in time and is not too large.
pub(super) async fn whole(body: Body, largest: usize) -> Answer<Bytes> {
    let late = |_| Problem::new(StatusCode::REQUEST_TIMEOUT, "BAD_USER_INPUT", "expected the body within 10 s").at("body");
    let large = |_| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "BAD_USER_INPUT", format!("expected at most {largest} bytes")).at("body");
    tokio::time::timeout(ARRIVAL, to_bytes(body, largest)).await.map_err(late)?.map_err(large)
}

fn malformed(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let (inner, path) = (error.inner(), error.path().to_string());
    let at = if path == "." { "body".to_owned() } else { path };
    let said = inner.to_string();
    // These name fields, and nothing that was sent in one.
    let names_fields = said.starts_with("missing field") || said.starts_with("unknown field");
    let what = match inner.classify() {
        serde_json::error::Category::Data if names_fields => said,
        serde_json::error::Category::Data => "expected a value of another kind; see /api/openapi.json".to_owned(),
        _ => format!("expected JSON, which ends to be that in line {}, column {}", inner.line(), inner.column()),
    };
    Problem::bad(&at, format!("{at}: {what}"))
}
