//! Backups of the embedded journal and, apart from it, of its keys; while a server has them open.
//!
//! A backup is a folder with `journal.db` and `manifest.json`. The keys go where they are told to, never beside them, and
//! the master key goes nowhere.

mod manifest;
mod restore;

use std::{
    fs::{DirBuilder, File},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::{SubsecRound, Utc};
use journal::{
    History, Link, Position,
    sqlite::{SqliteHistory, copy},
};

pub use manifest::{FileDigest, MANIFEST, Manifest};
pub use restore::{Restore, restore};

use crate::ArchiveError;

/// The name of the journal within a backup.
pub const JOURNAL: &str = "journal.db";

/// What to back up.
#[derive(Clone, Debug)]
pub struct Backup {
    /// The journal's file.
    pub journal: PathBuf,
    /// The folder to make, or an empty one.
    pub into: PathBuf,
    /// The vault's file, and the file to copy it into.
    pub keys: Option<(PathBuf, PathBuf)>,
    /// What checks signed checkpoints of this journal, if it is known.
    pub verifier_key: Option<String>,
}

/// Makes a backup. The journal is copied before the keys, so that these know everybody in it.
///
/// # Errors
/// The folder is not empty, the file of the keys exists or is in that folder, or something cannot be read or written. Then
/// nothing is left of the backup.
pub async fn backup(backup: &Backup) -> Result<Manifest, ArchiveError> {
    let made = make_folder(&backup.into)?;
    let mut written = vec![];
    let outcome = write(backup, &mut written).await;
    if outcome.is_err() {
        // The first error is the one to tell.
        for file in written {
            let _ = std::fs::remove_file(file);
        }
        if made {
            let _ = std::fs::remove_dir(&backup.into);
        }
    }
    outcome
}

async fn write(backup: &Backup, written: &mut Vec<PathBuf>) -> Result<Manifest, ArchiveError> {
    let journal = backup.into.join(JOURNAL);
    if let Some((_, keys)) = &backup.keys {
        refuse_beside(keys, &backup.into)?;
    }
    copy(&backup.journal, &journal).await?;
    written.push(journal.clone());
    let history = SqliteHistory::init(&journal).await?;
    let head = head(&history).await;
    let id = history.id();
    history.close().await;
    tidy(&journal);
    let head = head?;
    let keys = match &backup.keys {
        Some((vault, keys)) => {
            copy(vault, keys).await?;
            written.push(keys.clone());
            Some(FileDigest::of(keys)?)
        }
        None => None,
    };
    let manifest = Manifest {
        nalabo: manifest::KIND.into(),
        version: manifest::VERSION,
        journal: id,
        position: head.position.0,
        hash: hex::encode(head.hash),
        at: Utc::now().trunc_subsecs(0),
        verifier_key: backup.verifier_key.clone(),
        file: FileDigest::of(&journal)?,
        keys,
    };
    let path = backup.into.join(MANIFEST);
    written.push(path.clone());
    let text = manifest.to_text()?;
    let file = File::options().write(true).create_new(true).mode(0o600).open(&path);
    file.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all())).map_err(at(&path))?;
    File::open(&backup.into).and_then(|folder| folder.sync_all()).map_err(at(&backup.into))?;
    Ok(manifest)
}

/// The last event, as it is stored.
async fn head(history: &dyn History) -> Result<Link, ArchiveError> {
    let head = history.head().await?;
    if head == Position(0) {
        return Ok(Link::default());
    }
    let event = history.read_raw(Position(head.0 - 1), 1).await?.into_iter().next();
    let hash = event.and_then(|event| event.hash.try_into().ok());
    let hash = hash.ok_or_else(|| ArchiveError::Unfit { position: head, what: "the event is missing or malformed".into() })?;
    Ok(Link { position: head, hash })
}

/// Whether the folder was made; one that is there must be empty.
fn make_folder(path: &Path) -> Result<bool, ArchiveError> {
    if !path.exists() {
        return DirBuilder::new().recursive(true).mode(0o700).create(path).map(|()| true).map_err(at(path));
    }
    match std::fs::read_dir(path).map_err(at(path))?.next() {
        None => Ok(false),
        Some(_) => Err(ArchiveError::Backup { path: path.to_owned(), what: "expected a folder that is empty or not there".into() }),
    }
}

fn refuse_beside(keys: &Path, folder: &Path) -> Result<(), ArchiveError> {
    let parent = match keys.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let parent = parent.canonicalize().map_err(at(parent))?;
    if parent.starts_with(folder.canonicalize().map_err(at(folder))?) {
        let what = "keys are kept apart from the journal: name a file outside of the backup's folder".into();
        return Err(ArchiveError::Backup { path: keys.to_owned(), what });
    }
    Ok(())
}

/// Removes what reading a copy leaves beside it.
fn tidy(database: &Path) {
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(beside(database, suffix)); // Mostly it is not there.
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.to_owned().into_os_string();
    path.push(suffix);
    path.into()
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> ArchiveError {
    let path = path.to_owned();
    move |source| ArchiveError::Path { path: path.clone(), source }
}

fn shared(history: SqliteHistory) -> (Arc<SqliteHistory>, Arc<dyn History>) {
    let history = Arc::new(history);
    (Arc::clone(&history), history)
}
