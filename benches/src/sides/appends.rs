//! Appends straight to the journal: one event, hashed, with a receipt.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use domain::Event;
use journal::{Append, Metadata, NewEvent, NewReceipt, StreamId, StreamWrite};
use load::{Counter, CounterEvent, Fault, Order, drive, serve};
use serde_json::json;
use uuid::Uuid;

use crate::store::Store;

pub(super) async fn run(store: &Store) -> Result<(), Fault> {
    let vault = store.vault().await?;
    let journal = store.journal(&vault).await?;
    serve(|order: Order| {
        let journal = Arc::clone(&journal);
        async move {
            drive(&order, move |_, _| {
                let journal = Arc::clone(&journal);
                async move {
                    journal.append(append()?).await?;
                    Ok(())
                }
            })
            .await
        }
    })
    .await?;
    journal.close().await;
    Ok(())
}

fn append() -> Result<Append, Fault> {
    let event = CounterEvent::counted(1, &Counter::default());
    let event =
        NewEvent { id: Uuid::now_v7(), name: event.name().into(), version: event.version(), payload: serde_json::to_value(&event)? };
    let stream = StreamId::new("counter", Uuid::now_v7());
    let receipt = NewReceipt {
        actor: "system:bench".into(),
        operation: "count".into(),
        key: event.id.to_string(),
        fingerprint: vec![7; 32],
        outcome: json!({ "accepted": null }),
        expires_at: Some(Utc::now() + TimeDelta::days(7)),
    };
    let write = StreamWrite { stream, expected: 0, events: vec![event] };
    Ok(Append { writes: vec![write], metadata: metadata(), receipt: Some(receipt), fence: None })
}

pub(super) fn metadata() -> Metadata {
    Metadata {
        command: Uuid::now_v7(),
        correlation: Uuid::now_v7(),
        causation: None,
        actor: "system:bench".into(),
        via: None,
        on_behalf_of: None,
        address: None,
        address_digest: None,
        operation: None,
        traceparent: None,
    }
}
