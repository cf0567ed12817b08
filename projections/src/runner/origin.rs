//! What an event's metadata say of where it comes from. Whatever is not there, or is not as it should be, is absent: no read model is
//! kept from an event by it.

use domain::kernel::Personal;
use journal::RawEvent;
use serde::Deserialize;
use uuid::Uuid;

use crate::read_model::Origin;

/// Metadata as they are stored: text to text.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Stored {
    command: Option<Uuid>,
    correlation: Uuid,
    causation: Option<Uuid>,
    actor: String,
    via: Option<String>,
    on_behalf_of: Option<String>,
    /// JSON in text.
    address: Option<String>,
    address_digest: Option<String>,
    operation: Option<String>,
}

pub(super) fn read(event: &RawEvent) -> Origin {
    let stored: Stored = serde_json::from_str(&event.metadata).unwrap_or_default();
    let address = stored.address.and_then(|text| serde_json::from_str::<Personal<String>>(&text).ok());
    Origin {
        // Without one it is a command of its own.
        command: stored.command.unwrap_or_else(|| Uuid::from_u128(u128::from(event.position.unsigned_abs()))),
        correlation: stored.correlation,
        causation: stored.causation,
        actor: stored.actor,
        via: stored.via,
        on_behalf_of: stored.on_behalf_of,
        address: address.filter(|address| address.as_sealed().is_some()),
        address_digest: stored.address_digest,
        operation: stored.operation,
    }
}

#[cfg(test)]
mod tests;
