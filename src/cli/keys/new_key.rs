//! The file of a new master key, which a server is to read.

#[cfg(test)]
mod tests;

use std::{
    io::ErrorKind,
    os::unix::fs::{MetadataExt, chown},
    path::Path,
};

use journal::vault::{MasterKey, VaultError};

use crate::cli::Failure;

/// The key in a file, which is made if it is not there: for the user whose the data directory is, as the server is theirs.
pub(super) fn find_or_make(data_directory: &Path, file: &Path) -> Result<MasterKey, Failure> {
    match MasterKey::generate_file(file) {
        Ok(key) => {
            if let Err(error) = hand_over(data_directory, file) {
                // Nothing is wrapped by it yet; left here, it would be taken the next time for one that is as it should be.
                std::fs::remove_file(file).map_err(Failure::failed)?;
                let (file, directory) = (file.display(), data_directory.display());
                return Err(Failure::Failed(format!(
                    "{file} cannot be made for the user whose {directory} is: {error}; run it as that user or as root"
                )));
            }
            Ok(key)
        }
        Err(VaultError::Path { source, .. }) if source.kind() == ErrorKind::AlreadyExists => {
            MasterKey::from_file(file, true).map_err(Failure::failed)
        }
        Err(error) => Err(Failure::failed(error)),
    }
}

/// Refused, if the file has another key by now than the one that keys were wrapped by.
pub(super) fn check(file: &Path, id: &str) -> Result<(), Failure> {
    if MasterKey::from_file(file, false).map_err(Failure::failed)?.id() == id {
        return Ok(());
    }
    Err(Failure::Failed(format!("{} is not the key {id} any more; nothing was replaced", file.display())))
}

fn hand_over(data_directory: &Path, file: &Path) -> std::io::Result<()> {
    let owner = match std::fs::metadata(data_directory) {
        Ok(owner) => owner,
        // No server was ever here.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    // Whoever made the file is who runs this.
    if std::fs::metadata(file)?.uid() == owner.uid() {
        return Ok(());
    }
    chown(file, Some(owner.uid()), Some(owner.gid()))
}
