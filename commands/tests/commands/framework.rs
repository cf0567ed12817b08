//! The journal is an event store like any other to cqrs-es.

use std::sync::{Arc, Mutex};

use commands::{
    Clock,
    stored::{JournalStore, Loaded, Stored, StoredEvent},
};
use cqrs_es::{AggregateError, CqrsFramework, EventEnvelope, EventStore, Query};
use domain::{
    kernel::WorkshopId,
    workshops::{
        WorkshopRejection,
        slug_claim::{SlugClaim, SlugClaimCommand, SlugClaimEvent},
    },
};
use uuid::Uuid;

use crate::platform::{Platform, now};

/// Takes down what it is shown.
struct Seen(Arc<Mutex<Vec<(String, usize)>>>);

#[async_trait::async_trait]
impl Query<Stored<SlugClaim>> for Seen {
    async fn dispatch(&self, id: &str, events: &[EventEnvelope<Stored<SlugClaim>>]) {
        self.0.lock().expect("held by no test that panics").extend(events.iter().map(|event| (id.to_owned(), event.sequence)));
    }
}

fn claim() -> SlugClaimCommand {
    SlugClaimCommand::Claim { slug: "docker".into(), workshop: WorkshopId(Uuid::nil()) }
}

fn claimed() -> StoredEvent<SlugClaimEvent> {
    StoredEvent(SlugClaimEvent::Claimed { slug: "docker".into(), workshop: WorkshopId(Uuid::nil()) })
}

fn id() -> String {
    SlugClaim::stream_id("docker").to_string()
}

#[tokio::test]
async fn the_stock_framework_runs_on_the_journal() {
    let platform = Platform::init().await;
    let seen = Arc::default();
    let store = JournalStore(Arc::clone(&platform.journal));
    let framework = CqrsFramework::<Stored<SlugClaim>, _>::new(store.clone(), vec![Box::new(Seen(Arc::clone(&seen)))], now as Clock);
    framework.execute(&id(), claim()).await.expect("accepted");
    let again = framework.execute(&id(), claim()).await;
    assert!(matches!(again, Err(AggregateError::UserError(WorkshopRejection::SlugTaken))), "{again:?}");
    assert_eq!(*seen.lock().expect("held by nobody"), [(id(), 1)]);

    let events: Vec<EventEnvelope<Stored<SlugClaim>>> = store.load_events(&id()).await.expect("loaded");
    assert_eq!(events.iter().map(|event| (event.sequence, &event.payload)).collect::<Vec<_>>(), [(1, &claimed())]);
    let recorded = platform.events().await;
    assert_eq!((recorded.len(), recorded[0].name.as_str(), recorded[0].metadata.actor.as_str()), (1, "SlugClaimed", "system:cqrs-es"));
}

#[tokio::test]
async fn who_commits_on_what_is_old_by_now_is_told_so() {
    let platform = Platform::init().await;
    let store = JournalStore(Arc::clone(&platform.journal));
    let load = async || -> Loaded<SlugClaim> { store.load_aggregate(&id()).await.expect("loaded") };
    let (first, second) = (load().await, load().await);
    let none = Default::default;
    let committed = EventStore::<Stored<SlugClaim>>::commit(&store, vec![claimed()], first, none()).await.expect("committed");
    assert_eq!(committed.len(), 1);
    let late = EventStore::<Stored<SlugClaim>>::commit(&store, vec![claimed()], second, none()).await;
    assert!(matches!(late, Err(AggregateError::AggregateConflict)), "{late:?}");
    assert_eq!(load().await.version, 1);
}

#[tokio::test]
async fn an_id_that_is_none_is_an_error() {
    let platform = Platform::init().await;
    let store = JournalStore(Arc::clone(&platform.journal));
    let framework = CqrsFramework::<Stored<SlugClaim>, _>::new(store, vec![], now as Clock);
    let outcome = framework.execute("docker", claim()).await;
    assert!(matches!(outcome, Err(AggregateError::UnexpectedError(_))), "{outcome:?}");
}
