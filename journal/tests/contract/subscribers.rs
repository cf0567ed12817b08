//! What stands beside the events: contents, leases, checkpoints, timers.

use std::time::Duration;

use chrono::{DateTime, Utc};
use journal::{Advance, JournalError, Link, ParkChange, Parked, Position, SignedCheckpoint, Snapshot, Timer, TimerChange};
use serde_json::json;

use crate::{Store, fixtures::stream};

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
    journal.advance(Advance::to("points", Position(7))).await.expect("advance");
    journal.advance(Advance::to("mails", Position(3))).await.expect("advance");
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
    journal.advance(Advance { timers: set.to_vec(), ..Advance::to("saga", Position(1)) }).await.expect("advance");
    let foreign = vec![TimerChange::Set(timer("foreign", 1))];
    journal.advance(Advance { timers: foreign, ..Advance::to("other", Position(1)) }).await.expect("advance");
    assert_eq!(journal.due_timers("saga", at(9), 10).await.expect("timers"), []);
    assert_eq!(journal.due_timers("saga", at(10), 10).await.expect("timers"), [timer("early", 10)]);
    let changes = vec![TimerChange::Set(timer("early", 40)), TimerChange::Cancel("never".into()), TimerChange::Cancel("unknown".into())];
    journal.advance(Advance { timers: changes, ..Advance::to("saga", Position(2)) }).await.expect("advance");
    assert_eq!(journal.due_timers("saga", at(60), 10).await.expect("timers"), [timer("middle", 20), timer("late", 30), timer("early", 40)]);
    assert_eq!(journal.due_timers("saga", at(60), 1).await.expect("timers"), [timer("middle", 20)]);
}

pub(crate) async fn an_advance_is_fenced(store: &impl Store) {
    let journal = store.open().await;
    let old = journal.lease("saga", "a", Duration::ZERO).await.expect("lease").expect("free");
    let new = journal.lease("saga", "b", MINUTE).await.expect("lease").expect("expired");
    let timers = vec![TimerChange::Set(Timer { key: "late".into(), due: DateTime::UNIX_EPOCH })];
    let refused = journal.advance(Advance { timers, fence: Some(old), ..Advance::to("saga", Position(5)) }).await;
    assert!(matches!(&refused, Err(JournalError::Fenced(lease)) if lease == "saga"), "{refused:?}");
    assert_eq!(journal.checkpoint("saga").await.expect("checkpoint"), Position(0), "nothing was written");
    assert_eq!(journal.due_timers("saga", Utc::now(), 1).await.expect("timers"), [], "nothing was written");
    journal.advance(Advance { fence: Some(new), ..Advance::to("saga", Position(6)) }).await.expect("advance");
    assert_eq!(journal.checkpoint("saga").await.expect("checkpoint"), Position(6));
}

pub(crate) async fn streams_are_parked_and_released(store: &impl Store) {
    let journal = store.open().await;
    let at = |seconds: i64| DateTime::<Utc>::from_timestamp(1_800_000_000 + seconds, 0).expect("a time");
    let parked =
        |seconds| Parked { stream: stream(), position: Position(3), reason: "no such account".into(), attempts: 4, at: at(seconds) };
    let (first, second) = (parked(1), parked(2));
    let both = vec![ParkChange::Park(second.clone()), ParkChange::Park(first.clone())];
    journal.advance(Advance { parked: both, ..Advance::to("mails", Position(9)) }).await.expect("advance");
    let own = Parked { attempts: 1, ..first.clone() };
    let other = Advance { subscriber: "points".into(), parked: vec![ParkChange::Park(own.clone())], ..Advance::default() };
    journal.advance(other).await.expect("advance");
    assert_eq!(journal.checkpoint("points").await.expect("checkpoint"), Position(0), "the checkpoint stays");
    assert_eq!(journal.parked("mails").await.expect("parked"), [first.clone(), second.clone()]);

    let again = Parked { attempts: 5, at: at(3), ..first.clone() };
    let changes = vec![ParkChange::Park(again.clone()), ParkChange::Release(second.stream)];
    journal.advance(Advance { parked: changes, ..Advance::to("mails", Position(9)) }).await.expect("advance");
    journal.close().await;
    let journal = store.open().await;
    assert_eq!(journal.parked("mails").await.expect("parked"), [again]);
    assert_eq!(journal.parked("points").await.expect("parked"), [own]);
}

pub(crate) async fn a_snapshot_is_replaced_by_a_later_one(store: &impl Store) {
    let journal = store.open().await;
    let stream = stream();
    let snapshot = |version, sequence| Snapshot { stream: stream.clone(), version, sequence, state: json!({ "at": sequence }).to_string() };
    assert_eq!(journal.snapshot(&stream, 1).await.expect("snapshot"), None);
    journal.put_snapshot(snapshot(1, 100)).await.expect("put");
    journal.put_snapshot(snapshot(1, 90)).await.expect("put");
    assert_eq!(journal.snapshot(&stream, 1).await.expect("snapshot"), Some(snapshot(1, 100)));
    assert_eq!(journal.snapshot(&stream, 2).await.expect("snapshot"), None, "another form is of no use");
    journal.put_snapshot(snapshot(2, 50)).await.expect("put");
    assert_eq!(journal.snapshot(&stream, 2).await.expect("snapshot"), Some(snapshot(2, 50)));
    assert_eq!(journal.snapshot(&stream, 1).await.expect("snapshot"), None);
}

pub(crate) async fn signed_checkpoints_are_kept(store: &impl Store) {
    let journal = store.open().await;
    let signed = |position: i64, note: &str| SignedCheckpoint {
        link: Link { position: Position(position), hash: [7; 32] },
        signed_at: DateTime::from_timestamp(1_800_000_000 + position, 0).expect("a time"),
        note: note.into(),
    };
    assert_eq!(journal.signed_checkpoint(Position(i64::MAX)).await.expect("checkpoint"), None);
    for checkpoint in [signed(10, "ten"), signed(20, "twenty"), signed(20, "another twenty")] {
        journal.put_signed_checkpoint(checkpoint).await.expect("put");
    }
    assert_eq!(journal.signed_checkpoint(Position(9)).await.expect("checkpoint"), None);
    assert_eq!(journal.signed_checkpoint(Position(19)).await.expect("checkpoint"), Some(signed(10, "ten")));
    assert_eq!(journal.signed_checkpoint(Position(i64::MAX)).await.expect("checkpoint"), Some(signed(20, "twenty")));
}
