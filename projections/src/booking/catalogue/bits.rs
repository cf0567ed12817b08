//! Sets of runs, a bit for each by its place in the copy.

/// A set of places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn insert(&mut self, place: usize) {
        let at = place / 64;
        if at >= self.0.len() {
            self.0.resize(at + 1, 0);
        }
        self.0[at] |= 1_u64 << (place % 64);
    }

    pub(super) fn contains(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|bits| bits & (1_u64 << (place % 64)) != 0)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|bits| *bits == 0)
    }

    /// Leaves what is in the other as well.
    pub(super) fn and(&mut self, other: &Self) {
        self.0.truncate(other.0.len());
        for (bits, others) in self.0.iter_mut().zip(&other.0) {
            *bits &= others;
        }
    }

    /// Adds what is in the other.
    pub(super) fn or(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (bits, others) in self.0.iter_mut().zip(&other.0) {
            *bits |= others;
        }
    }

    /// All places, in order.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        let of = |(at, bits): (usize, &u64)| {
            let bits = *bits;
            (0..64_usize).filter(move |bit| bits & (1_u64 << *bit) != 0).map(move |bit| at * 64 + bit)
        };
        self.0.iter().enumerate().flat_map(of)
    }

    /// How many bytes it takes.
    pub(super) const fn weight(&self) -> usize {
        self.0.len() * 8
    }
}

#[cfg(test)]
mod tests;
