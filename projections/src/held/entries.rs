//! Rows by their keys, each in one place from which it does not move.

use std::{
    hash::{BuildHasher, Hash},
    ops::{Index, IndexMut},
};

use hashbrown::{DefaultHashBuilder, HashTable, hash_table};

use crate::blocking::blocking;

/// So many are sorted within a turn of the runtime; more take longer than others should wait.
const FEW: usize = 5_000;

/// A row as it is after the events.
pub(super) struct Entry<K, R> {
    pub(super) key: K,
    /// None, where there is no row.
    pub(super) row: Option<R>,
    /// Whether the database has one under this key.
    pub(super) stored: bool,
    /// Whether it is another than the database has.
    pub(super) changed: bool,
    /// What the database has under this key, if it is another and if that is kept.
    pub(super) was: Option<R>,
}

/// Rows by their keys.
pub(super) struct Entries<K, R> {
    all: Vec<Entry<K, R>>,
    places: HashTable<usize>,
    hasher: DefaultHashBuilder,
}

impl<K, R> Default for Entries<K, R> {
    fn default() -> Self {
        Self { all: Vec::new(), places: HashTable::new(), hasher: DefaultHashBuilder::default() }
    }
}

impl<K: Hash + Ord + Send + 'static, R: Send + 'static> Entries<K, R> {
    pub(super) fn hash(&self, key: &K) -> u64 {
        self.hasher.hash_one(key)
    }

    /// The place of a key with its hash, and whether it is new here: then without a row.
    pub(super) fn place(&mut self, hash: u64, key: K) -> (usize, bool) {
        let Self { all, places, hasher } = self;
        match places.entry(hash, |place| all[*place].key == key, |place| hasher.hash_one(&all[*place].key)) {
            hash_table::Entry::Occupied(place) => (*place.get(), false),
            hash_table::Entry::Vacant(free) => {
                free.insert(all.len());
                all.push(Entry { key, row: None, stored: false, changed: false, was: None });
                (all.len() - 1, true)
            }
        }
    }

    /// About how many bytes they take, if each has so many in places of their own.
    pub(super) fn weight(&self, outside: usize) -> usize {
        self.all.len() * (size_of::<Entry<K, R>>() + 2 * size_of::<usize>() + outside)
    }

    /// Puts those that changed first, in the order of their keys; how many they are.
    pub(super) async fn arrange(&mut self) -> usize {
        let Self { mut all, mut places, hasher } = std::mem::take(self);
        let are_few = all.len() <= FEW;
        let arrange = move || {
            all.sort_unstable_by(|one, other| (!one.changed, &one.key).cmp(&(!other.changed, &other.key)));
            places.clear();
            for (place, entry) in all.iter().enumerate() {
                places.insert_unique(hasher.hash_one(&entry.key), place, |place| hasher.hash_one(&all[*place].key));
            }
            Self { all, places, hasher }
        };
        *self = if are_few { arrange() } else { blocking(arrange).await };
        self.all.partition_point(|entry| entry.changed)
    }

    /// As they were arranged last.
    pub(super) fn all(&self) -> &[Entry<K, R>] {
        &self.all
    }

    /// The first so many are in the database now as they are here.
    pub(super) fn written(&mut self, first: usize) {
        for entry in &mut self.all[..first] {
            (entry.stored, entry.changed, entry.was) = (entry.row.is_some(), false, None);
        }
    }

    pub(super) fn clear(&mut self) {
        self.places.clear();
        self.all = Vec::new();
    }
}

impl<K, R> Index<usize> for Entries<K, R> {
    type Output = Entry<K, R>;

    fn index(&self, place: usize) -> &Entry<K, R> {
        &self.all[place]
    }
}

impl<K, R> IndexMut<usize> for Entries<K, R> {
    fn index_mut(&mut self, place: usize) -> &mut Entry<K, R> {
        &mut self.all[place]
    }
}
