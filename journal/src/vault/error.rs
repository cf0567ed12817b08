//! What can go wrong with a vault. No message carries a key or a personal value.

use std::path::PathBuf;

use uuid::Uuid;

/// Why the vault did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// None of the master keys is one that this vault's keys are wrapped by.
    #[error("the master key {given} does not fit {store}, which wants {}", wanted.as_ref().map_or("the one it was created with", String::as_str))]
    WrongMasterKey {
        /// The vault's database.
        store: String,
        /// The names of the keys that were given, as [`super::MasterKey::id`].
        given: String,
        /// The name of the key that is wanted, if the vault knows it.
        wanted: Option<String>,
    },
    /// Another process has the vault open.
    #[error("{path} is in use by another nalabo process")]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// An address of a database that cannot be used.
    #[error("the vault's database: {0}")]
    Address(&'static str),
    /// The master key cannot be read.
    #[error("the master key from {from} is malformed: expected {expected}")]
    MasterKey {
        /// The file or the setting.
        from: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The command that prints the master key does not. Neither its arguments nor what it prints are told.
    #[error("the command {program}, which is to print the master key, {what}")]
    MasterKeyCommand {
        /// What is run.
        program: String,
        /// What is wrong with it.
        what: String,
    },
    /// The master key comes from two places, which need not agree.
    #[error("the master key is given twice, by {0} and by {1}: expected one of them")]
    MasterKeyTwice(&'static str, &'static str),
    /// A directory or file that cannot be used.
    #[error("cannot use {path}: {source}")]
    Path {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The subject was erased; nothing can be sealed for them any more.
    #[error("subject {0} has been erased")]
    Erased(Uuid),
    /// The vault knows neither a key nor an erasure of the subject: it is not the vault of this journal, or an old copy.
    #[error("there is no key for subject {0}: is this the vault that belongs to the journal?")]
    NoKey(Uuid),
    /// Not a sealed text.
    #[error("malformed sealed value: expected `v1.<event id>.<base64url>`")]
    Malformed,
    /// The text was altered, or sealed for someone else.
    #[error("a sealed value of subject {0} does not authenticate")]
    Forged(Uuid),
    /// There is no such secret yet, and whoever only looks makes none.
    #[error("the vault has no key {0} yet")]
    NoSecret(String),
    /// A named secret was created with another length.
    #[error("secret {name} has {has} bytes, not {wanted}")]
    SecretLength {
        /// Its name.
        name: String,
        /// What it has.
        has: usize,
        /// What was asked for.
        wanted: usize,
    },
    /// The key is erased, but the write-ahead log could not be emptied of it yet.
    #[error("subject {0} is erased, but the vault's write-ahead log is in use; erase again to finish")]
    Unfinished(Uuid),
    /// The platform's key is destroyed, but the write-ahead log could not be emptied of it yet.
    #[error("the key {0} is destroyed, but the vault's write-ahead log is in use; destroy it again to finish")]
    UnfinishedSecret(String),
    /// A stored row that is not what a vault writes, or not a database at all.
    #[error("the vault is damaged at {at}: {what}")]
    Corrupt {
        /// Where.
        at: String,
        /// How.
        what: String,
    },
    /// The vault's tables are not of this build.
    #[error("{store} has tables that this build does not know: {what}")]
    Schema {
        /// The vault's database.
        store: String,
        /// How they differ.
        what: String,
    },
    /// The database did not do as told; trying again later may help.
    #[error("the vault is unavailable: {0}")]
    Unavailable(#[from] sqlx::Error),
}

impl VaultError {
    /// The same, for another caller. What does not say that a row is damaged becomes [`VaultError::Unavailable`].
    pub(crate) fn same(&self) -> Self {
        match self {
            Self::Corrupt { at, what } => Self::Corrupt { at: at.clone(), what: what.clone() },
            Self::Unavailable(error) => unavailable(error),
            other => unavailable(other),
        }
    }
}

fn unavailable(what: &impl std::fmt::Display) -> VaultError {
    VaultError::Unavailable(sqlx::Error::Io(std::io::Error::other(what.to_string())))
}
