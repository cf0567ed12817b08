//! Who is behind registrations. What is known of them stays sealed until a query opens it.

use domain::{
    Decider,
    booking::{
        Answers,
        registrant::{Details, Registrant, RegistrantEvent},
        run::Life,
    },
    fact::Fact,
    kernel::{Personal, RegistrationId, Timestamp},
};
use sea_orm::{Condition, QueryFilter, QueryOrder, QuerySelect, entity::prelude::*, sea_query::Query};

use super::runs;
use crate::{
    Page,
    column::{Json, Word},
    identity::accounts,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// Who is behind one registration.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "registrants")]
pub struct Model {
    /// A `RegistrationId`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub registration: Uuid,
    /// A `RunId`.
    pub run: Uuid,
    /// Under whose key it is sealed.
    pub subject: Uuid,
    pub email: Json<Personal<String>>,
    /// None while somebody is but invited.
    pub name: Option<Json<Personal<String>>>,
    /// Names of all who come.
    pub attendees: Option<Json<Personal<Vec<String>>>>,
    pub answers: Option<Json<Personal<Answers>>>,
    /// How many guests have it or had it before, and are not erased. Who is but invited counts as one, though they may have an account.
    pub guests: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "registrants";
    const VERSION: u32 = 2;
    const STREAMS: &'static [&'static str] = &[Registrant::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        vec![event.stream.id]
    }

    fn fold(&self, registration: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::Registrant(fact) = &event.fact else { return Ok(row) };
        Ok(Some(match fact {
            RegistrantEvent::Invited { run, email } => Model {
                registration: *registration,
                run: run.0,
                subject: email.subject().0,
                email: Json(email.clone()),
                name: None,
                attendees: None,
                answers: None,
                guests: 1,
            },
            RegistrantEvent::Registered { run, details } => known(*registration, run.0, details, 0),
            RegistrantEvent::Replaced { details } => {
                let before = row.ok_or(MissingRow)?;
                known(*registration, before.run, details, before.guests)
            }
            // What is sealed in the row opens no more.
            RegistrantEvent::Forgotten { .. } => {
                let before = row.ok_or(MissingRow)?;
                Model { guests: before.guests - 1, ..before }
            }
        }))
    }
}

/// After so many guests who had it before.
fn known(registration: Uuid, run: Uuid, details: &Details, before: i64) -> Model {
    let Details { account, name, email, attendees, companions: _, answers } = details;
    Model {
        guests: before + i64::from(account.is_none()),
        registration,
        run,
        subject: email.subject().0,
        email: Json(email.clone()),
        name: Some(Json(name.clone())),
        attendees: Some(Json(attendees.clone())),
        answers: Some(Json(answers.clone())),
    }
}

/// Who is behind several registrations, in no order.
///
/// # Errors
/// The read models cannot be read.
pub async fn find_many(db: &DatabaseConnection, registrations: &[RegistrationId]) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Registration.is_in(registrations.iter().map(|registration| registration.0))).all(db).await
}

/// Registrations with guests who are not erased, by their ids, of runs that were over by an instant, or called off by then.
///
/// # Errors
/// The read models cannot be read.
pub async fn of_guests(
    db: &DatabaseConnection,
    over_by: Timestamp,
    after: Option<RegistrationId>,
    first: u64,
) -> Result<Page<RegistrationId>, DbErr> {
    let called_off = Condition::all().add(runs::Column::Life.eq(Word(Life::Cancelled))).add(runs::Column::UpdatedAt.lte(over_by));
    let is_over = Condition::any().add(runs::Column::EndsAt.lte(over_by)).add(called_off);
    let over = Query::select().column(runs::Column::Run).from(runs::Entity).cond_where(is_over).to_owned();
    // Who is but invited, with an account, is no guest.
    let accounts = Query::select().column(accounts::Column::Account).from(accounts::Entity).to_owned();
    let is_guest = Condition::any().add(Column::Name.is_not_null()).add(Column::Subject.not_in_subquery(accounts));
    let mut found = Entity::find().filter(Column::Guests.gt(0)).filter(Column::Run.in_subquery(over)).filter(is_guest);
    if let Some(after) = after {
        found = found.filter(Column::Registration.gt(after.0));
    }
    let rows = found.order_by_asc(Column::Registration).limit(first.saturating_add(1)).all(db).await?;
    Ok(Page::cut(rows.into_iter().map(|row| RegistrationId(row.registration)).collect(), first))
}

#[cfg(test)]
mod tests;
