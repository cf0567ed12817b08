//! A read model of any table, as the runner drives it.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr};

use crate::{
    digest,
    read_model::{ReadModel, Recorded, Table},
    rows,
    tally::Change,
};

/// An event as read from the journal.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) event: Recorded,
    /// The journal's hash at this event, in hexadecimal.
    pub(crate) hash: String,
    /// Why it could not be decoded; `event.fact` is then unknown.
    pub(crate) undecodable: Option<String>,
}

/// How far a read model came within a page.
#[derive(Debug)]
pub(crate) enum Taken {
    All,
    /// It took those before the event at this index, and cannot take that one.
    Until(usize, String),
}

/// A read model of any table.
#[async_trait::async_trait]
pub(crate) trait Projector: Send + Sync {
    fn name(&self) -> &'static str;
    fn version(&self) -> u32;
    /// The kinds of streams it reads.
    fn streams(&self) -> &'static [&'static str];
    /// What else its rows depend on: its configuration and its tables.
    fn shape(&self) -> String;
    async fn create(&self, tx: &DatabaseTransaction) -> Result<(), DbErr>;
    /// Makes the indexes that queries need. Rows are written faster before they are there.
    async fn index(&self, tx: &DatabaseTransaction) -> Result<(), DbErr>;
    async fn discard(&self, tx: &DatabaseTransaction) -> Result<(), DbErr>;
    /// Folds events into the tables.
    async fn take(&self, tx: &DatabaseTransaction, events: &[Incoming]) -> Result<Taken, DbErr>;
    /// A digest of the rows of each of its tables that is there.
    async fn digests(&self, db: &DatabaseConnection) -> Result<Vec<(String, String)>, DbErr>;
}

type KeyOf<M> = <<M as ReadModel>::Table as Table>::Key;
type RowOf<M> = <<M as ReadModel>::Table as Table>::Row;
type Rows<M> = BTreeMap<KeyOf<M>, RowOf<M>>;

#[async_trait::async_trait]
impl<M: ReadModel> Projector for M {
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn version(&self) -> u32 {
        M::VERSION
    }

    fn streams(&self) -> &'static [&'static str] {
        M::STREAMS
    }

    fn shape(&self) -> String {
        let totals = M::totals().into_iter().map(|totals| totals.shape());
        [self.configuration(), rows::shape::<M::Table>()].into_iter().chain(totals).collect::<Vec<_>>().join("\n")
    }

    async fn create(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        rows::create::<M::Table>(tx).await?;
        for totals in M::totals() {
            totals.create(tx).await?;
        }
        Ok(())
    }

    async fn index(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        rows::index::<M::Table>(tx, &M::indexes()).await?;
        for totals in M::totals() {
            totals.index(tx).await?;
        }
        Ok(())
    }

    async fn discard(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        rows::discard::<M::Table>(tx).await?;
        for totals in M::totals() {
            totals.discard(tx).await?;
        }
        Ok(())
    }

    async fn take(&self, tx: &DatabaseTransaction, events: &[Incoming]) -> Result<Taken, DbErr> {
        let about: Vec<_> = events.iter().map(|incoming| if reads::<M>(incoming) { self.keys(&incoming.event) } else { vec![] }).collect();
        let keys: Vec<_> = about.iter().flatten().cloned().collect::<BTreeSet<_>>().into_iter().collect();
        let before = rows::load::<M::Table>(tx, &keys).await?;
        let mut after = before.clone();
        let mut taken = Taken::All;
        for (index, (incoming, keys)) in events.iter().zip(&about).enumerate() {
            if let Err(reason) = fold(self, &mut after, incoming, keys) {
                taken = Taken::Until(index, reason);
                break;
            }
        }
        write::<M>(tx, &keys, before, after).await?;
        Ok(taken)
    }

    async fn digests(&self, db: &DatabaseConnection) -> Result<Vec<(String, String)>, DbErr> {
        let mut digests: Vec<_> = digest::digest_of::<M::Table>(db).await?.into_iter().collect();
        for totals in M::totals() {
            digests.extend(totals.digest(db).await?);
        }
        Ok(digests)
    }
}

fn reads<M: ReadModel>(incoming: &Incoming) -> bool {
    M::STREAMS.contains(&incoming.event.stream.kind.as_ref())
}

/// Folds one event into all rows it touches, or into none of them.
fn fold<M: ReadModel>(model: &M, rows: &mut Rows<M>, incoming: &Incoming, keys: &[KeyOf<M>]) -> Result<(), String> {
    if let Some(reason) = incoming.undecodable.as_ref().filter(|_| reads::<M>(incoming)) {
        return Err(reason.clone());
    }
    let fold = |key: &KeyOf<M>| model.fold(key, rows.get(key).cloned(), &incoming.event).map_err(|missing| missing.to_string());
    let folded: Vec<_> = keys.iter().map(fold).collect::<Result<_, _>>()?;
    for (key, row) in keys.iter().zip(folded) {
        match row {
            Some(row) => drop(rows.insert(key.clone(), row)),
            None => drop(rows.remove(key)),
        }
    }
    Ok(())
}

/// Writes what changed, and what follows from it.
async fn write<M: ReadModel>(tx: &DatabaseTransaction, keys: &[KeyOf<M>], mut before: Rows<M>, after: Rows<M>) -> Result<(), DbErr> {
    let gone: Vec<_> = before.keys().filter(|key| !after.contains_key(*key)).cloned().collect();
    let rows: Vec<_> = after.iter().filter(|(key, row)| before.get(*key) != Some(*row)).map(|(_, row)| row.clone()).collect();
    rows::delete::<M::Table>(tx, &gone).await?;
    rows::upsert::<M::Table>(tx, rows).await?;
    let totals = M::totals();
    if totals.is_empty() {
        return Ok(());
    }
    let mut after = after;
    let changes: Vec<Change<RowOf<M>>> = keys.iter().map(|key| (before.remove(key), after.remove(key))).filter(|(a, b)| a != b).collect();
    for totals in totals {
        totals.apply(tx, &changes).await?;
    }
    Ok(())
}
