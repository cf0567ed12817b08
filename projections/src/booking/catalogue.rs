//! Discovery: which runs somebody looks for, and how many there are of each kind.
//!
//! A copy of what runs are filtered and sorted by is kept in memory, some hundred bytes for each. Whoever searches asks first for what
//! changed since, by an index, and so sees what the read model has; then all runs are looked at once. Counting a hundred thousand of
//! them by every facet takes a few milliseconds so, whatever is asked for, where the databases take a hundred. Words are found by the
//! database's own index of them.

mod index;
mod lines;
mod names;
mod wanted;
mod words;

use std::sync::{PoisonError, RwLock};

use sea_orm::{DatabaseConnection, DbErr};
pub use wanted::{Count, Facets, Filter, Found, Near, Place, Prices, Scope, Sort, Wanted};

use self::index::Index;

/// Runs as they are discovered.
#[derive(Default)]
pub struct Catalogue(RwLock<Index>);

impl Catalogue {
    /// Runs that are wanted, in the order that is asked for, from a place on; with how many there are of each kind.
    ///
    /// # Errors
    /// The read models cannot be read.
    pub async fn search(&self, db: &DatabaseConnection, wanted: &Wanted, after: Option<Place>, first: u64) -> Result<Found, DbErr> {
        self.refresh(db).await?;
        let scores = match &wanted.text {
            Some(text) => words::scores(db, text, wanted.sort == Sort::Relevance).await?,
            None => None,
        };
        let index = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Ok(index.search(wanted, scores.as_ref(), after, usize::try_from(first).unwrap_or(usize::MAX)))
    }

    /// Takes in what changed. Two who do so at once take in the same.
    async fn refresh(&self, db: &DatabaseConnection) -> Result<(), DbErr> {
        let seen = self.0.read().unwrap_or_else(PoisonError::into_inner).seen();
        let latest = lines::latest(db).await?;
        if latest == seen {
            return Ok(());
        }
        // The read model was begun anew: what was seen of it is gone.
        let is_anew = latest < seen;
        let changed = lines::changed(db, if is_anew { 0 } else { seen }).await?;
        let mut index = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if is_anew {
            *index = Index::default();
        }
        for line in changed {
            index.take(line);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
