//! What was read a moment ago.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use domain::kernel::Timestamp;
use journal::Journal;

use super::{
    NO_SNAPSHOTS, OLD, accepted, elsewhere,
    fixtures::{Tally, TallyCommand, TallyEvent, journal},
    tell,
};
use crate::{Dispatcher, streams::Age};

/// A clock that stands still until it is told otherwise.
static SECONDS: AtomicI64 = AtomicI64::new(1_800_000_000);

fn set_by_hand() -> Timestamp {
    Timestamp::from_timestamp(SECONDS.load(Ordering::Relaxed), 0).expect("a time")
}

#[tokio::test]
async fn what_was_read_a_moment_ago_is_not_asked_for_and_what_was_done_here_is_in_it() {
    let journal = journal().await;
    let (inner, vault) = (Arc::clone(&journal) as Arc<dyn Journal>, Arc::clone(&journal.vault));
    let dispatcher = Dispatcher::init_with(inner, vault, set_by_hand, NO_SNAPSHOTS).await.expect("a dispatcher");
    let recent = async || dispatcher.look_within(Age::Recent, OLD, |tally: &Tally| tally.sum).await.expect("readable");
    accepted(tell(&dispatcher, TallyCommand::Add(1)).await);
    assert_eq!(recent().await, 1);
    let loads = journal.loads();
    accepted(tell(&dispatcher, TallyCommand::Add(1)).await);
    assert_eq!((recent().await, journal.loads()), (2, loads), "what was done here is felt at once");
    elsewhere(&journal, 2, &[TallyEvent::Added { by: 1, sum: 3 }]).await;
    assert_eq!((recent().await, journal.loads()), (2, loads), "what another node wrote may be missing");
    SECONDS.fetch_add(1, Ordering::Relaxed);
    assert_eq!(recent().await, 3, "for a second");
    elsewhere(&journal, 3, &[TallyEvent::Added { by: 1, sum: 4 }]).await;
    SECONDS.fetch_sub(60, Ordering::Relaxed);
    assert_eq!(recent().await, 4, "a clock that was set back knows nothing of that");
}
