//! The copy in memory, and looking through it.

mod counts;
mod entry;
mod sieve;

use domain::kernel::RunId;
use hashbrown::HashMap;

use self::{counts::Counts, entry::Entry, sieve::Sieve};
use super::{
    bits::Bits,
    lines::Line,
    names::Names,
    wanted::{Found, Place, Sort, Wanted},
    words::Scores,
};

/// All runs there are.
#[derive(Default)]
pub(super) struct Index {
    entries: Vec<Entry>,
    /// Where each is, by its number.
    places: HashMap<i64, usize>,
    names: Kinds,
    seen: i64,
    described: i64,
    counted: bool,
}

/// Names of each kind.
#[derive(Default)]
struct Kinds {
    categories: Names,
    tags: Names,
    cities: Names,
    languages: Names,
    currencies: Names,
}

impl Index {
    /// The position of the last event that is taken in.
    pub(super) const fn seen(&self) -> i64 {
        self.seen
    }

    /// The position of the last event that changed a text.
    pub(super) const fn described(&self) -> i64 {
        self.described
    }

    /// Whether places that are taken with each ticket were counted when this was last looked at.
    pub(super) const fn is_counted(&self) -> bool {
        self.counted
    }

    /// From now on they are, or are not.
    pub(super) const fn set_counted(&mut self, counted: bool) {
        self.counted = counted;
    }

    /// Runs by their numbers; those that are not known yet are left out.
    pub(super) fn set(&self, numbers: &[i64]) -> Bits {
        let mut set = Bits::default();
        for place in numbers.iter().filter_map(|number| self.places.get(number)) {
            set.insert(*place);
        }
        set
    }

    /// Takes in a run as it is after an event, unless it is known as it was later.
    pub(super) fn take(&mut self, line: Line, has_places: bool) {
        self.seen = self.seen.max(line.changed);
        self.described = self.described.max(line.described);
        let entry = Entry::of(line, has_places, &mut self.names);
        match self.places.get(&entry.number) {
            Some(place) if self.entries[*place].changed > entry.changed => {}
            Some(place) => self.entries[*place] = entry,
            None => {
                self.places.insert(entry.number, self.entries.len());
                self.entries.push(entry);
            }
        }
    }

    /// Runs that are wanted; `scores` are of those that have the right words.
    pub(super) fn search(&self, wanted: &Wanted, scores: Option<&Scores>, after: Option<Place>, first: usize) -> Found {
        let sieve = Sieve::new(wanted, &self.names);
        let mut counts = Counts::new(&self.names);
        let mut rest: Vec<(Place, RunId)> = vec![];
        let mut look = |entry: &Entry, score: i64| {
            let Some(missed) = sieve.missed(entry) else { return };
            counts.add(entry, missed);
            if missed == 0 {
                let place = entry.place(wanted.sort, score);
                if after.is_none_or(|after| after < place) {
                    rest.push((place, RunId(entry.run)));
                }
            }
        };
        match scores {
            Some(scores) => {
                for (place, entry) in scores.anywhere.places().filter_map(|place| Some((place, self.entries.get(place)?))) {
                    look(entry, scores.of(place));
                }
            }
            None => self.entries.iter().for_each(|entry| look(entry, 0)),
        }
        let more = rest.len() > first;
        if more && first > 0 {
            rest.select_nth_unstable(first);
        }
        rest.truncate(first);
        rest.sort_unstable();
        let (total, facets) = counts.done(&self.names);
        Found { runs: rest.into_iter().map(|(place, run)| (run, place)).collect(), more, total, facets }
    }
}

impl Entry {
    /// Its place in a list.
    fn place(&self, sort: Sort, score: i64) -> Place {
        let key = match sort {
            Sort::Date => 0,
            Sort::Price => self.thousandths,
            Sort::HighestPrice => -self.thousandths,
            Sort::Popularity => -self.requests,
            Sort::Relevance => -score,
        };
        Place { key, starts_at: self.starts_at, number: self.number }
    }
}
