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
    /// What is there is no database of read models, or damaged, or the server does not answer. Removing it is safe: it is
    /// filled again.
    #[error("cannot open the read models in {generation}: {source}; it may be removed, it is rebuilt from the journal")]
    Open {
        /// The file or the schema.
        generation: String,
        /// Why.
        source: sea_orm::DbErr,
    },
    /// No node has begun this build's generation.
    #[error("there are no read models of this build yet: {generation} is not there")]
    Absent {
        /// The file or the schema.
        generation: String,
    },
    /// There is no read model of this name.
    #[error("there is no read model {name}; there are {}", names.join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        names: Vec<&'static str>,
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
