//! What becomes of somebody, as the seed has it.

/// What somebody does about a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Pays,
    /// When it is too late.
    PaysLate,
    /// Tries to, and has no money.
    Fails,
    Forgets,
    ChangesMind,
}

/// Somebody in one race.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Runner {
    pub(crate) chance: u64,
    pub(crate) fate: Fate,
    pub(crate) ticket: &'static str,
    pub(crate) seats: usize,
}

/// A number that depends on all of these, and looks like none of them.
pub(crate) const fn mixed(seed: u64, number: u64) -> u64 {
    let mut mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number.rotate_left(32)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Runner {
    pub(crate) fn of(seed: u64, person: usize) -> Self {
        let chance = mixed(seed, person as u64);
        let fate = match chance % 100 {
            0..50 => Fate::Pays,
            50..65 => Fate::PaysLate,
            65..75 => Fate::Fails,
            75..90 => Fate::Forgets,
            _ => Fate::ChangesMind,
        };
        let ticket = if (chance >> 8).is_multiple_of(4) { "free" } else { "paid" };
        let seats = if (chance >> 16).is_multiple_of(20) { 2 + usize::from((chance >> 24).is_multiple_of(2)) } else { 1 };
        Self { chance, fate, ticket, seats }
    }

    /// Whether something applies to one of so many.
    pub(crate) const fn is_one_of(self, many: u64, which: u64) -> bool {
        mixed(self.chance, which).is_multiple_of(many)
    }
}
