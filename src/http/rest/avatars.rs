//! Pictures of people: putting one's own, and showing them.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderName, StatusCode, header, request::Parts},
    response::IntoResponse,
};
use commands::{authorization::acts, identity::AVATAR_LARGEST};
use domain::{Rejection, identity::IdentityRejection, kernel::AvatarId};
use futures_util::StreamExt;
use projections::identity::accounts;

use super::{Answer, done, fresh, noted, problem::Problem, who};
use crate::http::Shared;

/// For a picture to arrive.
const ARRIVAL: Duration = Duration::from_secs(30);
/// Bytes after which nothing more is taken.
const DISCARDED: usize = 16 << 20;
/// Browsers ask again after five minutes, and are told that it is the same: whoever removes a picture wants it gone.
const KEEP: &str = "public, max-age=300";

/// Makes a picture one's own: a PNG, JPEG or WebP of at most 2 MiB and 16 megapixels. What kind it is, its content says; the header
/// `Content-Type` is not looked at.
#[utoipa::path(
    put, path = "/api/account/avatar", tag = "accounts", security(("accessToken" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    params(("Idempotency-Key" = Option<String>, Header, description = "A retry under the same key changes nothing twice")),
    responses(
        (status = 204, description = "It is shown from now on"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn put(State(shared): State<Arc<Shared>>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let asked = who(&shared, &parts).await?;
    let work = async {
        // Nothing is read of who may not.
        asked.person(&acts::AVATAR_UPLOAD).map_err(|fault| Problem::fault(&fault, asked.correlation))?;
        let late = |_| Problem::new(StatusCode::REQUEST_TIMEOUT, "BAD_USER_INPUT", "expected the picture within 30 s").at("body");
        let bytes = tokio::time::timeout(ARRIVAL, read(body)).await.map_err(late)??;
        done(&shared, &asked, shared.services.commands.identity.upload_avatar(&asked, bytes).await).await?;
        Ok(fresh(StatusCode::NO_CONTENT))
    };
    noted(&shared, &asked, acts::AVATAR_UPLOAD.name, None, work).await
}

/// All of a picture that is not too large. Of one that is, some more is taken and thrown away: whoever still sends does not hear.
async fn read(body: Body) -> Answer<Vec<u8>> {
    let (mut chunks, mut bytes, mut seen) = (body.into_data_stream(), Vec::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::bad("body", "body: the picture broke off"))?;
        seen += chunk.len();
        match seen {
            0..=AVATAR_LARGEST => bytes.extend_from_slice(&chunk),
            seen if seen > DISCARDED => break,
            _ => bytes = Vec::new(),
        }
    }
    if seen > AVATAR_LARGEST { Err(IdentityRejection::AvatarTooLarge.into()) } else { Ok(bytes) }
}

/// A picture, whoever asks: its id is not to be guessed.
#[utoipa::path(
    get, path = "/api/avatars/{id}", tag = "accounts", params(("id" = String, Path, description = "Such as avt_…")),
    responses(
        (status = 200, description = "A PNG of 256 by 256 pixels", content_type = "image/png"),
        (status = 304, description = "The same as before"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn get(State(shared): State<Arc<Shared>>, Path(id): Path<String>, parts: Parts) -> Answer {
    shared.options.rates.address(graphql::address(&parts), 1)?;
    let gone = || Problem::new(StatusCode::NOT_FOUND, "NOT_FOUND", "there is no such picture");
    let correlation = uuid::Uuid::now_v7();
    let id: AvatarId = id.parse().map_err(|_| gone())?;
    let found = accounts::of_avatar(shared.services.projections.db(), id).await;
    let found = found.map_err(|error| Problem::unavailable(&error.to_string(), correlation))?;
    let (account, avatar) = found.ok_or_else(gone)?;
    let tag = format!("\"{}\"", avatar.content);
    let headers = [
        (header::CACHE_CONTROL, KEEP.to_owned()),
        (header::ETAG, tag.clone()),
        // Pages of other origins show it, and can do nothing else with it.
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin".to_owned()),
    ];
    let known = parts.headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|known| known.trim() == tag)) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let png = shared.services.commands.identity.avatar(account, &avatar.content).await;
    let png = png.map_err(|fault| Problem::fault(&fault, correlation))?.ok_or_else(gone)?;
    let kind = [(header::CONTENT_TYPE, "image/png"), (header::CONTENT_DISPOSITION, "inline; filename=\"avatar.png\"")];
    Ok((headers, kind, png).into_response())
}

impl From<IdentityRejection> for Problem {
    fn from(rejection: IdentityRejection) -> Self {
        use IdentityRejection as No;
        let (status, code) = match rejection {
            No::AvatarTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "AVATAR_TOO_LARGE"),
            No::AvatarKindInvalid => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "AVATAR_KIND_INVALID"),
            No::AvatarTooManyPixels => (StatusCode::UNPROCESSABLE_ENTITY, "AVATAR_TOO_MANY_PIXELS"),
            No::AvatarUnreadable => (StatusCode::UNPROCESSABLE_ENTITY, "AVATAR_UNREADABLE"),
            _ => (StatusCode::CONFLICT, "REFUSED"),
        };
        let problem = Self::new(status, code, rejection.to_string());
        match rejection.field() {
            Some(_) => problem.at("body"),
            None => problem,
        }
    }
}
