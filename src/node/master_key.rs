//! Where the master key is.

use std::path::PathBuf;

use journal::vault::{MasterKey, VaultError};

use crate::config::Config;

/// Where the master key is taken from, if it is set: 32 bytes in base64.
pub(crate) const MASTER_KEY: &str = "NALABO_MASTER_KEY";
/// The folder of the master key, within the data directory.
pub(crate) const SECRETS: &str = "secrets";

/// Which of the places a server would take it from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The environment's [`MASTER_KEY`].
    Environment(String),
    /// The file that `journal.master_key_file` names.
    Setting(PathBuf),
    /// A file in the data directory.
    DataDirectory(PathBuf),
}

impl Place {
    pub(crate) fn of(config: &Config) -> Self {
        match (std::env::var(MASTER_KEY), &config.journal.master_key_file) {
            (Ok(text), _) => Self::Environment(text),
            (Err(_), Some(file)) => Self::Setting(file.clone()),
            (Err(_), None) => Self::DataDirectory(config.data_dir.join(SECRETS).join("master.key")),
        }
    }

    /// Reads it. With `create`, the one of the data directory is made if it is not there.
    pub(crate) fn read(&self, create: bool) -> Result<MasterKey, VaultError> {
        match self {
            Self::Environment(text) => MasterKey::from_base64(MASTER_KEY, text),
            Self::Setting(file) => MasterKey::from_file(file, false),
            Self::DataDirectory(file) => MasterKey::from_file(file, create),
        }
    }
}
