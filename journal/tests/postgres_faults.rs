//! A database that refuses, that is cut off, and that goes away.

mod fixtures;
#[path = "fixtures/postgres.rs"]
mod postgres;
#[path = "fixtures/proxy.rs"]
mod proxy;

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use fixtures::{append, stream, write};
use futures_util::future::join_all;
use journal::{
    Advance, Append, Appended, Durability, History, Journal, JournalError, Link, NewReceipt, Position, StreamId, postgres::PostgresJournal,
};
use proxy::{Cut, Proxy};
use serde_json::json;
use tempfile::TempDir;
use test_postgres::{Server, ServerOptions};
use tokio::time::sleep;
use uuid::Uuid;

/// In every event that these tests write.
const MARKER: &str = "StepCompleted";
/// Two seconds are promised; the rest is for a busy machine.
const ANSWERED: Duration = Duration::from_millis(3500);
const RECOVERED: Duration = Duration::from_secs(10);

struct Stage {
    _directory: TempDir,
    proxy: Proxy,
    journal: Arc<PostgresJournal>,
    /// Beside the proxy.
    direct: Arc<PostgresJournal>,
}

impl Stage {
    async fn init(url: &str) -> Self {
        let directory = TempDir::new().expect("a directory");
        let port = url.rsplit_once(':').and_then(|(_, rest)| rest.split_once('/')).expect("a port").0;
        let proxy = Proxy::start(port.parse().expect("a number"), MARKER).await;
        let direct = postgres::open(directory.path(), url, Durability::Unsafe).await;
        let journal = postgres::open(directory.path(), &proxy.url(url), Durability::Unsafe).await;
        Self { _directory: directory, proxy, journal, direct }
    }
}

fn receipt(key: &str) -> NewReceipt {
    NewReceipt {
        actor: "acc_1".into(),
        operation: "workshopPublish".into(),
        key: key.into(),
        fingerprint: vec![1],
        outcome: json!(null),
        expires_at: None,
    }
}

fn with_receipt(stream: &StreamId, key: &str) -> Append {
    Append { receipt: Some(receipt(key)), ..append(vec![write(stream, 0, 2)]) }
}

fn ids(append: &Append) -> Vec<Uuid> {
    append.writes.iter().flat_map(|write| &write.events).map(|event| event.id).collect()
}

