//! Events put into a site's journal past the commands: many, or such as no command makes.

use domain::{
    Decider, Event,
    audit::trail::{Note, Trail, TrailEvent, Verdict},
};
use journal::{Append, Metadata, NewEvent, StreamId, StreamWrite};
use nalabo::node::Stores;
use serde_json::Value;
use uuid::Uuid;

use crate::site::Site;

/// How many streams one append begins.
const AT_ONCE: usize = 500;

/// Begins `count` streams with one event each. A journal in files must not be in use.
pub(crate) async fn streams(site: &Site, kind: &'static str, name: &str, payload: &Value, count: usize) {
    each(site, kind, name, std::iter::repeat_n(payload.clone(), count)).await;
}

/// Has the audit know of `count` things that somebody did, each with a reason of so many bytes. A journal in files must not be in use.
pub(crate) async fn notes(site: &Site, actor: &str, count: usize, bytes: usize) {
    let note = || {
        let note = Note {
            entry: Uuid::now_v7(),
            at: chrono::Utc::now(),
            actor: actor.into(),
            via: None,
            on_behalf_of: None,
            operation: "trialHold".into(),
            verdict: Verdict::Accepted,
            reason: Some("x".repeat(bytes)),
            subjects: vec![],
            correlation: Uuid::now_v7(),
            address: None,
            address_digest: None,
            user_agent: None,
            times: 1,
        };
        TrailEvent::Noted(Box::new(note))
    };
    let payloads = std::iter::repeat_with(|| serde_json::to_value(note()).expect("JSON"));
    each(site, Trail::STREAM, note().name(), payloads.take(count)).await;
}

/// Begins a stream with one event for each payload.
async fn each(site: &Site, kind: &'static str, name: &str, payloads: impl Iterator<Item = Value>) {
    let stores = Stores::open(&site.config()).await.expect("the stores open");
    let mut writes = payloads.map(|payload| {
        let event = NewEvent { id: Uuid::now_v7(), name: name.into(), version: 1, payload };
        StreamWrite { stream: StreamId::new(kind, Uuid::now_v7()), expected: 0, events: vec![event] }
    });
    loop {
        let some: Vec<StreamWrite> = writes.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            break;
        }
        let append = Append { writes: some, metadata: metadata(), receipt: None, fence: None };
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
