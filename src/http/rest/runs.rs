//! Runs as a file, with what they come to.

mod cells;

use std::{collections::HashMap, sync::Arc, vec};

use axum::{
    extract::{Query, State},
    http::request::Parts,
};
use chrono::{DateTime, Utc};
use commands::{
    Request as Known,
    authorization::{Act, reads},
};
use domain::{booking::run::Life, identity::Permission, kernel::RunId, workshops::content::Difficulty};
use projections::booking::{
    catalogue::{Filter, Near, Prices, Scope, Sort, Unfit, Wanted},
    run_totals,
    runs::{self, RunFormat},
};
use serde::Deserialize;
use tables::Cell;
use utoipa::IntoParams;

use self::cells::{COLUMNS, cells};
use super::{
    Answer, noted,
    problem::Problem,
    sheets::{self, Form, failed},
    who,
};
use crate::http::Shared;

/// Runs read at once.
const CHUNK: usize = 500;

/// Which runs, and in which form. Names are the same whatever their case and accents.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Asked {
    #[param(inline)]
    format: Form,
    /// Those that whoever asks organises; left out: all, for administrators.
    own: Option<bool>,
    /// This far: `draft`, `published`, `cancelled` or `completed`.
    #[param(value_type = Option<String>)]
    state: Option<Life>,
    #[param(value_type = Option<String>)]
    category: Option<String>,
    #[param(value_type = Option<String>)]
    tag: Option<String>,
    #[param(value_type = Option<String>)]
    city: Option<String>,
    /// A BCP 47 tag: `fr` is also `fr-CH`.
    #[param(value_type = Option<String>)]
    language: Option<String>,
    /// Where people come to: `on_site`, `online` or `hybrid`.
    #[param(value_type = Option<String>)]
    run_format: Option<RunFormat>,
    /// Such as `beginner`.
    #[param(value_type = Option<String>)]
    level: Option<Difficulty>,
    /// Within so many `kilometres` of here, with `longitude`; in degrees (WGS 84).
    latitude: Option<f64>,
    longitude: Option<f64>,
    kilometres: Option<f64>,
    /// They start then or later.
    from: Option<DateTime<Utc>>,
    /// They start before.
    until: Option<DateTime<Utc>>,
    /// Of the price: by its code (ISO 4217), such as `EUR`.
    #[param(value_type = Option<String>)]
    currency: Option<String>,
    /// They cost so much or more, in whole minor units of `currency`.
    least: Option<i64>,
    /// They cost so much or less, in whole minor units of `currency`.
    most: Option<i64>,
    /// Those in which a ticket for everybody has places left.
    with_places: Option<bool>,
    /// Words that all have to be there, as where runs are discovered.
    #[param(value_type = Option<String>)]
    search: Option<String>,
}

