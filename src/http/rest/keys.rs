//! What others verify our tokens with.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::Shared;

/// A new key is made known twice as long before it signs, unless an operator wants it otherwise.
const KEPT: &str = "public, max-age=300";

/// Keys that access tokens are signed with (RFC 7517).
#[derive(Serialize, ToSchema)]
pub(super) struct KeySet {
    keys: Vec<Key>,
}

/// The half of a key that everybody may know (RFC 8037).
#[derive(Serialize, ToSchema)]
struct Key {
    /// What tokens name it by, in their header.
    kid: String,
    #[schema(example = "OKP")]
    kty: &'static str,
    #[schema(example = "Ed25519")]
    crv: &'static str,
    #[schema(example = "EdDSA")]
    alg: &'static str,
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    purpose: &'static str,
    /// In base64url.
    x: String,
}

/// The keys that access tokens are signed with, and those that will be next. Nobody needs to be signed in.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "keys",
    responses((status = 200, description = "All keys by which a token may be good", body = KeySet, content_type = "application/jwk-set+json")),
)]
pub(super) async fn jwks(State(shared): State<Arc<Shared>>) -> Response {
    let keys = shared.services.commands.identity.public_keys();
    let keys = keys.into_iter().map(|key| Key { kid: key.id, kty: "OKP", crv: "Ed25519", alg: "EdDSA", purpose: "sig", x: key.x });
    let headers = [(header::CONTENT_TYPE, "application/jwk-set+json"), (header::CACHE_CONTROL, KEPT)];
    (headers, Json(KeySet { keys: keys.collect() })).into_response()
}
