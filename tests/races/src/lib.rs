//! Many people for the few places of a run, all at once: they register, pay or do not, withdraw, wait, and are offered places, while time
//! goes by faster than they like. What was recorded is then told again, and checked by rules that are written down here and not there.
//! A seed decides who does what, and in which order it is asked for.

mod clock;
mod course;
mod crowd;
mod fate;
mod job;
mod nobody;
mod race;
mod story;

pub use clock::now;
pub use course::{Course, Stored, free_run};
pub use crowd::{Person, crowd, enter};
pub use nobody::Nobody;
pub use story::Told;

/// Whatever keeps a race from being run, or was found to be wrong with it.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// How many there are.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub people: usize,
    pub places: u32,
    /// Who asks at once.
    pub clients: usize,
}

/// What a race came to. All of it was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Commands that were decided.
    pub commands: u64,
    /// Places that nobody has in the end. Whoever waits, if anybody does, came with more than fit there.
    pub idle: u32,
    pub told: Told,
}
