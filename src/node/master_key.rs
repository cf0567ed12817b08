//! Where the master key is.

use std::{path::PathBuf, time::Duration};

use journal::vault::{MasterKey, VaultError};
use secrecy::{ExposeSecret, SecretString};

use crate::config::Config;

/// Where the master key is taken from, if it is set: 32 bytes in base64.
pub(crate) const MASTER_KEY: &str = "NALABO_MASTER_KEY";
/// The folder of the master key, within the data directory.
pub(crate) const SECRETS: &str = "secrets";

/// Which of the places a server would take it from.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// The environment's [`MASTER_KEY`].
    Environment(SecretString),
    /// What `journal.master_key_command` prints.
    Command { program: String, arguments: Vec<String>, limit: Duration },
    /// The file that `journal.master_key_file` names.
    Setting(PathBuf),
    /// A file in the data directory.
    DataDirectory(PathBuf),
}

impl Place {
    /// # Errors
    /// [`VaultError::MasterKeyTwice`] if there are a variable and a command.
    pub(crate) fn of(config: &Config) -> Result<Self, VaultError> {
        Self::among(std::env::var(MASTER_KEY).ok().map(SecretString::from), config)
    }

    fn among(variable: Option<SecretString>, config: &Config) -> Result<Self, VaultError> {
        let settings = &config.journal;
        Ok(match (variable, settings.master_key_command.split_first(), &settings.master_key_file) {
            (Some(_), Some(_), _) => return Err(VaultError::MasterKeyTwice(MASTER_KEY, "journal.master_key_command")),
            (Some(text), None, _) => Self::Environment(text),
            (None, Some((program, arguments)), _) => {
                Self::Command { program: program.clone(), arguments: arguments.to_vec(), limit: settings.command_limit() }
            }
            (None, None, Some(file)) => Self::Setting(file.clone()),
            (None, None, None) => Self::DataDirectory(config.data_dir.join(SECRETS).join("master.key")),
        })
    }

    /// Reads it. With `create`, the one of the data directory is made if it is not there.
    pub(crate) fn read(&self, create: bool) -> Result<MasterKey, VaultError> {
        match self {
            Self::Environment(text) => MasterKey::from_base64(MASTER_KEY, text.expose_secret()),
            Self::Command { program, arguments, limit } => {
                let keys = MasterKey::from_command(program, arguments, *limit)?;
                keys.into_iter().next().ok_or_else(|| VaultError::MasterKey { from: program.clone(), expected: "a key" })
            }
            Self::Setting(file) => MasterKey::from_file(file, false),
            Self::DataDirectory(file) => MasterKey::from_file(file, create),
        }
    }
}

#[cfg(test)]
mod tests;
