//! What is decided because of a stream that it does not write to.

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::Decider;
use journal::{History, StreamId};
use serde_json::json;
use uuid::Uuid;

use super::{
    NO_SNAPSHOTS, OLD, accepted, dispatcher, elsewhere_to,
    fixtures::{Tally, TallyCommand, TallyEvent, journal},
};
use crate::{
    Request,
    authorization::{Act, Needs},
    dispatch::{Operation, Transaction},
};

const SEEN: Uuid = Uuid::from_u128(8);

fn operation() -> Operation {
    let act = Act { name: "tally", needs: Needs::Program, dangerous: false, takes_password: false, enrolling: false };
    Operation::new(act, json!({}))
}

#[tokio::test]
async fn what_is_decided_because_of_a_stream_is_decided_again_once_something_comes_to_it() {
    let journal = &journal().await;
    let dispatcher = dispatcher(journal, NO_SNAPSHOTS).await;
    let tries = &AtomicUsize::new(0);
    let work = |transaction: Transaction| async move {
        let sum = transaction.rely_on(SEEN, |tally: &Tally| tally.sum).await?;
        if tries.fetch_add(1, Ordering::SeqCst) == 0 {
            // Another node, after it was looked at and before anything was written.
            elsewhere_to(journal, StreamId::new(Tally::STREAM, SEEN), 0, &[TallyEvent::Added { by: 5, sum: 5 }]).await;
        }
        transaction.decide::<Tally>(OLD, TallyCommand::Add(sum + 1)).await.map(drop)
    };
    accepted(dispatcher.execute(&Request::system("test"), operation(), work).await);
    assert_eq!(tries.load(Ordering::SeqCst), 2);
    assert_eq!(dispatcher.state::<Tally>(OLD).await.expect("readable").sum, 6, "of what is there by then");
}

#[tokio::test]
async fn what_is_relied_on_may_be_looked_at_twice_and_written_to_or_lead_to_nothing() {
    let journal = journal().await;
    let dispatcher = dispatcher(&journal, NO_SNAPSHOTS).await;
    let work = |transaction: Transaction| async move {
        let mut sum = 0;
        for id in [SEEN, OLD, SEEN, OLD] {
            sum += transaction.rely_on(id, |tally: &Tally| tally.sum).await?;
        }
        transaction.decide::<Tally>(OLD, TallyCommand::Reach(sum + 1)).await.map(drop)
    };
    for expected in [1, 3, 7] {
        accepted(dispatcher.execute(&Request::system("test"), operation(), work).await);
        assert_eq!(dispatcher.state::<Tally>(OLD).await.expect("readable").sum, expected);
    }
    let nothing = |transaction: Transaction| async move {
        let sum = transaction.rely_on(OLD, |tally: &Tally| tally.sum).await?;
        transaction.decide::<Tally>(OLD, TallyCommand::Reach(sum)).await.map(drop)
    };
    let before = journal.inner.head().await.expect("readable");
    accepted(dispatcher.execute(&Request::system("test"), operation(), nothing).await);
    assert_eq!(journal.inner.head().await.expect("readable"), before);
}
