//! How large pools should be. Pure.

/// What would be good for one workshop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// What is reserved, and what runs need that are near.
    pub(super) least: u32,
    /// What was needed lately.
    pub(super) demand: u32,
}

/// The most that demand makes of a pool, whatever the budget.
const MOST: u32 = domain::environments::pool::Pool::MOST;

/// How many each gets: what is reserved comes before what more is needed, and where the budget does not do, they get one each in
/// turn, so that none goes without because of another.
pub(super) fn sizes(budget: u32, wanted: &[Wanted]) -> Vec<u32> {
    let mut sizes = vec![0; wanted.len()];
    let mut left = budget;
    let least = |wanted: &Wanted| wanted.least;
    let all = |wanted: &Wanted| wanted.least.max(wanted.demand.min(MOST));
    for most in [least as fn(&Wanted) -> u32, all] {
        while left > 0 {
            let mut given = false;
            for (size, wanted) in sizes.iter_mut().zip(wanted) {
                if left > 0 && *size < most(wanted) {
                    (*size, left, given) = (*size + 1, left - 1, true);
                }
            }
            if !given {
                break;
            }
        }
    }
    sizes
}

#[cfg(test)]
mod tests;
