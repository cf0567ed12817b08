//! `Journal::append` and `Journal::close`.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use journal::{Append, Fence, JournalError, Link, Position, StreamWrite, Succession};
use serde_json::json;
use tokio::sync::oneshot;

use crate::{
    Store,
    fixtures::{append, event, stream, write},
};

pub(crate) async fn an_append_gets_the_next_positions(store: &impl Store) {
    let journal = store.open().await;
    assert_eq!(journal.head().await.expect("head"), Position(0));
    let stream = stream();
    let first = journal.append(append(vec![write(&stream, 0, 2)])).await.expect("append");
    assert_eq!(first.position, Position(2));
    let second = journal.append(append(vec![write(&stream, 2, 1)])).await.expect("append");
    assert_eq!(second.position, Position(3));
    assert!(second.recorded_at >= first.recorded_at, "time goes back");
    assert_eq!(journal.head().await.expect("head"), Position(3));
    assert_eq!(*journal.watch_head().borrow(), Position(3));
    let events = journal.load(&stream, 0).await.expect("load");
    assert_eq!(events.last().map(|event| event.recorded_at), Some(second.recorded_at));
}

pub(crate) async fn a_stale_writer_is_told_where_the_stream_is(store: &impl Store) {
    let journal = store.open().await;
    let moved = stream();
    journal.append(append(vec![write(&moved, 0, 3)])).await.expect("append");
    for wrong in [0, 2, 4] {
        match journal.append(append(vec![write(&moved, wrong, 1)])).await {
            Err(JournalError::Conflict { stream, expected, actual }) => assert_eq!((stream, expected, actual), (moved.clone(), wrong, 3)),
            other => panic!("expected a conflict, got {other:?}"),
        }
    }
    assert_eq!(journal.head().await.expect("head"), Position(3));
}

pub(crate) async fn several_streams_are_written_all_or_nothing(store: &impl Store) {
    let journal = store.open().await;
    let (one, other, new) = (stream(), stream(), stream());
    journal.append(append(vec![write(&one, 0, 1), write(&other, 0, 2)])).await.expect("append");
    let stale = append(vec![write(&new, 0, 1), write(&one, 1, 1), write(&other, 1, 1)]);
    assert!(matches!(journal.append(stale).await, Err(JournalError::Conflict { actual: 2, .. })));
    assert_eq!(journal.load(&new, 0).await.expect("load"), []);
    assert_eq!(journal.load(&one, 0).await.expect("load").len(), 1);
    assert_eq!(journal.head().await.expect("head"), Position(3));
}

pub(crate) async fn a_stream_without_events_is_a_precondition(store: &impl Store) {
    let journal = store.open().await;
    let (read, written) = (stream(), stream());
    journal.append(append(vec![write(&read, 0, 1)])).await.expect("append");
    let holds = append(vec![write(&read, 1, 0), write(&written, 0, 1)]);
    journal.append(holds).await.expect("append");
    let fails = append(vec![write(&read, 0, 0), write(&written, 1, 1)]);
    assert!(matches!(journal.append(fails).await, Err(JournalError::Conflict { actual: 1, .. })));
}

pub(crate) async fn a_malformed_append_is_refused(store: &impl Store) {
    let journal = store.open().await;
    let one = stream();
    let twice = event(json!({}));
    let mut same_id = write(&one, 0, 0);
    same_id.events = vec![twice.clone(), twice];
    let malformed: [Append; 5] = [
        append(vec![]),
        append(vec![write(&one, 0, 0)]),
        append(vec![write(&one, 0, 1), write(&one, 1, 1)]),
        append(vec![write(&one, -1, 1)]),
        append(vec![same_id]),
    ];
    for append in malformed {
        let refused = journal.append(append).await;
        assert!(matches!(refused, Err(JournalError::Malformed(_))), "{refused:?}");
    }
    assert_eq!(journal.head().await.expect("head"), Position(0));
}

pub(crate) async fn an_event_id_is_used_once(store: &impl Store) {
    let journal = store.open().await;
    let first = write(&stream(), 0, 1);
    let mut again = write(&stream(), 0, 1);
    again.events[0].id = first.events[0].id;
    journal.append(append(vec![first])).await.expect("append");
    let refused = journal.append(append(vec![again])).await;
    assert!(matches!(refused, Err(JournalError::Malformed(_))), "{refused:?}");
    assert_eq!(journal.head().await.expect("head"), Position(1));
    let new = event(json!({}));
    let together = (0..5).map(|_| journal.append(append(vec![StreamWrite { events: vec![new.clone()], ..write(&stream(), 0, 0) }])));
    let outcomes = join_all(together).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).all(|error| matches!(error, JournalError::Malformed(_))));
    assert_eq!(journal.head().await.expect("head"), Position(2));
}

/// Submitted together, they share a transaction; an event id from before is what the table itself refuses.
pub(crate) async fn a_refused_append_fails_alone(store: &impl Store) {
    let journal = store.open().await;
    let before = write(&stream(), 0, 1);
    let used = before.events[0].id;
    journal.append(append(vec![before])).await.expect("append");
    let appends = (0..60).map(|number| {
        let mut write = write(&stream(), 0, 2);
        if number % 20 == 7 {
            write.events[1].id = used;
        }
        journal.append(append(vec![write]))
    });
    let outcomes = join_all(appends).await;
    let refused: Vec<usize> = outcomes.iter().enumerate().filter(|(_, outcome)| outcome.is_err()).map(|(number, _)| number).collect();
    assert_eq!(refused, [7, 27, 47]);
    assert!(outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).all(|error| matches!(error, JournalError::Malformed(_))));
    assert_eq!(journal.head().await.expect("head"), Position(1 + 57 * 2));
    assert_eq!(journal.verify(Link::default(), 1000).await.expect("verified").position, Position(115));
}

