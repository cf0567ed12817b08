//! Finding sessions.

use std::collections::HashMap;

use chrono::{NaiveDate, Utc};
use chrono_tz::Tz;
use domain::kernel::{AccountId, SessionId, Timestamp, WorkshopId};
use sea_orm::{QueryFilter, QuerySelect, Select, entity::prelude::*};

use super::{Column, Entity, Model, SessionStatus};
use crate::{After, Page, column::Word, paging};

/// What sessions are looked for; absent parts do not restrict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub learner: Option<AccountId>,
    pub workshop: Option<WorkshopId>,
    /// The workshop's author.
    pub author: Option<AccountId>,
    pub status: Option<SessionStatus>,
    /// Only previews, or only what is none.
    pub preview: Option<bool>,
}

/// One session.
///
/// # Errors
/// The read models cannot be read.
pub async fn find(db: &DatabaseConnection, session: SessionId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(session.0).one(db).await
}

/// Those of several sessions that exist, in no order.
///
/// # Errors
/// The read models cannot be read.
pub async fn find_many(db: &DatabaseConnection, sessions: &[SessionId]) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Session.is_in(sessions.iter().map(|session| session.0))).all(db).await
}

/// Sessions, latest first.
///
/// # Errors
/// The read models cannot be read.
pub async fn page(db: &DatabaseConnection, filter: &Filter, after: Option<After>, first: u64) -> Result<Page<Model>, DbErr> {
    paging::latest(db, filtered(filter), (Column::StartedAt, Column::Session), after, first).await
}

/// How many sessions there are.
///
/// # Errors
/// The read models cannot be read.
pub async fn total(db: &DatabaseConnection, filter: &Filter) -> Result<u64, DbErr> {
    filtered(filter).count(db).await
}

/// How many sessions were started on a day or since, by the calendar of a time zone; previews are left out.
///
/// # Errors
/// The read models cannot be read.
pub async fn started_since(db: &DatabaseConnection, day: NaiveDate, time_zone: Tz) -> Result<u64, DbErr> {
    // Where clocks are put forward at midnight, the day begins later.
    let begins = (0..24).find_map(|hour| day.and_hms_opt(hour, 0, 0)?.and_local_timezone(time_zone).earliest());
    let since = begins.map_or(Timestamp::MIN_UTC, |begins| begins.with_timezone(&Utc));
    let sessions = filtered(&Filter { preview: Some(false), ..Filter::default() });
    sessions.filter(Column::StartedAt.gte(since)).count(db).await
}

/// How many sessions in environments were started from an instant on, for each workshop with any; previews are left out.
///
/// # Errors
/// The read models cannot be read.
pub async fn starts_by_workshop(db: &DatabaseConnection, since: Timestamp) -> Result<HashMap<WorkshopId, u64>, DbErr> {
    let started = filtered(&Filter { preview: Some(false), ..Filter::default() }).filter(Column::StartedAt.gte(since));
    let started = started.filter(Column::Environment.is_not_null()).select_only().column(Column::Workshop);
    let counted = started.column_as(Column::Session.count(), "sessions").group_by(Column::Workshop);
    let rows: Vec<(Uuid, i64)> = counted.into_tuple().all(db).await?;
    Ok(rows.into_iter().map(|(workshop, count)| (WorkshopId(workshop), u64::try_from(count).unwrap_or(0))).collect())
}

fn filtered(filter: &Filter) -> Select<Entity> {
    let mut sessions = Entity::find();
    if let Some(learner) = filter.learner {
        sessions = sessions.filter(Column::Learner.eq(learner.0));
    }
    if let Some(workshop) = filter.workshop {
        sessions = sessions.filter(Column::Workshop.eq(workshop.0));
    }
    if let Some(author) = filter.author {
        sessions = sessions.filter(Column::Author.eq(author.0));
    }
    if let Some(status) = filter.status {
        sessions = sessions.filter(Column::Status.eq(Word(status)));
    }
    match filter.preview {
        Some(true) => sessions.filter(Column::Version.is_null()),
        Some(false) => sessions.filter(Column::Version.is_not_null()),
        None => sessions,
    }
}
