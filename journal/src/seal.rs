//! Personal values inside JSON.
//!
//! ```text
//! {"$personal": {"subject": <uuid>, "value": …}}       as an event is appended
//! {"$personal": {"subject": <uuid>, "sealed": "v1.…"}} as it is stored, read, exported
//! {"$personal": {"subject": <uuid>, "erased": true}}   as it is opened after the person was erased
//! ```

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{JournalError, vault::Vault};

const MARK: &str = "$personal";

/// Seals every plain personal value, bound to the event. Sealed and erased ones stay as they are.
///
/// # Errors
/// [`JournalError::Malformed`] if a `$personal` is of none of the three forms, [`JournalError::Seal`] if the vault refuses.
pub async fn seal(vault: &dyn Vault, event_id: Uuid, json: &mut Value) -> Result<(), JournalError> {
    let mut found = Vec::new();
    find(json, &mut found);
    for personal in found {
        let subject = subject(personal)?;
        if let Some(value) = personal.get("value") {
            let plaintext = Zeroizing::new(value.to_string().into_bytes());
            let sealed = vault.seal(subject, event_id, &plaintext).await?;
            *personal = json!({ "subject": subject, "sealed": sealed });
        } else if !personal.get("sealed").is_some_and(Value::is_string) && !is_erased(personal) {
            return Err(malformed());
        }
    }
    Ok(())
}

/// Opens every sealed personal value; those of erased people read as erased.
///
/// # Errors
/// [`JournalError::Malformed`] if a `$personal` is of none of the three forms, [`JournalError::Seal`] if the vault cannot open one.
pub async fn open(vault: &dyn Vault, json: &mut Value) -> Result<(), JournalError> {
    let mut found = Vec::new();
    find(json, &mut found);
    let mut sealed = Vec::with_capacity(found.len());
    for personal in &mut found {
        let subject = subject(personal)?;
        match personal.get_mut("sealed").map(Value::take) {
            Some(Value::String(text)) => sealed.push((subject, text, personal)),
            None if personal.get("value").is_some() || is_erased(personal) => {}
            _ => return Err(malformed()),
        }
    }
    let texts: Vec<(Uuid, &str)> = sealed.iter().map(|(subject, text, _)| (*subject, text.as_str())).collect();
    let opened = vault.open_many(&texts).await?;
    for ((subject, _, personal), plaintext) in sealed.iter_mut().zip(opened) {
        ***personal = match plaintext {
            Some(bytes) => {
                let value: Value = serde_json::from_slice(bytes.expose_secret()).map_err(|_| malformed())?;
                json!({ "subject": *subject, "value": value })
            }
            None => json!({ "subject": *subject, "erased": true }),
        };
    }
    Ok(())
}

/// What the marks hold. What is inside a personal value is sealed with it, so it is not looked into.
fn find<'a>(json: &'a mut Value, found: &mut Vec<&'a mut Value>) {
    match json {
        Value::Array(items) => items.iter_mut().for_each(|item| find(item, found)),
        Value::Object(fields) => {
            for (name, field) in fields {
                if name == MARK { found.push(field) } else { find(field, found) }
            }
        }
        _ => {}
    }
}

fn subject(personal: &Value) -> Result<Uuid, JournalError> {
    personal.get("subject").and_then(Value::as_str).and_then(|text| Uuid::try_parse(text).ok()).ok_or_else(malformed)
}

fn is_erased(personal: &Value) -> bool {
    personal.get("erased") == Some(&Value::Bool(true))
}

fn malformed() -> JournalError {
    JournalError::Malformed("expected {\"$personal\":{\"subject\":<uuid>, and one of \"value\", \"sealed\", \"erased\":true}}".into())
}

#[cfg(test)]
mod tests;
