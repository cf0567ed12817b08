//! Which keys have no row in the database, so far as that is known without a look.

/// Words of the filter for each row that is written first: there is room for eight times as many.
const WORDS: usize = 2;
/// At most so many words, which are 16 MiB.
const MOST: usize = 2 << 20;

/// What is known of keys without a row.
pub(super) enum Absent {
    /// There are no rows.
    Everything,
    /// Whatever is not in this set has none.
    Others(Filter),
    /// Nothing is known.
    Unknown,
}

impl Absent {
    /// Of a table that is empty, if it is `fresh`.
    pub(super) const fn new(fresh: bool) -> Self {
        if fresh { Self::Everything } else { Self::Unknown }
    }

    pub(super) const fn is_everything(&self) -> bool {
        matches!(self, Self::Everything)
    }

    /// Whether a key with this hash has no row for certain.
    pub(super) fn is_certain(&self, hash: u64) -> bool {
        match self {
            Self::Everything => true,
            Self::Others(filter) => !filter.may_contain(hash),
            Self::Unknown => false,
        }
    }

    /// So many rows are about to be written.
    pub(super) fn expect(&mut self, rows: usize) {
        if self.is_everything() && rows > 0 {
            *self = Self::Others(Filter::new(rows));
        }
    }

    /// A row under a key with this hash is written.
    pub(super) fn exclude(&mut self, hash: u64) {
        if let Self::Others(filter) = self {
            filter.insert(hash);
        }
    }

    pub(super) const fn weight(&self) -> usize {
        match self {
            Self::Others(filter) => filter.0.len() * size_of::<u64>(),
            Self::Everything | Self::Unknown => 0,
        }
    }
}

/// A set that may contain what was not put into it, but never lacks what was: three bits of one word for each hash.
pub(super) struct Filter(Vec<u64>);

impl Filter {
    fn new(rows: usize) -> Self {
        Self(vec![0; rows.saturating_mul(WORDS).clamp(1, MOST)])
    }

    #[allow(clippy::cast_possible_truncation)] // A remainder by a length is a place.
    fn bits(&self, hash: u64) -> (usize, u64) {
        let bit = |shift: u32| 1 << ((hash >> shift) & 63);
        ((hash >> 18) as usize % self.0.len(), bit(0) | bit(6) | bit(12))
    }

    fn insert(&mut self, hash: u64) {
        let (word, bits) = self.bits(hash);
        self.0[word] |= bits;
    }

    fn may_contain(&self, hash: u64) -> bool {
        let (word, bits) = self.bits(hash);
        self.0[word] & bits == bits
    }
}

#[cfg(test)]
mod tests;
