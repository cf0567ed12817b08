//! The keys that access tokens are signed with.

use chrono::TimeDelta;
use commands::identity::Takeover;

use super::{Answer, OperatorError, Parts};

/// `after_seconds` is absent where the new key is to take over at once.
pub(super) async fn rotate(parts: &Parts, after_seconds: Option<u32>) -> Result<Answer, OperatorError> {
    let takeover = after_seconds.map_or(Takeover::AtOnce, |seconds| Takeover::After(TimeDelta::seconds(seconds.into())));
    let rotated = parts.commands.identity.rotate_signing_key(takeover).await.map_err(OperatorError::failed)?;
    let key = rotated.map_err(OperatorError::failed)?;
    tracing::info!(key, ?takeover, "an operator made a new key to sign tokens with");
    Ok(Answer::SigningKey { id: key })
}