/// Runs, drafts too, in one file, the one that starts first first: what each was planned as, who registered by their states, and what came
/// in and goes back. Those that somebody organises, or all, for administrators; that they were exported is in the audit before the first
/// byte is sent.
#[utoipa::path(
    get, path = "/api/runs", tag = "booking", security(("accessToken" = [])), params(Asked),
    responses(
        (status = 200, description = "The runs", body = String, content_type = "text/csv"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn export(State(shared): State<Arc<Shared>>, parts: Parts) -> Answer {
    let known = who(&shared, &parts).await?;
    noted(&shared, &known, <Runs as sheets::Pages>::OPERATION, None, exported(&shared, &known, &parts)).await
}

async fn exported(shared: &Arc<Shared>, known: &Known, parts: &Parts) -> Answer {
    known.allowed(&reads::RUN_DASHBOARD).map_err(|fault| Problem::fault(&fault, known.correlation))?;
    let Query(asked) = Query::<Asked>::try_from_uri(&parts.uri).map_err(|error| {
        let which = "format, own, state, category, tag, city, language, runFormat, level, latitude, longitude, kilometres";
        let rest = "from, until, currency, least, most, withPlaces and search";
        Problem::bad("query", format!("query: expected {which}, {rest}; {}", error.body_text()))
    })?;
    let form = asked.format;
    let wanted = wanted(known, asked)?;
    let projections = &shared.services.projections;
    // All ids at once: each run is there once, whatever becomes of it while the file is read.
    let found = projections.catalogue().search(projections.db(), &wanted, None, u64::MAX).await.map_err(|error| failed(&error, known))?;
    if form == Form::Xlsx {
        sheets::expect_room::<Runs>(found.total)?;
    }
    let ids: Vec<RunId> = found.runs.into_iter().map(|(run, _)| run).collect();
    sheets::file(shared, known, form, vec![], Runs { shared: shared.clone(), ids: ids.into_iter() }).await
}

/// Which runs somebody may have.
fn wanted(known: &Known, asked: Asked) -> Answer<Wanted> {
    let scope = if asked.own == Some(true) {
        known.actor.known().map(Scope::OrganisedBy)
    } else {
        known.actor.holds(Permission::ManageRuns).map(|()| Scope::All)
    };
    let scope = scope.map_err(|fault| Problem::fault(&fault, known.correlation))?;
    Filter::check_time(asked.from, asked.until).map_err(refused)?;
    let (near, prices) = (near(&asked)?, prices(&asked)?);
    let name = |field, name: Option<String>| Filter::names(field, name.into_iter().collect()).map_err(refused);
    let filter = Filter {
        categories: name("category", asked.category)?,
        tags: name("tag", asked.tag)?,
        cities: name("city", asked.city)?,
        near,
        from: asked.from,
        until: asked.until,
        prices,
        languages: name("language", asked.language)?,
        formats: asked.run_format.into_iter().collect(),
        levels: asked.level.into_iter().collect(),
        lives: asked.state.into_iter().collect(),
        with_places: asked.with_places.unwrap_or(false),
    };
    let text = Wanted::text(asked.search).map_err(refused)?;
    Ok(Wanted { scope, filter, text, sort: Sort::Date })
}

fn near(asked: &Asked) -> Answer<Option<Near>> {
    match (asked.latitude, asked.longitude, asked.kilometres) {
        (None, None, None) => Ok(None),
        (Some(latitude), Some(longitude), Some(kilometres)) => Near::try_new(latitude, longitude, kilometres).map(Some).map_err(refused),
        _ => Err(Problem::bad("kilometres", "kilometres: expected latitude, longitude and kilometres, or none of them")),
    }
}

fn prices(asked: &Asked) -> Answer<Option<Prices>> {
    match &asked.currency {
        Some(currency) => Prices::try_new(currency, asked.least, asked.most).map(Some).map_err(refused),
        None if asked.least.is_none() && asked.most.is_none() => Ok(None),
        None => Err(Problem::bad("currency", "currency: expected that of least and most")),
    }
}

fn refused(Unfit { field, expected }: Unfit) -> Problem {
    Problem::bad(field, format!("{field}: expected {expected}"))
}

/// What is left of an export.
struct Runs {
    shared: Arc<Shared>,
    ids: vec::IntoIter<RunId>,
}

impl sheets::Pages for Runs {
    const NAME: &'static str = "runs";
    const READ: Act = reads::RUN_DASHBOARD;
    const OPERATION: &'static str = "runsExport";
    const COLUMNS: &'static [&'static str] = &COLUMNS;
    const FEWER: &'static str = "ask for a state or a shorter time";

    async fn next(&mut self) -> std::io::Result<(Vec<Vec<Cell>>, bool)> {
        let db = self.shared.services.projections.db();
        let (ids, more) = some(&mut self.ids);
        let rows = runs::find_many(db, &ids).await.map_err(std::io::Error::other)?;
        let rows: HashMap<_, _> = rows.into_iter().map(|row| (row.run, row)).collect();
        let mut totals: HashMap<_, Vec<run_totals::Model>> = HashMap::new();
        for total in run_totals::of_runs(db, &ids).await.map_err(std::io::Error::other)? {
            totals.entry(total.run).or_default().push(total);
        }
        let of = |id: RunId| totals.get(&id.0).map(Vec::as_slice).unwrap_or_default();
        let rows = ids.iter().filter_map(|id| rows.get(&id.0).map(|row| cells(row, of(*id))));
        Ok((rows.collect(), more))
    }
}

/// Some of those that are left, and whether there are more.
fn some(left: &mut vec::IntoIter<RunId>) -> (Vec<RunId>, bool) {
    (left.by_ref().take(CHUNK).collect(), !left.as_slice().is_empty())
}

#[cfg(test)]
mod tests;
