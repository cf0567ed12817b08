//! The roles that administrators have defined.

use domain::{
    Decider,
    fact::Fact,
    identity::{
        Permissions,
        role_book::{RoleBook, RoleBookEvent},
    },
    kernel::{RoleId, Timestamp},
};
use sea_orm::{QueryFilter, QueryOrder, entity::prelude::*};

use crate::{
    column::Json,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// One defined role.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "roles")]
pub struct Model {
    /// A [`RoleId`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub role: Uuid,
    pub name: String,
    pub description: String,
    pub permissions: Json<Permissions>,
    pub defined_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "roles";
    const VERSION: u32 = 1;
    const STREAMS: &'static [&'static str] = &[RoleBook::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        match &event.fact {
            Fact::RoleBook(RoleBookEvent::Defined { role, .. } | RoleBookEvent::Revised { role, .. }) => vec![role.0],
            _ => vec![],
        }
    }

    fn fold(&self, role: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::RoleBook(RoleBookEvent::Defined { definition, .. } | RoleBookEvent::Revised { definition, .. }) = &event.fact else {
            return Ok(row);
        };
        Ok(Some(Model {
            role: *role,
            name: definition.name.as_str().to_owned(),
            description: definition.description.as_str().to_owned(),
            permissions: Json(definition.permissions.clone()),
            defined_at: row.map_or(event.at, |row| row.defined_at),
        }))
    }
}

/// Those of several roles that exist, in no order.
///
/// # Errors
/// The read models cannot be read.
pub async fn find_many(db: &DatabaseConnection, roles: &[RoleId]) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Role.is_in(roles.iter().map(|role| role.0))).all(db).await
}

/// All of them, by name; there are [`RoleBook::MOST`] at the most.
///
/// # Errors
/// The read models cannot be read.
pub async fn all(db: &DatabaseConnection) -> Result<Vec<Model>, DbErr> {
    Entity::find().order_by_asc(Column::Name).all(db).await
}

#[cfg(test)]
mod tests;
