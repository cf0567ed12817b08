//! Which sandboxes exist, kept in a folder so that a restarted server finds what its predecessor left.

use std::{
    collections::HashSet,
    fs, io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Mutex,
};

use domain::kernel::EnvironmentId;
use serde::{Deserialize, Serialize};

use super::processes::{ProcessKey, Snapshot};
use crate::driver::DriverError;

const FILE: &str = "sandbox.json";

/// What is written down of one sandbox.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// The user id it runs under, if the server is root.
    pub(super) uid: Option<u32>,
    /// The first process of the outer level.
    pub(super) outer: Option<ProcessKey>,
    /// The first process of the learner's level.
    pub(super) inner: Option<ProcessKey>,
}

/// The folder of records.
#[derive(Debug)]
pub(super) struct Records {
    folder: PathBuf,
    /// Held while a user id is chosen and written down.
    claims: Mutex<()>,
}

impl Records {
    /// Opens the folder, making it if need be.
    ///
    /// # Errors
    /// `Terminal`, naming the folder.
    pub(super) fn try_open(folder: &Path) -> Result<Self, DriverError> {
        let make = || {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
        };
        make().map_err(|error| DriverError::Terminal(format!("the sandboxes' folder {}: {error}", folder.display())))?;
        Ok(Self { folder: folder.to_owned(), claims: Mutex::new(()) })
    }

    /// Writes down that a sandbox is about to be, with a user id of its own if there are `uids` to choose from.
    /// One that is written down already keeps its id.
    ///
    /// # Errors
    /// `Transient` if all ids are taken or the folder cannot be written.
    pub(super) fn claim(&self, environment: EnvironmentId, uids: Option<std::ops::Range<u32>>) -> Result<Record, DriverError> {
        let _claim = self.claims.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let uid = match (self.read(environment)?.and_then(|record| record.uid), uids) {
            (_, None) => None,
            (Some(uid), Some(_)) => Some(uid),
            (None, Some(mut uids)) => {
                let taken = self.taken()?;
                let free = uids.find(|uid| !taken.contains(uid));
                Some(free.ok_or_else(|| DriverError::Transient("all user ids for sandboxes are taken".to_owned()))?)
            }
        };
        let record = Record { uid, ..Record::default() };
        self.write(environment, &record)?;
        Ok(record)
    }

    /// Ids written down, and ids that anything runs under: another server may share the range.
    fn taken(&self) -> Result<HashSet<u32>, DriverError> {
        let mut taken = Snapshot::take().map_err(|error| self.fault(&error))?.uids();
        for environment in self.list()? {
            taken.extend(self.read(environment)?.and_then(|record| record.uid));
        }
        Ok(taken)
    }

    /// Every environment of which something is written down.
    ///
    /// # Errors
    /// `Transient` if the folder cannot be read.
    pub(super) fn list(&self) -> Result<Vec<EnvironmentId>, DriverError> {
        let entries = fs::read_dir(&self.folder).map_err(|error| self.fault(&error))?;
        Ok(entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
    }

    /// What is written down. A file cut short by a crash says no more than that the sandbox was begun.
    ///
    /// # Errors
    /// `Transient` if the file cannot be read.
    pub(super) fn read(&self, environment: EnvironmentId) -> Result<Option<Record>, DriverError> {
        let folder = self.of(environment);
        match fs::read(folder.join(FILE)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).unwrap_or_default())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(folder.exists().then(Record::default)),
            Err(error) => Err(self.fault(&error)),
        }
    }

    /// # Errors
    /// `Transient` if the folder cannot be written.
    pub(super) fn write(&self, environment: EnvironmentId, record: &Record) -> Result<(), DriverError> {
        let folder = self.of(environment);
        let write = || {
            fs::create_dir_all(&folder)?;
            let new = folder.join("new.json");
            fs::write(&new, serde_json::to_vec(record)?)?;
            fs::rename(new, folder.join(FILE))
        };
        write().map_err(|error| self.fault(&error))
    }

    /// Forgets a sandbox.
    ///
    /// # Errors
    /// `Transient` if the folder cannot be written.
    pub(super) fn remove(&self, environment: EnvironmentId) -> Result<(), DriverError> {
        match fs::remove_dir_all(self.of(environment)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.fault(&error)),
            _ => Ok(()),
        }
    }

    fn of(&self, environment: EnvironmentId) -> PathBuf {
        self.folder.join(environment.to_string())
    }

    fn fault(&self, error: &io::Error) -> DriverError {
        DriverError::Transient(format!("the sandboxes' folder {}: {error}", self.folder.display()))
    }
}

#[cfg(test)]
mod tests;
