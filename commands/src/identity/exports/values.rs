//! An event as the document shows it: the person's own values in the clear, secrets and what is others' withheld.

use chrono::DateTime;
use domain::{fact::Fact, kernel::AccountId};
use journal::RawEvent;
use serde_json::{Map, Value, json};

use super::scan::Because;
use crate::Fault;

const PERSONAL: &str = "$personal";
const WITHHELD: &str = "$withheld";

/// The event, with the person's own values still sealed.
pub(super) fn shown(event: &RawEvent, because: Because, fact: &Fact, account: AccountId) -> Result<Value, Fault> {
    let mut payload: Value = match fact {
        // What a newer build wrote may hold secrets that this one does not know of.
        Fact::Unknown => json!({ WITHHELD: "a newer version's" }),
        _ => serde_json::from_str(&event.payload)?,
    };
    if let Some(Value::Object(fields)) = payload.as_object_mut().and_then(|variant| variant.values_mut().next()) {
        for secret in fact.secrets() {
            if let Some(field) = fields.get_mut(*secret) {
                *field = json!({ WITHHELD: "a secret" });
            }
        }
    }
    let metadata: Map<String, Value> = serde_json::from_str(&event.metadata)?;
    // An address is JSON within text.
    let address = metadata.get("address").and_then(Value::as_str).map(serde_json::from_str::<Value>).transpose()?;
    let mut shown = json!({
        "position": event.position,
        "id": event.event_id,
        "stream": { "kind": event.aggregate_type, "id": event.aggregate_id },
        "sequence": event.sequence,
        "type": event.event_type,
        "version": event.event_version,
        "recordedAt": DateTime::from_timestamp_micros(event.recorded_at),
        "because": because,
        "actor": metadata.get("actor"),
        "via": metadata.get("via"),
        "address": address,
        "payload": payload,
    });
    withhold(&mut shown, &account.0.to_string());
    Ok(shown)
}

/// Takes away what is sealed under another person's key.
fn withhold(value: &mut Value, subject: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| withhold(item, subject)),
        Value::Object(fields) => match fields.get(PERSONAL) {
            Some(personal) if personal.get("subject").and_then(Value::as_str) != Some(subject) => {
                *value = json!({ WITHHELD: "another person's" });
            }
            Some(_) => {}
            None => fields.values_mut().for_each(|field| withhold(field, subject)),
        },
        _ => {}
    }
}

/// Leaves of values that were opened nothing but the value.
pub(super) fn plain(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(plain),
        Value::Object(fields) => match fields.get_mut(PERSONAL) {
            Some(personal) => {
                let opened = personal.get_mut("value").map(Value::take);
                *value = opened.unwrap_or_else(|| json!({ WITHHELD: "erased" }));
            }
            None => fields.values_mut().for_each(plain),
        },
        _ => {}
    }
}

#[cfg(test)]
mod tests;
