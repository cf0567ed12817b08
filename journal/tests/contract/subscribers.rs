//! What stands beside the events: contents, leases, checkpoints, timers.

use std::time::Duration;

use chrono::{DateTime, Utc};
use journal::{Position, Timer, TimerChange};

use crate::Store;

const MINUTE: Duration = Duration::from_mins(1);

pub(crate) async fn contents_are_kept_by_digest(store: &impl Store) {
    let journal = store.open().await;
    let digest = journal.put_content(b"hello").await.expect("put");
    assert_eq!(digest, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    assert_eq!(journal.put_content(b"hello").await.expect("put"), digest);
    let large = vec![7; 3_000_000];
    let other = journal.put_content(&large).await.expect("put");
    journal.close().await;
    let journal = store.open().await;
    assert_eq!(journal.content(&digest).await.expect("content").as_deref(), Some(b"hello".as_slice()));
    assert_eq!(journal.content(&other).await.expect("content"), Some(large));
    assert_eq!(journal.content("00").await.expect("content"), None);
}

pub(crate) async fn a_lease_has_one_holder(store: &impl Store) {
    let journal = store.open().await;
    let first = journal.lease("saga", "a", MINUTE).await.expect("lease").expect("free");
    assert_eq!(journal.lease("saga", "b", MINUTE).await.expect("lease"), None);
    let renewed = journal.lease("saga", "a", MINUTE).await.expect("lease").expect("still held");
    assert_eq!(renewed, first);
    assert!(journal.lease("timers", "b", MINUTE).await.expect("lease").is_some());
}

pub(crate) async fn an_expired_lease_is_taken_over(store: &impl Store) {
    let journal = store.open().await;
    let first = journal.lease("saga", "a", Duration::ZERO).await.expect("lease").expect("free");
    let second = journal.lease("saga", "b", MINUTE).await.expect("lease").expect("expired");
    assert!(second.epoch > first.epoch);
    assert_eq!(journal.lease("saga", "a", MINUTE).await.expect("lease"), None);
}

pub(crate) async fn a_checkpoint_starts_at_zero_and_moves(store: &impl Store) {
    let journal = store.open().await;
    assert_eq!(journal.checkpoint("points").await.expect("checkpoint"), Position(0));
    journal.advance("points", Position(7), &[]).await.expect("advance");
    journal.advance("mails", Position(3), &[]).await.expect("advance");
    journal.close().await;
    let journal = store.open().await;
    assert_eq!(journal.checkpoint("points").await.expect("checkpoint"), Position(7));
    assert_eq!(journal.checkpoint("mails").await.expect("checkpoint"), Position(3));
}

pub(crate) async fn timers_are_set_moved_and_cancelled(store: &impl Store) {
    let journal = store.open().await;
    let at = |seconds: i64| DateTime::<Utc>::from_timestamp(1_800_000_000 + seconds, 0).expect("a time");
    let timer = |key: &str, seconds| Timer { key: key.into(), due: at(seconds) };
    let set = [timer("late", 30), timer("early", 10), timer("middle", 20), timer("never", 15)].map(TimerChange::Set);
    journal.advance("saga", Position(1), &set).await.expect("advance");
    journal.advance("other", Position(1), &[TimerChange::Set(timer("foreign", 1))]).await.expect("advance");
    assert_eq!(journal.due_timers("saga", at(9), 10).await.expect("timers"), []);
    assert_eq!(journal.due_timers("saga", at(10), 10).await.expect("timers"), [timer("early", 10)]);
    let changes = [TimerChange::Set(timer("early", 40)), TimerChange::Cancel("never".into()), TimerChange::Cancel("unknown".into())];
    journal.advance("saga", Position(2), &changes).await.expect("advance");
    assert_eq!(journal.due_timers("saga", at(60), 10).await.expect("timers"), [timer("middle", 20), timer("late", 30), timer("early", 40)]);
    assert_eq!(journal.due_timers("saga", at(60), 1).await.expect("timers"), [timer("middle", 20)]);
}
