//! What people's keys seal, and what a keyed digest stands for.

use domain::kernel::Personal;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::Dispatcher;
use crate::Fault;

impl Dispatcher {
    /// A personal value in the clear; none once its owner has been erased.
    pub(crate) async fn open<T: DeserializeOwned>(&self, personal: &Personal<T>) -> Result<Option<T>, Fault> {
        let Some(sealed) = personal.as_sealed() else { return Ok(None) };
        let opened = self.vault().open(personal.subject().into(), sealed).await?;
        Ok(opened.map(|bytes| serde_json::from_slice(bytes.expose_secret())).transpose()?)
    }

    /// The same of a secret, such as the hash of a password or a seed: its memory is wiped, and printing it shows nothing.
    pub(crate) async fn open_secret(&self, personal: &Personal<String>) -> Result<Option<SecretString>, Fault> {
        Ok(self.open(personal).await?.map(SecretString::from))
    }

    /// The stream in which a value is claimed: by a keyed digest, so that the id does not tell the value.
    pub(crate) async fn claim(&self, purpose: &str, value: &str) -> Result<Uuid, Fault> {
        let digest = self.vault().blind(purpose, value).await?;
        Ok(uuid::Builder::from_custom_bytes(std::array::from_fn(|at| digest[at])).into_uuid())
    }
}
