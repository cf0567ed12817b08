//! Old forms of an account's events.

use serde_json::{Value, json};

use crate::upcast::Upcast;

pub(super) const STEPS: &[Upcast] =
    &[Upcast { event: "RoleGranted", from: 1, change: name_grants }, Upcast { event: "RoleRevoked", from: 1, change: name_grants }];

/// Roles were names, and held for good.
fn name_grants(mut payload: Value) -> Value {
    let fields = payload.as_object_mut().and_then(|variant| variant.values_mut().next()).and_then(Value::as_object_mut);
    if let Some(fields) = fields
        && let Some(Value::Array(roles)) = fields.remove("roles")
    {
        let grants: Vec<_> = roles.into_iter().map(|role| json!({ "role": role })).collect();
        fields.insert("grants".into(), grants.into());
    }
    payload
}
