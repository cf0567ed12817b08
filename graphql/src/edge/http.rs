//! One operation by HTTP.

use std::{pin::pin, sync::Arc, time::Duration};

use async_graphql::{Response as Answer, parser::types::OperationType};
use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;

use super::{
    Api, authentication,
    circumstances::{Circumstances, header},
    refusal::Refusal,
    request::Wire,
};
use crate::{
    caller::Caller,
    cookie::Cookie,
    failure::{self, Failure},
    notes,
    options::Limits,
    rates::{self, Asked},
    services::Services,
};

/// How long reading takes until it is looked whether the database is reached, and again.
const LONG: Duration = Duration::from_secs(1);

/// Executes what is posted.
pub(super) async fn execute(State(api): State<Arc<Api>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let circumstances = Circumstances::of(&parts);
    let correlation = circumstances.correlation;
    let response = match answer(&api, &parts.headers, body, &circumstances).await {
        Ok(mut answer) => (std::mem::take(&mut answer.http_headers), Json(answer)).into_response(),
        Err(refusal) => refusal.of(correlation).into_response(),
    };
    ([("x-request-id", correlation.to_string()), (CACHE_CONTROL.as_str(), "no-store".to_owned())], response).into_response()
}

async fn answer(api: &Api, headers: &HeaderMap, body: Body, circumstances: &Circumstances) -> Result<Answer, Refusal> {
    let media_type = header(headers, "content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case("application/json") {
        return Err(Refusal::bad(StatusCode::UNSUPPORTED_MEDIA_TYPE, "expected content-type application/json"));
    }
    api.count(circumstances)?;
    let Limits { arrival, body: limit, .. } = api.options.limits;
    // Whoever sends a byte now and then must not hold a connection for ever.
    let late = |_| Refusal::bad(StatusCode::REQUEST_TIMEOUT, format!("expected the body within {} s", arrival.as_secs_f32()));
    let body = tokio::time::timeout(arrival, read(body, limit)).await.map_err(late)??;
    if body.trim_ascii_start().first() == Some(&b'[') {
        return Err(Refusal::bad(StatusCode::BAD_REQUEST, "expected one request; batches are not taken"));
    }
    let malformed = |error: serde_json::Error| Refusal::bad(StatusCode::BAD_REQUEST, format!("malformed request: {error}"));
    let wire: Wire = serde_json::from_slice(&body).map_err(malformed)?;
    let actor = authentication::known(&api.services.commands, headers, circumstances).await?;
    let caller = Caller { cookie: Some(Cookie::of(headers, &api.options, circumstances.secure)), ..circumstances.caller(actor) };
    let asked = Asked { address: circumstances.address, account: caller.actor.rate_key() };
    let mut request = match wire.checked(api, caller.clone()) {
        Ok(request) => request,
        Err(error) => {
            let mut answer = Answer::from_errors(vec![error]);
            failure::finish(&mut answer.errors, circumstances.correlation);
            return Ok(answer);
        }
    };
    let fields = notes::asked(&mut request);
    if let Err(failure) = rates::charge(&api.options.rates, &mut request, asked) {
        notes::not_done(&api.services.commands, &caller, &fields, "RATE_LIMITED").await;
        return Err(failure.into());
    }
    let unanswered = notes::Unanswered::of(&api.services.commands, &caller, &fields);
    let work = api.schema.execute(request);
    let mut answer = if fields.kind == OperationType::Query { while_reached(&api.services, work).await? } else { work.await };
    failure::finish(&mut answer.errors, circumstances.correlation);
    notes::take(&api.services.commands, &caller, &fields, &mut answer).await;
    unanswered.answered();
    Ok(answer)
}

/// What comes of reading, unless it takes long and the database is not reached meanwhile: statements that were sent to one that has fallen
/// silent would be waited for much longer. Commands have limits of their own, and know what became of them.
async fn while_reached<T>(services: &Services, work: impl Future<Output = T>) -> Result<T, Failure> {
    let mut work = pin!(work);
    loop {
        if let Ok(done) = tokio::time::timeout(LONG, &mut work).await {
            return Ok(done);
        }
        tokio::select! {
            done = &mut work => return Ok(done),
            head = services.journal.head() => {
                head?;
            }
        }
    }
}

/// All of a body, if it is not too large. It is not read further than that.
async fn read(body: Body, limit: usize) -> Result<Vec<u8>, Refusal> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Refusal::bad(StatusCode::BAD_REQUEST, "the request's body broke off"))?;
        if bytes.len() + chunk.len() > limit {
            return Err(Refusal::bad(StatusCode::PAYLOAD_TOO_LARGE, format!("expected a body of at most {limit} bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
