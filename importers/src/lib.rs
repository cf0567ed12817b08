//! Workshops from folders: our own format (`docs/workshop-format.md`) and that of Educates, told apart by their files.
//!
//! A [`Source`] reads [`Bundle`]s into memory under bounds; everything after that is a pure function of a bundle, so a
//! name in a file can never reach outside it. What is wrong with a file becomes a [`Diagnostic`] and stops nothing else.

mod action;
mod bundle;
mod diagnostic;
mod educates;
mod front_matter;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod imported;
mod markdown;
mod measure;
mod native;
mod page;
mod shortcode;
mod source;
mod yaml;

pub use bundle::{Bundle, MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES};
pub use diagnostic::{Diagnostic, Severity};
pub use imported::{ActionSummary, Format, Imported, PageSummary};
pub use source::{BuiltIn, Folder, ImportError, Source};

/// Every workshop of a source, in the order of their folders. A workshop that cannot be understood comes without content
/// and with the reason among its diagnostics.
///
/// # Errors
/// The source cannot be read at all, or holds no workshop.
pub fn read(source: &dyn Source) -> Result<Vec<Imported>, ImportError> {
    Ok(source.bundles()?.iter().map(import).collect())
}

/// One workshop from files in memory.
#[must_use]
pub fn import(bundle: &Bundle) -> Imported {
    if educates::recognizes(bundle) { educates::import(bundle) } else { native::import(bundle) }
}
