//! Events put into a site's journal past the commands: many, or such as no command makes.

use journal::{Append, Metadata, NewEvent, StreamId, StreamWrite};
use nalabo::node::Stores;
use serde_json::Value;
use uuid::Uuid;

use crate::site::Site;

/// How many streams one append begins.
const AT_ONCE: usize = 500;

/// Begins `count` streams with one event each. A journal in files must not be in use.
pub(crate) async fn streams(site: &Site, kind: &'static str, name: &str, payload: &Value, count: usize) {
    let stores = Stores::open(&site.config()).await.expect("the stores open");
    let mut left = count;
    while left > 0 {
        let some = left.min(AT_ONCE);
        left -= some;
        let writes = (0..some).map(|_| {
            let event = NewEvent { id: Uuid::now_v7(), name: name.into(), version: 1, payload: payload.clone() };
            StreamWrite { stream: StreamId::new(kind, Uuid::now_v7()), expected: 0, events: vec![event] }
        });
        let append = Append { writes: writes.collect(), metadata: metadata(), receipt: None, fence: None };
        stores.journal.append(append).await.expect("an append");
    }
    stores.close().await;
}

fn metadata() -> Metadata {
    Metadata {
        command: Uuid::now_v7(),
        correlation: Uuid::now_v7(),
        causation: None,
        actor: "system:test".into(),
        via: None,
        on_behalf_of: None,
        address: None,
        address_digest: None,
        operation: None,
        traceparent: None,
    }
}
