//! How the journal and its keys are kept.

use std::{path::PathBuf, time::Duration};

use journal::sqlite::Synchronous;
use serde::{Deserialize, Serialize};

use super::ConfigError;

/// How the journal and its keys are kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JournalConfig {
    /// `PRAGMA synchronous`: off, normal, full (default) or extra. Below full needs `unsafe_durability`.
    pub synchronous: Synchronous,
    /// Accepts that acknowledged events may be lost with the power.
    pub unsafe_durability: bool,
    /// The 32 bytes under which all keys are wrapped; `<data_dir>/secrets/master.key`, made at the first start.
    pub master_key_file: Option<PathBuf>,
    /// A program and its arguments, which prints them in base64 instead.
    pub master_key_command: Vec<String>,
    /// How long it may take.
    pub master_key_command_seconds: u32,
}

impl Default for JournalConfig {
    fn default() -> Self {
        Self {
            synchronous: Synchronous::default(),
            unsafe_durability: false,
            master_key_file: None,
            master_key_command: Vec::new(),
            master_key_command_seconds: 10,
        }
    }
}

impl JournalConfig {
    /// # Errors
    /// The first setting that is not as expected, by its name.
    pub(super) fn checked(&self) -> Result<(), ConfigError> {
        if !(1..=60).contains(&self.master_key_command_seconds) {
            return Err(ConfigError("journal.master_key_command_seconds: expected 1 to 60".into()));
        }
        if self.master_key_command.first().is_some_and(String::is_empty) {
            return Err(ConfigError("journal.master_key_command: expected a program and its arguments".into()));
        }
        if self.master_key_file.is_some() && !self.master_key_command.is_empty() {
            return Err(ConfigError("journal.master_key_command: expected no journal.master_key_file beside it".into()));
        }
        Ok(())
    }

    /// How long the command may take.
    pub(crate) fn command_limit(&self) -> Duration {
        Duration::from_secs(self.master_key_command_seconds.into())
    }
}
