//! The keys that access tokens are signed with: made known first, then used, then kept until nothing signed by them is good any more.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use domain::kernel::Timestamp;
use ed25519_dalek::SigningKey as Ed25519;
use journal::vault::SigningKey;
use jsonwebtoken::{DecodingKey, EncodingKey};
use secrecy::{ExposeSecret, SecretSlice};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Identity, tokens::LEEWAY};
use crate::Fault;

/// The secret that older builds sign with, naming no key.
const UNNAMED: &str = "token-signing";
/// How long their tokens are honoured: a rolling upgrade takes less.
const UNNAMED_FOR: TimeDelta = TimeDelta::days(1);
/// How long a node may go on signing with the key before: others tell it of a new one by the vault, which it reads every two seconds.
const NOTICE: TimeDelta = TimeDelta::minutes(1);
/// DER of a PKCS #8 Ed25519 private key (RFC 8410, section 7) up to its 32 bytes.
const PKCS8_PREFIX: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// When a new key takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takeover {
    /// After so long, in which everybody who verifies tokens hears of it. What the key before has signed is good until it expires.
    After(TimeDelta),
    /// Now, and nothing that other keys have signed is good any more: one of them is known to somebody else.
    AtOnce,
}

/// Why there is no new key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRotated {
    #[error("the key {id} is made known already, and signs from {from} on; wait until then, or have a new one take over at once")]
    Waiting { id: String, from: Timestamp },
    #[error("somebody else makes a new key just now; look what became of it")]
    Raced,
}

/// Half of a key that everybody may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// What tokens name it by.
    pub id: String,
    /// The point on Ed25519, in base64url.
    pub x: String,
}

/// One key, ready to be used.
pub(super) struct Key {
    pub(super) id: String,
    pub(super) signing: EncodingKey,
    pub(super) verifying: DecodingKey,
    x: String,
    signs_from: Timestamp,
    /// None for the latest.
    ends_at: Option<Timestamp>,
    nameless_until: Option<Timestamp>,
}

/// All keys that are good for something, by number.
#[derive(Default)]
pub(super) struct Ring(Vec<Key>);

impl Key {
    fn is_good(&self, now: Timestamp) -> bool {
        self.ends_at.is_none_or(|ends_at| now < ends_at)
    }
}

impl Ring {
    pub(super) fn try_new(keys: &[SigningKey]) -> Result<Self, Fault> {
        let read = |key: &SigningKey| {
            let seed = seed(&key.secret)?;
            let public = Ed25519::from_bytes(&seed).verifying_key();
            Ok(Key {
                id: key.id.clone(),
                signing: EncodingKey::from_ed_der(&[&PKCS8_PREFIX[..], &seed].concat()),
                verifying: DecodingKey::from_ed_der(public.as_bytes()),
                x: URL_SAFE_NO_PAD.encode(public.as_bytes()),
                signs_from: key.signs_from,
                ends_at: keys.iter().filter(|later| later.number > key.number).map(|later| later.ends_others_at).min(),
                nameless_until: key.nameless_until,
            })
        };
        keys.iter().map(read).collect::<Result<_, Fault>>().map(Self)
    }

    /// The one that signs by now.
    pub(super) fn signing(&self, now: Timestamp) -> Option<&Key> {
        self.0.iter().rev().find(|key| key.signs_from <= now)
    }

    /// The one that a token names; or where it names none, the one that may go unnamed.
    pub(super) fn named(&self, id: Option<&str>, now: Timestamp) -> Option<&Key> {
        let meant = |key: &&Key| match id {
            Some(id) => key.id == id,
            None => key.nameless_until.is_some_and(|until| now < until),
        };
        self.0.iter().filter(|key| key.is_good(now)).find(meant)
    }

    fn public(&self, now: Timestamp) -> Vec<PublicKey> {
        let public = |key: &Key| PublicKey { id: key.id.clone(), x: key.x.clone() };
        self.0.iter().filter(|key| key.is_good(now)).map(public).collect()
    }
}

