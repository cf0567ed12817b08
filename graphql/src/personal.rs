//! Opening personal values where a query asks for them. Nothing opened is kept.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, dataloader::Loader};
use domain::kernel::Personal;
use journal::vault::{ExposeSecret, Vault};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    context::Access,
    failure::{Failure, Result},
};

/// Opens sealed values, all that a query needs at once.
pub(crate) struct PersonalLoader(pub(crate) Arc<dyn Vault>);

impl Loader<(Uuid, String)> for PersonalLoader {
    /// Absent: the person was erased.
    type Value = Option<Value>;
    type Error = Failure;

    async fn load(&self, keys: &[(Uuid, String)]) -> Result<HashMap<(Uuid, String), Self::Value>> {
        let sealed: Vec<(Uuid, &str)> = keys.iter().map(|(subject, text)| (*subject, text.as_str())).collect();
        let opened = self.0.open_many(&sealed).await?;
        let read =
            |bytes: Option<journal::vault::SecretSlice<u8>>| bytes.map(|bytes| serde_json::from_slice(bytes.expose_secret())).transpose();
        keys.iter().cloned().zip(opened).map(|(key, bytes)| Ok((key, read(bytes)?))).collect()
    }
}

/// A personal value in the clear; none once its owner has been erased.
pub(crate) async fn open<T: DeserializeOwned>(ctx: &Context<'_>, personal: &Personal<T>) -> Result<Option<T>> {
    let Some(sealed) = personal.as_sealed() else { return Ok(None) };
    let key = (personal.subject().into(), sealed.to_owned());
    let opened = ctx.loaders().personal.load_one(key).await?.flatten();
    Ok(opened.map(serde_json::from_value).transpose()?)
}
