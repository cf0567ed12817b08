//! The key above all keys. It is never in a database.

mod command;

#[cfg(test)]
mod tests;

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::VaultError;

const LENGTH: usize = 32;

/// What a key's name is a digest of.
const NAME: &[u8] = b"nalabo master key id v1";

/// 32 random bytes that wrap every key in a vault. Printing it shows nothing; its memory is wiped.
#[derive(Debug)]
pub struct MasterKey(SecretBox<[u8; LENGTH]>);

/// Where master keys come from. It is asked when a vault is opened, and again once the vault has another master key.
pub trait MasterKeySource: Send + Sync + 'static {
    /// The key that is used, and with it the one that comes next, if there is one. It may take a while.
    ///
    /// # Errors
    /// As [`MasterKey::from_file`], or whatever it is read by.
    fn read(&self) -> Result<Vec<MasterKey>, VaultError>;
}

/// It is always the same.
impl MasterKeySource for MasterKey {
    fn read(&self) -> Result<Vec<MasterKey>, VaultError> {
        Ok(vec![self.copied()])
    }
}

impl MasterKey {
    /// Reads it from a file of 32 bytes. With `create`, a missing file is made, readable by its owner only, and one that is there is
    /// flushed to disk, as whoever put it there need not have done so.
    ///
    /// # Errors
    /// [`VaultError::Path`] if the file cannot be read or made, [`VaultError::MasterKey`] if it is not 32 bytes long.
    pub fn from_file(path: &Path, create: bool) -> Result<Self, VaultError> {
        let failed = |source| VaultError::Path { path: path.to_owned(), source };
        if create {
            match create_file(path) {
                // What it holds is left as it is.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => flush(path),
                made => made,
            }
            .map_err(failed)?;
        }
        let bytes = Zeroizing::new(std::fs::read(path).map_err(failed)?);
        let mode = std::fs::metadata(path).map_err(failed)?.permissions().mode();
        if mode & 0o007 != 0 {
            tracing::warn!(path = %path.display(), "the master key can be read by every user of this machine");
        }
        Self::try_new(&bytes).ok_or_else(|| VaultError::MasterKey { from: path.display().to_string(), expected: "a file of 32 bytes" })
    }

    /// Decodes it from base64 text; `from` names the setting in an error.
    ///
    /// # Errors
    /// [`VaultError::MasterKey`] if it is not base64 of 32 bytes.
    pub fn from_base64(from: &str, text: &str) -> Result<Self, VaultError> {
        let bytes = STANDARD.decode(text.trim()).map(Zeroizing::new).ok();
        bytes
            .and_then(|bytes| Self::try_new(&bytes))
            .ok_or_else(|| VaultError::MasterKey { from: from.to_owned(), expected: "base64 of 32 bytes" })
    }

    /// Runs a program that prints keys in base64, one a line: the one that is used, and after it the one that comes next, if there
    /// is one. It runs without a shell and is killed if it has not ended within `limit`. Nothing that it prints is shown.
    ///
    /// # Errors
    /// [`VaultError::MasterKeyCommand`] if it cannot be run, fails or takes too long; [`VaultError::MasterKey`] if it prints
    /// something else.
    pub fn from_command(program: &str, arguments: &[String], limit: Duration) -> Result<Vec<Self>, VaultError> {
        let printed = command::printed(program, arguments, limit)
            .map_err(|what| VaultError::MasterKeyCommand { program: program.to_owned(), what })?;
        let malformed =
            || VaultError::MasterKey { from: format!("the command {program}"), expected: "one or two lines, each base64 of 32 bytes" };
        let text = std::str::from_utf8(&printed).map_err(|_| malformed())?;
        let keys: Option<Vec<Self>> = text.trim().lines().map(|line| Self::from_base64(program, line).ok()).collect();
        keys.filter(|keys| (1..=2).contains(&keys.len())).ok_or_else(malformed)
    }

    /// Makes a new key in a new file, readable by its owner only and flushed to disk.
    ///
    /// # Errors
    /// [`VaultError::Path`] if there is such a file already, or it cannot be made.
    pub fn generate_file(path: &Path) -> Result<Self, VaultError> {
        create_file(path).map_err(|source| VaultError::Path { path: path.to_owned(), source })?;
        Self::from_file(path, false)
    }

    /// Puts the file of a new key in the place of the old one's, in one step that survives the loss of power.
    ///
    /// # Errors
    /// [`VaultError::Path`].
    pub fn replace_file(new: &Path, old: &Path) -> Result<(), VaultError> {
        let replaced = std::fs::rename(new, old).and_then(|()| sync_directory(old));
        replaced.map_err(|source| VaultError::Path { path: old.to_owned(), source })
    }

    /// The key's name: a digest that tells keys apart and nothing about them, 16 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(self.expose()).map(|mac| mac.chain_update(NAME).finalize().into_bytes());
        mac.map(|digest| hex::encode(&digest[..8])).unwrap_or_default()
    }

    fn try_new(bytes: &[u8]) -> Option<Self> {
        let bytes = Zeroizing::new(<[u8; LENGTH]>::try_from(bytes).ok()?);
        Some(Self(SecretBox::init_with_mut(|key: &mut [u8; LENGTH]| key.copy_from_slice(bytes.as_slice()))))
    }

    /// The same key once more, which is wiped on its own.
    fn copied(&self) -> Self {
        Self(SecretBox::init_with_mut(|key: &mut [u8; LENGTH]| key.copy_from_slice(self.expose())))
    }

    pub(super) fn expose(&self) -> &[u8; LENGTH] {
        self.0.expose_secret()
    }
}

fn create_file(path: &Path) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let mut bytes = Zeroizing::new([0; LENGTH]);
    rand::fill(bytes.as_mut_slice());
    file.write_all(bytes.as_slice())?;
    file.sync_all()?;
    sync_directory(path)
}

fn flush(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()?;
    sync_directory(path)
}

/// The name of a file must survive the loss of power as well.
fn sync_directory(path: &Path) -> std::io::Result<()> {
    File::open(crate::database::directory(path))?.sync_all()
}
