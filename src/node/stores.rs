//! The durable stores of one data directory, for this process alone.

use std::{
    fs::{DirBuilder, Permissions},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::Path,
    sync::Arc,
};

use chrono::TimeDelta;
use commands::{
    Commands, Fault, Settings, StreamOptions,
    identity::{Hashing, HashingCost, TokenSettings},
    learning::Laboratory,
    workshops::ScriptParser,
};
use journal::{
    Durability, Journal, JournalError,
    postgres::{PostgresJournal, PostgresOptions},
    sqlite::{SqliteJournal, SqliteOptions},
    vault::{MasterKeySource, PostgresVault, SqliteVault, Vault, VaultError},
};
use secrecy::ExposeSecret;

use super::{
    StartError, clusters,
    master_key::{Place, SECRETS},
};
use crate::config::Config;

/// The journal and the keys of what is personal in it.
#[derive(Clone)]
pub struct Stores {
    pub journal: Arc<dyn Journal>,
    pub vault: Arc<dyn Vault>,
}

impl Stores {
    /// Opens the database, if one is configured; otherwise takes the data directory, which is made if it is not there.
    ///
    /// # Errors
    /// It cannot be written, is used by another process, was damaged, or is not durable.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        for directory in [config.data_dir.clone(), config.data_dir.join(SECRETS)] {
            prepare(&directory).map_err(|source| StartError::DataDirectory { path: directory.clone(), source })?;
        }
        let place = Place::of(config)?;
        // Several nodes share one key, so it is not made by the first of them that comes by.
        if config.database_url.is_none() && !config.vault_path().exists() {
            place.make()?;
        }
        let vault = vault(config, place).await?;
        match journal(config, &vault).await {
            Ok(journal) => Ok(Self { journal, vault }),
            Err(error) => {
                vault.close().await;
                Err(error.into())
            }
        }
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
        let at_once = match config.hashing {
            // One is left to everybody else, however many sign in.
            0 => std::thread::available_parallelism().map_or(1, |processors| processors.get().saturating_sub(1).max(1)),
            at_once => at_once,
        };
        let hashing = Hashing { at_once, cost: HashingCost::Recommended };
        let tokens = TokenSettings {
            issuer: config.tokens.issuer.clone(),
            audience: config.tokens.audience.clone(),
            access_lifetime: TimeDelta::minutes(config.tokens.access_minutes.into()),
            refresh_lifetime: TimeDelta::days(config.tokens.refresh_days.into()),
            longest_sign_in: TimeDelta::days(config.tokens.longest_days.into()),
            step_up_lifetime: TimeDelta::minutes(config.tokens.step_up_minutes.into()),
            email_revert_lifetime: TimeDelta::days(config.tokens.email_revert_days.into()),
        };
        let streams = StreamOptions { cached: config.cached_streams, ..StreamOptions::default() };
        let settings = Settings { tokens, hashing, plans: config.plans.limits(), streams };
        let (journal, vault, fleet) = (Arc::clone(&self.journal), Arc::clone(&self.vault), Arc::new(clusters::fleet(config)));
        let commands = Commands::init(journal, vault, commands::system_clock, shell, laboratory, fleet, settings).await?;
        Ok(commands.with_second_factor_for(config.second_factor_for()))
    }

    /// Finishes what was accepted and releases the files.
    pub async fn close(&self) {
        self.journal.close().await;
        self.vault.close().await;
    }
}

/// The keys of a data directory that is there, for this process alone.
///
/// # Errors
/// There is no vault, a server has it open, or the master key does not fit.
pub(crate) async fn open_vault(config: &Config, keys: impl MasterKeySource) -> Result<Arc<dyn Vault>, VaultError> {
    if config.database_url.is_none() {
        let path = config.vault_path();
        std::fs::metadata(&path).map_err(|source| VaultError::Path { path, source })?;
    }
    vault(config, keys).await
}

/// The keys as they are, also beside a running server. Nothing is made or changed.
///
/// # Errors
/// There is no vault, or the master key does not fit.
pub(crate) async fn look_at_vault(config: &Config) -> Result<Arc<dyn Vault>, VaultError> {
    let place = Place::of(config)?;
    Ok(match vault_url(config) {
        Some(url) => Arc::new(PostgresVault::look(url, place).await?),
        None => Arc::new(SqliteVault::look(config.vault_path(), place).await?),
    })
}

async fn vault(config: &Config, keys: impl MasterKeySource) -> Result<Arc<dyn Vault>, VaultError> {
    Ok(match vault_url(config) {
        Some(url) => Arc::new(PostgresVault::init(url, keys).await?),
        None => Arc::new(SqliteVault::init(config.vault_path(), keys).await?),
    })
}

fn vault_url(config: &Config) -> Option<&str> {
    config.vault_url.as_ref().or(config.database_url.as_ref()).map(ExposeSecret::expose_secret)
}

async fn journal(config: &Config, vault: &Arc<dyn Vault>) -> Result<Arc<dyn Journal>, JournalError> {
    let durability = if config.journal.unsafe_durability { Durability::Unsafe } else { Durability::Full };
    if let Some(url) = &config.database_url {
        let options = PostgresOptions { durability, ..PostgresOptions::new(url.expose_secret(), Arc::clone(vault)) };
        return Ok(Arc::new(PostgresJournal::init(options).await?));
    }
    let options = SqliteOptions {
        durability,
        synchronous: Some(config.journal.synchronous),
        ..SqliteOptions::new(config.journal_path(), Arc::clone(vault))
    };
    Ok(Arc::new(SqliteJournal::init(options).await?))
}

/// The directory is this user's alone: it holds keys.
pub(crate) fn prepare(path: &Path) -> std::io::Result<()> {
    if !path.is_dir() {
        return DirBuilder::new().recursive(true).mode(0o700).create(path);
    }
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        std::fs::set_permissions(path, Permissions::from_mode(mode & 0o7700))?;
    }
    Ok(())
}
