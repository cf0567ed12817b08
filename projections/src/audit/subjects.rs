//! Which entries of the audit are about something.

use domain::{
    audit::trail::{TrailEvent, Verdict},
    fact::Fact,
};
use sea_orm::{entity::prelude::*, sea_query::IndexCreateStatement};

use super::entries;
use crate::{
    column::Word,
    paging,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// That an entry is about something.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_subjects")]
pub struct Model {
    /// The id of what it is about. An account's second factor, contact and points have the account's.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry: Uuid,
    /// Of the first event of the entry that says so: one of the entry's own.
    pub position: i64,
    /// As the entry has it, so that of many entries only those are read that are looked for.
    pub actor: String,
    /// As the entry has it; none, where an older build did not write what was asked for.
    pub action: Option<String>,
    /// As the entry has it: what is refused is refused to whom it is about.
    pub verdict: Word<Verdict>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "audit_subjects";
    const VERSION: u32 = 2;
    const STREAMS: &'static [&'static str] = Fact::KINDS;

    fn keys(&self, event: &Recorded) -> Vec<(Uuid, Uuid)> {
        let Some(entry) = entries::key(event) else { return vec![] };
        let subjects = match &event.fact {
            Fact::Trail(TrailEvent::Noted(note)) => note.subjects.clone(),
            fact => fact.subjects(event.stream.id),
        };
        let mut keys: Vec<_> = subjects.iter().filter_map(|id| Some((id_of(id)?, entry))).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn fold(&self, (subject, entry): &(Uuid, Uuid), row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let row = row.unwrap_or_else(|| {
            let (actor, action, verdict) = match &event.fact {
                Fact::Trail(TrailEvent::Noted(note)) => (note.actor.clone(), Some(note.operation.clone()), note.verdict),
                _ => (event.origin.actor.clone(), event.origin.operation.clone(), Verdict::Accepted),
            };
            Model { subject: *subject, entry: *entry, position: event.position.0, actor, action, verdict: Word(verdict) }
        });
        Ok(Some(if entries::refusal(event).is_some() { Model { verdict: Word(Verdict::Refused), ..row } } else { row }))
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        use Column::{Action, Actor, Position, Subject, Verdict};
        vec![paging::index::<Self>(&[Subject, Position, Actor, Action, Verdict])]
    }
}

/// The UUID in an id of the API's form, whatever it is of.
#[must_use]
pub fn id_of(text: &str) -> Option<Uuid> {
    let (prefix, digits) = text.split_once('_')?;
    let is_prefix = !prefix.is_empty() && prefix.bytes().all(|letter| letter.is_ascii_lowercase());
    Some(digits).filter(|digits| is_prefix && digits.len() == 32).and_then(|digits| Uuid::try_parse(digits).ok())
}
