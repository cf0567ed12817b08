//! `nalabo keys`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use journal::vault::{MasterKey, VaultError};
use serde_json::json;

use super::{Failure, operator};
use crate::{
    config::Config,
    history::{open_history, open_signer},
    node::{
        master_key::{MASTER_KEY, Place},
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
    let master = place.read(false).map_err(Failure::failed)?.id();
    let history = open_history(config).await.map_err(Failure::failed)?;
    let verifier = match open_signer(config, &*history).await {
        Ok(signer) => Some(signer.verifier().to_string()),
        Err(VaultError::NoSecret(_)) => None,
        Err(error) => return Err(Failure::failed(error)),
    };
    if json {
        println!("{}", json!({ "journal": history.id(), "masterKey": master, "verifierKey": verifier }));
        return Ok(());
    }
    println!("the master key is {master}");
    match verifier {
        Some(key) => println!("checkpoints are checked with {key}"),
        None => println!("nothing has been signed yet"),
    }
    Ok(())
}

async fn rotate(Rotate { new_key_file }: Rotate, config: &Config) -> Result<(), Failure> {
    let place = Place::of(config).map_err(Failure::failed)?;
    let (new, replaces) = files(&place, new_key_file)?;
    let old = place.read(false).map_err(Failure::failed)?.id();
    match open_vault(config).await {
        Ok(vault) => {
            let key = MasterKey::from_file(&new, true).map_err(Failure::failed)?;
            if key.id() == old {
                vault.close().await;
                return Err(Failure::Failed(format!("{} is the master key already; expected another one", new.display())));
            }
            let rotated = vault.rotate_master_key(key).await;
            vault.close().await;
            let rotated =
                rotated.map_err(|error| Failure::Failed(format!("{error}; run it again, which goes on from where this one came to")))?;
            println!("{} keys are wrapped by the master key {} instead of {old}", rotated.keys, rotated.master_key);
            if !rotated.is_clean {
                eprintln!("nalabo: {}", leftovers(config));
            }
        }
        Err(VaultError::WrongMasterKey { wanted: Some(wanted), .. }) if is_in(&new, &wanted) => {
            println!("all keys are wrapped by the master key {wanted} already, by a run that was interrupted");
        }
        Err(error @ VaultError::Locked { .. }) => {
            return Err(Failure::Failed(format!("{error}: stop the server, change the master key, and start it again")));
        }
        Err(error) => return Err(Failure::failed(error)),
    }
    let in_place = replaces.is_some();
    if let Some(old) = replaces {
        MasterKey::replace_file(&new, &old).map_err(Failure::failed)?;
        println!("{} has it", old.display());
    }
    if let Some(told) = what_to_do(config, &place, &new, in_place) {
        println!("{told}");
    }
    Ok(())
}

/// The file of the new key, and the one whose place it takes.
fn files(place: &Place, new_key_file: Option<PathBuf>) -> Result<(PathBuf, Option<PathBuf>), Failure> {
    match (new_key_file, place) {
        (Some(new), _) => Ok((new, None)),
        (None, Place::Environment(_)) => {
            Err(Failure::Usage(format!("{MASTER_KEY} is set, so that there is no file to replace; expected --new-key-file")))
        }
        (None, Place::Command { program, .. }) => {
            Err(Failure::Usage(format!("{program} prints the master key, so that there is no file to replace; expected --new-key-file")))
        }
        (None, Place::Setting(old) | Place::DataDirectory(old)) => {
            let mut new = old.clone().into_os_string();
            new.push(".new");
            Ok((new.into(), Some(old.clone())))
        }
    }
}

fn is_in(file: &Path, wanted: &str) -> bool {
    MasterKey::from_file(file, false).is_ok_and(|key| key.id() == wanted)
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
            Some(format!("put {} on every other node of this database", file.display()))
        }
        Place::Setting(_) | Place::DataDirectory(_) if in_place => None,
        Place::Environment(_) => Some(format!("set {MASTER_KEY} to what `base64 < {new}` prints")),
        Place::Command { program, .. } => Some(format!("have {program} print what `base64 < {new}` prints")),
        Place::Setting(_) => Some(format!("set journal.master_key_file to {new}")),
        Place::DataDirectory(file) => Some(format!("put {new} in the place of {}, or set journal.master_key_file to it", file.display())),
    };
    let set = set.map(|set| format!("now {set}"));
    if shared { set.map(|set| format!("{set}, and start its servers again: those that run cannot read keys any more")) } else { set }
}
