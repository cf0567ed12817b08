//! Reading: one stream, the global order, tails, the chain of hashes.

use std::{pin::pin, time::Duration};

use chrono::Utc;
use futures_util::{StreamExt, future::join_all};
use journal::{Append, JournalError, Link, Metadata, Position, Recorded, Snapshot, StreamId, tail};
use serde_json::json;
use tokio::time::timeout;
use uuid::Uuid;

use crate::{
    Store,
    fixtures::{append, event, metadata, stream, write},
};

/// Only ends a test that would hang.
const DEADLINE: Duration = Duration::from_mins(1);

fn positions(events: &[Recorded]) -> Vec<i64> {
    events.iter().map(|event| event.position.0).collect()
}

pub(crate) async fn an_event_is_read_as_it_was_written(store: &impl Store) {
    let journal = store.open().await;
    let metadata = Metadata {
        causation: Some(Uuid::now_v7()),
        via: Some("ses_1".into()),
        on_behalf_of: Some("acc_2".into()),
        address_digest: Some("0f".repeat(16)),
        operation: Some("stepCheck".into()),
        traceparent: Some("00-1-2-01".into()),
        ..metadata()
    };
    let payload = json!({ "zebra": [1, -2.5, null, true], "ähnlich": { "b": "\u{0}\"\\", "a": 9_007_199_254_740_993_i64 } });
    let mut new = write(&stream(), 0, 0);
    new.events.push(event(payload.clone()));
    let before = Utc::now();
    let request = Append { metadata: metadata.clone(), ..append(vec![new.clone()]) };
    let appended = journal.append(request).await.expect("append");
    let read = journal.read(Position(0), 10).await.expect("read");
    assert_eq!(journal.load(&new.stream, 0).await.expect("load"), read);
    let [read] = read.try_into().expect("one event");
    assert_eq!((read.position, read.event_id, read.sequence), (Position(1), new.events[0].id, 1));
    assert_eq!((read.stream, read.name.as_str(), read.version), (new.stream, "StepCompleted", 2));
    assert_eq!((read.payload.to_value().expect("JSON"), read.metadata), (payload, metadata));
    assert_eq!(read.recorded_at, appended.recorded_at);
    assert!(read.recorded_at.timestamp_micros() >= before.timestamp_micros());
}

pub(crate) async fn a_stream_is_loaded_in_order(store: &impl Store) {
    let journal = store.open().await;
    let (one, other) = (stream(), stream());
    for round in 0..3 {
        journal.append(append(vec![write(&one, round * 2, 2), write(&other, round, 1)])).await.expect("append");
    }
    let sequences = |events: Vec<Recorded>| events.iter().map(|event| event.sequence).collect::<Vec<_>>();
    assert_eq!(sequences(journal.load(&one, 0).await.expect("load")), [1, 2, 3, 4, 5, 6]);
    assert_eq!(sequences(journal.load(&one, 4).await.expect("load")), [5, 6]);
    assert_eq!(journal.load(&one, 6).await.expect("load"), []);
    let same_id = journal::StreamId::new("account", one.id);
    assert_eq!(journal.load(&same_id, 0).await.expect("load"), []);
}

pub(crate) async fn pages_follow_each_other(store: &impl Store) {
    let journal = store.open().await;
    for _ in 0..4 {
        journal.append(append(vec![write(&stream(), 0, 150)])).await.expect("append");
    }
    for (after, limit, last) in [(0, 60, 60), (60, 440, 500), (500, 1000, 600)] {
        assert_eq!(positions(&journal.read(Position(after), limit).await.expect("read")), (after + 1..=last).collect::<Vec<_>>());
    }
    assert_eq!(journal.read(Position(600), 60).await.expect("read"), []);
}

pub(crate) async fn reading_back_starts_at_the_end(store: &impl Store) {
    let journal = store.open().await;
    journal.append(append(vec![write(&stream(), 0, 5)])).await.expect("append");
    assert_eq!(positions(&journal.read_back(Position(i64::MAX), 2).await.expect("read")), [5, 4]);
    assert_eq!(positions(&journal.read_back(Position(4), 10).await.expect("read")), [3, 2, 1]);
    assert_eq!(journal.read_back(Position(1), 10).await.expect("read"), []);
}

pub(crate) async fn a_tail_sees_what_is_there_and_what_comes(store: &impl Store) {
    let journal = store.open().await;
    let one = stream();
    journal.append(append(vec![write(&one, 0, 3)])).await.expect("append");
    let mut tail = pin!(tail(journal.clone(), Position(1)));
    let mut seen = Vec::new();
    for round in 0..4 {
        while seen.last() != Some(&(3 + round * 2)) {
            let event = timeout(DEADLINE, tail.next()).await.expect("an event in time").expect("no end").expect("an event");
            seen.push(event.position.0);
        }
        journal.append(append(vec![write(&one, 3 + round * 2, 2)])).await.expect("append");
    }
    assert_eq!(seen, (2..=9).collect::<Vec<_>>());
}

