//! What went wrong, as RFC 9457 has it. Nothing secret that was sent is ever in it.

use std::num::NonZeroU32;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use commands::Fault;
use domain::{Rejection, audit::trail::Verdict, environments::EnvironmentRejection};
use graphql::Wait;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What went wrong (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Problem {
    /// Always `about:blank`: the code says more.
    #[schema(example = "about:blank")]
    r#type: &'static str,
    /// The status in words.
    #[schema(value_type = String)]
    title: &'static str,
    status: u16,
    /// For people; do not parse it.
    detail: String,
    /// For programs, such as `NAME_TAKEN`.
    #[schema(value_type = String)]
    code: Box<str>,
    /// What in the request it is about.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<Box<str>>,
    /// Under what the log has it, where it is not the caller's doing.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<Uuid>,
    /// In seconds, where it was asked too often.
    #[schema(value_type = Option<u32>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<NonZeroU32>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            code: code.into(),
            field: None,
            correlation_id: None,
            retry_after: None,
        }
    }

    pub(super) fn at(mut self, field: &str) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Something about a field of the request is not right.
    pub(super) fn bad(field: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", detail).at(field)
    }

    pub(super) fn not_found() -> Self {
        EnvironmentRejection::ClusterNotFound.into()
    }

    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// Whether it is us that something came in the way of.
    pub(super) const fn verdict(&self) -> Verdict {
        if self.status >= 500 { Verdict::Failed } else { Verdict::Refused }
    }

    /// Whether whoever asks may not, or asks too often.
    pub(super) const fn forbids(&self) -> bool {
        matches!(self.status, 401 | 403 | 429)
    }

    /// A fault; what it is in detail is for the log.
    pub(super) fn fault(fault: &Fault, correlation: Uuid) -> Self {
        match fault {
            Fault::Unauthenticated => Self::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", fault.to_string()),
            Fault::Forbidden => Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", fault.to_string()),
            Fault::NetworkNotAllowed => Self::new(StatusCode::FORBIDDEN, "NETWORK_NOT_ALLOWED", fault.to_string()),
            Fault::SecondFactorRequired => Self::new(StatusCode::FORBIDDEN, "SECOND_FACTOR_REQUIRED", fault.to_string()),
            Fault::StepUpRequired => Self::new(StatusCode::FORBIDDEN, "STEP_UP_REQUIRED", fault.to_string()),
            Fault::KeyReused => Self::new(StatusCode::CONFLICT, "IDEMPOTENCY_KEY_REUSED", fault.to_string()).at("Idempotency-Key"),
            Fault::KeyInvalid => Self::bad("Idempotency-Key", fault.to_string()),
            fault if fault.retryable() => Self::unavailable(&fault.to_string(), correlation),
            fault => {
                tracing::error!(%correlation, %fault, "a request could not be answered");
                let detail = "something went wrong here; support can find it by the correlation id";
                Self { correlation_id: Some(correlation), ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", detail) }
            }
        }
    }

    /// As many do it already as may.
    pub(super) fn busy(detail: &str) -> Self {
        let retry_after = NonZeroU32::new(10);
        Self { retry_after, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "BUSY", format!("{detail}; try again in a moment")) }
    }

    pub(super) fn unavailable(reason: &str, correlation: Uuid) -> Self {
        tracing::error!(%correlation, reason, "a request could not be answered for now");
        let detail = "temporarily unavailable; try again in a moment";
        Self { correlation_id: Some(correlation), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", detail) }
    }
}

impl From<Wait> for Problem {
    fn from(wait: Wait) -> Self {
        let detail = format!("asked too often; ask again in {} s", wait.seconds());
        let retry_after = u32::try_from(wait.seconds()).ok().and_then(NonZeroU32::new);
        Self { retry_after, ..Self::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", detail) }
    }
}

impl From<EnvironmentRejection> for Problem {
    fn from(rejection: EnvironmentRejection) -> Self {
        use EnvironmentRejection as No;
        let status = match &rejection {
            No::NotFound | No::ClusterNotFound | No::WorkshopNotFound | No::PodNotFound => StatusCode::NOT_FOUND,
            No::NameTaken
            | No::WrongState { .. }
            | No::ClusterWrongState { .. }
            | No::ClusterClosed { .. }
            | No::ClusterUnreachable
            | No::ClusterFull { .. }
            | No::ServerDiffers { .. }
            | No::RotatedMeanwhile
            | No::EnvironmentsLive { .. }
            | No::NotOnCluster
            | No::VclusterNotReady
            | No::PoolFull
            | No::NotInPool
            | No::LogUnavailable { .. } => StatusCode::CONFLICT,
            No::NameInvalid
            | No::LabelInvalid { .. }
            | No::WeightInvalid
            | No::PoolTooLarge { .. }
            | No::LimitInvalid
            | No::AccessInvalid { .. }
            | No::NotUsable { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let field = rejection.field().map(|field| if field == "clusterId" { "id" } else { field }.into());
        Self { field, ..Self::new(status, &rejection.code(), rejection.to_string()) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let response = (status, [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")], body);
        if status == StatusCode::UNAUTHORIZED {
            return (status, [(header::WWW_AUTHENTICATE, "Bearer")], response).into_response();
        }
        if let Some(seconds) = self.retry_after {
            return (status, [(header::RETRY_AFTER, seconds.to_string())], response).into_response();
        }
        response.into_response()
    }
}
