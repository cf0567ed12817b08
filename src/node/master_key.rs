//! Where the master key is, and the one that comes next.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use journal::vault::{MasterKey, MasterKeySource, VaultError};
use secrecy::{ExposeSecret, SecretString};

use crate::config::Config;

/// Where the master key is taken from, if it is set: 32 bytes in base64.
pub(crate) const MASTER_KEY: &str = "NALABO_MASTER_KEY";
/// Where the one that comes next is then.
pub(crate) const NEXT_MASTER_KEY: &str = "NALABO_MASTER_KEY_NEXT";
/// The folder of the master key, within the data directory.
pub(crate) const SECRETS: &str = "secrets";

/// Which of the places a server would take it from.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// The environment's [`MASTER_KEY`], and [`NEXT_MASTER_KEY`].
    Environment { key: SecretString, next: Option<SecretString> },
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
        let variable = |name| std::env::var(name).ok().map(SecretString::from);
        Self::among(variable(MASTER_KEY), variable(NEXT_MASTER_KEY), config)
    }

    fn among(variable: Option<SecretString>, next: Option<SecretString>, config: &Config) -> Result<Self, VaultError> {
        let settings = &config.journal;
        // Where variables are set from a list, the next one is there and empty between changes; the first must never be.
        let next = next.filter(|next| !next.expose_secret().is_empty());
        Ok(match (variable, settings.master_key_command.split_first(), &settings.master_key_file) {
            (Some(_), Some(_), _) => return Err(VaultError::MasterKeyTwice(MASTER_KEY, "journal.master_key_command")),
            (Some(key), None, _) => Self::Environment { key, next },
            (None, Some((program, arguments)), _) => {
                Self::Command { program: program.clone(), arguments: arguments.to_vec(), limit: settings.command_limit() }
            }
            (None, None, Some(file)) => Self::Setting(file.clone()),
            (None, None, None) => Self::DataDirectory(config.data_dir.join(SECRETS).join("master.key")),
        })
    }

    /// Makes the one of the data directory, if that is where it is, and it is not there.
    pub(crate) fn make(&self) -> Result<(), VaultError> {
        match self {
            Self::DataDirectory(file) => MasterKey::from_file(file, true).map(drop),
            Self::Environment { .. } | Self::Command { .. } | Self::Setting(_) => Ok(()),
        }
    }

    /// The name of the key that is used.
    pub(crate) fn name(&self) -> Result<String, VaultError> {
        Ok(self.names()?.into_iter().next().unwrap_or_default())
    }

    /// The same, and the name of the one that comes next, if there is one.
    pub(crate) fn names(&self) -> Result<Vec<String>, VaultError> {
        Ok(self.read()?.iter().map(MasterKey::id).collect())
    }
}

impl MasterKeySource for Place {
    fn read(&self) -> Result<Vec<MasterKey>, VaultError> {
        match self {
            Self::Environment { key, next } => {
                let mut keys = vec![MasterKey::from_base64(MASTER_KEY, key.expose_secret())?];
                if let Some(next) = next {
                    keys.push(MasterKey::from_base64(NEXT_MASTER_KEY, next.expose_secret())?);
                }
                Ok(keys)
            }
            Self::Command { program, arguments, limit } => MasterKey::from_command(program, arguments, *limit),
            Self::Setting(file) | Self::DataDirectory(file) => {
                // First the one that comes next: it may take the place of the other meanwhile.
                let next = if_there(&next_to(file));
                let mut keys = vec![MasterKey::from_file(file, false)?];
                keys.extend(next);
                Ok(keys)
            }
        }
    }
}

/// A place, and a file in which the key is that comes next.
pub(crate) struct WithNext {
    pub(crate) place: Place,
    pub(crate) file: PathBuf,
}

impl MasterKeySource for WithNext {
    fn read(&self) -> Result<Vec<MasterKey>, VaultError> {
        let mut keys = self.place.read()?;
        keys.extend(if_there(&self.file));
        Ok(keys)
    }
}

/// Where the key is that takes the place of the one in a file.
pub(crate) fn next_to(file: &Path) -> PathBuf {
    let mut next = file.as_os_str().to_owned();
    next.push(".new");
    next.into()
}

/// The key in a file, which there need not be, and which need not be whole yet.
fn if_there(file: &Path) -> Option<MasterKey> {
    match MasterKey::from_file(file, false) {
        Ok(key) => Some(key),
        Err(VaultError::Path { source, .. }) if source.kind() == ErrorKind::NotFound => None,
        Err(error) => {
            tracing::warn!(%error, "the next master key could not be read");
            None
        }
    }
}

#[cfg(test)]
mod tests;
