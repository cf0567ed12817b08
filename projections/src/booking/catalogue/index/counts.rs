//! How many runs there are of each kind.

use domain::workshops::content::Difficulty;

use super::{
    super::{
        names::Names,
        wanted::{Count, Facets},
    },
    Kinds,
    entry::Entry,
    sieve::{CATEGORY, CITY, FORMAT, LANGUAGE, LEVEL, PLACES},
};
use crate::booking::runs::RunFormat;

/// Values of a facet that are told.
const MOST: usize = 50;

const FORMATS: [RunFormat; 3] = [RunFormat::OnSite, RunFormat::Online, RunFormat::Hybrid];
const LEVELS: [Difficulty; 4] = [Difficulty::Beginner, Difficulty::Intermediate, Difficulty::Advanced, Difficulty::Expert];

/// Runs of each kind, by the numbers of names.
pub(super) struct Counts {
    total: u64,
    categories: Vec<u64>,
    tags: Vec<u64>,
    cities: Vec<u64>,
    languages: Vec<u64>,
    formats: [u64; FORMATS.len()],
    levels: [u64; LEVELS.len()],
    with_places: u64,
}

impl Counts {
    pub(super) fn new(names: &Kinds) -> Self {
        let none = |names: &Names| vec![0; names.len()];
        Self {
            total: 0,
            categories: none(&names.categories),
            tags: none(&names.tags),
            cities: none(&names.cities),
            languages: none(&names.languages),
            formats: [0; FORMATS.len()],
            levels: [0; LEVELS.len()],
            with_places: 0,
        }
    }

    /// Counts a run where no part of the filter misses it, or the part alone that the facet is counted without.
    pub(super) fn add(&mut self, entry: &Entry, missed: u8) {
        let counts = |part: u8| missed & !part == 0;
        if counts(CATEGORY) {
            one_more(&mut self.categories, entry.category as usize);
        }
        if counts(LANGUAGE) {
            one_more(&mut self.languages, entry.language as usize);
        }
        if counts(FORMAT) {
            one_more(&mut self.formats, entry.format as usize);
        }
        if let Some(city) = entry.city.filter(|_| counts(CITY)) {
            one_more(&mut self.cities, city as usize);
        }
        if let Some(level) = entry.level.filter(|_| counts(LEVEL)) {
            one_more(&mut self.levels, level as usize);
        }
        if counts(PLACES) && entry.has_places {
            self.with_places += 1;
        }
        if missed == 0 {
            self.total += 1;
            for tag in &entry.tags {
                one_more(&mut self.tags, *tag as usize);
            }
        }
    }

    /// How many there are in all, and of each kind.
    pub(super) fn done(self, names: &Kinds) -> (u64, Facets) {
        let facets = Facets {
            categories: named(&self.categories, &names.categories),
            tags: named(&self.tags, &names.tags),
            cities: named(&self.cities, &names.cities),
            languages: named(&self.languages, &names.languages),
            formats: there(&FORMATS, &self.formats),
            levels: there(&LEVELS, &self.levels),
            with_places: self.with_places,
        };
        (self.total, facets)
    }
}

fn one_more(counts: &mut [u64], at: usize) {
    if let Some(count) = counts.get_mut(at) {
        *count += 1;
    }
}

/// The most first, and by name among those of which there are as many.
fn named(counts: &[u64], names: &Names) -> Vec<Count<String>> {
    let mut all: Vec<(u64, &str)> =
        counts.iter().enumerate().filter(|(_, runs)| **runs > 0).map(|(number, runs)| (*runs, names.written(number))).collect();
    all.sort_unstable_by(|(one, one_name), (other, other_name)| other.cmp(one).then(one_name.cmp(other_name)));
    all.into_iter().take(MOST).map(|(runs, name)| Count { value: name.to_owned(), runs }).collect()
}

/// Those that there are, in their own order.
fn there<T: Copy>(values: &[T], counts: &[u64]) -> Vec<Count<T>> {
    let counted = values.iter().zip(counts).filter(|(_, runs)| **runs > 0);
    counted.map(|(value, runs)| Count { value: *value, runs: *runs }).collect()
}
