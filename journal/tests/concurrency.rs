//! Many writers on few streams: whatever the interleaving, there is one history.

mod fixtures;
#[path = "fixtures/postgres.rs"]
mod postgres;
#[path = "fixtures/seeds.rs"]
mod seeds;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use fixtures::{append, stream, write};
use futures_util::{StreamExt, future::join_all};
use journal::{
    Append, Durability, Journal, JournalError, Link, Position, Recorded, StreamId,
    sqlite::{SqliteJournal, SqliteOptions},
    tail,
    vault::{MasterKey, SqliteVault},
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

const WRITERS: usize = 32;
const STREAMS: usize = 4;
/// How often few writers are let loose on two processes.
const INTERLEAVINGS: &str = "NALABO_INTERLEAVINGS";
/// Only ends a test that would hang.
const DEADLINE: Duration = Duration::from_mins(1);

/// What one writer does: each append writes so many events to each stream named.
type Plan = Vec<Vec<(usize, usize)>>;

fn plans(of: usize) -> impl Strategy<Value = Vec<Plan>> {
    let writes = proptest::collection::hash_map(0..STREAMS, 1_usize..4, 1..=3).prop_map(|writes| writes.into_iter().collect());
    proptest::collection::vec(proptest::collection::vec(writes, 1..4), of)
}

/// What a writer was told.
#[derive(Default)]
struct Told {
    accepted: Vec<(Position, Vec<Uuid>)>,
    refused: Vec<Uuid>,
    /// Of which nobody knows, and so it was told.
    in_doubt: Vec<Vec<Uuid>>,
}

fn ids(append: &Append) -> Vec<Uuid> {
    append.writes.iter().flat_map(|write| &write.events).map(|event| event.id).collect()
}

/// Tries each append until it is accepted, with the sequences it was last told.
async fn carry_out(journal: Arc<dyn Journal>, streams: Vec<StreamId>, plan: Plan) -> Told {
    let mut told = Told::default();
    let mut sequences: HashMap<StreamId, i64> = HashMap::new();
    let mut tries = Tries::default();
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
                // A machine that is too busy to answer in time: it is not there, and may be tried again.
                Err(JournalError::Unavailable(_)) => {
                    told.refused.extend(ids(&request));
                    tries.failed();
                }
                // If it is there after all, the next one meets it.
                Err(JournalError::Unknown) => {
                    told.in_doubt.push(ids(&request));
                    tries.failed();
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    told
}

/// How often a busy machine may be too late before it is something else.
#[derive(Default)]
struct Tries(usize);

impl Tries {
    fn failed(&mut self) {
        self.0 += 1;
        assert!(self.0 < 20, "the database is not there");
    }
}

/// The events after a position, asked for again if a busy machine did not answer in time.
async fn read(journal: &dyn Journal, after: usize) -> Vec<Recorded> {
    let mut tries = Tries::default();
    loop {
        match journal.read(Position(i64::try_from(after).expect("few")), u32::MAX).await {
            Err(JournalError::Unavailable(_)) => tries.failed(),
            read => return read.expect("read"),
        }
    }
}

/// Follows the journal until it is told how many events there will be.
async fn follow(journal: Arc<dyn Journal>, mut total: mpsc::Receiver<usize>) -> Vec<Arc<Recorded>> {
    let mut seen: Vec<Arc<Recorded>> = Vec::new();
    let mut wanted = usize::MAX;
    let mut tries = Tries::default();
    // A tail ends with an error, such as that of a busy machine, and is begun again after what it has shown.
    loop {
        let after = seen.last().map_or(Position(0), |event| event.position);
        let mut tail = std::pin::pin!(tail(journal.clone(), after));
        loop {
            if seen.len() >= wanted {
                return seen;
            }
            tokio::select! {
                event = tail.next() => match event.expect("no end") {
                    Err(JournalError::Unavailable(_)) => break tries.failed(),
                    event => {
                        seen.push(event.expect("an event"));
                        tries = Tries::default();
                    }
                },
                Some(total) = total.recv() => wanted = total,
            }
        }
    }
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
    for ids in told.iter().flat_map(|told| &told.in_doubt).filter(|ids| positions.contains_key(&ids[0])) {
        for (id, position) in ids.iter().zip(positions[&ids[0]].0..) {
            assert_eq!(positions.get(id), Some(&Position(position)), "an append is torn");
            acknowledged.insert(*id);
        }
    }
    assert_eq!(acknowledged.len(), history.len(), "an event that nobody was told of");
    assert!(told.iter().flat_map(|told| &told.refused).all(|id| !positions.contains_key(id)), "a refused event is there");
}

/// Has the writers take turns on the nodes; the history they made.
async fn write_all(nodes: &[Arc<dyn Journal>], plans: Vec<Plan>) -> Vec<Recorded> {
    let streams: Vec<StreamId> = (0..STREAMS).map(|_| stream()).collect();
    let (totals, followers): (Vec<_>, Vec<_>) = nodes
        .iter()
        .map(|node| {
            let (total, expected) = mpsc::channel(1);
            (total, tokio::spawn(follow(node.clone(), expected)))
        })
        .unzip();
    let writers =
        plans.into_iter().zip(nodes.iter().cycle()).map(|(plan, node)| tokio::spawn(carry_out(node.clone(), streams.clone(), plan)));
    let told: Vec<Told> = join_all(writers.collect::<Vec<_>>()).await.into_iter().map(|told| told.expect("no panic")).collect();
    let history = read(&*nodes[0], 0).await;
    check_order(&history);
    check_answers(&history, &told);
    for (total, follower) in totals.into_iter().zip(followers) {
        total.send(history.len()).await.expect("the follower listens");
        let seen = tokio::time::timeout(DEADLINE, follower).await.expect("the tail sees every event in time").expect("no panic");
        assert!(seen.iter().map(AsRef::as_ref).eq(&history), "a tail sees another history");
    }
    history
}

async fn check_restart(journal: Arc<dyn Journal>, again: impl Future<Output = Arc<dyn Journal>>, history: &[Recorded]) {
    let reached = journal.verify(Link::default(), u32::MAX).await.expect("verified");
    assert_eq!(reached.position, journal.head().await.expect("head"));
    journal.close().await;
    let journal = again.await;
    assert_eq!(journal.read(Position(0), u32::MAX).await.expect("read"), history, "a restart changes history");
    let next = journal.append(append(vec![write(&stream(), 0, 1)])).await.expect("append");
    assert_eq!(journal.verify(reached, 10).await.expect("the chain goes on").position, next.position);
}

async fn run_on_sqlite(plans: Vec<Plan>) {
    let directory = TempDir::new().expect("a directory");
    let key = MasterKey::from_file(&directory.path().join("master.key"), true).expect("a master key");
    let vault = SqliteVault::init(directory.path().join("vault.db"), key).await.expect("a vault");
    let options = SqliteOptions::new(directory.path().join("journal.db"), Arc::new(vault));
    let open = async || Arc::new(SqliteJournal::init(options.clone()).await.expect("a journal")) as Arc<dyn Journal>;
    let journal = open().await;
    let history = write_all(std::slice::from_ref(&journal), plans).await;
    check_restart(journal, open(), &history).await;
}

/// Holds transactions open that take the next position, with and without the lock, and rolls them back.
async fn interfere(url: String, mut until: oneshot::Receiver<()>) {
    const LOCK: &str = "SELECT journal.enter();";
    const FORGE: &str = "INSERT INTO journal.events SELECT coalesce(max(position), 0) + 1, gen_random_uuid(), 'trial', 'x', 1, 'Forged', '1', '{}', '{}', 1,
                         decode(repeat('00', 32), 'hex') FROM journal.events;";
    let mut connection = PgConnection::connect(&url).await.expect("a connection");
    for round in 0.. {
        let lock = if round % 2 == 0 { LOCK } else { "" };
        // A writer may be first, and then it is this one that fails.
        let _ = connection.execute(AssertSqlSafe(format!("BEGIN; {lock} {FORGE}"))).await;
        tokio::time::sleep(Duration::from_millis(round % 7)).await;
        connection.execute("ROLLBACK").await.expect("rolled back");
        if until.try_recv().is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn run_on_postgres(plans: Vec<Plan>, nodes: usize) {
    let directory = TempDir::new().expect("a directory");
    let url = test_postgres::database();
    let open = async || postgres::open(directory.path(), &url, Durability::Unsafe).await as Arc<dyn Journal>;
    let mut journals = Vec::new();
    for _ in 0..nodes {
        journals.push(open().await);
    }
    let (stop, stopped) = oneshot::channel();
    let interfering = tokio::spawn(interfere(url.clone(), stopped));
    let history = write_all(&journals, plans).await;
    stop.send(()).expect("still interfering");
    interfering.await.expect("no panic");
    check_restart(journals.swap_remove(0), open(), &history).await;
}

/// Has few writers on two processes take their turns on new streams, again and again, while transactions that would take the
/// next position are held open and rolled back.
async fn interleave(rounds: u32) {
    let directory = TempDir::new().expect("a directory");
    let url = test_postgres::database();
    let mut nodes = Vec::new();
    for _ in 0..2 {
        nodes.push(postgres::open(directory.path(), &url, Durability::Unsafe).await as Arc<dyn Journal>);
    }
    let (totals, followers): (Vec<_>, Vec<_>) = nodes
        .iter()
        .map(|node| {
            let (total, expected) = mpsc::channel(1);
            (total, tokio::spawn(follow(node.clone(), expected)))
        })
        .unzip();
    let (stop, stopped) = oneshot::channel();
    let interfering = tokio::spawn(interfere(url.clone(), stopped));
    let mut runner = TestRunner::new(seeds::seeded(rounds));
    let mut history: Vec<Recorded> = Vec::new();
    let mut told = Vec::new();
    for _ in 0..rounds {
        let plans = plans(4).new_tree(&mut runner).expect("plans").current();
        let streams: Vec<StreamId> = (0..STREAMS).map(|_| stream()).collect();
        let writers = plans.into_iter().zip(nodes.iter().cycle()).map(|(plan, node)| carry_out(node.clone(), streams.clone(), plan));
        told.extend(join_all(writers.map(tokio::spawn).collect::<Vec<_>>()).await.into_iter().map(|told| told.expect("no panic")));
        history.extend(read(&*nodes[0], history.len()).await);
    }
    stop.send(()).expect("still interfering");
    interfering.await.expect("no panic");
    check_order(&history);
    check_answers(&history, &told);
    for (total, follower) in totals.into_iter().zip(followers) {
        total.send(history.len()).await.expect("the follower listens");
        let seen = tokio::time::timeout(DEADLINE, follower).await.expect("the tail sees every event in time").expect("no panic");
        assert!(seen.iter().map(AsRef::as_ref).eq(&history), "a tail sees another history");
    }
    let reached = nodes[1].verify(Link::default(), u32::MAX).await.expect("verified");
    assert_eq!(usize::try_from(reached.position.0), Ok(history.len()));
}

#[test]
fn however_two_processes_interleave_there_is_one_order_without_gaps() {
    let rounds = std::env::var(INTERLEAVINGS).map_or(500, |rounds| rounds.parse().expect("a number of interleavings"));
    block_on(interleave(rounds));
}

fn block_on(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime").block_on(work);
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 20, ..seeds::seeded(20) })]

    #[test]
    fn there_is_one_history(plans in plans(WRITERS)) {
        block_on(run_on_sqlite(plans));
    }

    #[test]
    fn there_is_one_history_on_postgres(plans in plans(WRITERS)) {
        block_on(run_on_postgres(plans, 1));
    }

    #[test]
    fn there_is_one_history_of_two_processes(plans in plans(WRITERS)) {
        block_on(run_on_postgres(plans, 2));
    }
}
