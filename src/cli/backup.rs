//! `nalabo backup` and `nalabo restore`.

use std::path::PathBuf;

use archive::backup::{self, Manifest};
use clap::Args;
use journal::{Position, evidence::Verifier};

use super::{Failure, progress};
use crate::{
    config::Config,
    history::{open_history, open_signer},
};

#[derive(Args)]
pub(super) struct Backup {
    /// The folder to make; it must be empty or not there
    #[arg(long, value_name = "FOLDER")]
    into: PathBuf,
    /// Copy the keys into this file, outside of the folder. The master key is not in it: back that up yourself
    #[arg(long, value_name = "FILE")]
    with_keys: Option<PathBuf>,
    /// Print the manifest
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Restore {
    /// The folder of the backup
    #[arg(long, value_name = "FOLDER")]
    from: PathBuf,
    /// Restore the keys from this file
    #[arg(long, value_name = "FILE")]
    with_keys: Option<PathBuf>,
    /// Check signed checkpoints with this key [default: the manifest's]
    #[arg(long, value_name = "VERIFIER_KEY")]
    key: Option<Verifier>,
    /// Print the manifest
    #[arg(long)]
    json: bool,
}

/// PostgreSQL has tools of its own, which know more of it than this command could.
fn refuse_database(config: &Config, command: &str, instead: &str) -> Result<(), Failure> {
    if config.database_url.is_none() {
        return Ok(());
    }
    let told = format!("{command} is for SQLite, and database_url is set: use {instead} instead, as docs/backup.md tells");
    Err(Failure::Usage(told))
}

pub(super) async fn backup(options: Backup, config: &Config) -> Result<(), Failure> {
    refuse_database(config, "backup", "pg_dump or pg_basebackup")?;
    let history = open_history(config).await.map_err(Failure::failed)?;
    // A backup without the key is a backup still.
    let verifier_key = match open_signer(config, &*history).await {
        Ok(signer) => Some(signer.verifier().to_string()),
        Err(error) => {
            eprintln!("nalabo: the manifest will name no verifier key: {error}");
            None
        }
    };
    let keys = options.with_keys.map(|into| (config.vault_path(), into));
    let what = backup::Backup { journal: config.journal_path(), into: options.into.clone(), keys, verifier_key };
    let manifest = backup::backup(&what).await.map_err(Failure::failed)?;
    tell(&manifest, options.json, &format!("{} has", options.into.display()))
}

pub(super) async fn restore(options: Restore, config: &Config) -> Result<(), Failure> {
    refuse_database(config, "restore", "pg_restore, or the copy that pg_basebackup made,")?;
    let manifest = Manifest::read(&options.from).map_err(Failure::failed)?;
    let keys = options.with_keys.map(|from| (from, config.vault_path()));
    let what = backup::Restore { from: options.from, journal: config.journal_path(), keys, verifier: options.key };
    let bar = progress::bar(manifest.position);
    let restored = backup::restore(&what, |link| bar.set_position(link.position.0.unsigned_abs())).await;
    bar.finish_and_clear();
    tell(&restored.map_err(Failure::failed)?, options.json, &format!("verified: {} has", config.data_dir.display()))
}

fn tell(manifest: &Manifest, json: bool, what: &str) -> Result<(), Failure> {
    if json {
        println!("{}", serde_json::to_string(manifest).map_err(Failure::failed)?);
    } else {
        let keys = if manifest.keys.is_some() { "; keys apart" } else { "" };
        println!("{what} journal {} up to position {}{keys}", manifest.journal, Position(manifest.position));
        println!("the head's hash is {}", manifest.hash);
    }
    Ok(())
}
