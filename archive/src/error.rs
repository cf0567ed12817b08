//! What can go wrong with an archive.

use std::path::PathBuf;

use journal::{JournalError, Position};

/// Why an archive was not written or read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The journal did not do as told.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// What is exported cannot be written.
    #[error("cannot write: {0}")]
    Write(std::io::Error),
    /// What is imported cannot be read.
    #[error("cannot read: {0}")]
    Read(std::io::Error),
    /// A line of an import that is not what an export writes.
    #[error("line {line}: {what}")]
    Line {
        /// From 1.
        line: u64,
        /// How.
        what: String,
    },
    /// An event of an import that does not follow the one before.
    #[error("line {line}, position {position}: {what}")]
    Event {
        /// From 1.
        line: u64,
        /// The event's.
        position: Position,
        /// How.
        what: String,
    },
    /// An event that a format cannot express.
    #[error("position {position}: {what}")]
    Unfit {
        /// The event's.
        position: Position,
        /// Why.
        what: String,
    },
    /// A file or folder that cannot be used.
    #[error("cannot use {path}: {source}")]
    Path {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A backup that is not as it was made.
    #[error("{path}: {what}")]
    Backup {
        /// The file in question.
        path: PathBuf,
        /// How.
        what: String,
    },
    /// A format or a request that this build cannot serve.
    #[error("{0}")]
    Unsupported(String),
}
