//! Numbers that are the same each time and look like chance.

/// What is known of something by its number alone, for each kind of thing that there is to know `of` it: a good mixer of bits.
#[must_use]
pub const fn chance(number: u64, of: u64) -> u64 {
    let mut mixed = number.wrapping_add(of << 56).wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// One of so many, the first ones far more often than the last.
#[must_use]
pub fn skewed(chance: u64, of: u64) -> u64 {
    let part = u128::from(chance >> 43);
    // The cube of a number below one, in 63 bits.
    u64::try_from((part * part * part * u128::from(of)) >> 63).unwrap_or_default()
}
