//! Rows of one read model, as they are after events that are not written yet.

use std::{any::Any, collections::BTreeMap};

use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, Iterable, sea_query::ColumnType};

use crate::{
    projector::{Incoming, Taken},
    read_model::{ReadModel, Table},
    rows,
    tally::Sum,
};

/// Rows written at a time.
const CHUNK: usize = 20_000;

type KeyOf<M> = <<M as ReadModel>::Table as Table>::Key;
type RowOf<M> = <<M as ReadModel>::Table as Table>::Row;

/// Rows of any read model.
pub(crate) struct Held(Box<dyn Any + Send>);

impl Held {
    /// Of a read model that has taken no event, if it is `fresh`: there are no rows to load then.
    pub(crate) fn new<M: ReadModel>(fresh: bool) -> Self {
        Self(Box::new(Rows::<M>::new(fresh)))
    }

    pub(crate) fn of<M: ReadModel>(&mut self) -> Result<&mut Rows<M>, DbErr> {
        self.0.downcast_mut().ok_or_else(|| DbErr::Custom(format!("rows held for {} are another's", M::NAME)))
    }

    /// To be written.
    pub(crate) fn into_rows<M: ReadModel>(self) -> Result<Rows<M>, DbErr> {
        self.0.downcast().map(|rows| *rows).map_err(|_| DbErr::Custom(format!("rows held for {} are another's", M::NAME)))
    }
}

/// Rows of one read model.
pub(crate) struct Rows<M: ReadModel> {
    fresh: bool,
    /// As the database has them, where it has them.
    stored: BTreeMap<KeyOf<M>, RowOf<M>>,
    /// As they are after the events; none, where there is no row.
    after: BTreeMap<KeyOf<M>, Option<RowOf<M>>>,
}

impl<M: ReadModel> Rows<M> {
    pub(crate) const fn new(fresh: bool) -> Self {
        Self { fresh, stored: BTreeMap::new(), after: BTreeMap::new() }
    }

    /// About how many bytes they take.
    pub(crate) fn weight(&self) -> usize {
        let longer = |column: <M::Table as sea_orm::EntityTrait>::Column| match column.def().get_column_type() {
            ColumnType::Json | ColumnType::JsonBinary => 4096,
            ColumnType::String(_) | ColumnType::Text => 64,
            _ => 0,
        };
        let outside: usize = <M::Table as sea_orm::EntityTrait>::Column::iter().map(longer).sum();
        let one = (size_of::<KeyOf<M>>() + size_of::<Option<RowOf<M>>>()) * 5 / 4 + outside;
        one * (self.stored.len() + self.after.len())
    }

    /// Loads what is missing, and folds events in memory.
    pub(crate) async fn take<C: ConnectionTrait>(&mut self, model: &M, db: &C, events: &[Incoming]) -> Result<Taken, DbErr> {
        let about: Vec<_> = events.iter().map(|incoming| if reads::<M>(incoming) { model.keys(&incoming.event) } else { vec![] }).collect();
        self.load(db, about.iter().flatten()).await?;
        for (index, (incoming, keys)) in events.iter().zip(&about).enumerate() {
            if let Err(reason) = self.fold(model, incoming, keys) {
                return Ok(Taken::Until(index, reason));
            }
        }
        Ok(Taken::All)
    }

    async fn load<C: ConnectionTrait>(&mut self, db: &C, keys: impl Iterator<Item = &KeyOf<M>>) -> Result<(), DbErr> {
        let mut missing: Vec<_> = keys.filter(|key| !self.after.contains_key(*key)).cloned().collect();
        missing.sort_unstable();
        missing.dedup();
        let mut found = if self.fresh { BTreeMap::new() } else { rows::load::<M::Table, C>(db, &missing).await? };
        for key in missing {
            let row = found.remove(&key);
            if let Some(row) = &row {
                self.stored.insert(key.clone(), row.clone());
            }
            self.after.insert(key, row);
        }
        Ok(())
    }

    /// Folds one event into all rows it touches, or into none of them.
    fn fold(&mut self, model: &M, incoming: &Incoming, keys: &[KeyOf<M>]) -> Result<(), String> {
        if let Some(reason) = incoming.undecodable.as_ref().filter(|_| reads::<M>(incoming)) {
            return Err(reason.clone());
        }
        let before = |key| self.after.get(key).and_then(Clone::clone);
        let fold = |key| model.fold(key, before(key), &incoming.event).map_err(|missing| missing.to_string());
        let folded: Vec<_> = keys.iter().map(fold).collect::<Result<_, _>>()?;
        for (key, row) in keys.iter().zip(folded) {
            self.after.insert(key.clone(), row);
        }
        Ok(())
    }

    /// Writes what changed, and what follows from it.
    pub(crate) async fn write(mut self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        let mut sums: Vec<Box<dyn Sum<RowOf<M>>>> = M::totals().iter().map(|totals| totals.begin()).collect();
        // What is gone makes room before anything is put there.
        let gone = self.stored.keys().filter(|key| self.after.get(*key).is_some_and(Option::is_none));
        rows::delete::<M::Table>(tx, &gone.cloned().collect::<Vec<_>>()).await?;
        let mut after = std::mem::take(&mut self.after).into_iter();
        loop {
            let chunk: Vec<_> = after.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                break;
            }
            let mut changed = Vec::new();
            for (key, row) in chunk {
                let stored = self.stored.get(&key);
                if stored == row.as_ref() {
                    continue;
                }
                for sum in &mut sums {
                    sum.add(stored, row.as_ref());
                }
                changed.extend(row);
            }
            rows::upsert::<M::Table>(tx, changed).await?;
        }
        for sum in sums {
            sum.write(tx, self.fresh).await?;
        }
        Ok(())
    }
}

fn reads<M: ReadModel>(incoming: &Incoming) -> bool {
    M::STREAMS.contains(&incoming.event.stream.kind.as_ref())
}
