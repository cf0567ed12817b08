//! The key above all keys. It is never in a database.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretBox};
use zeroize::Zeroizing;

use super::VaultError;

const LENGTH: usize = 32;

/// 32 random bytes that wrap every key in a vault. Printing it shows nothing; its memory is wiped.
#[derive(Debug)]
pub struct MasterKey(SecretBox<[u8; LENGTH]>);

impl MasterKey {
    /// Reads it from a file of 32 bytes. With `create`, a missing file is made, readable by its owner only.
    ///
    /// # Errors
    /// [`VaultError::Path`] if the file cannot be read or made, [`VaultError::MasterKey`] if it is not 32 bytes long.
    pub fn from_file(path: &Path, create: bool) -> Result<Self, VaultError> {
        let failed = |source| VaultError::Path { path: path.to_owned(), source };
        if create {
            create_file(path).map_err(failed)?;
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

    fn try_new(bytes: &[u8]) -> Option<Self> {
        let bytes = Zeroizing::new(<[u8; LENGTH]>::try_from(bytes).ok()?);
        Some(Self(SecretBox::init_with_mut(|key: &mut [u8; LENGTH]| key.copy_from_slice(bytes.as_slice()))))
    }

    pub(super) fn expose(&self) -> &[u8; LENGTH] {
        self.0.expose_secret()
    }
}

/// Leaves an existing file as it is.
fn create_file(path: &Path) -> std::io::Result<()> {
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut bytes = Zeroizing::new([0; LENGTH]);
    rand::fill(bytes.as_mut_slice());
    file.write_all(bytes.as_slice())?;
    file.sync_all()?;
    // The name of the file must survive the loss of power as well.
    File::open(crate::database::directory(path))?.sync_all()
}
