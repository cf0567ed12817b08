//! A request as it comes over the wire.

use async_graphql::{Request, Variables};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Api;
use crate::{caller::Caller, loaders::Loaders, read_models::ReadModels};

/// A request in JSON. Other members are refused: the protocol keeps them for itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", expecting = "an object with a query")]
pub(super) struct Wire {
    query: String,
    #[serde(default)]
    variables: Option<Map<String, Value>>,
    #[serde(default)]
    operation_name: Option<String>,
    /// Of the protocol; there is nothing in it for us.
    #[serde(default, rename = "extensions")]
    _extensions: Option<Map<String, Value>>,
}

impl Wire {
    /// The request with what resolvers need.
    pub(super) fn prepared(self, api: &Api, caller: Caller) -> Request {
        let read_models = ReadModels::new(api.services.projections.clone());
        let mut request = Request::new(self.query).data(Loaders::new(&api.services, &read_models)).data(read_models).data(caller);
        if let Some(variables) = self.variables {
            request = request.variables(Variables::from_json(Value::Object(variables)));
        }
        match self.operation_name {
            Some(name) => request.operation_name(name),
            None => request,
        }
    }
}
