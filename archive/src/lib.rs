//! History in files: exports that other tools read, one that is read back byte for byte, and backups.
//!
//! It knows the journal's rows and no domain type. Personal values stay sealed in whatever is written here.

pub mod backup;
mod cloudevents;
mod error;
mod export;
mod import;
mod line;
#[cfg(feature = "parquet")]
mod parquet;
mod selection;

pub use error::ArchiveError;
pub use export::{Export, Format, export, follow};
pub use import::{Imported, import};
pub use selection::Selection;
