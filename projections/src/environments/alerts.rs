//! What administrators are alerted of: each change for the worse or the better that a cluster's stream tells of.

use domain::{
    Decider,
    environments::cluster::{Cluster, ClusterEvent, Resource},
    fact::Fact,
    kernel::{ClusterId, Timestamp},
};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, entity::prelude::*, sea_query::IndexCreateStatement};
use serde::{Deserialize, Serialize};

use crate::{
    Page,
    column::Word,
    paging,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// One alert.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alerts")]
pub struct Model {
    /// Of its event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// A [`ClusterId`].
    pub cluster: Uuid,
    pub kind: Word<AlertKind>,
    /// Why, where the cluster is not well.
    pub reason: Option<String>,
    /// Of what it is short, or not any more.
    pub resource: Option<Word<Resource>>,
    /// How much of that is requested.
    pub percent: Option<i64>,
    /// Since when it is so.
    pub since: Timestamp,
    /// When that was recorded.
    pub at: Timestamp,
}

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    Unreachable,
    Degraded,
    Recovered,
    CapacityShort,
    CapacityRegained,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "alerts";
    const VERSION: u32 = 1;
    const STREAMS: &'static [&'static str] = &[Cluster::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<i64> {
        alert(event).map(|row| row.position).into_iter().collect()
    }

    fn fold(&self, _position: &i64, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        Ok(alert(event).or(row))
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        vec![paging::index::<Self>(&[Column::Cluster, Column::Position])]
    }
}

/// The alert that an event is, if it is one.
fn alert(event: &Recorded) -> Option<Model> {
    let Fact::Cluster(fact) = &event.fact else { return None };
    let blank = |kind| Model {
        position: event.position.0,
        cluster: event.stream.id,
        kind: Word(kind),
        reason: None,
        resource: None,
        percent: None,
        since: event.at,
        at: event.at,
    };
    let capacity = |kind, resource: &Resource, percent: &u32| Model {
        resource: Some(Word(*resource)),
        percent: Some(i64::from(*percent)),
        ..blank(kind)
    };
    Some(match fact {
        ClusterEvent::Unreachable { reason, since } => {
            Model { reason: Some(reason.clone()), since: *since, ..blank(AlertKind::Unreachable) }
        }
        ClusterEvent::Degraded { reason, since } => Model { reason: Some(reason.clone()), since: *since, ..blank(AlertKind::Degraded) },
        ClusterEvent::Recovered { since } => Model { since: *since, ..blank(AlertKind::Recovered) },
        ClusterEvent::CapacityShort { resource, percent } => capacity(AlertKind::CapacityShort, resource, percent),
        ClusterEvent::CapacityRegained { resource, percent } => capacity(AlertKind::CapacityRegained, resource, percent),
        ClusterEvent::Registered(_)
        | ClusterEvent::Revised { .. }
        | ClusterEvent::CredentialsRotated { .. }
        | ClusterEvent::Assessed { .. }
        | ClusterEvent::Cordoned
        | ClusterEvent::Uncordoned
        | ClusterEvent::DrainStarted { .. }
        | ClusterEvent::Drained
        | ClusterEvent::RemovalStarted { .. }
        | ClusterEvent::Removed
        | ClusterEvent::PlaceReserved { .. }
        | ClusterEvent::PlaceReleased { .. }
        | ClusterEvent::LeftoversRemoved { .. } => return None,
    })
}

/// Alerts of one cluster or of all, those before `before` (a position; none: all), latest first.
///
/// # Errors
/// The read models cannot be read.
pub async fn page(db: &DatabaseConnection, cluster: Option<ClusterId>, before: Option<i64>, first: u64) -> Result<Page<Model>, DbErr> {
    let cluster = cluster.map(|cluster| Column::Cluster.eq(cluster.0));
    let before = before.map(|before| Column::Position.lt(before));
    let list = [cluster, before].into_iter().flatten().fold(Entity::find(), QueryFilter::filter);
    Ok(Page::cut(list.order_by_desc(Column::Position).limit(first.saturating_add(1)).all(db).await?, first))
}

/// Alerts that came after a position, earliest first.
///
/// # Errors
/// The read models cannot be read.
pub async fn since(db: &DatabaseConnection, after: i64, first: u64) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Position.gt(after)).order_by_asc(Column::Position).limit(first).all(db).await
}

#[cfg(test)]
mod tests;
