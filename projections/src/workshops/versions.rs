//! Published versions of workshops. They never change.

use domain::{
    Decider,
    fact::Fact,
    kernel::{Timestamp, WorkshopId},
    workshops::{
        Outline,
        workshop::{Workshop, WorkshopEvent},
    },
};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, entity::prelude::*};

use crate::{
    Page,
    column::Json,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// One version of a workshop.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "workshop_versions")]
pub struct Model {
    /// A [`WorkshopId`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub workshop: Uuid,
    /// From 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    /// The digest under which the journal keeps the content.
    pub content: String,
    pub outline: Json<Outline>,
    pub published_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "versions";
    const VERSION: u32 = 1;
    const STREAMS: &'static [&'static str] = &[Workshop::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<(Uuid, i64)> {
        let Fact::Workshop(fact) = &event.fact else { return vec![] };
        match fact {
            WorkshopEvent::Published { version, .. } => vec![(event.stream.id, i64::from(*version))],
            WorkshopEvent::Drafted { .. } | WorkshopEvent::Revised { .. } | WorkshopEvent::Archived => vec![],
        }
    }

    fn fold(&self, (workshop, version): &(Uuid, i64), row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::Workshop(fact) = &event.fact else { return Ok(row) };
        Ok(match fact {
            WorkshopEvent::Published { version: _, content, outline } => Some(Model {
                workshop: *workshop,
                version: *version,
                content: content.to_string(),
                outline: Json(outline.clone()),
                published_at: event.at,
            }),
            WorkshopEvent::Drafted { .. } | WorkshopEvent::Revised { .. } | WorkshopEvent::Archived => row,
        })
    }
}

/// One version of a workshop.
///
/// # Errors
/// The read models cannot be read.
pub async fn find(db: &DatabaseConnection, workshop: WorkshopId, version: i64) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id((workshop.0, version)).one(db).await
}

/// A workshop's versions below `before` (none: all), latest first.
///
/// # Errors
/// The read models cannot be read.
pub async fn page(db: &DatabaseConnection, workshop: WorkshopId, before: Option<i64>, first: u64) -> Result<Page<Model>, DbErr> {
    let versions = Entity::find().filter(Column::Workshop.eq(workshop.0));
    let versions = before.map_or(versions.clone(), |before| versions.filter(Column::Version.lt(before)));
    Ok(Page::cut(versions.order_by_desc(Column::Version).limit(first.saturating_add(1)).all(db).await?, first))
}

#[cfg(test)]
mod tests;
