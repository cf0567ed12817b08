//! Clusters.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Request, State},
    http::{StatusCode, header, request::Parts},
};
use commands::{
    Request as Asked,
    authorization::{acts, reads},
    environments::Environments,
};
use domain::kernel::ClusterId;
use projections::environments::clusters;

use super::{
    Answer,
    bodies::{Infrastructure, Infrastructures, NewInfrastructure, Report, RevisedInfrastructure},
    done, fresh, noted,
    problem::Problem,
    reading::read,
    who,
};
use crate::http::Shared;

/// The clusters that are registered.
#[utoipa::path(
    get, path = "/api/admin/infrastructures", tag = "infrastructures", security(("accessToken" = [])),
    responses(
        (status = 200, description = "By name", body = Infrastructures),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list(State(shared): State<Arc<Shared>>, parts: Parts) -> Answer {
    let asked = who(&shared, &parts).await?;
    let work = async {
        asked.allowed(&reads::CLUSTERS).map_err(|fault| Problem::fault(&fault, asked.correlation))?;
        let rows = clusters::registered(shared.services.projections.db()).await;
        let rows = rows.map_err(|error| Problem::unavailable(&error.to_string(), asked.correlation))?;
        Ok(fresh(Json(Infrastructures { items: rows.into_iter().map(Into::into).collect() })))
    };
    noted(&shared, &asked, reads::CLUSTERS.name, None, work).await
}

/// Registers a cluster. It is tried first, and registered only if environments can be made there.
#[utoipa::path(
    post, path = "/api/admin/infrastructures", tag = "infrastructures", security(("accessToken" = [])), request_body = NewInfrastructure,
    params(("Idempotency-Key" = Option<String>, Header, description = "A retry under the same key registers nothing twice")),
    responses(
        (status = 201, description = "Registered", body = Infrastructure, headers(("Location" = String))),
        (status = 202, description = "Registered, and to be seen in a moment", headers(("Location" = String))),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn register(State(shared): State<Arc<Shared>>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let asked = who(&shared, &parts).await?;
    let work = async {
        let (profile, access) = read::<NewInfrastructure>(&parts, body).await?.read();
        let id = done(&shared, &asked, environments(&shared).register_cluster(&asked, profile, &access).await).await?;
        let location = (header::LOCATION, format!("/api/admin/infrastructures/{id}"));
        Ok(match find(&shared, &asked, id).await? {
            Some(row) => fresh((StatusCode::CREATED, [location], Json(Infrastructure::from(row)))),
            None => fresh((StatusCode::ACCEPTED, [location])),
        })
    };
    noted(&shared, &asked, acts::CLUSTER_REGISTER.name, None, work).await
}

/// Says anew what a cluster is called, its labels, its weight and its limit; before that, gives it new credentials, if there are any.
#[utoipa::path(
    put, path = "/api/admin/infrastructures/{id}", tag = "infrastructures", security(("accessToken" = [])),
    request_body = RevisedInfrastructure,
    params(
        ("id" = String, Path, description = "Such as cls_…"),
        ("Idempotency-Key" = Option<String>, Header, description = "A retry under the same key changes nothing twice"),
    ),
    responses(
        (status = 200, description = "Changed", body = Infrastructure),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn replace(State(shared): State<Arc<Shared>>, Path(id): Path<String>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let asked = who(&shared, &parts).await?;
    let work = async {
        let (profile, access) = read::<RevisedInfrastructure>(&parts, body).await?.read();
        let id = cluster(&id)?;
        if let Some(access) = access {
            done(&shared, &asked, environments(&shared).rotate_cluster_credentials(&asked, id, &access).await).await?;
        }
        done(&shared, &asked, environments(&shared).revise_cluster(&asked, id, profile).await).await?;
        let row = find(&shared, &asked, id).await?.ok_or_else(Problem::not_found)?;
        Ok(fresh(Json(Infrastructure::from(row))))
    };
    noted(&shared, &asked, acts::CLUSTER_REVISE.name, Some(&id), work).await
}

/// Removes a cluster and destroys its credentials. Where environments live, that is refused, unless it is forced.
#[utoipa::path(
    delete, path = "/api/admin/infrastructures/{id}", tag = "infrastructures", security(("accessToken" = [])),
    params(
        ("id" = String, Path, description = "Such as cls_…"),
        ("force" = Option<bool>, Query, description = "Tear down the environments that live there first"),
        ("Idempotency-Key" = Option<String>, Header, description = "A retry under the same key gets the same answer"),
    ),
    responses(
        (status = 204, description = "Removed"),
        (status = 202, description = "It goes when its environments are gone"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn remove(State(shared): State<Arc<Shared>>, Path(id): Path<String>, parts: Parts) -> Answer {
    let asked = who(&shared, &parts).await?;
    let work = async {
        let force = match parts.uri.query().unwrap_or_default() {
            "" | "force=false" => false,
            "force=true" => true,
            _ => return Err(Problem::bad("force", "force: expected true or false, and nothing else in the query")),
        };
        let id = cluster(&id)?;
        done(&shared, &asked, environments(&shared).remove_cluster(&asked, id, force).await).await?;
        let state = environments(&shared).cluster(id).await.map_err(|fault| Problem::fault(&fault, asked.correlation))?;
        Ok(fresh(if state.member().is_none() { StatusCode::NO_CONTENT } else { StatusCode::ACCEPTED }))
    };
    noted(&shared, &asked, acts::CLUSTER_REMOVE.name, Some(&id), work).await
}

/// Tries a cluster with what it is connected with. Everything that does not work is in the report.
#[utoipa::path(
    post, path = "/api/admin/infrastructures/{id}/test", tag = "infrastructures", security(("accessToken" = [])),
    params(("id" = String, Path, description = "Such as cls_…")),
    responses(
        (status = 200, description = "Tried", body = Report),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn test(State(shared): State<Arc<Shared>>, Path(id): Path<String>, parts: Parts) -> Answer {
    let asked = who(&shared, &parts).await?.with_key(None);
    let work = async {
        let report = done(&shared, &asked, environments(&shared).test_cluster(&asked, cluster(&id)?).await).await?;
        Ok(fresh(Json(Report::from(report))))
    };
    noted(&shared, &asked, acts::CLUSTER_TEST.name, Some(&id), work).await
}

fn environments(shared: &Shared) -> &Environments {
    &shared.services.commands.environments
}

fn cluster(id: &str) -> Answer<ClusterId> {
    id.parse().map_err(|error| Problem::bad("id", format!("id: {error}")))
}

async fn find(shared: &Shared, asked: &Asked, id: ClusterId) -> Answer<Option<clusters::Model>> {
    let found = clusters::find(shared.services.projections.db(), id).await;
    found.map_err(|error| Problem::unavailable(&error.to_string(), asked.correlation))
}
