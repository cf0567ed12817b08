//! Finding environments.

use std::collections::HashMap;

use domain::kernel::{AccountId, ClusterId, EnvironmentId, SessionId, TypedId, WorkshopId};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, entity::prelude::*};

use super::{Column, Entity, EnvironmentState, Model, NOBODY};
use crate::{Page, column::Word};

/// One environment.
///
/// # Errors
/// The read models cannot be read.
pub async fn find(db: &DatabaseConnection, environment: EnvironmentId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(environment.0).one(db).await
}

/// Those of several environments that exist, in no order.
///
/// # Errors
/// The read models cannot be read.
pub async fn find_many(db: &DatabaseConnection, environments: &[EnvironmentId]) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Environment.is_in(environments.iter().map(|environment| environment.0))).all(db).await
}

/// The environment a session works in: the one requested last.
///
/// # Errors
/// The read models cannot be read.
pub async fn latest_of_session(db: &DatabaseConnection, session: SessionId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::Session.eq(session.0)).order_by_desc(Column::Requested).one(db).await
}

/// The environment each of several sessions works in, where there is one.
///
/// # Errors
/// The read models cannot be read.
pub async fn latest_of_sessions(db: &DatabaseConnection, sessions: &[SessionId]) -> Result<HashMap<SessionId, Model>, DbErr> {
    let of_them = Entity::find().filter(Column::Session.is_in(sessions.iter().map(|session| session.0)));
    let rows = of_them.order_by_asc(Column::Requested).all(db).await?;
    Ok(rows.into_iter().map(|row| (SessionId(row.session), row)).collect())
}

/// Environments of which something may stand, those requested before `before` (a position; none: all), latest first.
///
/// # Errors
/// The read models cannot be read.
pub async fn live(db: &DatabaseConnection, before: Option<i64>, first: u64) -> Result<Page<Model>, DbErr> {
    page(db, Entity::find().filter(Column::EndedAt.is_null()), before, first).await
}

/// A node's environments of which something may stand, latest first.
///
/// # Errors
/// The read models cannot be read.
pub async fn by_node(db: &DatabaseConnection, node: &str, before: Option<i64>, first: u64) -> Result<Page<Model>, DbErr> {
    let there = Entity::find().filter(Column::Node.eq(node)).filter(Column::EndedAt.is_null());
    page(db, there, before, first).await
}

/// The cluster that a learner's environment before this one was on, if there is one.
///
/// # Errors
/// The read models cannot be read.
pub async fn cluster_of_learner(db: &DatabaseConnection, learner: AccountId, before: EnvironmentId) -> Result<Option<String>, DbErr> {
    let others = Entity::find().filter(Column::Learner.eq(learner.0)).filter(Column::Environment.ne(before.0));
    let on_clusters = others.filter(Column::Node.starts_with(format!("{}_", ClusterId::PREFIX)));
    Ok(on_clusters.order_by_desc(Column::Requested).one(db).await?.and_then(|row| row.node))
}

/// How many environments of sessions wait for a place since before this one was requested.
///
/// # Errors
/// The read models cannot be read.
pub async fn waiting_before(db: &DatabaseConnection, requested: i64) -> Result<u64, DbErr> {
    let waiting = Entity::find().filter(Column::State.eq(Word(EnvironmentState::Provisioning))).filter(Column::Node.is_null());
    waiting.filter(Column::Learner.ne(NOBODY)).filter(Column::Requested.lt(requested)).count(db).await
}

/// How many environments are there ahead of their sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ahead {
    /// Being made.
    pub preparing: u64,
    /// To be had at once.
    pub ready: u64,
}

/// How many of a workshop's environments are there ahead of their sessions.
///
/// # Errors
/// The read models cannot be read.
pub async fn ahead(db: &DatabaseConnection, workshop: WorkshopId) -> Result<Ahead, DbErr> {
    let there = Entity::find().filter(Column::Workshop.eq(workshop.0)).filter(Column::EndedAt.is_null());
    let nobodys = there.filter(Column::Learner.eq(NOBODY));
    let count = async |state| nobodys.clone().filter(Column::State.eq(Word(state))).count(db).await;
    Ok(Ahead { preparing: count(EnvironmentState::Provisioning).await?, ready: count(EnvironmentState::Ready).await? })
}

/// Which environments are looked for; what is left out does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The host or the cluster.
    pub node: Option<String>,
    pub state: Option<EnvironmentState>,
}

/// Environments that a filter lets through, latest first, those that are gone included.
///
/// # Errors
/// The read models cannot be read.
pub async fn filtered(db: &DatabaseConnection, filter: &Filter, before: Option<i64>, first: u64) -> Result<Page<Model>, DbErr> {
    page(db, list(filter), before, first).await
}

/// How many a filter lets through.
///
/// # Errors
/// The read models cannot be read.
pub async fn total(db: &DatabaseConnection, filter: &Filter) -> Result<u64, DbErr> {
    list(filter).count(db).await
}

fn list(filter: &Filter) -> Select<Entity> {
    let node = filter.node.as_ref().map(|node| Column::Node.eq(node));
    let state = filter.state.map(|state| Column::State.eq(Word(state)));
    [node, state].into_iter().flatten().fold(Entity::find(), QueryFilter::filter)
}

async fn page(db: &DatabaseConnection, list: Select<Entity>, before: Option<i64>, first: u64) -> Result<Page<Model>, DbErr> {
    let list = match before {
        Some(before) => list.filter(Column::Requested.lt(before)),
        None => list,
    };
    Ok(Page::cut(list.order_by_desc(Column::Requested).limit(first.saturating_add(1)).all(db).await?, first))
}
