//! Clusters, as they are registered and as they were found last. Nothing of their credentials is here but what tells them apart.

mod fold;

use std::collections::BTreeSet;

use domain::{
    Decider,
    environments::{
        cluster::{Cluster, CredentialsKind, Health, Labels, Resource, Schedule},
        roster::{Roster, RosterEvent},
    },
    fact::Fact,
    kernel::{ClusterId, Timestamp},
};
use sea_orm::{QueryFilter, QueryOrder, entity::prelude::*, sea_query::IndexCreateStatement};

use crate::{
    After, Page,
    column::{Json, Word},
    paging,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// One cluster.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "clusters")]
pub struct Model {
    /// A [`ClusterId`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub cluster: Uuid,
    pub name: String,
    /// The address of its API.
    pub server: String,
    /// Which context of a kubeconfig it came from.
    pub context: Option<String>,
    pub labels: Json<Labels>,
    pub weight: i64,
    /// How many environments may have a place; none: as many as fit.
    pub place_limit: Option<i64>,
    /// How many have one.
    pub taken: i64,
    /// Whether it is taken where several fit equally well.
    pub is_default: bool,
    pub schedule: Word<Schedule>,
    pub health: Word<Health>,
    /// Why it is not well, while it is not.
    pub health_reason: Option<String>,
    /// Since when it is as it is.
    pub health_since: Timestamp,
    pub credentials_kind: Word<CredentialsKind>,
    pub credentials_version: i64,
    /// A keyed digest.
    pub credentials_fingerprint: String,
    /// When they were given.
    pub credentials_at: Timestamp,
    pub credentials_expire_at: Option<Timestamp>,
    /// Of the API server.
    pub version: String,
    pub nodes: i64,
    /// In thousandths of a core.
    pub cpu: i64,
    /// In units of 2^20 bytes.
    pub memory: i64,
    /// In units of 2^20 bytes.
    pub storage: i64,
    pub pods: i64,
    /// Whether it says what is used.
    pub has_metrics: bool,
    pub warnings: Json<Vec<String>>,
    /// Of what nearly all is requested.
    pub short_of: Json<BTreeSet<Resource>>,
    /// When it was found to be so.
    pub assessed_at: Timestamp,
    pub registered_at: Timestamp,
    pub removed_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "clusters";
    const VERSION: u32 = 2;
    const STREAMS: &'static [&'static str] = &[Cluster::STREAM, Roster::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        match &event.fact {
            Fact::Roster(RosterEvent::DefaultChanged { default, previous }) => {
                [*default, *previous].into_iter().flatten().map(Uuid::from).collect()
            }
            // The cluster's own stream says so too.
            Fact::Roster(RosterEvent::Named { .. } | RosterEvent::Dismissed { .. }) => vec![],
            _ => vec![event.stream.id],
        }
    }

    fn fold(&self, cluster: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        match &event.fact {
            Fact::Cluster(fact) => fold::cluster(*cluster, row, fact, event.at).map(Some),
            Fact::Roster(RosterEvent::DefaultChanged { default, .. }) => {
                Ok(Some(Model { is_default: *default == Some(ClusterId(*cluster)), ..row.ok_or(MissingRow)? }))
            }
            _ => Ok(row),
        }
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        vec![paging::index::<Self>(&[Column::RegisteredAt, Column::Cluster])]
    }
}

impl Model {
    /// Where a page after this one begins.
    #[must_use]
    pub const fn after(&self) -> After {
        After { at: self.registered_at, id: self.cluster }
    }
}

/// One cluster, also one that is removed.
///
/// # Errors
/// The read models cannot be read.
pub async fn find(db: &DatabaseConnection, cluster: ClusterId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(cluster.0).one(db).await
}

/// Those of several clusters that exist, in no order.
///
/// # Errors
/// The read models cannot be read.
pub async fn find_many(db: &DatabaseConnection, clusters: &[ClusterId]) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Cluster.is_in(clusters.iter().map(|cluster| cluster.0))).all(db).await
}

/// All clusters that are registered now, by name.
///
/// # Errors
/// The read models cannot be read.
pub async fn registered(db: &DatabaseConnection) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::RemovedAt.is_null()).order_by_asc(Column::Name).all(db).await
}

/// Clusters that are registered now, latest first.
///
/// # Errors
/// The read models cannot be read.
pub async fn page(db: &DatabaseConnection, after: Option<After>, first: u64) -> Result<Page<Model>, DbErr> {
    let list = Entity::find().filter(Column::RemovedAt.is_null());
    paging::latest(db, list, (Column::RegisteredAt, Column::Cluster), after, first).await
}

/// How many clusters are registered now.
///
/// # Errors
/// The read models cannot be read.
pub async fn total(db: &DatabaseConnection) -> Result<u64, DbErr> {
    Entity::find().filter(Column::RemovedAt.is_null()).count(db).await
}

#[cfg(test)]
mod tests;
