//! Why a field has no answer. A refusal by a business rule is none of these: it stands in the payload.

use std::sync::Arc;

use async_graphql::{Error, ErrorExtensionValues, ServerError, Value};
use commands::Fault;
use journal::{JournalError, Position, vault::VaultError};
use projections::{DbErr, is_unavailable};
use uuid::Uuid;

use crate::rates::Wait;

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why a field has no answer. Not `Display`, so that nothing but the conversions below reaches a caller.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    Unauthenticated(String),
    Forbidden,
    NetworkNotAllowed,
    SecondFactorRequired,
    StepUpRequired,
    BadInput {
        /// What is wrong, in the API's spelling.
        argument: String,
        message: String,
    },
    KeyReused,
    /// It is being built; asking again will do.
    NotReady {
        position: Position,
        until: Position,
    },
    /// The caller has as much under way as they may.
    Quota(String),
    /// The caller asked too often.
    RateLimited(Wait),
    /// No document has the digest that was named.
    DocumentNotFound,
    /// Only documents that are known are executed.
    DocumentNotTrusted,
    /// Trying again later may help; the detail is for the log.
    Unavailable(String),
    /// A bug or damage; the detail is for the log.
    Internal(String),
}

/// What the log is told and the caller is not.
struct Detail(String);

impl Failure {
    pub(crate) fn bad_input(argument: &str, message: impl Into<String>) -> Self {
        Self::BadInput { argument: argument.into(), message: message.into() }
    }

    /// An argument that is not what was expected.
    pub(crate) fn expected(argument: &str, expected: &str) -> Self {
        Self::bad_input(argument, format!("{argument}: expected {expected}"))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unauthenticated => Self::Unauthenticated(fault.to_string()),
            Fault::Forbidden => Self::Forbidden,
            Fault::NetworkNotAllowed => Self::NetworkNotAllowed,
            Fault::SecondFactorRequired => Self::SecondFactorRequired,
            Fault::StepUpRequired => Self::StepUpRequired,
            Fault::KeyReused => Self::KeyReused,
            Fault::KeyInvalid => Self::bad_input("idempotencyKey", fault.to_string()),
            Fault::Journal(JournalError::TooLarge { .. }) => Self::bad_input("input", fault.to_string()),
            Fault::Vault(error) => error.into(),
            fault if fault.retryable() => Self::Unavailable(fault.to_string()),
            fault => Self::Internal(fault.to_string()),
        }
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Fault::from(error).into()
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Unavailable(_)
            | VaultError::Unfinished(_)
            | VaultError::UnfinishedSecret(_)
            | VaultError::WrongMasterKey { .. } => Self::Unavailable(error.to_string()),
            error => Self::Internal(error.to_string()),
        }
    }
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        if is_unavailable(&error) { Self::Unavailable(error.to_string()) } else { Self::Internal(error.to_string()) }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        let mut detail = None;
        let (code, message) = match failure {
            Failure::Unauthenticated(message) => ("UNAUTHENTICATED", message),
            Failure::Forbidden => ("FORBIDDEN", Fault::Forbidden.to_string()),
            Failure::NetworkNotAllowed => ("NETWORK_NOT_ALLOWED", Fault::NetworkNotAllowed.to_string()),
            Failure::SecondFactorRequired => ("SECOND_FACTOR_REQUIRED", Fault::SecondFactorRequired.to_string()),
            Failure::StepUpRequired => ("STEP_UP_REQUIRED", Fault::StepUpRequired.to_string()),
            Failure::BadInput { argument, message } => {
                extensions.set("argument", argument);
                ("BAD_USER_INPUT", message)
            }
            Failure::KeyReused => {
                extensions.set("argument", "idempotencyKey");
                ("IDEMPOTENCY_KEY_REUSED", Fault::KeyReused.to_string())
            }
            Failure::NotReady { position, until } => {
                extensions.set("retryable", true);
                extensions.set("position", position.0);
                extensions.set("until", until.0);
                ("NOT_READY", format!("being built: {position} of {until} events; ask again"))
            }
            Failure::Quota(message) => {
                extensions.set("retryable", true);
                ("QUOTA_EXCEEDED", message)
            }
            Failure::RateLimited(wait) => {
                extensions.set("retryable", true);
                extensions.set("retryAfter", wait.seconds());
                ("RATE_LIMITED", format!("asked too often; ask again in {} s", wait.seconds()))
            }
            // Message and code are those that clients of persisted queries know.
            Failure::DocumentNotFound => ("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound".into()),
            Failure::DocumentNotTrusted => ("DOCUMENT_NOT_TRUSTED", "only documents that are known here are executed".into()),
            Failure::Unavailable(inner) => {
                extensions.set("retryable", true);
                detail = Some(inner);
                ("UNAVAILABLE", "temporarily unavailable; try again in a moment".into())
            }
            Failure::Internal(inner) => {
                detail = Some(inner);
                ("INTERNAL", "something went wrong here; support can find it by the correlation id".into())
            }
        };
        extensions.set("code", code);
        let source = detail.map(|detail| Arc::new(Detail(detail)) as _);
        Self { message, source, extensions: Some(extensions) }
    }
}

/// Logs what the caller is not told, and gives them what to ask for it by.
pub(crate) fn finish(errors: &mut [ServerError], correlation: Uuid) {
    for error in errors {
        if let Some(Detail(detail)) = error.source::<Detail>() {
            tracing::error!(%correlation, path = ?error.path, detail, "a field could not be answered");
            error.extensions.get_or_insert_default().set("correlationId", correlation.to_string());
        }
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            // Resolvers name a code; what has none is the library's on a document or a value that is not right.
            extensions.set("code", Value::from("BAD_USER_INPUT"));
        }
    }
}

#[cfg(test)]
mod tests;
