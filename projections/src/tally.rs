//! Totals over the rows of a read model: what each row adds, summed by key.
//!
//! Because a total is nothing but the sum over rows, it changes by what changed rows add now less what they added before,
//! and comes out the same however the events were cut into pages.

use std::collections::BTreeMap;

use hashbrown::HashMap;
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
    /// Adds a row, `times` often; −1 takes it away.
    fn add(&mut self, row: &R, times: i64);
    /// About how many bytes the sums take that are not written.
    fn weight(&self) -> usize;
    /// Writes the totals, and begins anew; `fresh`, if there are none yet.
    async fn write(&mut self, tx: &DatabaseTransaction, fresh: bool) -> Result<(), DbErr>;
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

/// What changed rows add up to under each key.
struct Differences<T: Tally<R>, R>(HashMap<KeyOf<T, R>, RowOf<T, R>>);

/// A line that adds nothing.
fn nothing<T: Tally<R>, R>(line: &RowOf<T, R>) -> RowOf<T, R> {
    let mut nothing = line.clone();
    T::add(&mut nothing, line, -1);
    nothing
}

#[async_trait::async_trait]
impl<T: Tally<R>, R: Sync + 'static> Sum<R> for Differences<T, R> {
    fn add(&mut self, row: &R, times: i64) {
        for line in T::lines(row) {
            let sum = self.0.entry(rows::key::<T::Table>(&line)).or_insert_with(|| nothing::<T, R>(&line));
            T::add(sum, &line, times);
        }
    }

    fn weight(&self) -> usize {
        self.0.len() * (size_of::<KeyOf<T, R>>() + size_of::<RowOf<T, R>>()) * 3 / 2
    }

    async fn write(&mut self, tx: &DatabaseTransaction, fresh: bool) -> Result<(), DbErr> {
        let mut sums: Vec<_> = self.0.drain().filter(|(_, sum)| *sum != nothing::<T, R>(sum)).collect();
        sums.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let mut left = sums.into_iter();
        while !left.as_slice().is_empty() {
            write_chunk::<T, R>(tx, left.by_ref().take(CHUNK).collect(), fresh).await?;
        }
        Ok(())
    }
}

async fn write_chunk<T: Tally<R>, R>(tx: &DatabaseTransaction, sums: Vec<(KeyOf<T, R>, RowOf<T, R>)>, fresh: bool) -> Result<(), DbErr> {
    if fresh {
        return rows::insert::<T::Table>(tx, &sums.into_iter().map(|(_, sum)| sum).collect::<Vec<_>>()).await;
    }
    let keys: Vec<_> = sums.iter().map(|(key, _)| key.clone()).collect();
    let stored = rows::load::<T::Table, _>(tx, &keys).await?;
    let mut stored: BTreeMap<_, _> = stored.into_iter().map(|total| (rows::key::<T::Table>(&total), total)).collect();
    let (mut new, mut others, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    for (key, sum) in sums {
        let Some(mut total) = stored.remove(&key) else {
            new.push(sum);
            continue;
        };
        T::add(&mut total, &sum, 1);
        // Or there would be a row or none, depending on how the events were cut into pages.
        if total == nothing::<T, R>(&total) { gone.push(key) } else { others.push(total) }
    }
    rows::delete::<T::Table>(tx, &gone).await?;
    rows::insert::<T::Table>(tx, &new).await?;
    rows::upsert::<T::Table>(tx, &others).await
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
        Box::new(Differences::<T, R>(HashMap::new()))
    }

    async fn digest(&self, db: &DatabaseConnection) -> Result<Option<(String, String)>, DbErr> {
        digest::digest_of::<T::Table>(db).await
    }
}

#[cfg(test)]
mod tests;
