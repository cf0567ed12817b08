//! Why a client did not get what it asked for.

use serde_json::Value;

/// Why a client did not get what it asked for.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No answer by HTTP.
    #[error("no answer from the server: {0}")]
    Http(#[from] reqwest::Error),
    /// No web socket, or it broke off.
    #[error("the web socket failed: {0}")]
    Socket(#[source] Box<tokio_tungstenite::tungstenite::Error>),
    /// The request was not executed.
    #[error("refused with status {status}: {body}")]
    Refused {
        /// Of HTTP.
        status: u16,
        /// As it came.
        body: String,
    },
    /// The answer has top-level errors.
    #[error("answered with errors: {0}")]
    Answered(Value),
    /// A business rule turned the mutation down.
    #[error("{mutation} was declined: {errors}")]
    Declined {
        /// The field.
        mutation: String,
        /// Of the payload.
        errors: Value,
    },
    /// The server closed a web socket.
    #[error("closed by the server with code {code}: {reason}")]
    Closed {
        /// Of the close frame; 1005 without one, 1006 if the connection broke off.
        code: u16,
        /// Of the close frame.
        reason: String,
    },
    /// The server said something that its protocol does not have.
    #[error("not understood: {0}")]
    Protocol(String),
    /// What was waited for did not come.
    #[error("waited in vain for {0}")]
    Silent(String),
}

impl ClientError {
    /// The codes of a declined mutation, or of top-level errors.
    #[must_use]
    pub fn codes(&self) -> Vec<&str> {
        let (errors, code): (_, fn(&Value) -> &Value) = match self {
            Self::Declined { errors, .. } => (errors, |error| &error["code"]),
            Self::Answered(errors) => (errors, |error| &error["extensions"]["code"]),
            _ => return Vec::new(),
        };
        errors.as_array().into_iter().flatten().filter_map(|error| code(error).as_str()).collect()
    }

    /// With what code the server closed the web socket, if it did.
    #[must_use]
    pub const fn close_code(&self) -> Option<u16> {
        match self {
            Self::Closed { code, .. } => Some(*code),
            _ => None,
        }
    }
}
