//! What a backup says about itself.

use std::{
    fs::File,
    io::{ErrorKind, Read},
    path::Path,
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::at;
use crate::ArchiveError;

/// The name of the manifest within a backup.
pub const MANIFEST: &str = "manifest.json";
pub(super) const KIND: &str = "backup";
pub(super) const VERSION: u32 = 1;

/// What a backup holds. It is no secret, and it is not signed: the checkpoints in the journal are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `backup`.
    pub nalabo: String,
    /// Of this form.
    pub version: u32,
    /// Which journal.
    pub journal: Uuid,
    /// Its head.
    pub position: i64,
    /// The head's hash, in hexadecimal.
    pub hash: String,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// What checks the signed checkpoints.
    pub verifier_key: Option<String>,
    /// `journal.db`.
    pub file: FileDigest,
    /// The file of the keys, wherever it is kept, if one was made.
    pub keys: Option<FileDigest>,
}

/// A file's size and digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileDigest {
    /// SHA-256, in hexadecimal.
    pub sha256: String,
    /// How many.
    pub bytes: u64,
}

impl FileDigest {
    /// Of a file as it is.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of(path: &Path) -> Result<Self, ArchiveError> {
        let mut file = File::open(path).map_err(at(path))?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        let mut bytes = 0;
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(Self { sha256: hex::encode(hash.finalize()), bytes }),
                Ok(read) => {
                    hash.update(&buffer[..read]);
                    bytes += read as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(at(path)(error)),
            }
        }
    }

    pub(super) fn check(&self, path: &Path) -> Result<(), ArchiveError> {
        let found = Self::of(path)?;
        if found == *self {
            return Ok(());
        }
        let what = format!(
            "the file was changed: expected {} bytes with the SHA-256 {}, found {} with {}",
            self.bytes, self.sha256, found.bytes, found.sha256
        );
        Err(ArchiveError::Backup { path: path.to_owned(), what })
    }
}

impl Manifest {
    /// Of the backup in a folder.
    ///
    /// # Errors
    /// There is none, or it is not of this form.
    pub fn read(folder: &Path) -> Result<Self, ArchiveError> {
        let path = folder.join(MANIFEST);
        let text = std::fs::read_to_string(&path).map_err(at(&path))?;
        let wrong = |what: String| ArchiveError::Backup { path: path.clone(), what };
        let manifest: Self = serde_json::from_str(&text).map_err(|error| wrong(format!("not the manifest of a backup: {error}")))?;
        if manifest.nalabo != KIND || manifest.version != VERSION {
            return Err(wrong(format!("expected a {KIND} of version {VERSION}")));
        }
        Ok(manifest)
    }

    pub(super) fn to_text(&self) -> Result<String, ArchiveError> {
        serde_json::to_string_pretty(self).map(|text| text + "\n").map_err(|error| ArchiveError::Write(error.into()))
    }
}
