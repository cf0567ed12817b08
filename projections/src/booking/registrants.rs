//! Who is behind registrations. What is known of them stays sealed until a query opens it.

use domain::{
    Decider,
    booking::{
        Answers,
        registrant::{Details, Registrant, RegistrantEvent},
    },
    fact::Fact,
    kernel::{Personal, RegistrationId},
};
use sea_orm::{QueryFilter, entity::prelude::*};

use crate::{
    column::Json,
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
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "registrants";
    const VERSION: u32 = 1;
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
            },
            RegistrantEvent::Registered { run, details } => known(*registration, run.0, details),
            RegistrantEvent::Replaced { details } => known(*registration, row.ok_or(MissingRow)?.run, details),
        }))
    }
}

fn known(registration: Uuid, run: Uuid, details: &Details) -> Model {
    let Details { account: _, name, email, attendees, companions: _, answers } = details;
    Model {
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

#[cfg(test)]
mod tests;
