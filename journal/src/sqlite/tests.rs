use chrono::{TimeDelta, Utc};
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::{oneshot, watch};
use uuid::Uuid;

use super::{Durability, Synchronous, engine::SqliteEngine, open::Opening, upkeep::Upkeep};
use crate::{
    Append, JournalError, Metadata, NewEvent, NewReceipt, Position, StreamId, StreamWrite,
    appender::{
        Appender,
        batch::Batch,
        engine::{Engine, Failure},
        task::{Job, Reply, Task},
    },
    prepare::prepare,
    rows::Tip,
    vault::tests::Opened,
};

/// An appender without its task, so that a test can come between its steps.
struct Bench {
    appender: Appender<SqliteEngine>,
    head: watch::Receiver<Position>,
    vault: Opened,
    directory: TempDir,
}

impl Bench {
    async fn init() -> Self {
        let directory = TempDir::new().expect("a directory");
        let opening = Opening { path: directory.path().join("journal.db"), durability: Durability::Full, synchronous: Synchronous::Full };
        let lock = opening.lock().expect("a lock");
        let (connection, id) = opening.init().await.expect("a database");
        let (sender, head) = watch::channel(Position(0));
        let appender = Appender::new(SqliteEngine::new(opening, connection, lock), id, Tip::default(), sender);
        Self { appender, head, vault: Opened::init().await, directory }
    }

    /// An append of one event, or of a receipt only.
    async fn job(&self, events: usize) -> (Job<Upkeep>, oneshot::Receiver<Reply>) {
        let metadata = Metadata {
            command: Uuid::now_v7(),
            correlation: Uuid::now_v7(),
            causation: None,
            actor: "system:test".into(),
            via: None,
            on_behalf_of: None,
            address: None,
            address_digest: None,
            operation: None,
            traceparent: None,
        };
        let event = || NewEvent { id: Uuid::now_v7(), name: "Tried".into(), version: 1, payload: json!({}) };
        let write =
            StreamWrite { stream: StreamId::new("trial", Uuid::now_v7()), expected: 0, events: (0..events).map(|_| event()).collect() };
        let receipt = NewReceipt {
            actor: "acc_1".into(),
            operation: "try".into(),
            key: Uuid::now_v7().to_string(),
            fingerprint: vec![1],
            outcome: json!(null),
            expires_at: None,
        };
        let append = Append { writes: vec![write], metadata, receipt: Some(receipt), fence: None };
        let task = Task::Append(prepare(&*self.vault, append).await.expect("prepared"));
        Job::new(task)
    }

    fn head(&self) -> i64 {
        self.head.borrow().0
    }
}

async fn position(answer: oneshot::Receiver<Reply>) -> i64 {
    answer.await.expect("an answer").expect("accepted").appended().expect("an append").position.0
}

#[tokio::test]
async fn a_commit_that_did_not_take_place_is_done_again() {
    let mut bench = Bench::init().await;
    let (first, first_answer) = bench.job(1).await;
    let (second, second_answer) = bench.job(2).await;
    let connection = bench.appender.engine.connect(Tip::default()).await.expect("a connection");
    connection.lock_handle().await.expect("a handle").set_commit_hook(|| false);
    bench.appender.settle(vec![first, second]).await;
    assert_eq!((position(first_answer).await, position(second_answer).await), (1, 3));
    assert_eq!(bench.head(), 3);
}

#[tokio::test]
async fn a_commit_that_fails_for_good_is_told_and_leaves_nothing() {
    let mut bench = Bench::init().await;
    let (job, answer) = bench.job(1).await;
    let connection = bench.appender.engine.connect(Tip::default()).await.expect("a connection");
    connection.lock_handle().await.expect("a handle").set_commit_hook(|| false);
    bench.appender.settle(vec![job]).await;
    let answer = answer.await.expect("an answer");
    assert!(matches!(answer, Err(JournalError::Unavailable(_))), "{answer:?}");
    let (next, answer) = bench.job(1).await;
    bench.appender.settle(vec![next]).await;
    assert_eq!(position(answer).await, 1);
}

#[tokio::test]
async fn a_commit_that_took_place_unheard_is_answered_as_such() {
    let mut bench = Bench::init().await;
    for (events, expected) in [(2, 2), (0, 2), (1, 3)] {
        let jobs = [bench.job(events).await.0];
        let mut written = bench.appender.write(&jobs).await.expect("written");
        written.committed = Err(Failure::Down(JournalError::Unavailable(sqlx::Error::WorkerCrashed)));
        let mut replies = bench.appender.conclude(written).await.ok().expect("found");
        let appended = replies.pop().expect("a reply").expect("accepted").appended().expect("an append");
        assert_eq!((appended.position.0, bench.head()), (expected, expected));
    }
    let (next, answer) = bench.job(1).await;
    bench.appender.settle(vec![next]).await;
    assert_eq!(position(answer).await, 4);
}

#[tokio::test]
async fn recorded_time_does_not_follow_a_clock_that_goes_back() {
    let mut bench = Bench::init().await;
    let jobs = [bench.job(1).await.0];
    let ahead = Tip { recorded_at: (Utc::now() + TimeDelta::days(1)).timestamp_micros(), ..Tip::default() };
    let engine = &mut bench.appender.engine;
    engine.begin(Tip::default(), std::time::Instant::now()).await.expect("begun");
    let mut batch = Batch::new(Uuid::nil(), ahead, Utc::now());
    let mut replies = batch.run(engine, &jobs).await.expect("written");
    let appended = replies.pop().expect("a reply").expect("accepted").appended().expect("an append");
    assert_eq!(appended.recorded_at.timestamp_micros(), ahead.recorded_at);
    assert_eq!(batch.finish().0.recorded_at, ahead.recorded_at);
}

#[tokio::test]
async fn a_foreign_write_is_noticed() {
    let mut bench = Bench::init().await;
    let path = bench.directory.path().join("journal.db");
    let opening = Opening { path, durability: Durability::Full, synchronous: Synchronous::Full };
    let mut foreign = opening.connect().await.expect("a connection");
    sqlx::query("INSERT INTO events VALUES (1, 'x', 'trial', 'x', 1, 'Forged', '1', '{}', '{}', 1, zeroblob(32))")
        .execute(&mut foreign)
        .await
        .expect("inserted");
    let (job, answer) = bench.job(1).await;
    bench.appender.settle(vec![job]).await;
    let answer = answer.await.expect("an answer");
    assert!(matches!(answer, Err(JournalError::Corrupt { .. })), "{answer:?}");
}
