//! What can go wrong with read models.

use std::path::PathBuf;

/// Why read models cannot be opened, filled or read. All of them can be built again from the journal.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// The directory or one of its files cannot be used.
    #[error("cannot use {path}: {source}")]
    Path {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no database of read models, or damaged. Removing it is safe: it is filled again.
    #[error("cannot open the read models in {path}: {source}; the file may be removed, it is rebuilt from the journal")]
    Open {
        /// Which.
        path: PathBuf,
        /// Why.
        source: sea_orm::DbErr,
    },
    /// The journal did not answer.
    #[error("cannot read the journal: {0}")]
    Journal(#[from] journal::JournalError),
    /// The read models' database did not do as told.
    #[error("the read models are unavailable: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// A read model could not take an event, where all were needed.
    #[error("read model {name} cannot go on after position {position}: {reason}")]
    Parked {
        /// Which read model.
        name: &'static str,
        /// The last event it took.
        position: journal::Position,
        /// Why.
        reason: String,
    },
}
