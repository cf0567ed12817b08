//! A disk that fills up in the middle of a batch: what was refused is not there, what was acknowledged is, and once there is
//! room again the same journal goes on.

mod fixtures;

use std::{path::Path, process::Command, sync::Arc};

use fixtures::{append, event, stream, write};
use futures_util::future::join_all;
use journal::{
    Append, History, Journal, JournalError, Link, Position, StreamWrite,
    sqlite::{SqliteJournal, SqliteOptions},
    vault::{MasterKey, SqliteVault},
};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

const DIRECTORY: &str = "NALABO_FULL_DISK_TEST";
const DISK: usize = 24 << 20;
const BALLAST: usize = 6 << 20;
/// Appends that are under way at once, so that they share transactions.
const AT_ONCE: usize = 8;
/// Far more than the disk holds.
const ROUNDS: usize = 400;

fn large() -> Append {
    let events = (0..3).map(|_| event(json!({ "text": "x".repeat(16 << 10) }))).collect();
    append(vec![StreamWrite { events, ..write(&stream(), 0, 0) }])
}

fn ids(append: &Append) -> Vec<Uuid> {
    append.writes.iter().flat_map(|write| &write.events).map(|event| event.id).collect()
}

/// What the journal said to each of several appends at once.
async fn fill(journal: &SqliteJournal) -> Vec<(Vec<Uuid>, Result<Position, JournalError>)> {
    let each = (0..AT_ONCE).map(|_| async {
        let append = large();
        (ids(&append), journal.append(append).await.map(|appended| appended.position))
    });
    join_all(each).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is what the other test runs on a small disk"]
async fn on_a_small_disk() {
    let directory = std::env::var_os(DIRECTORY).expect("a directory");
    let directory = Path::new(&directory);
    let ballast = directory.join("ballast");
    std::fs::write(&ballast, vec![1; BALLAST]).expect("room for the ballast");
    let key = MasterKey::from_file(&directory.join("master.key"), true).expect("a master key");
    let vault = SqliteVault::init(directory.join("vault.db"), key).await.expect("a vault");
    let options = SqliteOptions::new(directory.join("journal.db"), Arc::new(vault));
    let journal = SqliteJournal::init(options.clone()).await.expect("a journal");

    let mut told = Vec::new();
    for _ in 0..ROUNDS {
        told.extend(fill(&journal).await);
        if told.iter().any(|(_, outcome)| outcome.is_err()) {
            break;
        }
    }
    let refused: Vec<_> = told.iter().filter_map(|(_, outcome)| outcome.as_ref().err()).collect();
    assert!(!refused.is_empty(), "the disk is larger than it should be");
    for error in refused {
        assert!(matches!(error, JournalError::Unavailable(_)), "{error:?}");
        assert!(error.to_string().contains("full"), "does not say why: {error}");
    }
    let journal = holds(journal, options.clone(), &told).await;

    std::fs::remove_file(&ballast).expect("room again");
    let more = fill(&journal).await;
    assert!(more.iter().all(|(_, outcome)| outcome.is_ok()), "it does not go on: {more:?}");
    told.extend(more);
    holds(journal, options, &told).await.close().await;
}

/// All that was acknowledged is there and nothing else, before and after it is opened anew.
async fn holds(journal: SqliteJournal, options: SqliteOptions, told: &[(Vec<Uuid>, Result<Position, JournalError>)]) -> SqliteJournal {
    let acknowledged: Vec<&Vec<Uuid>> = told.iter().filter(|(_, outcome)| outcome.is_ok()).map(|(ids, _)| ids).collect();
    check(&journal, &acknowledged).await;
    journal.close().await;
    let journal = SqliteJournal::init(options).await.expect("a journal on a full disk");
    check(&journal, &acknowledged).await;
    journal
}

async fn check(journal: &SqliteJournal, acknowledged: &[&Vec<Uuid>]) {
    let there = journal.read(Position(0), u32::MAX).await.expect("read");
    assert_eq!(there.len(), acknowledged.len() * 3, "more or fewer events than were acknowledged");
    assert!(acknowledged.iter().all(|ids| there.iter().any(|event| event.event_id == ids[0])), "an acknowledged event is lost");
    assert_eq!(journal.verify(Link::default(), u32::MAX).await.expect("verified").position.0, i64::try_from(there.len()).expect("few"));
}

#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn skipped(why: &str) {
    eprintln!("skipped: bwrap makes no small disk here: {}", why.trim());
}

#[test]
fn a_full_disk_loses_nothing() {
    let directory = TempDir::new().expect("a directory");
    let sandbox = |program: &str| {
        let mut command = Command::new("bwrap");
        command.args(["--bind", "/", "/", "--dev-bind", "/dev", "/dev", "--size", &DISK.to_string(), "--tmpfs"]);
        command.arg(directory.path()).arg("--").arg(program);
        command
    };
    match sandbox("true").output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => return skipped(&String::from_utf8_lossy(&output.stderr)),
        Err(error) => return skipped(&error.to_string()),
    }
    let exe = std::env::current_exe().expect("this test");
    let output = sandbox(exe.to_str().expect("a path"))
        .args(["on_a_small_disk", "--exact", "--ignored", "--nocapture"])
        .env(DIRECTORY, directory.path())
        .output()
        .expect("a child");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