impl Identity {
    /// Reads the keys anew: another node, or an operator, may have made one. The first of an installation is made here.
    ///
    /// # Errors
    /// The vault could not be read.
    pub async fn follow_signing_keys(&self) -> Result<(), Fault> {
        let mut keys = self.dispatcher.vault().signing_keys().await?;
        if keys.is_empty() {
            self.add_first().await?;
            keys = self.dispatcher.vault().signing_keys().await?;
        }
        self.tokens.follow(Ring::try_new(&keys)?);
        Ok(())
    }

    /// What tokens are verified with by now, and will be.
    #[must_use]
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.tokens.ring().public(self.dispatcher.now())
    }

    /// Makes a new key; its id. Other nodes use it as soon as they have read it.
    ///
    /// # Errors
    /// The vault could not be read or written.
    pub async fn rotate_signing_key(&self, takeover: Takeover) -> Result<Result<String, NotRotated>, Fault> {
        self.follow_signing_keys().await?;
        let now = self.dispatcher.now();
        let keys = self.dispatcher.vault().signing_keys().await?;
        let waiting = keys.iter().find(|key| key.signs_from > now);
        let (signs_from, ends_others_at) = match (takeover, waiting) {
            (Takeover::After(_), Some(key)) => {
                return Ok(Err(NotRotated::Waiting { id: key.id.clone(), from: key.signs_from }));
            }
            (Takeover::After(overlap), None) => (now + overlap, now + overlap + NOTICE + self.tokens.access_lifetime() + LEEWAY),
            (Takeover::AtOnce, _) => (now, now),
        };
        let number = keys.last().map_or(0, |key| key.number) + 1;
        let secret = SecretSlice::from(rand::random::<[u8; 32]>().to_vec());
        let key = SigningKey { number, id: thumbprint(&secret)?, secret, signs_from, ends_others_at, nameless_until: None };
        if !self.dispatcher.vault().add_signing_key(&key).await? {
            return Ok(Err(NotRotated::Raced));
        }
        self.follow_signing_keys().await?;
        Ok(Ok(key.id))
    }

    /// Forgets keys that nothing is good by any more; how many there were.
    ///
    /// # Errors
    /// The vault could not be written.
    pub async fn purge_signing_keys(&self) -> Result<u64, Fault> {
        Ok(self.dispatcher.vault().purge_signing_keys(self.dispatcher.now(), UNNAMED).await?)
    }

    /// Of several nodes that do it at once one is first. What older builds signed with goes on as the first key, so that in a rolling
    /// upgrade all take each other's tokens.
    async fn add_first(&self) -> Result<(), Fault> {
        let (vault, now) = (self.dispatcher.vault(), self.dispatcher.now());
        let unnamed = vault.known_secret(UNNAMED).await?;
        let nameless_until = unnamed.as_ref().map(|_| now + UNNAMED_FOR);
        let secret = unnamed.unwrap_or_else(|| rand::random::<[u8; 32]>().to_vec().into());
        let id = thumbprint(&secret)?;
        // From before, so that a node whose clock is behind finds that it signs.
        let signs_from = now - NOTICE;
        let first = SigningKey { number: 1, id, secret, signs_from, ends_others_at: signs_from, nameless_until };
        vault.add_signing_key(&first).await?;
        Ok(())
    }
}

fn seed(secret: &SecretSlice<u8>) -> Result<[u8; 32], Fault> {
    secret.expose_secret().try_into().map_err(|_| Fault::Outside("a token signing key is not 32 bytes".into()))
}

/// What a key is named by (RFC 7638): whoever has the public half can tell.
fn thumbprint(secret: &SecretSlice<u8>) -> Result<String, Fault> {
    let x = URL_SAFE_NO_PAD.encode(Ed25519::from_bytes(&seed(secret)?).verifying_key().as_bytes());
    let members = json!({ "crv": "Ed25519", "kty": "OKP", "x": x });
    Ok(URL_SAFE_NO_PAD.encode(Sha256::digest(members.to_string())))
}

#[cfg(test)]
mod tests;
