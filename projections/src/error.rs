//! What can go wrong with read models.

use std::path::PathBuf;

use sea_orm::{DbErr, RuntimeErr, sqlx};

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
        source: DbErr,
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
    Database(#[from] DbErr),
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

/// Whether a query may be answered in a moment: the database, or the way to it, is gone for now, also in the middle of an answer.
#[must_use]
pub fn is_unavailable(error: &DbErr) -> bool {
    let error = match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => return true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => error.as_ref(),
        _ => return false,
    };
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // The classes of SQLSTATE for lost connections, exhausted resources, and a server that ends or has yet to begin.
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| code.len() == 5 && ["08", "53", "57P"].iter().any(|class| code.starts_with(class)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
