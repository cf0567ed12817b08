//! A process that is killed while it writes: whatever it acknowledged is there when the journal is opened again.

mod fixtures;
#[path = "fixtures/postgres.rs"]
mod postgres;

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use fixtures::{append, stream, write};
use futures_util::future::join_all;
use journal::{
    Durability, Journal, Link, Position,
    sqlite::{SqliteJournal, SqliteOptions},
    vault::{MasterKey, SqliteVault},
};
use tempfile::TempDir;
use uuid::Uuid;

const DIRECTORY: &str = "NALABO_CRASH_TEST";
/// Names the database; without it, the journal is a file.
const DATABASE: &str = "NALABO_CRASH_TEST_DATABASE";
const TASKS: usize = 8;
/// How often the writer is killed.
const ROUNDS: &str = "NALABO_CRASH_ROUNDS";
/// Rounds between two looks at everything. Those between look at what is new, or each would take longer than the one before.
const ALL: usize = 15;

async fn open(directory: &Path, database: Option<&str>) -> Arc<dyn Journal> {
    if let Some(url) = database {
        return postgres::open(directory, url, Durability::Unsafe).await;
    }
    let key = MasterKey::from_file(&directory.join("master.key"), true).expect("a master key");
    let vault = SqliteVault::init(directory.join("vault.db"), key).await.expect("a vault");
    let options = SqliteOptions::new(directory.join("journal.db"), Arc::new(vault));
    Arc::new(SqliteJournal::init(options).await.expect("a journal"))
}

/// Appends for ever, and prints the position and the id of each last event once it is acknowledged.
async fn append_for_ever(journal: Arc<dyn Journal>) {
    loop {
        let write = write(&stream(), 0, 3);
        let last = write.events[2].id;
        let appended = journal.append(append(vec![write])).await.expect("append");
        writeln!(std::io::stdout(), "acknowledged {} {last}", appended.position).expect("somebody listens");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is the process that the other test kills"]
async fn writer() {
    let directory = std::env::var_os(DIRECTORY).expect("a directory");
    let database = std::env::var(DATABASE).ok();
    let journal = open(Path::new(&directory), database.as_deref()).await;
    join_all((0..TASKS).map(|_| tokio::spawn(append_for_ever(journal.clone())))).await;
}

/// What the writer acknowledged before it was killed.
fn kill_after(directory: &Path, database: Option<&str>, acknowledgements: usize) -> Vec<(i64, Uuid)> {
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["writer", "--exact", "--ignored", "--nocapture"])
        .env(DIRECTORY, directory)
        .envs(database.map(|database| (DATABASE, database)))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child");
    let mut told = Vec::new();
    let mut killed = false;
    for line in BufReader::new(child.stdout.take().expect("its output")).lines() {
        let line = line.expect("text");
        if let Some((_, acknowledged)) = line.split_once("acknowledged ")
            && let Some((position, id)) = acknowledged.split_once(' ')
            && let (Ok(position), Ok(id)) = (position.parse(), id.parse())
        {
            told.push((position, id));
        }
        if told.len() >= acknowledgements && !killed {
            child.kill().expect("killed");
            killed = true;
        }
    }
    child.wait().expect("an end");
    assert!(killed, "the writer ended by itself after {} acknowledgements", told.len());
    told
}

async fn kill_again_and_again(database: Option<String>) {
    let directory = TempDir::new().expect("a directory");
    let (mut told, mut reached) = (Vec::new(), Link::default());
    let rounds: usize = std::env::var(ROUNDS).map_or(15, |rounds| rounds.parse().expect("a number of rounds"));
    for round in 1..=rounds {
        // Another moment each time.
        let acknowledgements = 1 + round * 37 % 100;
        let (path, url) = (directory.path().to_owned(), database.clone());
        let killed = tokio::task::spawn_blocking(move || kill_after(&path, url.as_deref(), acknowledgements)).await;
        let new = killed.expect("no panic");
        let journal = open(directory.path(), database.as_deref()).await;
        let after = reached;
        reached = check(&*journal, after, &new).await;
        told.extend(new);
        if round % ALL == 0 || round == rounds {
            assert_eq!(check(&*journal, Link::default(), &told).await, reached, "what was there is not what it was");
        }
        journal.close().await;
    }
}

/// What was acknowledged after a link is there, and nothing by halves; the link reached.
async fn check(journal: &dyn Journal, after: Link, told: &[(i64, Uuid)]) -> Link {
    let history = journal.read(after.position, u32::MAX).await.expect("read");
    let first = after.position.0 + 1;
    for (event, position) in history.iter().zip(first..) {
        assert_eq!(event.position, Position(position), "a gap");
    }
    assert_eq!(history.len() % 3, 0, "an append is torn");
    for (position, id) in told {
        let event = usize::try_from(position - first).ok().and_then(|at| history.get(at));
        assert_eq!(event.map(|event| event.event_id), Some(*id), "an acknowledged event is lost");
    }
    let reached = journal.verify(after, u32::MAX).await.expect("verified");
    assert_eq!(reached.position, journal.head().await.expect("head"));
    reached
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_kill() {
    kill_again_and_again(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_kill_on_postgres() {
    kill_again_and_again(Some(test_postgres::database())).await;
}
