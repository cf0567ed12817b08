//! The durable stores of one data directory, for this process alone.

use std::{
    fs::{DirBuilder, Permissions},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::Path,
    sync::Arc,
};

use chrono::TimeDelta;
use commands::{Commands, Fault, Settings, StreamOptions, identity::TokenSettings, learning::Laboratory, workshops::ScriptParser};
use journal::{
    Journal,
    sqlite::{Durability, SqliteJournal, SqliteOptions},
    vault::{MasterKey, SqliteVault, Vault, VaultError},
};

use super::StartError;
use crate::config::Config;

/// Where the master key is taken from, if it is set: 32 bytes in base64.
const MASTER_KEY: &str = "NALABO_MASTER_KEY";
/// The folder of the master key, within the data directory.
const SECRETS: &str = "secrets";

/// The journal and the keys of what is personal in it.
#[derive(Clone)]
pub struct Stores {
    pub journal: Arc<dyn Journal>,
    pub vault: Arc<dyn Vault>,
}

impl Stores {
    /// Takes a data directory, and makes it if it is not there.
    ///
    /// # Errors
    /// It cannot be written, is used by another process, was damaged, or is not durable.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        for directory in [config.data_dir.clone(), config.data_dir.join(SECRETS)] {
            prepare(&directory).map_err(|source| StartError::DataDirectory { path: directory.clone(), source })?;
        }
        let master = master_key(config)?;
        let vault: Arc<dyn Vault> = Arc::new(SqliteVault::init(config.data_dir.join("vault.db"), master).await?);
        let durability = if config.journal.unsafe_durability { Durability::Unsafe } else { Durability::Full };
        let options = SqliteOptions {
            durability,
            synchronous: Some(config.journal.synchronous),
            ..SqliteOptions::new(config.journal_path(), Arc::clone(&vault))
        };
        let journal: Arc<dyn Journal> = match SqliteJournal::init(options).await {
            Ok(journal) => Arc::new(journal),
            Err(error) => {
                vault.close().await;
                return Err(error.into());
            }
        };
        Ok(Self { journal, vault })
    }

    /// Commands on these stores.
    ///
    /// # Errors
    /// The vault could not be read.
    pub async fn commands(
        &self,
        config: &Config,
        shell: Arc<dyn ScriptParser>,
        laboratory: Arc<dyn Laboratory>,
    ) -> Result<Commands, Fault> {
        let hashing = match config.hashing {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            at_once => at_once,
        };
        let tokens = TokenSettings {
            issuer: config.tokens.issuer.clone(),
            audience: config.tokens.audience.clone(),
            access_lifetime: TimeDelta::minutes(config.tokens.access_minutes.into()),
            refresh_lifetime: TimeDelta::days(config.tokens.refresh_days.into()),
        };
        let streams = StreamOptions { cached: config.cached_streams, ..StreamOptions::default() };
        let settings = Settings { tokens, hashing, sessions_per_learner: config.sessions_per_learner, streams };
        Commands::init(Arc::clone(&self.journal), Arc::clone(&self.vault), commands::system_clock, shell, laboratory, settings).await
    }

    /// Finishes what was accepted and releases the files.
    pub async fn close(&self) {
        self.journal.close().await;
        self.vault.close().await;
    }
}

/// The directory is this user's alone: it holds keys.
fn prepare(path: &Path) -> std::io::Result<()> {
    if !path.is_dir() {
        return DirBuilder::new().recursive(true).mode(0o700).create(path);
    }
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        std::fs::set_permissions(path, Permissions::from_mode(mode & 0o7700))?;
    }
    Ok(())
}

fn master_key(config: &Config) -> Result<MasterKey, VaultError> {
    if let Ok(text) = std::env::var(MASTER_KEY) {
        return MasterKey::from_base64(MASTER_KEY, &text);
    }
    if let Some(file) = &config.journal.master_key_file {
        return MasterKey::from_file(file, false);
    }
    let create = !config.data_dir.join("vault.db").exists();
    MasterKey::from_file(&config.data_dir.join(SECRETS).join("master.key"), create)
}
