//! Sign-ins that were found unusual. What was seen of them stays sealed.

use domain::{
    Decider,
    fact::Fact,
    identity::{
        watch::{Sighting, Unusual},
        whereabouts::{Whereabouts, WhereaboutsEvent},
    },
    kernel::{AccountId, Personal, SignInId, Timestamp},
};
use sea_orm::{QueryFilter, entity::prelude::*, sea_query::IndexCreateStatement};

use crate::{
    After, Page,
    column::Json,
    paging,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// One sign-in.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "unusual_sign_ins")]
pub struct Model {
    /// A [`SignInId`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub sign_in: Uuid,
    /// An [`AccountId`].
    pub account: Uuid,
    /// When it was opened.
    pub at: Timestamp,
    pub new_country: bool,
    pub new_device: bool,
    pub too_far: bool,
    /// From where and with what.
    pub sighting: Json<Personal<Sighting>>,
    /// What it is too far from.
    pub too_far_from: Option<Json<Personal<Sighting>>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "unusual_sign_ins";
    const VERSION: u32 = 1;
    const STREAMS: &'static [&'static str] = &[Whereabouts::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        match &event.fact {
            Fact::Whereabouts(WhereaboutsEvent::FoundUnusual { sign_in, .. }) => vec![sign_in.0],
            _ => vec![],
        }
    }

    fn fold(&self, sign_in: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::Whereabouts(WhereaboutsEvent::FoundUnusual { sign_in: _, at, unusual, sighting, too_far_from }) = &event.fact else {
            return Ok(row);
        };
        Ok(Some(Model {
            sign_in: *sign_in,
            account: event.stream.id,
            at: *at,
            new_country: unusual.contains(&Unusual::NewCountry),
            new_device: unusual.contains(&Unusual::NewDevice),
            too_far: unusual.contains(&Unusual::TooFar),
            sighting: Json(sighting.clone()),
            too_far_from: too_far_from.clone().map(Json),
        }))
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        use Column::{Account, At, SignIn};
        vec![paging::index::<Self>(&[At, SignIn]), paging::index::<Self>(&[Account, At, SignIn])]
    }
}

/// What they are to be like. What is absent does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub account: Option<AccountId>,
    pub unusual: Option<Unusual>,
    /// Opened then or later.
    pub since: Option<Timestamp>,
    /// Opened before.
    pub until: Option<Timestamp>,
}

/// Those that are as asked for, latest first.
///
/// # Errors
/// The read models cannot be read.
pub async fn page(db: &DatabaseConnection, filter: Filter, after: Option<After>, first: u64) -> Result<Page<Model>, DbErr> {
    let unusual = filter.unusual.map(|unusual| match unusual {
        Unusual::NewCountry => Column::NewCountry.eq(true),
        Unusual::NewDevice => Column::NewDevice.eq(true),
        Unusual::TooFar => Column::TooFar.eq(true),
    });
    let account = filter.account.map(|account| Column::Account.eq(account.0));
    let (since, until) = (filter.since.map(|since| Column::At.gte(since)), filter.until.map(|until| Column::At.lt(until)));
    let list = [account, unusual, since, until].into_iter().flatten().fold(Entity::find(), QueryFilter::filter);
    paging::latest(db, list, (Column::At, Column::SignIn), after, first).await
}

/// Those of several sign-ins that were found unusual, in no order.
///
/// # Errors
/// The read models cannot be read.
pub async fn find_many(db: &DatabaseConnection, sign_ins: &[SignInId]) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::SignIn.is_in(sign_ins.iter().map(|sign_in| sign_in.0))).all(db).await
}

impl Model {
    /// Why.
    pub fn unusual(&self) -> impl Iterator<Item = Unusual> {
        let found = [(self.new_country, Unusual::NewCountry), (self.new_device, Unusual::NewDevice), (self.too_far, Unusual::TooFar)];
        found.into_iter().filter(|(is_so, _)| *is_so).map(|(_, unusual)| unusual)
    }

    /// Where a page after this one begins.
    #[must_use]
    pub const fn after(&self) -> After {
        After { at: self.at, id: self.sign_in }
    }
}

#[cfg(test)]
mod tests;
