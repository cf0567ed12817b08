//! `nalabo keys`.

mod new_key;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use journal::vault::{MasterKey, Rotated, Vault, VaultError};
use serde_json::json;

use super::{Failure, operator};
use crate::{
    config::Config,
    control,
    history::{open_history, open_signer},
    node::{
        master_key::{MASTER_KEY, NEXT_MASTER_KEY, Place, WithNext, next_to},
        open_vault,
    },
    operator::{Answer, Operation},
};

#[derive(Subcommand)]
pub(super) enum Keys {
    /// Wrap every key anew under another master key, so that the old one opens nothing any more
    Rotate(Rotate),
    /// Make a new key to sign access tokens with; servers that run use it as well, without a restart
    RotateSigning(RotateSigning),
    /// Print the key that signed checkpoints are checked with, and which master key this is; nothing of it is secret
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
pub(super) struct Rotate {
    /// Take the new key from this file of 32 bytes, which is made if it is not there, and leave the old one where it is
    /// [default: make one, and put it in the place of the old one's file]
    #[arg(long, value_name = "FILE")]
    new_key_file: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct RotateSigning {
    /// Sign with the new key after so many seconds, in which everybody who verifies tokens gets to know it; tokens of the old one
    /// stay good until they expire
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    after: u32,
    /// Sign with the new key now, and take no token of any other key any more: somebody else has one of them. Clients refresh
    #[arg(long, conflicts_with = "after")]
    at_once: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(keys: Keys, config: &Config) -> Result<(), Failure> {
    match keys {
        Keys::Rotate(rotate) => self::rotate(rotate, config).await,
        Keys::RotateSigning(rotate) => rotate_signing(rotate, config).await,
        Keys::Show { json } => show(config, json).await,
    }
}

async fn rotate_signing(RotateSigning { after, at_once, json }: RotateSigning, config: &Config) -> Result<(), Failure> {
    let after_seconds = (!at_once).then_some(after);
    let Answer::SigningKey { id } = operator::perform(config, Operation::SigningKeyRotate { after_seconds }).await? else {
        return Err(operator::unexpected());
    };
    match after_seconds {
        _ if json => println!("{}", json!({ "id": id, "afterSeconds": after_seconds })),
        Some(seconds) => println!("the key {id} is made known now, and signs access tokens in {seconds} s"),
        None => println!("the key {id} signs access tokens from now on; those signed before are good for nothing"),
    }
    Ok(())
}

async fn show(config: &Config, json: bool) -> Result<(), Failure> {
    let place = Place::of(config).map_err(Failure::failed)?;
    let mut masters = place.names().map_err(Failure::failed)?.into_iter();
    let (master, next) = (masters.next().unwrap_or_default(), masters.next());
    let history = open_history(config).await.map_err(Failure::failed)?;
    let verifier = match open_signer(config, &*history).await {
        Ok(signer) => Some(signer.verifier().to_string()),
        Err(VaultError::NoSecret(_)) => None,
        Err(error) => return Err(Failure::failed(error)),
    };
    if json {
        println!("{}", json!({ "journal": history.id(), "masterKey": master, "nextMasterKey": next, "verifierKey": verifier }));
        return Ok(());
    }
    println!("the master key is {master}");
    if let Some(next) = next {
        println!("the next one, which may be in use already, is {next}");
    }
    match verifier {
        Some(key) => println!("checkpoints are checked with {key}"),
        None => println!("nothing has been signed yet"),
    }
    Ok(())
}

async fn rotate(Rotate { new_key_file }: Rotate, config: &Config) -> Result<(), Failure> {
    let place = Place::of(config).map_err(Failure::failed)?;
    let (new, replaces) = files(&place, new_key_file)?;
    // A server has another folder to be in.
    let new = std::path::absolute(new).map_err(Failure::failed)?;
    let old = place.name().map_err(Failure::failed)?;
    if MasterKey::from_file(&new, false).is_ok_and(|key| key.id() == old) {
        return Err(Failure::Failed(format!("{} is the master key already; expected another one", new.display())));
    }
    let rotated = match open_vault(config, WithNext { place: place.clone(), file: new.clone() }).await {
        Ok(vault) => {
            let rotated = rotate_here(config, &*vault, &new).await;
            vault.close().await;
            rotated?
        }
        Err(error @ VaultError::Locked { .. }) => rotate_there(config, &new, &error).await?,
        Err(error) => return Err(Failure::failed(error)),
    };
    if rotated.keys == 0 {
        println!("all keys are wrapped by the master key {} already, by a run that was interrupted", rotated.master_key);
    } else {
        println!("{} keys are wrapped by the master key {} instead of {old}", rotated.keys, rotated.master_key);
    }
    if !rotated.is_clean {
        eprintln!("nalabo: {}", leftovers(config));
    }
    let in_place = replaces.is_some();
    if let Some(old) = replaces {
        new_key::check(&new, &rotated.master_key)?;
        MasterKey::replace_file(&new, &old).map_err(Failure::failed)?;
        println!("{} has it", old.display());
    }
    if let Some(told) = what_to_do(config, &place, &new, in_place) {
        println!("{told}");
    }
    Ok(())
}

async fn rotate_here(config: &Config, vault: &dyn Vault, new: &Path) -> Result<Rotated, Failure> {
    let key = new_key::find_or_make(&config.data_dir, new)?;
    vault.rotate_master_key(key).await.map_err(|error| unfinished(&error, new))
}

/// By the server that alone may write to the vault.
async fn rotate_there(config: &Config, new: &Path, locked: &VaultError) -> Result<Rotated, Failure> {
    let id = new_key::find_or_make(&config.data_dir, new)?.id();
    let operation = Operation::MasterKeyRotate { file: new.to_owned(), id };
    match control::ask(&config.data_dir, &operation).await.map_err(|error| unfinished(&error, new))? {
        Some(Answer::MasterKey { id, keys, is_clean }) => Ok(Rotated { keys, master_key: id, is_clean }),
        Some(_) => Err(operator::unexpected()),
        None => Err(Failure::Failed(format!("{locked}, which is no server that could be asked: run it again when that has ended"))),
    }
}

/// Keys may be wrapped by the new one already.
fn unfinished(error: &dyn std::fmt::Display, new: &Path) -> Failure {
    let new = new.display();
    Failure::Failed(format!("{error}; do not delete {new}, and run it again, which goes on from where this one came to"))
}

/// The file of the new key, and the one whose place it takes.
fn files(place: &Place, new_key_file: Option<PathBuf>) -> Result<(PathBuf, Option<PathBuf>), Failure> {
    match (new_key_file, place) {
        (Some(new), _) => Ok((new, None)),
        (None, Place::Environment { .. }) => {
            Err(Failure::Usage(format!("{MASTER_KEY} is set, so that there is no file to replace; expected --new-key-file")))
        }
        (None, Place::Command { program, .. }) => {
            Err(Failure::Usage(format!("{program} prints the master key, so that there is no file to replace; expected --new-key-file")))
        }
        (None, Place::Setting(old) | Place::DataDirectory(old)) => Ok((next_to(old), Some(old.clone()))),
    }
}

fn leftovers(config: &Config) -> &'static str {
    match config.database_url {
        Some(_) => {
            "keys as the old master key wrapped them outlive this in dead rows, in the write-ahead log and in backups of the database: \
             destroy the old master key"
        }
        None => "keys as the old master key wrapped them are still in vault.db-wal, which something reads: destroy the old master key",
    }
}

/// What is left to the operator.
fn what_to_do(config: &Config, place: &Place, new: &Path, in_place: bool) -> Option<String> {
    let shared = config.database_url.is_some();
    let new = new.display();
    let set = match place {
        Place::Setting(file) | Place::DataDirectory(file) if in_place && shared => {
            format!("put {} on every other node of this database", file.display())
        }
        Place::Setting(_) | Place::DataDirectory(_) if in_place => return None,
        Place::Environment { .. } => format!("set {MASTER_KEY} to what `base64 < {new}` prints, and {NEXT_MASTER_KEY} no more"),
        Place::Command { program, .. } => format!("have {program} print what `base64 < {new}` prints, and nothing else"),
        Place::Setting(_) => format!("set journal.master_key_file to {new}"),
        Place::DataDirectory(file) => format!("put {new} in the place of {}, or set journal.master_key_file to it", file.display()),
    };
    let servers = if shared { ": servers that run and do not find it cannot read keys until they do" } else { "" };
    Some(format!("now {set}{servers}"))
}
