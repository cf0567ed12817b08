//! What runs are found by: the words of each, which the database's own index of words is over. In a file that is FTS5, fed by triggers;
//! on `PostgreSQL` GIN indexes over a `tsvector` of each place where words may stand: one with weights would look at all rows again.
//!
//! Where a word stands says how relevant a run is. That does not depend on other runs, so that pages stay where they are.

use domain::{
    Decider,
    booking::{
        Plan,
        run::{Run, RunEvent},
    },
    fact::Fact,
};
use sea_orm::{DbBackend, entity::prelude::*};

use super::{text::folded, vocabulary};
use crate::{
    read_model::{MissingRow, ReadModel, Recorded},
    tally::{Kept, Totals},
};

/// The words of one run, without case and accents, separated by spaces.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "run_texts")]
pub struct Model {
    /// A `RunId`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub run: Uuid,
    /// The position at which it was scheduled.
    pub number: i64,
    pub title: String,
    /// Its category, tags, city and instructor.
    pub head: String,
    /// Its description.
    pub body: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "run_texts";
    const VERSION: u32 = 1;
    const STREAMS: &'static [&'static str] = &[Run::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        let Fact::Run(RunEvent::Scheduled { .. } | RunEvent::Revised { .. }) = &event.fact else { return vec![] };
        vec![event.stream.id]
    }

    fn fold(&self, run: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::Run(fact) = &event.fact else { return Ok(row) };
        Ok(match fact {
            RunEvent::Scheduled { plan, .. } => Some(Model::of(*run, event.position.0, plan)),
            RunEvent::Revised { plan, .. } => Some(Model::of(*run, row.ok_or(MissingRow)?.number, plan)),
            _ => row,
        })
    }

    fn complements(backend: DbBackend) -> Vec<String> {
        if backend != DbBackend::Postgres {
            return [FTS5, ADDED, CHANGED, REMOVED].map(str::to_owned).into();
        }
        // It is asked for first, since making an index, even one that is there, waits for whoever writes. What was added last is looked
        // through by each search: there is not much of it.
        let index = |Place { name, text, .. }: Place| {
            let index = format!("run_texts_by_{name}");
            format!(
                "DO $$ BEGIN IF to_regclass(quote_ident(current_schema()) || '.{index}') IS NULL THEN CREATE INDEX {index} ON run_texts \
                 USING gin (to_tsvector('simple'::regconfig, {text})) WITH (gin_pending_list_limit = 256); END IF; END $$"
            )
        };
        PLACES.map(index).into()
    }

    fn totals() -> Vec<Box<dyn Totals<Model>>> {
        vec![Kept::<vocabulary::Entity>::boxed()]
    }
}

/// Where words may stand.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) name: &'static str,
    /// In which columns of FTS5.
    pub(super) columns: &'static str,
    /// In which text on `PostgreSQL`.
    pub(super) text: &'static str,
}

pub(super) const TITLE: Place = Place { name: "title", columns: "{title} : ", text: "title" };
pub(super) const HEAD: Place = Place { name: "head", columns: "{title head} : ", text: "title || ' ' || head" };
pub(super) const ANYWHERE: Place = Place { name: "words", columns: "", text: "title || ' ' || head || ' ' || body" };
const PLACES: [Place; 3] = [TITLE, HEAD, ANYWHERE];

/// Without the texts themselves, which the table has; words are cut already.
const FTS5: &str = "CREATE VIRTUAL TABLE IF NOT EXISTS run_search USING fts5(\
    title, head, body, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0', prefix = '3')";
const ADDED: &str = "CREATE TRIGGER IF NOT EXISTS run_texts_added AFTER INSERT ON run_texts BEGIN \
    INSERT INTO run_search (rowid, title, head, body) VALUES (new.number, new.title, new.head, new.body); END";
const CHANGED: &str = "CREATE TRIGGER IF NOT EXISTS run_texts_changed AFTER UPDATE ON run_texts BEGIN \
    DELETE FROM run_search WHERE rowid = old.number; \
    INSERT INTO run_search (rowid, title, head, body) VALUES (new.number, new.title, new.head, new.body); END";
const REMOVED: &str = "CREATE TRIGGER IF NOT EXISTS run_texts_removed AFTER DELETE ON run_texts BEGIN \
    DELETE FROM run_search WHERE rowid = old.number; END";

impl Model {
    fn of(run: Uuid, number: i64, plan: &Plan) -> Self {
        let city = plan.format.venue().map(|venue| venue.city.as_str());
        let head = plan.tags.iter().map(String::as_str).chain([plan.category.as_str(), plan.instructor.as_str()]).chain(city);
        let head = head.map(folded).collect::<Vec<_>>().join(" ");
        Self { run, number, title: folded(&plan.title), head, body: folded(&plan.description) }
    }
}

#[cfg(test)]
mod tests;
