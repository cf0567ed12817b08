//! How much of clusters was used, over time.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
    http::request::Parts,
};
use chrono::{DateTime, Utc};
use commands::authorization::reads;
use domain::{environments::cost::Stood, kernel::ClusterId};
use journal::{Amounts, UsagePoint, UsageSpan};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Answer, fresh, noted, problem::Problem, who};
use crate::http::Shared;

/// Which part of the history.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Asked {
    /// One cluster, such as cls_…; all together, if it is left out.
    #[param(value_type = Option<String>)]
    infrastructure_id: Option<String>,
    /// The first instant.
    from: DateTime<Utc>,
    /// The first that is no longer asked for; now, if it is left out.
    to: Option<DateTime<Utc>>,
    /// Seconds; the first of 300, 3600 and 86400 that will do, if it is left out.
    step: Option<i32>,
}

/// A history, earliest first.
#[derive(Serialize, ToSchema)]
pub(super) struct Usage {
    /// Those that something was measured in.
    items: Vec<Step>,
}

/// How clusters did over one step of time.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Step {
    /// When the step begins.
    at: DateTime<Utc>,
    /// In thousandths of a core.
    cpu: Shares,
    /// In MiB.
    memory: Shares,
    /// Of the nodes' own disks, in MiB.
    storage: Shares,
    pods: Shares,
    /// Environments with a place, a mean.
    environments: i64,
    /// Of what was allocatable, for as long as it was measured; null, if the operator has set no prices.
    cost: Option<Cost>,
}

/// What there is of something, and what of it is taken.
#[derive(Serialize, ToSchema)]
struct Shares {
    /// A mean; as requested, where it was not measured.
    used: i64,
    /// A mean.
    requested: i64,
    /// As it was last.
    allocatable: i64,
}

/// What something cost.
#[derive(Serialize, ToSchema)]
struct Cost {
    /// With two to six decimals.
    #[schema(example = "13.92")]
    amount: String,
    /// ISO 4217.
    currency: String,
}

/// How much of a cluster, or of all together, was used.
#[utoipa::path(
    get, path = "/api/admin/resources/usage", tag = "resources", security(("accessToken" = [])), params(Asked),
    responses(
        (status = 200, description = "What was measured", body = Usage),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn usage(State(shared): State<Arc<Shared>>, parts: Parts) -> Answer {
    let known = who(&shared, &parts).await?;
    noted(&shared, &known, reads::RESOURCE_USAGE.name, None, measured(&shared, &known, &parts)).await
}

async fn measured(shared: &Shared, asked: &commands::Request, parts: &Parts) -> Answer {
    asked.allowed(&reads::RESOURCE_USAGE).map_err(|fault| Problem::fault(&fault, asked.correlation))?;
    let Query(Asked { infrastructure_id, from, to, step }) = Query::try_from_uri(&parts.uri)
        .map_err(|error| Problem::bad("query", format!("query: expected infrastructureId, from, to and step; {}", error.body_text())))?;
    let cluster = infrastructure_id.map(|id| id.parse::<ClusterId>()).transpose();
    let cluster = cluster.map_err(|error| Problem::bad("infrastructureId", format!("infrastructureId: {error}")))?;
    let span = UsageSpan::try_new(cluster.map(|cluster| cluster.0), from, to, step, commands::system_clock());
    let span = span.map_err(|refused| Problem::bad(refused.field, refused.to_string()))?;
    let points = shared.services.stores.journal.usage(span).await;
    let points = points.map_err(|error| Problem::unavailable(&error.to_string(), asked.correlation))?;
    Ok(fresh(Json(Usage { items: points.iter().map(|point| Step::new(shared, point)).collect() })))
}

impl Step {
    fn new(shared: &Shared, point: &UsagePoint) -> Self {
        let stood = Stood { cpu: point.cpu_seconds, memory: point.memory_seconds, clusters: point.cluster_seconds };
        let prices = shared.services.prices.as_ref();
        Self {
            at: point.at,
            cpu: point.cpu.into(),
            memory: point.memory.into(),
            storage: point.storage.into(),
            pods: point.pods.into(),
            environments: point.environments,
            cost: prices.map(|prices| Cost { amount: prices.cost(stood).to_string(), currency: prices.currency().to_owned() }),
        }
    }
}

impl From<Amounts> for Shares {
    fn from(Amounts { used, requested, allocatable }: Amounts) -> Self {
        Self { used, requested, allocatable }
    }
}
