//! Answers to requests that are not executed, in GraphQL's shape.

use axum::{
    Json,
    http::{
        StatusCode,
        header::{RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use uuid::Uuid;

use crate::failure::{self, Failure};

/// Why a request is not executed.
pub(super) struct Refusal {
    status: StatusCode,
    failure: Failure,
    correlation: Uuid,
}

impl Refusal {
    /// Something about the request itself is not right.
    pub(super) fn bad(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, failure: Failure::bad_input("request", message), correlation: Uuid::nil() }
    }

    /// Under what the log has it.
    pub(super) fn of(mut self, correlation: Uuid) -> Self {
        self.correlation = correlation;
        self
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        let status = match failure {
            Failure::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Failure::Forbidden
            | Failure::NetworkNotAllowed
            | Failure::SecondFactorRequired
            | Failure::StepUpRequired
            | Failure::DocumentNotTrusted => StatusCode::FORBIDDEN,
            Failure::BadInput { .. } | Failure::KeyReused | Failure::DocumentNotFound => StatusCode::BAD_REQUEST,
            Failure::Unavailable(_) | Failure::NotReady { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Failure::Quota(_) | Failure::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
            Failure::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self { status, failure, correlation: Uuid::nil() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let wait = if let Failure::RateLimited(wait) = self.failure { Some(wait.seconds()) } else { None };
        let error = async_graphql::Error::from(self.failure).into_server_error(async_graphql::Pos::default());
        // Nothing of a document is meant.
        let mut errors = [async_graphql::ServerError { locations: vec![], ..error }];
        failure::finish(&mut errors, self.correlation);
        let body = Json(serde_json::json!({ "errors": errors }));
        if self.status == StatusCode::UNAUTHORIZED {
            return (self.status, [(WWW_AUTHENTICATE, "Bearer")], body).into_response();
        }
        if let Some(seconds) = wait {
            return (self.status, [(RETRY_AFTER, seconds.to_string())], body).into_response();
        }
        (self.status, body).into_response()
    }
}
