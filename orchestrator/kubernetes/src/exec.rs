//! Programs in an environment's pod: scripts, files, terminals. Whatever is started carries a mark in its environment, so that
//! all of it can be found again and ended; a broken connection alone ends nothing in a pod.

mod files;
mod process;
mod script;
mod terminal;

pub(crate) use self::{
    files::{put, require},
    script::run,
    terminal::open,
};

/// Ends what carries a mark.
const SWEEP: &str = include_str!("exec/sweep.sh");

#[cfg(test)]
mod tests;
