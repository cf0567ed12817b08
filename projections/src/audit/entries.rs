//! What was asked, by whom, and what came of it: a row for each command that left events, and for each note.

use domain::{
    audit::trail::{Note, TrailEvent, Verdict},
    fact::Fact,
    identity::sign_in::SignInEvent,
    kernel::{Personal, Timestamp},
};
use sea_orm::{entity::prelude::*, sea_query::IndexCreateStatement};

use crate::{
    column::{Json, Word},
    paging,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// One entry.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entries")]
pub struct Model {
    /// The id of the command, or of the note.
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry: Uuid,
    /// Of its first event. Entries are in this order.
    pub position: i64,
    /// Of its last event.
    pub last_position: i64,
    /// How many events it left, but for a note's own.
    pub events: i64,
    /// When it was recorded.
    pub at: Timestamp,
    /// An account's id in the API's form, `system:` and a name, or `anonymous`.
    pub actor: String,
    /// By which sign-in or token.
    pub via: Option<String>,
    pub on_behalf_of: Option<String>,
    /// What was asked for; where older builds did not write that, what happened first.
    pub action: String,
    pub verdict: Word<Verdict>,
    /// A code, where it was not done.
    pub reason: Option<String>,
    /// What it was about most: an id in the API's form.
    pub subject: Option<String>,
    pub correlation: Uuid,
    /// The event that it answers to.
    pub causation: Option<Uuid>,
    pub address: Option<Json<Personal<String>>>,
    pub address_digest: Option<String>,
    pub user_agent: Option<Json<Personal<String>>>,
    /// How often, if it stands for several.
    pub times: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "audit_entries";
    const VERSION: u32 = 3;
    const STREAMS: &'static [&'static str] = Fact::KINDS;

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        key(event).into_iter().collect()
    }

    fn fold(&self, entry: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        if let Fact::Trail(TrailEvent::Noted(note)) = &event.fact {
            return Ok(Some(noted(*entry, note, event)));
        }
        let subject = || event.fact.subjects(event.stream.id).into_iter().next();
        let row = match row {
            Some(row) => {
                let subject = row.subject.clone().or_else(subject);
                Model { last_position: event.position.0, events: row.events + 1, subject, ..row }
            }
            None => Model { subject: subject(), ..done(*entry, event) },
        };
        Ok(Some(match refusal(event) {
            Some(reason) => Model { verdict: Word(Verdict::Refused), reason: Some(reason.to_owned()), ..row },
            None => row,
        }))
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        use Column::{Action, Actor, AddressDigest, At, Correlation, Position, Verdict};
        let by = |column| paging::index::<Self>(&[column, Position]);
        vec![
            paging::index::<Self>(&[Position]),
            by(At),
            by(Verdict),
            by(Correlation),
            // With what else may be asked for: that is looked at without reading the rows, which lie all over the table.
            paging::index::<Self>(&[Actor, Position, Action, Verdict]),
            paging::index::<Self>(&[Action, Position, Verdict]),
            paging::index::<Self>(&[AddressDigest, Position, Actor, Action, Verdict]),
        ]
    }
}

/// Which entry an event belongs to; none, if it is of a kind that is not known.
pub(super) fn key(event: &Recorded) -> Option<Uuid> {
    match &event.fact {
        Fact::Trail(TrailEvent::Noted(note)) => Some(note.entry),
        Fact::Unknown => None,
        _ => Some(event.origin.command),
    }
}

/// Why whoever asked got nothing, though it left events: what happened is that it was refused.
pub(super) const fn refusal(event: &Recorded) -> Option<&'static str> {
    match &event.fact {
        Fact::SignIn(SignInEvent::TokenReused { .. }) => Some("REFRESH_TOKEN_REUSED"),
        _ => None,
    }
}

fn noted(entry: Uuid, note: &Note, event: &Recorded) -> Model {
    Model {
        entry,
        position: event.position.0,
        last_position: event.position.0,
        events: 0,
        at: event.at,
        actor: note.actor.clone(),
        via: note.via.clone(),
        on_behalf_of: note.on_behalf_of.clone(),
        action: note.operation.clone(),
        verdict: Word(note.verdict),
        reason: note.reason.clone(),
        subject: note.subjects.first().cloned(),
        correlation: note.correlation,
        causation: None,
        address: note.address.clone().map(Json),
        address_digest: note.address_digest.clone(),
        user_agent: note.user_agent.clone().map(Json),
        times: note.times.into(),
    }
}

fn done(entry: Uuid, event: &Recorded) -> Model {
    let origin = &event.origin;
    let action = origin.operation.as_deref().or(event.fact.name()).unwrap_or_default();
    Model {
        entry,
        position: event.position.0,
        last_position: event.position.0,
        events: 1,
        at: event.at,
        actor: origin.actor.clone(),
        via: origin.via.clone(),
        on_behalf_of: origin.on_behalf_of.clone(),
        action: action.to_owned(),
        verdict: Word(Verdict::Accepted),
        reason: None,
        subject: None,
        correlation: origin.correlation,
        causation: origin.causation,
        address: origin.address.clone().map(Json),
        address_digest: origin.address_digest.clone(),
        user_agent: None,
        times: 1,
    }
}

#[cfg(test)]
mod tests;
