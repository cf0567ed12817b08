//! Discovery: which runs somebody looks for, and how many there are of each kind.
//!
//! A copy of what runs are filtered and sorted by is kept in memory, some hundred bytes for each. Whoever searches asks first for what
//! changed since, by an index, and so sees what the read model has; then all runs are looked at once. Counting a hundred thousand of
//! them by every facet takes a few milliseconds so, whatever is asked for, where the databases take a hundred. Words are found by the
//! database's own index of them, and what it says of a word is kept until a text changes.

mod bits;
mod index;
mod lines;
mod names;
mod wanted;
mod words;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use sea_orm::{DatabaseConnection, DbErr};
pub use wanted::{Count, Facets, Filter, Found, Near, Place, Prices, Scope, Sort, Unfit, Wanted};

use self::{
    bits::Bits,
    index::Index,
    words::{Known, Scores, matches},
};
use super::{
    run_texts::{ANYWHERE, HEAD, Place as Where, TITLE},
    text, vocabulary,
};

/// Words that count; nobody remembers more.
const MOST: usize = 8;

/// What may stand for one word that was typed.
type Term = Vec<String>;

/// Runs as they are discovered.
#[derive(Default)]
pub struct Catalogue {
    index: RwLock<Index>,
    known: RwLock<Known>,
}

impl Catalogue {
    /// Runs that are wanted, in the order that is asked for, from a place on; with how many there are of each kind.
    ///
    /// # Errors
    /// The read models cannot be read.
    pub async fn search(&self, db: &DatabaseConnection, wanted: &Wanted, after: Option<Place>, first: u64) -> Result<Found, DbErr> {
        self.refresh(db).await?;
        let scores = match &wanted.text {
            Some(text) => self.scores(db, text, wanted.sort == Sort::Relevance).await?,
            None => None,
        };
        Ok(self.index().search(wanted, scores.as_ref(), after, usize::try_from(first).unwrap_or(usize::MAX)))
    }

    fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what changed. Two who do so at once take in the same.
    async fn refresh(&self, db: &DatabaseConnection) -> Result<(), DbErr> {
        let (seen, was_counted) = {
            let index = self.index();
            (index.seen(), index.is_counted())
        };
        let latest = lines::latest(db).await?;
        // The read model was begun anew: what was seen of it is gone.
        let is_anew = latest < seen;
        // Once places of tickets are counted, all runs are looked at again. Each time, since registrations may be parked and go on.
        let is_counted = lines::are_counted(db).await?;
        let is_known = (was_counted || !is_counted) && !is_anew;
        if is_known && is_counted == was_counted && latest == seen {
            return Ok(());
        }
        let changed = lines::changed(db, if is_known { seen } else { 0 }).await?;
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        if is_anew {
            *index = Index::default();
            *self.known.write().unwrap_or_else(PoisonError::into_inner) = Known::default();
        }
        for (line, has_places) in changed {
            index.take(line, has_places);
        }
        index.set_counted(is_counted);
        Ok(())
    }

    /// Which runs have all words, or what they begin with, and how well; none, if there are no words. `ranked`: also where they stand.
    /// Where nothing is found, those that may have been meant are looked for beside words that nothing has.
    async fn scores(&self, db: &DatabaseConnection, text: &str, ranked: bool) -> Result<Option<Scores>, DbErr> {
        let mut terms: Vec<Term> = text::words(text).into_iter().take(MOST).map(|word| vec![word]).collect();
        if terms.is_empty() {
            return Ok(None);
        }
        let mut anywhere = self.all(db, &terms, ANYWHERE).await?;
        if anywhere.is_empty() {
            for term in &mut terms {
                let typed = term[0].clone();
                if self.set(db, &typed, ANYWHERE).await?.is_empty() {
                    term.extend(vocabulary::meant(db, &typed).await?);
                }
            }
            anywhere = self.all(db, &terms, ANYWHERE).await?;
        }
        let (mut head, mut title) = (Bits::default(), Bits::default());
        if ranked && !anywhere.is_empty() {
            (head, title) = (self.all(db, &terms, HEAD).await?, self.all(db, &terms, TITLE).await?);
        }
        Ok(Some(Scores { anywhere, head, title }))
    }

    /// Runs in which all terms stand in a place.
    async fn all(&self, db: &DatabaseConnection, terms: &[Term], place: Where) -> Result<Bits, DbErr> {
        let mut all: Option<Bits> = None;
        for term in terms {
            let mut either = Bits::default();
            for word in term {
                let set = self.set(db, word, place).await?;
                either.or(&set);
            }
            all = Some(match all {
                Some(mut all) => {
                    all.and(&either);
                    all
                }
                None => either,
            });
        }
        Ok(all.unwrap_or_default())
    }

    /// Runs in which a word stands in a place.
    async fn set(&self, db: &DatabaseConnection, word: &str, place: Where) -> Result<Arc<Bits>, DbErr> {
        let described = self.index().described();
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(described, word, place);
        if let Some(set) = known {
            return Ok(set);
        }
        let numbers = matches(db, word, place).await?;
        let set = Arc::new(self.index().set(&numbers));
        self.known.write().unwrap_or_else(PoisonError::into_inner).keep(described, word, place, &set);
        Ok(set)
    }
}

#[cfg(test)]
mod tests;
