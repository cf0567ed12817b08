//! Who signs, and how it is checked.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    checkpoint::{self, Checkpoint},
    note::{self, NoteError},
};
use crate::{
    Link, SignedCheckpoint,
    vault::{ExposeSecret, Vault, VaultError},
};

/// The vault's name of the seed.
const SECRET: &str = "checkpoint-signing";
const SEED: usize = 32;
/// What the signed-note form calls Ed25519.
const ED25519: u8 = 1;

/// Signs what the head of one journal is.
pub struct Signer {
    journal: Uuid,
    key: SigningKey,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("journal", &self.journal).finish_non_exhaustive()
    }
}

impl Signer {
    /// With a seed of one's own, 32 random bytes.
    #[must_use]
    pub fn new(journal: Uuid, seed: &[u8; SEED]) -> Self {
        Self { journal, key: SigningKey::from_bytes(seed) }
    }

    /// With the seed that the vault keeps; it is made with the first use.
    ///
    /// # Errors
    /// What the vault says.
    pub async fn from_vault(vault: &dyn Vault, journal: Uuid) -> Result<Self, VaultError> {
        let seed = vault.secret(SECRET, SEED).await?;
        let mut bytes = zeroize::Zeroizing::new([0; SEED]);
        bytes.copy_from_slice(seed.expose_secret()); // The vault gives as many bytes as it was asked for.
        Ok(Self::new(journal, &bytes))
    }

    /// States what the head is.
    #[must_use]
    pub fn sign(&self, link: Link, at: DateTime<Utc>) -> SignedCheckpoint {
        let text = checkpoint::text(self.journal, link, at);
        let verifier = self.verifier();
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        let note = note::seal(&text, &verifier.name, verifier.key_hash(), &signature);
        SignedCheckpoint { link, signed_at: at, note }
    }

    /// What others need to check it.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        Verifier { name: checkpoint::origin(self.journal), key: self.key.verifying_key() }
    }
}

/// A public key and its name. As text: `name+hash+base64`, the form that C2SP's tools take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    key: VerifyingKey,
}

impl Verifier {
    /// The key's name: `nalabo/<journal id>`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a checkpoint says, if this key has signed it.
    ///
    /// # Errors
    /// It is no checkpoint, is signed by another key, or was changed.
    pub fn open(&self, note: &str) -> Result<Checkpoint, NoteError> {
        checkpoint::read(self.open_text(note)?)
    }

    /// The signed text of any note.
    fn open_text<'a>(&self, note: &'a str) -> Result<&'a str, NoteError> {
        let (text, signatures) = note::split(note)?;
        let ours = signatures.iter().find(|signature| signature.name == self.name && signature.key_hash == self.key_hash());
        let ours = ours.ok_or_else(|| NoteError::OtherKey(self.to_string()))?;
        let forged = |_| NoteError::Forged(self.name.clone());
        let signature = Signature::from_slice(&ours.bytes).map_err(forged)?;
        self.key.verify_strict(text.as_bytes(), &signature).map_err(forged)?;
        Ok(text)
    }

    fn key_hash(&self) -> [u8; 4] {
        key_hash(&self.name, self.key.as_bytes())
    }
}

fn key_hash(name: &str, key: &[u8; 32]) -> [u8; 4] {
    let hash = Sha256::new().chain_update(name).chain_update([b'\n', ED25519]).chain_update(key).finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519];
        key.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, hex::encode(self.key_hash()), STANDARD.encode(key))
    }
}

impl FromStr for Verifier {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key("three parts between plus signs"));
        };
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(NoteError::Key("with a name without spaces"));
        }
        let key = STANDARD.decode(key).map_err(|_| NoteError::Key("whose last part is base64"))?;
        let key: [u8; 32] = match key.split_first() {
            Some((&ED25519, key)) => key.try_into().map_err(|_| NoteError::Key("with 32 bytes of public key"))?,
            _ => return Err(NoteError::Key("of the kind Ed25519 (1)")),
        };
        if hex::encode(key_hash(name, &key)) != hash {
            return Err(NoteError::Key("whose hash fits its name and key"));
        }
        let key = VerifyingKey::from_bytes(&key).map_err(|_| NoteError::Key("whose public key is a point of the curve"))?;
        Ok(Self { name: name.to_owned(), key })
    }
}

#[cfg(test)]
mod tests;
