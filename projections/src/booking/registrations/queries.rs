//! Finding registrations.

use std::collections::HashMap;

use domain::kernel::{AccountId, RegistrationId, RunId, Timestamp};
use sea_orm::{ConnectionTrait, QueryFilter, Select, Statement, entity::prelude::*, sea_query::Query};

use super::{super::runs, Column, Entity, Model, RegistrationState};
use crate::{After, Page, column::Word, paging};

/// What registrations are looked for; absent parts do not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub run: Option<RunId>,
    pub account: Option<AccountId>,
    /// In one of these states; none: in any.
    pub states: Vec<RegistrationState>,
    /// By the ticket's key.
    pub ticket: Option<String>,
    /// Only those for which money is to be given back, or only others.
    pub owed: Option<bool>,
    /// Only those for which money is to be paid now.
    pub due: bool,
    pub time: Option<Time>,
}

/// When the run of a registration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// It is not over at an instant.
    UpcomingAt(Timestamp),
    /// It is.
    PastAt(Timestamp),
}

/// One registration.
///
/// # Errors
/// The read models cannot be read.
pub async fn find(db: &DatabaseConnection, registration: RegistrationId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(registration.0).one(db).await
}

/// Those of several registrations that exist, in no order.
///
/// # Errors
/// The read models cannot be read.
pub async fn find_many(db: &DatabaseConnection, registrations: &[RegistrationId]) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Registration.is_in(registrations.iter().map(|registration| registration.0))).all(db).await
}

/// Registrations of any of these people for any of these runs, in no order.
///
/// # Errors
/// The read models cannot be read.
pub async fn of_people(db: &DatabaseConnection, people: &[AccountId], runs: &[RunId]) -> Result<Vec<Model>, DbErr> {
    let of_people = Entity::find().filter(Column::Account.is_in(people.iter().map(|account| account.0)));
    of_people.filter(Column::Run.is_in(runs.iter().map(|run| run.0))).all(db).await
}

/// Registrations, latest first.
///
/// # Errors
/// The read models cannot be read.
pub async fn page(db: &DatabaseConnection, filter: &Filter, after: Option<After>, first: u64) -> Result<Page<Model>, DbErr> {
    paging::latest(db, filtered(filter), (Column::RequestedAt, Column::Registration), after, first).await
}

/// How many registrations there are.
///
/// # Errors
/// The read models cannot be read.
pub async fn total(db: &DatabaseConnection, filter: &Filter) -> Result<u64, DbErr> {
    filtered(filter).count(db).await
}

/// How many registrations are before each of those that wait, all lines of a run taken together.
///
/// # Errors
/// The read models cannot be read.
pub async fn ahead(db: &DatabaseConnection, registrations: &[RegistrationId]) -> Result<HashMap<RegistrationId, u64>, DbErr> {
    if registrations.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values: Vec<sea_orm::Value> = vec![Word(RegistrationState::Waitlisted).into()];
    values.extend(registrations.iter().map(|registration| sea_orm::Value::from(registration.0)));
    let those = (2..=values.len()).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT registration, place FROM (\
           SELECT registration, row_number() OVER (PARTITION BY run ORDER BY priority DESC, number, registration) AS place \
           FROM registrations WHERE state = $1 AND run IN (SELECT run FROM registrations WHERE registration IN ({those}))\
         ) AS line WHERE registration IN ({those})"
    );
    let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    let read = |row: &sea_orm::QueryResult| -> Result<_, DbErr> {
        let (registration, place): (Uuid, i64) = (row.try_get("", "registration")?, row.try_get("", "place")?);
        Ok((RegistrationId(registration), u64::try_from(place - 1).unwrap_or(0)))
    };
    rows.iter().map(read).collect()
}

pub(super) fn filtered(filter: &Filter) -> Select<Entity> {
    let Filter { run, account, states, ticket, owed, due, time } = filter;
    let mut registrations = Entity::find();
    if let Some(run) = run {
        registrations = registrations.filter(Column::Run.eq(run.0));
    }
    if let Some(account) = account {
        registrations = registrations.filter(Column::Account.eq(account.0));
    }
    if !states.is_empty() {
        registrations = registrations.filter(Column::State.is_in(states.iter().map(|state| Word(*state))));
    }
    if let Some(ticket) = ticket {
        registrations = registrations.filter(Column::Ticket.eq(ticket.as_str()));
    }
    match owed {
        Some(true) => registrations = registrations.filter(Column::Owed.gt(0)),
        Some(false) => registrations = registrations.filter(Column::Owed.eq(0)),
        None => {}
    }
    if *due {
        registrations = registrations.filter(Column::State.is_in(RegistrationState::PAYING.map(Word))).filter(is_something_missing());
    }
    match time {
        Some(Time::UpcomingAt(now)) => registrations.filter(Column::Run.in_subquery(ending(runs::Column::EndsAt.gt(*now)))),
        Some(Time::PastAt(now)) => registrations.filter(Column::Run.in_subquery(ending(runs::Column::EndsAt.lte(*now)))),
        None => registrations,
    }
}

/// Whether something is missing for a registration's place, as [`Model::due`] has it.
fn is_something_missing() -> Expr {
    use sea_orm::sea_query::ExprTrait;
    Expr::col(Column::Total).sub(Expr::col(Column::Kept)).add(Expr::col(Column::Owed)).sub(Expr::col(Column::Forgiven)).gt(0)
}

/// The ids of runs that end so.
fn ending(when: Expr) -> sea_orm::sea_query::SelectStatement {
    Query::select().column(runs::Column::Run).from(runs::Entity).and_where(when).to_owned()
}
