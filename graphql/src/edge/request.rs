//! A request as it comes over the wire.

use async_graphql::{Request, ServerError, Variables};
use domain::kernel::Digest;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Api;
use crate::{caller::Caller, documents::Asked, limits, loaders::Loaders, read_models::ReadModels};

/// A request in JSON. Other members are refused: the protocol keeps them for itself.
#[derive(Deserialize)]
#[serde(try_from = "Raw")]
pub(super) struct Wire {
    document: Asked,
    variables: Option<Map<String, Value>>,
    operation_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", expecting = "an object with a query")]
struct Raw {
    query: Option<String>,
    /// The document's digest, instead of it.
    document_id: Option<String>,
    variables: Option<Map<String, Value>>,
    operation_name: Option<String>,
    /// Of the protocol; but for one, there is nothing in it for us.
    extensions: Option<Extensions>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object of extensions")]
struct Extensions {
    persisted_query: Option<PersistedQuery>,
}

/// The document's digest, as Apollo's clients send it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object with a version and a sha256Hash")]
struct PersistedQuery {
    version: u32,
    sha256_hash: String,
}

impl TryFrom<Raw> for Wire {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Self, String> {
        let named = raw.document_id.map(|id| digest("documentId", id.strip_prefix("sha256:").unwrap_or(&id))).transpose()?;
        let persisted = raw.extensions.and_then(|extensions| extensions.persisted_query).map(PersistedQuery::digest).transpose()?;
        if named.is_some() && persisted.is_some() && named != persisted {
            return Err("documentId and extensions.persistedQuery.sha256Hash: expected the same digest".into());
        }
        let document = match (raw.query, named.or(persisted)) {
            (Some(text), None) => Asked::Text(text),
            (None, Some(digest)) => Asked::Digest(digest),
            (Some(text), Some(digest)) => Asked::Both(text, digest),
            (None, None) => return Err("missing field `query`".into()),
        };
        Ok(Self { document, variables: raw.variables, operation_name: raw.operation_name })
    }
}

impl PersistedQuery {
    fn digest(self) -> Result<Digest, String> {
        if self.version != 1 {
            return Err("extensions.persistedQuery.version: expected 1".into());
        }
        digest("extensions.persistedQuery.sha256Hash", &self.sha256_hash)
    }
}

fn digest(field: &str, text: &str) -> Result<Digest, String> {
    Digest::try_from(text.to_owned()).map_err(|error| format!("{field}: {error}"))
}

impl Wire {
    /// The request with what resolvers need, if its document is one that is executed and none that is too large.
    pub(super) fn checked(self, api: &Api, caller: Caller) -> Result<Request, ServerError> {
        let text = api.options.documents.text(self.document).map_err(limits::refusal)?;
        let read_models = ReadModels::new(api.services.projections.clone());
        let mut request = Request::new(text).data(Loaders::new(&api.services, &read_models)).data(read_models).data(caller);
        if let Some(variables) = self.variables {
            request = request.variables(Variables::from_json(Value::Object(variables)));
        }
        if let Some(name) = self.operation_name {
            request = request.operation_name(name);
        }
        limits::check(&mut request, &api.options.limits, api.options.development)?;
        Ok(request)
    }
}
