//! What can go wrong with a journal.

use crate::{Receipt, StreamId};

/// Why the journal did not do as asked. Nothing was written, but in the one case of [`JournalError::Unknown`].
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another writer was first; load again and decide again.
    #[error("stream {stream} is at {actual}, not at {expected}")]
    Conflict {
        /// The stream that moved.
        stream: StreamId,
        /// What the writer thought.
        expected: i64,
        /// What is.
        actual: i64,
    },
    /// The same actor asked for the same operation under the same key before.
    #[error("this request has been answered before")]
    Receipt(Box<Receipt>),
    /// The lease in the append's fence is no longer held.
    #[error("the lease {0} has passed to another holder")]
    Fenced(String),
    /// An event is larger than 64 KiB.
    #[error("event {name} has {bytes} bytes, more than the {limit} that an event may have")]
    TooLarge {
        /// The event's name.
        name: String,
        /// What it has.
        bytes: usize,
        /// What it may have.
        limit: usize,
    },
    /// The append contradicts itself (no events and no receipt, a stream twice, an event id used before).
    #[error("malformed append: {0}")]
    Malformed(String),
    /// Another process has the journal open.
    #[error("{path} is in use by another nalabo process")]
    Locked {
        /// The lock file.
        path: std::path::PathBuf,
    },
    /// The database would lose acknowledged events on power loss.
    #[error(
        "the database is configured as {setting}, which can lose acknowledged events; set {wanted}, or accept the risk with --unsafe-durability"
    )]
    NotDurable {
        /// What it says, such as `synchronous=OFF`.
        setting: String,
        /// What it should say.
        wanted: String,
    },
    /// A stored row that is not what this journal writes.
    #[error("the journal is damaged at {at}: {what}")]
    Corrupt {
        /// Where.
        at: String,
        /// How.
        what: String,
    },
    /// A directory or file that cannot be used.
    #[error("cannot use {path}: {source}")]
    Path {
        /// Which.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The journal's tables are not of this build.
    #[error("{path} has tables that this build does not know: {what}")]
    Schema {
        /// The database.
        path: std::path::PathBuf,
        /// How they differ.
        what: String,
    },
    /// The database is not one that this build can use.
    #[error("the database cannot be used: {0}")]
    Unusable(String),
    /// The connection was lost while committing, and the database could not be asked afterwards. With a receipt, a retry finds out.
    #[error("the database was lost while committing: the outcome is not known")]
    Unknown,
    /// A personal value could not be sealed or opened.
    #[error("cannot use a personal value: {0}")]
    Seal(#[from] crate::vault::VaultError),
    /// The journal is closing.
    #[error("the journal is shutting down")]
    Closed,
    /// The database did not do as told; trying again later may help.
    #[error("the database is unavailable: {0}")]
    Unavailable(#[from] sqlx::Error),
}

impl JournalError {
    /// The database did not answer in time.
    pub(crate) fn timed_out() -> Self {
        Self::Unavailable(sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the database did not answer in time")))
    }

    /// The same, for another caller. What is not about the database as a whole becomes [`JournalError::Unavailable`].
    pub(crate) fn same(&self) -> Self {
        match self {
            Self::Corrupt { at, what } => Self::Corrupt { at: at.clone(), what: what.clone() },
            Self::NotDurable { setting, wanted } => Self::NotDurable { setting: setting.clone(), wanted: wanted.clone() },
            Self::Unusable(what) => Self::Unusable(what.clone()),
            Self::Closed => Self::Closed,
            Self::Unavailable(sqlx::Error::Io(error)) => Self::unavailable(error.to_string()),
            Self::Unavailable(error) => Self::unavailable(error.to_string()),
            other => Self::unavailable(other.to_string()),
        }
    }

    fn unavailable(what: String) -> Self {
        Self::Unavailable(sqlx::Error::Io(std::io::Error::other(what)))
    }
}