pub(crate) async fn who_follows_misses_nothing_whatever_others_read(store: &impl Store) {
    const ROUNDS: usize = 60;
    let journal = store.open().await;
    let followers = [1, 2, 3, 50, 1000].map(|limit| {
        let journal = journal.clone();
        tokio::spawn(async move {
            let (mut head, mut seen) = (journal.watch_head(), Vec::<std::sync::Arc<Recorded>>::new());
            while seen.len() < 3 * ROUNDS {
                let known = *head.borrow_and_update();
                let at = seen.last().map_or(Position(0), |event| event.position);
                let page = journal.follow(at, limit).await.expect("a page");
                assert!(page.len() <= limit as usize && (!page.is_empty() || known <= at), "what the head shows is there");
                seen.extend(page);
                if seen.last().is_none_or(|event| event.position >= known) {
                    tokio::select! { _ = head.changed() => {}, () = tokio::time::sleep(Duration::from_millis(1)) => {} }
                }
            }
            seen
        })
    });
    for _ in 0..ROUNDS {
        journal.append(append(vec![write(&stream(), 0, 3)])).await.expect("append");
    }
    let all = journal.read(Position(0), 1000).await.expect("read");
    for follower in followers {
        let seen = timeout(DEADLINE, follower).await.expect("an end in time").expect("no panic");
        assert!(seen.iter().map(|event| &**event).eq(&all), "in order, each once, as it was written");
    }
}

pub(crate) async fn a_tail_ends_with_the_journal(store: &impl Store) {
    let journal = store.open().await;
    let tail = tokio::spawn(tail(journal.clone(), Position(0)).count());
    journal.append(append(vec![write(&stream(), 0, 3)])).await.expect("append");
    journal.close().await;
    let seen = timeout(DEADLINE, tail).await.expect("an end in time").expect("no panic");
    assert!(seen <= 3);
}

pub(crate) async fn the_chain_verifies_page_by_page(store: &impl Store) {
    let journal = store.open().await;
    assert_eq!(journal.verify(Link::default(), 10).await.expect("verified"), Link::default());
    journal.append(append(vec![write(&stream(), 0, 25)])).await.expect("append");
    let mut reached = Link::default();
    for expected in [10, 20, 25, 25] {
        reached = journal.verify(reached, 10).await.expect("verified");
        assert_eq!(reached.position, Position(expected));
        let at = journal.read_back(Position(expected + 1), 1).await.expect("read");
        assert_eq!(at[0].hash, reached.hash);
    }
}

pub(crate) async fn a_foreign_link_does_not_verify(store: &impl Store) {
    let journal = store.open().await;
    journal.append(append(vec![write(&stream(), 0, 5)])).await.expect("append");
    let foreign = Link { position: Position(2), hash: [7; 32] };
    match journal.verify(foreign, 10).await {
        Err(JournalError::Corrupt { at, .. }) => assert_eq!(at, "position 3"),
        other => panic!("expected damage, got {other:?}"),
    }
}

pub(crate) async fn streams_that_are_asked_for_at_once_are_each_read_as_alone(store: &impl Store) {
    let journal = store.open().await;
    let streams: Vec<StreamId> = (0..200).map(|_| stream()).collect();
    let writes = streams.iter().enumerate().filter(|(number, _)| number % 5 > 0).map(|(number, stream)| write(stream, 0, number % 5));
    journal.append(append(writes.collect())).await.expect("append");
    let snapshot = |(number, stream): (usize, &StreamId)| Snapshot {
        stream: stream.clone(),
        version: 1,
        sequence: 1,
        state: json!({ "of": number }).to_string(),
    };
    let snapshots: Vec<Option<Snapshot>> = streams.iter().enumerate().map(|one| (one.0 % 3 == 0).then(|| snapshot(one))).collect();
    for snapshot in snapshots.iter().flatten() {
        journal.put_snapshot(snapshot.clone()).await.expect("put");
    }
    let loads = streams.iter().zip((0..3).cycle()).map(|(stream, after)| journal.load(stream, after));
    let (loaded, found) = tokio::join!(join_all(loads), join_all(streams.iter().map(|stream| journal.snapshot(stream, 1))));
    for (number, ((stream, after), events)) in streams.iter().zip((0..3).cycle()).zip(loaded).enumerate() {
        let sequences: Vec<i64> =
            events.expect("read").iter().filter(|event| event.stream == *stream).map(|event| event.sequence).collect();
        let last = i64::try_from(number % 5).expect("small");
        assert_eq!(sequences, (after + 1..=last).collect::<Vec<_>>(), "stream {number}, after {after}");
    }
    assert_eq!(found.into_iter().map(|found| found.expect("read")).collect::<Vec<_>>(), snapshots);
}

pub(crate) async fn raw_events_are_as_stored(store: &impl Store) {
    let journal = store.open().await;
    journal.append(append(vec![write(&stream(), 0, 3)])).await.expect("append");
    let raw = journal.read_raw(Position(1), 10).await.expect("read");
    assert_eq!(raw.iter().map(|event| event.position).collect::<Vec<_>>(), [2, 3]);
    assert!(raw[0].payload.contains("größer"), "{}", raw[0].payload);
    let decoded: Vec<Recorded> = raw.into_iter().map(|event| event.into_recorded().expect("an event")).collect();
    assert_eq!(decoded, journal.read(Position(1), 10).await.expect("read"));
}

pub(crate) async fn an_instant_has_a_position(store: &impl Store) {
    let journal = store.open().await;
    assert_eq!(journal.position_at(Utc::now()).await.expect("position"), Position(0));
    let mut ends = Vec::new();
    for _ in 0..5 {
        ends.push(journal.append(append(vec![write(&stream(), 0, 3)])).await.expect("append"));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(journal.position_at(chrono::DateTime::UNIX_EPOCH).await.expect("position"), Position(0));
    for end in ends {
        assert_eq!(journal.position_at(end.recorded_at).await.expect("position"), end.position);
    }
}