/// Every answer says what is in the table.
async fn check(journal: &PostgresJournal, outcomes: &[(Vec<Uuid>, Result<Appended, JournalError>)]) {
    let history = journal.read(Position(0), u32::MAX).await.expect("read");
    for (ids, outcome) in outcomes {
        let found: Vec<Position> = history.iter().filter(|event| ids.contains(&event.event_id)).map(|event| event.position).collect();
        match outcome {
            Ok(appended) => assert_eq!((found.len(), found.last()), (ids.len(), Some(&appended.position)), "an acknowledged append"),
            Err(JournalError::Unknown) => assert!(found.is_empty() || found.len() == ids.len(), "half an append"),
            Err(error) => assert!(found.is_empty(), "it is there, but was told: {error}"),
        }
    }
    assert!(history.iter().zip(1..).all(|(event, position)| event.position == Position(position)), "a gap");
    let reached = journal.verify(Link::default(), u32::MAX).await.expect("verified");
    assert_eq!(usize::try_from(reached.position.0), Ok(history.len()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_the_database_refuses_fails_its_own_append() {
    let stage = Stage::init(&test_postgres::database()).await;
    let appends = (0..50).map(|number| {
        // The server's text cannot have U+0000.
        let key = if number % 20 == 7 { format!("{number}\0") } else { number.to_string() };
        with_receipt(&stream(), &key)
    });
    let appends: Vec<Append> = appends.collect();
    let answers = join_all(appends.iter().map(|append| stage.journal.append(append.clone()))).await;
    let outcomes: Vec<_> = appends.iter().map(ids).zip(answers).collect();
    check(&stage.direct, &outcomes).await;
    for (number, (_, outcome)) in outcomes.iter().enumerate() {
        match outcome {
            Ok(_) => assert_ne!(number % 20, 7),
            Err(JournalError::Malformed(_)) => assert_eq!(number % 20, 7),
            Err(other) => panic!("{number}: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_found_out_before_anybody_is_told() {
    let stage = Stage::init(&test_postgres::database()).await;
    stage.journal.append(append(vec![write(&stream(), 0, 1)])).await.expect("append");
    for (cut, count) in [(Cut::Reply, 1), (Cut::Request, 1), (Cut::Reply, 25), (Cut::Request, 25), (Cut::Reply, 50)] {
        stage.proxy.cut(cut);
        let appends: Vec<Append> = (0..count).map(|_| append(vec![write(&stream(), 0, 2), write(&stream(), 0, 1)])).collect();
        let answers = join_all(appends.iter().map(|append| stage.journal.append(append.clone()))).await;
        assert!(stage.proxy.has_cut());
        if cut == Cut::Reply {
            assert!(answers.iter().all(Result::is_ok), "what was committed is told: {answers:?}");
        } else {
            assert!(matches!(answers[0], Err(JournalError::Unavailable(_))), "{:?}", answers[0]);
        }
        check(&stage.direct, &appends.iter().map(ids).zip(answers).collect::<Vec<_>>()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_whose_answer_was_cut_off_is_done_once_however_often_it_is_sent() {
    let stage = Stage::init(&test_postgres::database()).await;
    stage.journal.append(append(vec![write(&stream(), 0, 1)])).await.expect("append");
    for cut in [Cut::Reply, Cut::Request] {
        let (key, stream) = (format!("{cut:?}"), stream());
        stage.proxy.cut(cut);
        let retries = (0..10).map(async |_| {
            loop {
                match stage.journal.append(with_receipt(&stream, &key)).await {
                    Ok(appended) => return (true, appended.position),
                    Err(JournalError::Receipt(receipt)) => return (false, receipt.position),
                    Err(JournalError::Unavailable(_) | JournalError::Unknown) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
        });
        let answers = join_all(retries).await;
        assert!(stage.proxy.has_cut());
        assert_eq!(answers.iter().filter(|(first, _)| *first).count(), 1, "{answers:?}");
        assert!(answers.iter().all(|(_, position)| *position == answers[0].1), "{answers:?}");
        assert_eq!(stage.direct.load(&stream, 0).await.expect("load").len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_ended_is_replaced() {
    let server = Server::start(&ServerOptions::default()).expect("a server");
    let url = server.create_database().expect("a database");
    let stage = Stage::init(&url).await;
    let database = url.rsplit_once('/').expect("a database").1;
    for _ in 0..10 {
        let appends: Vec<Append> = (0..20).map(|_| append(vec![write(&stream(), 0, 2)])).collect();
        let end = async {
            let end = format!(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{database}' AND pid <> pg_backend_pid()"
            );
            server.sql("postgres", &end).expect("ended");
        };
        let (answers, ()) = tokio::join!(join_all(appends.iter().map(|append| stage.journal.append(append.clone()))), end);
        recovers(|| stage.direct.head()).await;
        check(&stage.direct, &appends.iter().map(ids).zip(answers).collect::<Vec<_>>()).await;
        recovers(|| stage.journal.append(append(vec![write(&stream(), 0, 1)]))).await;
    }
}

/// Until it succeeds: a connection from before may fail once.
async fn recovers<T, F: Future<Output = Result<T, JournalError>>>(work: impl Fn() -> F) -> T {
    let begun = Instant::now();
    loop {
        match work().await {
            Ok(done) => return done,
            Err(error) => assert!(begun.elapsed() < RECOVERED, "still: {error}"),
        }
        sleep(Duration::from_millis(50)).await;
    }
}

async fn fails_soon<T>(what: &str, work: impl Future<Output = Result<T, JournalError>>) {
    let begun = Instant::now();
    match work.await {
        Err(JournalError::Unavailable(_)) => {}
        Err(other) => panic!("{what}: {other:?}"),
        Ok(_) => panic!("{what}: the database was there"),
    }
    assert!(begun.elapsed() < ANSWERED, "{what} took {:?}", begun.elapsed());
}

async fn everything_fails_soon(journal: &PostgresJournal) {
    let one = stream();
    // The first may find that its connection was cut in the middle, and says so.
    let begun = Instant::now();
    let first = journal.append(append(vec![write(&one, 0, 1)])).await;
    assert!(matches!(first, Err(JournalError::Unavailable(_) | JournalError::Unknown)), "{first:?}");
    assert!(begun.elapsed() < RECOVERED, "unbounded");
    for _ in 0..3 {
        fails_soon("append", journal.append(append(vec![write(&stream(), 0, 1)]))).await;
    }
    let appends = (0..30).map(|_| fails_soon("append", journal.append(append(vec![write(&stream(), 0, 1)]))));
    join_all(appends).await;
    fails_soon("load", journal.load(&one, 0)).await;
    fails_soon("read", journal.read(Position(0), 10)).await;
    fails_soon("head", journal.head()).await;
    fails_soon("receipt", journal.receipt("a", "b", "c")).await;
    fails_soon("lease", journal.lease("runner", "a", Duration::from_secs(1))).await;
    fails_soon("advance", journal.advance(Advance::to("points", Position(1)))).await;
    fails_soon("content", journal.put_content(b"hello")).await;
    join_all((0..30).map(|_| fails_soon("read", journal.read(Position(0), 10)))).await;
}

async fn everything_works_again(journal: &PostgresJournal) {
    recovers(|| journal.append(append(vec![write(&stream(), 0, 1)]))).await;
    recovers(|| journal.read(Position(0), 10)).await;
    recovers(|| journal.lease("runner", "a", Duration::from_secs(1))).await;
    recovers(|| journal.advance(Advance::to("points", Position(1)))).await;
    // None of the connections is left in a state of before.
    for outcome in join_all((0..50).map(|_| journal.read(Position(0), 10))).await {
        outcome.expect("read");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_forwards_nothing_is_survived() {
    let stage = Stage::init(&test_postgres::database()).await;
    for _ in 0..2 {
        join_all((0..20).map(|_| stage.journal.read(Position(0), 10))).await;
        stage.journal.append(append(vec![write(&stream(), 0, 1)])).await.expect("append");
        stage.proxy.flow(false);
        everything_fails_soon(&stage.journal).await;
        stage.proxy.flow(true);
        everything_works_again(&stage.journal).await;
    }
    check(&stage.direct, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_goes_away_is_survived() {
    let mut server = Server::start(&ServerOptions::default()).expect("a server");
    let stage = Stage::init(&server.create_database().expect("a database")).await;
    stage.journal.append(append(vec![write(&stream(), 0, 1)])).await.expect("append");
    server.stop();
    everything_fails_soon(&stage.direct).await;
    server.restart();
    everything_works_again(&stage.direct).await;
    let mut head = stage.journal.watch_head();
    let appended = recovers(|| stage.direct.append(append(vec![write(&stream(), 0, 1)]))).await;
    let told = head.wait_for(|head| *head >= appended.position);
    tokio::time::timeout(RECOVERED, told).await.expect("in time").expect("the other hears of it again");
    check(&stage.direct, &[]).await;
}
