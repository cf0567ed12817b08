//! Who is there? Nothing is done for anybody before they say.

use axum::extract::ws::WebSocket;
use serde_json::Value;

use super::{
    End,
    messages::{FromClient, ToClient, receive, send},
};
use crate::{
    edge::{
        Api,
        authentication::{self, SignedIn, bearer},
        circumstances::Circumstances,
    },
    failure::Failure,
    sockets::Counted,
};

/// For who has as many sockets open as they may: another can be opened once one of them has ended (RFC 6455's registry has it).
const TRY_AGAIN_LATER: u16 = 1013;

/// Waits for `connection_init` and lets in whoever has a good token and not too many sockets. How long that takes to be looked up is not
/// the client's fault.
///
/// # Errors
/// Why the socket ends.
pub(super) async fn greet(api: &Api, socket: &mut WebSocket, circumstances: &Circumstances) -> Result<(SignedIn, Counted), End> {
    let mut shutdown = api.options.shutdown.clone();
    let greeted = async {
        let greeting = tokio::time::timeout(api.options.limits.init, greeting(api, socket)).await;
        let payload = greeting.unwrap_or_else(|_| Err(End::close(4408, "Connection initialisation timeout")))?;
        let guest = guest(api, payload.as_ref(), circumstances).await?;
        let counted = api.options.sockets.account(guest.actor.rate_key());
        let counted = counted.map_err(|too_many| End::close(TRY_AGAIN_LATER, too_many.to_string()))?;
        send(socket, &ToClient::ConnectionAck).await?;
        Ok((guest, counted))
    };
    tokio::select! {
        _ = shutdown.wait_for(|ends| *ends) => Err(End::close(1001, "going away")),
        greeted = greeted => greeted,
    }
}

/// What comes with `connection_init`.
async fn greeting(api: &Api, socket: &mut WebSocket) -> Result<Option<Value>, End> {
    loop {
        match receive(socket, api.options.limits.message).await? {
            FromClient::ConnectionInit { payload } => return Ok(payload),
            FromClient::Ping {} => send(socket, &ToClient::Pong).await?,
            FromClient::Pong {} => {}
            FromClient::Subscribe { .. } | FromClient::Complete { .. } => return Err(End::close(4401, "Unauthorized")),
        }
    }
}

async fn guest(api: &Api, payload: Option<&Value>, circumstances: &Circumstances) -> Result<SignedIn, End> {
    let token = payload
        .and_then(token)
        .ok_or_else(|| End::close(4403, r#"expected connection_init with {"authorization": "Bearer …"} or {"accessToken": …}"#))?;
    let known = authentication::signed_in(&api.services.commands.identity, token, circumstances.address).await;
    if let Err(Failure::Unauthenticated(_)) = &known {
        authentication::unknown(&api.services.commands, circumstances).await;
    }
    known.map_err(|failure| match failure {
        Failure::Unauthenticated(reason) => End::close(4403, reason),
        failure => {
            tracing::error!(?failure, "a socket could not be let in");
            End::close(1011, "temporarily unavailable; try again in a moment")
        }
    })
}

fn token(payload: &Value) -> Option<&str> {
    let member = |name: &str| payload.get(name).and_then(Value::as_str);
    member("authorization").or_else(|| member("Authorization")).and_then(bearer).or_else(|| member("accessToken"))
}
