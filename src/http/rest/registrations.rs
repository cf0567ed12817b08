//! Registrations as a file.

mod cells;

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{Query, State},
    http::{StatusCode, request::Parts},
};
use commands::{
    Request as Known,
    authorization::{Act, reads},
};
use domain::{
    identity::Permission,
    kernel::{RegistrationId, RunId},
};
use projections::{
    After,
    booking::{
        registrants,
        registrations::{self, Filter, RegistrationState},
        runs::{self, Viewer},
    },
};
use serde::Deserialize;
use tables::Cell;
use utoipa::IntoParams;

use self::cells::{COLUMNS, cells, opened};
use super::{
    Answer, noted,
    problem::Problem,
    sheets::{self, Form, failed},
    who,
};
use crate::http::Shared;

/// Registrations read at once.
const CHUNK: u64 = 500;

/// Which registrations, and in which form.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Asked {
    #[param(inline)]
    format: Form,
    /// For this run, such as run_…; left out: for all, for administrators.
    #[param(value_type = Option<String>)]
    run: Option<String>,
    /// In this state, such as `confirmed` or `no_show`.
    #[param(value_type = Option<String>)]
    state: Option<RegistrationState>,
}

/// Registrations, latest first, in one file: for a run, for its organiser; for all, for administrators. It has what people said of
/// themselves; that it was exported is in the audit before the first byte is sent.
#[utoipa::path(
    get, path = "/api/registrations", tag = "booking", security(("accessToken" = [])), params(Asked),
    responses(
        (status = 200, description = "The registrations", body = String, content_type = "text/csv"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn export(State(shared): State<Arc<Shared>>, parts: Parts) -> Answer {
    let known = who(&shared, &parts).await?;
    noted(&shared, &known, <Pages as sheets::Pages>::OPERATION, None, exported(&shared, &known, &parts)).await
}

async fn exported(shared: &Arc<Shared>, known: &Known, parts: &Parts) -> Answer {
    known.allowed(&reads::REGISTRATIONS).map_err(|fault| Problem::fault(&fault, known.correlation))?;
    let Query(asked) = Query::<Asked>::try_from_uri(&parts.uri)
        .map_err(|error| Problem::bad("query", format!("query: expected format, run and state; {}", error.body_text())))?;
    let filter = filter(shared, known, &asked).await?;
    let (subjects, form) = (filter.run.map(|run| run.to_string()).into_iter().collect(), asked.format);
    let pages = Pages { shared: shared.clone(), filter, after: None };
    if form == Form::Xlsx {
        sheets::expect_room::<Pages>(pages.total().await.map_err(|error| failed(&error, known))?)?;
    }
    sheets::file(shared, known, form, subjects, pages).await
}

/// Whose registrations somebody may have.
async fn filter(shared: &Shared, known: &Known, asked: &Asked) -> Answer<Filter> {
    let states = asked.state.into_iter().collect();
    let Some(run) = &asked.run else {
        known.actor.holds(Permission::ManageRuns).map_err(|fault| Problem::fault(&fault, known.correlation))?;
        return Ok(Filter { states, ..Filter::default() });
    };
    let run = run.parse::<RunId>().map_err(|error| Problem::bad("run", format!("run: {error}")))?;
    let viewer = match known.actor.account() {
        _ if known.actor.may(Permission::ManageRuns) => Viewer::Manager,
        Some(account) => Viewer::Account(account),
        None => Viewer::Anonymous,
    };
    let row = runs::find(shared.services.projections.db(), run).await.map_err(|error| failed(&error, known))?;
    if !row.is_some_and(|row| row.is_organised_by(viewer)) {
        return Err(Problem::new(StatusCode::NOT_FOUND, "RUN_NOT_FOUND", "there is no such run of yours").at("run"));
    }
    Ok(Filter { run: Some(run), states, ..Filter::default() })
}

/// What is left of an export.
struct Pages {
    shared: Arc<Shared>,
    filter: Filter,
    after: Option<After>,
}

impl Pages {
    async fn total(&self) -> std::io::Result<u64> {
        registrations::total(self.shared.services.projections.db(), &self.filter).await.map_err(std::io::Error::other)
    }
}

impl sheets::Pages for Pages {
    const NAME: &'static str = "registrations";
    const READ: Act = reads::REGISTRATIONS;
    const OPERATION: &'static str = "registrationsExport";
    const COLUMNS: &'static [&'static str] = &COLUMNS;
    const FEWER: &'static str = "ask for a run or a state";

    async fn next(&mut self) -> std::io::Result<(Vec<Vec<Cell>>, bool)> {
        let (db, vault) = (self.shared.services.projections.db(), &*self.shared.services.stores.vault);
        let page = registrations::page(db, &self.filter, self.after, CHUNK).await.map_err(std::io::Error::other)?;
        self.after = page.rows.last().map(registrations::Model::after);
        let ids: Vec<RegistrationId> = page.rows.iter().map(|row| RegistrationId(row.registration)).collect();
        let people = registrants::find_many(db, &ids).await.map_err(std::io::Error::other)?;
        let people = opened(vault, &people).await?;
        let mut ids: Vec<RunId> = page.rows.iter().map(|row| RunId(row.run)).collect();
        ids.sort_unstable();
        ids.dedup();
        let runs = runs::find_many(db, &ids).await.map_err(std::io::Error::other)?;
        let runs: HashMap<_, _> = runs.into_iter().map(|run| (run.run, run)).collect();
        let rows = page.rows.iter().map(|row| cells(row, runs.get(&row.run), people.get(&row.registration)));
        Ok((rows.collect(), page.more))
    }
}
