//! Many writers on few streams: whatever the interleaving, there is one history.

mod fixtures;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use fixtures::{append, stream, write};
use futures_util::{StreamExt, future::join_all};
use journal::{
    Append, History, Journal, JournalError, Link, Position, Recorded, StreamId,
    sqlite::{SqliteJournal, SqliteOptions},
    tail,
    vault::{MasterKey, SqliteVault},
};
use proptest::prelude::*;
use tempfile::TempDir;
use tokio::sync::mpsc;
use uuid::Uuid;

const WRITERS: usize = 32;
const STREAMS: usize = 4;
/// Only ends a test that would hang.
const DEADLINE: Duration = Duration::from_mins(1);

/// What one writer does: each append writes so many events to each stream named.
type Plan = Vec<Vec<(usize, usize)>>;

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let writes = proptest::collection::hash_map(0..STREAMS, 1_usize..4, 1..=3).prop_map(|writes| writes.into_iter().collect());
    proptest::collection::vec(proptest::collection::vec(writes, 1..4), WRITERS)
}

/// What a writer was told.
#[derive(Default)]
struct Told {
    accepted: Vec<(Position, Vec<Uuid>)>,
    refused: Vec<Uuid>,
}

fn ids(append: &Append) -> Vec<Uuid> {
    append.writes.iter().flat_map(|write| &write.events).map(|event| event.id).collect()
}

/// Tries each append until it is accepted, with the sequences it was last told.
async fn carry_out(journal: Arc<dyn Journal>, streams: Vec<StreamId>, plan: Plan) -> Told {
    let mut told = Told::default();
    let mut sequences: HashMap<StreamId, i64> = HashMap::new();
    for writes in plan {
        loop {
            let expected = |stream: &StreamId| sequences.get(stream).copied().unwrap_or(0);
            let writes = writes.iter().map(|&(at, count)| write(&streams[at], expected(&streams[at]), count)).collect();
            let request = append(writes);
            match journal.append(request.clone()).await {
                Ok(appended) => {
                    told.accepted.push((appended.position, ids(&request)));
                    let moved = request
                        .writes
                        .iter()
                        .map(|write| (write.stream.clone(), write.expected + i64::try_from(write.events.len()).expect("few")));
                    sequences.extend(moved);
                    break;
                }
                Err(JournalError::Conflict { stream, actual, .. }) => {
                    told.refused.extend(ids(&request));
                    sequences.insert(stream, actual);
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    told
}

/// Follows the journal until it is told how many events there will be.
async fn follow(journal: Arc<dyn Journal>, mut total: mpsc::Receiver<usize>) -> Vec<Arc<Recorded>> {
    let mut tail = std::pin::pin!(tail(journal, Position(0)));
    let mut seen = Vec::new();
    let mut wanted = usize::MAX;
    while seen.len() < wanted {
        tokio::select! {
            event = tail.next() => seen.push(event.expect("no end").expect("an event")),
            Some(total) = total.recv() => wanted = total,
        }
    }
    seen
}

fn check_order(history: &[Recorded]) {
    let mut sequences: HashMap<&StreamId, i64> = HashMap::new();
    for (event, position) in history.iter().zip(1..) {
        assert_eq!(event.position, Position(position), "a gap");
        let sequence = sequences.entry(&event.stream).or_default();
        *sequence += 1;
        assert_eq!(event.sequence, *sequence, "a gap in {}", event.stream);
    }
    assert!(history.is_sorted_by_key(|event| event.recorded_at), "time goes back");
}

fn check_answers(history: &[Recorded], told: &[Told]) {
    let positions: HashMap<Uuid, Position> = history.iter().map(|event| (event.event_id, event.position)).collect();
    assert_eq!(positions.len(), history.len(), "an event is there twice");
    let mut acknowledged = HashSet::new();
    for (last, ids) in told.iter().flat_map(|told| &told.accepted) {
        let first = last.0 + 1 - i64::try_from(ids.len()).expect("few");
        for (id, position) in ids.iter().zip(first..) {
            assert_eq!(positions.get(id), Some(&Position(position)), "an append is torn");
            assert!(acknowledged.insert(*id), "acknowledged twice");
        }
    }
    assert_eq!(acknowledged.len(), history.len(), "an event that nobody was told of");
    assert!(told.iter().flat_map(|told| &told.refused).all(|id| !positions.contains_key(id)), "a refused event is there");
}

async fn run(plans: Vec<Plan>) {
    let directory = TempDir::new().expect("a directory");
    let key = MasterKey::from_file(&directory.path().join("master.key"), true).expect("a master key");
    let vault = SqliteVault::init(directory.path().join("vault.db"), key).await.expect("a vault");
    let options = SqliteOptions::new(directory.path().join("journal.db"), Arc::new(vault));
    let journal: Arc<dyn Journal> = Arc::new(SqliteJournal::init(options.clone()).await.expect("a journal"));
    let streams: Vec<StreamId> = (0..STREAMS).map(|_| stream()).collect();

    let (total, expected) = mpsc::channel(1);
    let follower = tokio::spawn(follow(journal.clone(), expected));
    let writers = plans.into_iter().map(|plan| tokio::spawn(carry_out(journal.clone(), streams.clone(), plan)));
    let told: Vec<Told> = join_all(writers.collect::<Vec<_>>()).await.into_iter().map(|told| told.expect("no panic")).collect();
    let history = journal.read(Position(0), u32::MAX).await.expect("read");
    total.send(history.len()).await.expect("the follower listens");

    check_order(&history);
    check_answers(&history, &told);
    let seen = tokio::time::timeout(DEADLINE, follower).await.expect("the tail sees every event in time").expect("no panic");
    assert!(seen.iter().map(AsRef::as_ref).eq(&history), "a tail sees another history");
    let reached = journal.verify(Link::default(), u32::MAX).await.expect("verified");
    assert_eq!(reached.position, journal.head().await.expect("head"));

    journal.close().await;
    let journal = SqliteJournal::init(options).await.expect("a journal");
    assert_eq!(journal.read(Position(0), u32::MAX).await.expect("read"), history, "a restart changes history");
    let next = journal.append(append(vec![write(&stream(), 0, 1)])).await.expect("append");
    assert_eq!(journal.verify(reached, 10).await.expect("the chain goes on").position, next.position);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn there_is_one_history(plans in plans()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(run(plans));
    }
}