pub(crate) async fn an_event_has_a_size_limit(store: &impl Store) {
    let journal = store.open().await;
    let one = stream();
    let mut large = write(&one, 0, 1);
    large.events.push(event(json!({ "text": "x".repeat(64 * 1024) })));
    match journal.append(append(vec![large])).await {
        Err(JournalError::TooLarge { name, bytes, limit }) => {
            assert_eq!((name.as_str(), limit), ("StepCompleted", 65_536));
            assert!(bytes > limit);
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
    let mut fits = write(&one, 0, 0);
    fits.events.push(event(json!({ "text": "x".repeat(63 * 1024) })));
    journal.append(append(vec![fits])).await.expect("append");
}

pub(crate) async fn a_passed_lease_fences_its_holder(store: &impl Store) {
    let journal = store.open().await;
    let one = stream();
    let held = journal.lease("runner", "a", Duration::ZERO).await.expect("lease").expect("free");
    let fenced = |expected, fence: &Fence| Append { fence: Some(fence.clone()), ..append(vec![write(&one, expected, 1)]) };
    journal.append(fenced(0, &held)).await.expect("nobody has taken it over");
    let taken = journal.lease("runner", "b", Duration::from_mins(1)).await.expect("lease").expect("expired");
    let refused = journal.append(fenced(1, &held)).await;
    assert!(matches!(&refused, Err(JournalError::Fenced(name)) if name == "runner"), "{refused:?}");
    journal.append(fenced(1, &taken)).await.expect("append");
    let unknown = Fence { lease: "nobody's".into(), epoch: 1 };
    assert!(matches!(journal.append(fenced(2, &unknown)).await, Err(JournalError::Fenced(_))));
}

pub(crate) async fn dropping_the_caller_does_not_cancel(store: &impl Store) {
    let journal = store.open().await;
    let streams: Vec<_> = (0..20).map(|_| stream()).collect();
    for stream in &streams {
        let mut future = journal.append(append(vec![write(stream, 0, 3), write(&self::stream(), 0, 1)]));
        // Polled once it may have queued; then it is dropped.
        let _ = futures_util::poll!(&mut future);
    }
    journal.close().await;
    let journal = store.open().await;
    for stream in &streams {
        let events = journal.load(stream, 0).await.expect("load").len();
        assert!(events == 0 || events == 3, "half an append: {events} of 3 events");
    }
    assert_eq!(journal.head().await.expect("head").0 % 4, 0);
}

pub(crate) async fn a_closed_journal_refuses_and_keeps(store: &impl Store) {
    let journal = store.open().await;
    let appends = (0..50).map(|_| {
        let journal = journal.clone();
        tokio::spawn(async move { journal.append(append(vec![write(&stream(), 0, 1)])).await })
    });
    let appends: Vec<_> = appends.collect();
    tokio::task::yield_now().await;
    journal.close().await;
    let mut accepted = 0;
    for outcome in join_all(appends).await {
        match outcome.expect("no panic") {
            Ok(_) => accepted += 1,
            Err(error) => assert!(matches!(error, JournalError::Closed), "{error:?}"),
        }
    }
    assert!(matches!(journal.append(append(vec![write(&stream(), 0, 1)])).await, Err(JournalError::Closed)));
    journal.close().await;
    assert_eq!(store.open().await.head().await.expect("head"), Position(accepted));
}

pub(crate) async fn opening_again_continues_positions_and_chain(store: &impl Store) {
    let one = stream();
    let mut id = None;
    for round in 0..3 {
        let journal = store.open().await;
        assert_eq!(*id.get_or_insert(journal.id()), journal.id());
        let appended = journal.append(append(vec![write(&one, round * 2, 2)])).await.expect("append");
        assert_eq!(appended.position, Position(round * 2 + 2));
        assert_eq!(journal.verify(Link::default(), 1000).await.expect("verified").position, appended.position);
        journal.close().await;
    }
}

pub(crate) async fn what_was_decided_on_what_is_queued_is_written_after_it(store: &impl Store) {
    let journal = store.open().await;
    let (moved, succession) = (stream(), Succession::default());
    let mut on_their_way = Vec::new();
    for turn in 0..50 {
        let (queued, is_queued) = oneshot::channel();
        let (journal, append, succession) = (Arc::clone(&journal), append(vec![write(&moved, 2 * turn, 2)]), succession.clone());
        on_their_way.push(tokio::spawn(async move { journal.append_after(append, succession, queued).await }));
        is_queued.await.expect("told");
    }
    for (appended, turn) in join_all(on_their_way).await.into_iter().zip(1..) {
        assert_eq!(appended.expect("no panic").expect("append").position, Position(2 * turn));
    }
    assert!(!succession.has_failed());
}

pub(crate) async fn what_was_decided_on_what_was_not_written_is_refused_whatever_is_there(store: &impl Store) {
    let journal = store.open().await;
    let (moved, succession) = (stream(), Succession::default());
    journal.append(append(vec![write(&moved, 0, 2)])).await.expect("append");
    let late = append(vec![write(&moved, 0, 2)]);
    let late = journal.append_after(late, succession.clone(), oneshot::channel().0).await;
    assert!(matches!(late, Err(JournalError::Conflict { expected: 0, actual: 2, .. })));
    assert!(succession.has_failed());
    // As many events as it was decided on are there, and they are others.
    let next = append(vec![write(&moved, 2, 1)]);
    let next = journal.append_after(next, succession, oneshot::channel().0).await;
    assert!(matches!(next, Err(JournalError::Conflict { expected: 2, actual: 2, .. })));
    assert_eq!(journal.head().await.expect("head"), Position(2));
}
