//! What the fuzzer asks; its corpus is asked with the tests.

use crate::kubeconfig;

/// Characters of what is said about a kubeconfig.
const LONGEST: usize = 1000;

/// Reads a kubeconfig that somebody uploads.
///
/// # Panics
/// What is said about it is long, or has control characters.
pub fn read_kubeconfig(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for context in [None, Some("here")] {
        if let Err(error) = kubeconfig::read(text, context) {
            let said = error.to_string();
            assert!(said.chars().count() <= LONGEST, "{} characters", said.chars().count());
            assert!(!said.chars().any(char::is_control), "{said:?}");
        }
    }
}

#[cfg(test)]
mod tests;
