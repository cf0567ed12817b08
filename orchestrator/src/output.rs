//! What is kept of a script's output.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::driver::{ScriptEnd, ScriptOutcome};

/// Bytes of the output's end.
const TAIL: usize = 4096;

/// Output as it comes in.
pub struct Output {
    hash: Sha256,
    tail: Vec<u8>,
    left: u64,
}

impl Output {
    /// None yet, and at most `limit` bytes.
    #[must_use]
    pub fn new(limit: u64) -> Self {
        Self { hash: Sha256::new(), tail: Vec::new(), left: limit }
    }

    /// Takes what the limit allows; false if that was not all.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        let room = usize::try_from(self.left).unwrap_or(usize::MAX);
        let taken = &bytes[..bytes.len().min(room)];
        self.left -= taken.len() as u64;
        self.hash.update(taken);
        self.tail.extend_from_slice(taken);
        self.tail.drain(..self.tail.len().saturating_sub(TAIL));
        taken.len() == bytes.len()
    }

    /// How it ended, and how long it took.
    #[must_use]
    pub fn outcome(self, end: ScriptEnd, took: Duration) -> ScriptOutcome {
        let tail = String::from_utf8_lossy(&self.tail).into_owned();
        ScriptOutcome { end, tail, digest: hex::encode(self.hash.finalize()), took }
    }
}

#[cfg(test)]
mod tests;
