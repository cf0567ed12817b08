//! Fetching all that is known of a person, by the token that `accountExport` gave.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{StatusCode, header, request::Parts},
};
use commands::{Accepted, Outcome, authorization::acts};
use futures_util::stream;
use tokio::sync::mpsc;

use super::{Answer, attachment, bearer, noted, problem::Problem, receiver::Receiver};
use crate::http::Shared;

/// Pieces that wait for their reader.
const AHEAD: usize = 2;

/// All that is known of a person, as JSON; put together while it is read, which may take ten minutes. Whoever asked for one fetches it
/// before another.
#[utoipa::path(
    get, path = "/api/account/export", tag = "accounts", security(("exportToken" = [])),
    responses(
        (status = 200, description = "All of it; `complete` stands at its end", content_type = "application/json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn export(State(shared): State<Arc<Shared>>, mut parts: Parts) -> Answer {
    let invalid = || {
        let expected = "expected `Bearer` and a token of accountExport that is good";
        Problem::new(StatusCode::UNAUTHORIZED, "EXPORT_INVALID", format!("authorization: {expected}"))
    };
    let token = bearer(&parts.headers);
    parts.headers.remove(header::AUTHORIZATION);
    // Who comes is nobody else: what counts is the token alone.
    let asked = super::who(&shared, &parts).await?.with_key(None);
    let work = async {
        let token = token.ok_or_else(invalid)?;
        let identity = &shared.services.commands.identity;
        let whose = identity.export_asked_by(&token).await.map_err(|fault| Problem::fault(&fault, asked.correlation))?;
        let whose = whose.ok_or_else(invalid)?;
        // Before the token is used up.
        let Some(turn) = shared.accounts.take(&whose.to_string()) else {
            return Err(Problem::busy("others are fetched already, or one of yours"));
        };
        let fetched = identity.fetch_export(&asked, &token).await;
        let export = match fetched.map_err(|fault| Problem::fault(&fault, asked.correlation))? {
            Outcome::Accepted(Accepted { value, .. }) => value,
            Outcome::Rejected(_) => return Err(invalid()),
        };
        let name = format!("nalabo-{}.json", export.account);
        let (to, from) = mpsc::channel(AHEAD);
        let (correlation, receiver) = (asked.correlation, Receiver::bearer(&shared, whose, export.account));
        let writing = tokio::spawn(async move {
            let written = async {
                tokio::select! {
                    written = export.write(to) => written,
                    fault = receiver.lost() => Err(fault),
                }
            };
            match turn.within(written).await {
                Some(Ok(())) => return Ok(()),
                Some(Err(fault)) => tracing::warn!(%correlation, %fault, "an export broke off"),
                None => tracing::warn!(%correlation, "an export was read too slowly, and broken off"),
            }
            Err(std::io::Error::other("the export broke off"))
        });
        Ok(attachment("application/json", &name, pieces(from, writing)))
    };
    noted(&shared, &asked, acts::ACCOUNT_EXPORT_FETCH.name, None, work).await
}

/// The pieces in their order; an error behind them, if there should be more.
fn pieces(from: mpsc::Receiver<Vec<u8>>, writing: tokio::task::JoinHandle<std::io::Result<()>>) -> Body {
    let next = |(mut from, writing): (mpsc::Receiver<Vec<u8>>, Option<tokio::task::JoinHandle<std::io::Result<()>>>)| async move {
        if let Some(piece) = from.recv().await {
            return Some((Ok(piece), (from, writing)));
        }
        match writing?.await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some((Err(error), (from, None))),
            Err(ended) => Some((Err(std::io::Error::other(ended)), (from, None))),
        }
    };
    Body::from_stream(stream::unfold((from, Some(writing)), next))
}
