//! A process that is killed while it folds: whatever it had written, each event counts exactly once.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use domain::{
    Decider, Event,
    gamification::scorecard::{Scorecard, ScorecardEvent, Source},
    identity::sign_in::{SignIn, SignInEvent},
    kernel::{AccountId, Points, WorkshopId},
};
use journal::{
    Append, History, Journal, Metadata, NewEvent, StreamId, StreamWrite,
    sqlite::{SqliteJournal, SqliteOptions},
    vault::{MasterKey, SqliteVault},
};
use projections::{Place, ProjectionOptions, Projections, RebuildOptions, digest_of_rows, rebuild_into};
use tempfile::TempDir;
use uuid::Uuid;

const DIRECTORY: &str = "NALABO_FOLD_CRASH_TEST";
const DATABASE: &str = "NALABO_FOLD_CRASH_DATABASE";
/// How often the process is killed, on each database.
const ROUNDS: &str = "NALABO_FOLD_ROUNDS";
/// How often with one journal, and how often at all unless told otherwise: all of it is folded anew after each kill, so that with
/// one for ever each round would take longer than the one before.
const WITH_ONE: usize = 25;
const DEADLINE: Duration = Duration::from_mins(2);

async fn journal(directory: &Path) -> Arc<SqliteJournal> {
    let key = MasterKey::from_file(&directory.join("master.key"), true).expect("a master key");
    let vault = SqliteVault::init(directory.join("vault.db"), key).await.expect("a vault");
    let options = SqliteOptions::new(directory.join("journal.db"), Arc::new(vault));
    Arc::new(SqliteJournal::init(options).await.expect("a journal"))
}

fn options(directory: &Path, database: Option<&str>) -> ProjectionOptions {
    ProjectionOptions::new(match database {
        Some(url) => Place::Postgres { url: url.to_owned() },
        None => Place::Directory(directory.join("read-models")),
    })
}

fn write<E: Event>(kind: &'static str, stream: Uuid, expected: i64, event: &E) -> StreamWrite {
    let payload = serde_json::to_value(event).expect("an event is JSON");
    let new = NewEvent { id: Uuid::now_v7(), name: event.name().to_owned(), version: 1, payload };
    StreamWrite { stream: StreamId::new(kind, stream), expected, events: vec![new] }
}

/// Points for one of ten learners, and a sign-in of theirs.
async fn live(journal: &SqliteJournal, number: u128) {
    let learner = AccountId(Uuid::from_u128(number % 10 + 1));
    let source = Source::Workshop { workshop: WorkshopId(Uuid::from_u128(number % 3 + 1)) };
    let points = Points(u32::try_from(number % 50).expect("a small number"));
    // A scorecard of its own for each award: what matters is whose points they are.
    let award = write(Scorecard::STREAM, Uuid::now_v7(), 0, &ScorecardEvent::Awarded { learner, source, points, total: points });
    let sign_in = write(SignIn::STREAM, Uuid::now_v7(), 0, &SignInEvent::opened(learner));
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
    journal.append(Append { writes: vec![award, sign_in], metadata, receipt: None, fence: None }).await.expect("an append");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is the process that the other tests kill"]
async fn node() {
    let directory = std::env::var_os(DIRECTORY).expect("a directory");
    let database = std::env::var(DATABASE).ok();
    let journal = journal(Path::new(&directory)).await;
    let options = options(Path::new(&directory), database.as_deref());
    let projections = Arc::new(Projections::init(journal.clone(), &options).await.expect("read models"));
    tokio::spawn(projections.run(std::future::pending()));
    for number in 0.. {
        live(&journal, number).await;
        writeln!(std::io::stdout(), "appended {number}").expect("somebody listens");
    }
}

/// Lets a process fold until it has appended so often, and kills it.
fn kill_after(directory: &Path, database: Option<&str>, appends: usize) {
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command.args(["node", "--exact", "--ignored", "--nocapture"]).env(DIRECTORY, directory).env_remove(DATABASE);
    if let Some(database) = database {
        command.env(DATABASE, database);
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a child");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let told = lines.filter(|line| line.as_ref().is_ok_and(|line| line.contains("appended "))).take(appends).count();
    child.kill().expect("killed");
    child.wait().expect("an end");
    assert_eq!(told, appends, "it ended by itself");
}

async fn every_event_counts_once(database: fn() -> Option<String>) {
    let rounds = std::env::var(ROUNDS).ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(WITH_ONE);
    for first in (0..rounds).step_by(WITH_ONE) {
        killed_again_and_again(database(), WITH_ONE.min(rounds - first)).await;
    }
}

async fn killed_again_and_again(database: Option<String>, rounds: usize) {
    let directory = TempDir::new().expect("a directory");
    for _ in 0..rounds {
        // Drawn, so that each run tries other moments; the count is in the message of what fails.
        let appends = usize::try_from(Uuid::new_v4().as_u128() % 60).expect("a small number") + 1;
        let (path, url) = (directory.path().to_owned(), database.clone());
        tokio::task::spawn_blocking(move || kill_after(&path, url.as_deref(), appends)).await.expect("a process that is killed");
        let journal = journal(directory.path()).await;
        let options = options(directory.path(), database.as_deref());
        let projections = Arc::new(Projections::init(journal.clone(), &options).await.expect("read models"));
        let head = journal.head().await.expect("a head");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let runner = tokio::spawn(projections.clone().run(async { drop(stopped.await) }));
        assert!(projections.reached(head, DEADLINE).await, "killed after {appends}: {:?}", projections.status());
        drop(stop);
        runner.await.expect("a runner that stops in order");
        let anew = directory.path().join(format!("{}.db", Uuid::now_v7()));
        let rebuilt = rebuild_into(&anew, journal.clone(), RebuildOptions::default()).await.expect("a rebuild");
        let rows = digest_of_rows(projections.db()).await.expect("digests");
        assert_eq!(rows, digest_of_rows(rebuilt.db()).await.expect("digests"), "killed after {appends}");
        projections.close().await;
        rebuilt.close().await;
        journal.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_killed_while_it_folds_into_a_file_counts_each_event_once() {
    every_event_counts_once(|| None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_killed_while_it_folds_into_postgres_counts_each_event_once() {
    every_event_counts_once(|| Some(test_postgres::database())).await;
}
