//! Totals over the rows of a read model: what each row adds, summed by key.
//!
//! Because a total is nothing but the sum over rows, it changes by what changed rows add now less what they added before,
//! and comes out the same however the events were cut into pages.

use std::collections::BTreeMap;

use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, sea_query::IndexCreateStatement};

use crate::{digest, read_model::Table, rows};

/// Totals written at a time.
const CHUNK: usize = 20_000;

/// Counters over rows `R`. There is a total under a key as long as any of its counters is not 0.
pub trait Tally<R>: Send + Sync + 'static {
    /// The table of the totals.
    type Table: Table;

    /// What a row adds, as lines under the keys they add to.
    fn lines(row: &R) -> Vec<<Self::Table as Table>::Row>;

    /// Adds a line's counters to a total's, `times` often; −1 takes them away.
    fn add(total: &mut <Self::Table as Table>::Row, line: &<Self::Table as Table>::Row, times: i64);

    /// Indexes that its queries need.
    #[must_use]
    fn indexes() -> Vec<IndexCreateStatement> {
        Vec::new()
    }
}

/// What changed rows add up to.
#[async_trait::async_trait]
pub trait Sum<R>: Send {
    /// Follows a row from what it was to what it is.
    fn add(&mut self, before: Option<&R>, after: Option<&R>);
    /// Writes the totals; `fresh`, if there are none yet.
    async fn write(self: Box<Self>, tx: &DatabaseTransaction, fresh: bool) -> Result<(), DbErr>;
}

/// A [`Tally`] of any table.
#[async_trait::async_trait]
pub trait Totals<R>: Send + Sync {
    /// What the table looks like.
    fn shape(&self) -> String;
    /// Makes the table.
    async fn create(&self, tx: &DatabaseTransaction) -> Result<(), DbErr>;
    /// Makes its indexes.
    async fn index(&self, tx: &DatabaseTransaction) -> Result<(), DbErr>;
    /// Empties the table.
    async fn discard(&self, tx: &DatabaseTransaction) -> Result<(), DbErr>;
    /// Begins to add up changed rows.
    fn begin(&self) -> Box<dyn Sum<R>>;
    /// The table's name and the digest of its rows, if it is there.
    async fn digest(&self, db: &DatabaseConnection) -> Result<Option<(String, String)>, DbErr>;
}

/// Makes a [`Tally`] one of many.
pub struct Kept<T>(std::marker::PhantomData<fn() -> T>);

impl<T> Kept<T> {
    /// As a read model lists it.
    #[must_use]
    pub fn boxed<R: Sync + 'static>() -> Box<dyn Totals<R>>
    where
        T: Tally<R>,
    {
        Box::new(Self(std::marker::PhantomData))
    }
}

type RowOf<T, R> = <<T as Tally<R>>::Table as Table>::Row;
type KeyOf<T, R> = <<T as Tally<R>>::Table as Table>::Key;

/// What changed rows add up to under one key.
struct Difference<L> {
    /// A line that adds nothing.
    nothing: L,
    sum: L,
}

type Under<T, R> = (KeyOf<T, R>, Difference<RowOf<T, R>>);

/// What changed rows add up to under each key.
struct Differences<T: Tally<R>, R>(BTreeMap<KeyOf<T, R>, Difference<RowOf<T, R>>>);

#[async_trait::async_trait]
impl<T: Tally<R>, R: Sync + 'static> Sum<R> for Differences<T, R> {
    fn add(&mut self, before: Option<&R>, after: Option<&R>) {
        for (row, times) in [(before, -1), (after, 1)] {
            for line in row.into_iter().flat_map(T::lines) {
                let difference = self.0.entry(rows::key::<T::Table>(&line)).or_insert_with(|| {
                    let mut nothing = line.clone();
                    T::add(&mut nothing, &line, -1);
                    Difference { sum: nothing.clone(), nothing }
                });
                T::add(&mut difference.sum, &line, times);
            }
        }
    }

    async fn write(mut self: Box<Self>, tx: &DatabaseTransaction, fresh: bool) -> Result<(), DbErr> {
        self.0.retain(|_, difference| difference.sum != difference.nothing);
        while !self.0.is_empty() {
            let chunk: Vec<_> = std::iter::from_fn(|| self.0.pop_first()).take(CHUNK).collect();
            write_chunk::<T, R>(tx, chunk, fresh).await?;
        }
        Ok(())
    }
}

async fn write_chunk<T: Tally<R>, R>(tx: &DatabaseTransaction, differences: Vec<Under<T, R>>, fresh: bool) -> Result<(), DbErr> {
    let keys: Vec<_> = differences.iter().map(|(key, _)| key.clone()).collect();
    let mut totals = if fresh { BTreeMap::new() } else { rows::load::<T::Table, _>(tx, &keys).await? };
    let mut gone = Vec::new();
    for (key, Difference { nothing, sum }) in differences {
        let total = totals.entry(key.clone()).or_insert_with(|| nothing.clone());
        T::add(total, &sum, 1);
        // Or there would be a row or none, depending on how the events were cut into pages.
        if *total == nothing {
            totals.remove(&key);
            gone.push(key);
        }
    }
    rows::delete::<T::Table>(tx, &gone).await?;
    rows::upsert::<T::Table>(tx, totals.into_values().collect()).await
}

#[async_trait::async_trait]
impl<T: Tally<R>, R: Sync + 'static> Totals<R> for Kept<T> {
    fn shape(&self) -> String {
        rows::shape::<T::Table>()
    }

    async fn create(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        rows::create::<T::Table>(tx).await
    }

    async fn index(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        rows::index::<T::Table>(tx, &T::indexes()).await
    }

    async fn discard(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        rows::discard::<T::Table>(tx).await
    }

    fn begin(&self) -> Box<dyn Sum<R>> {
        Box::new(Differences::<T, R>(BTreeMap::new()))
    }

    async fn digest(&self, db: &DatabaseConnection) -> Result<Option<(String, String)>, DbErr> {
        digest::digest_of::<T::Table>(db).await
    }
}

#[cfg(test)]
mod tests;
