//! What this repository promises of itself beyond what the compiler and clippy see: who may depend on whom, how large files
//! grow, that documents speak of files there are.

mod dependencies;
mod documents;
mod manuals;
mod registers;
mod repository;
mod requirements;
mod scripts;
mod sources;

/// Fails with all findings at once.
#[track_caller]
fn none(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}
