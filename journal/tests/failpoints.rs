//! A fault at each statement of a transaction, on either database; and a clock that is set back.

mod fixtures;
#[path = "fixtures/postgres.rs"]
mod postgres;

use std::{path::PathBuf, sync::Arc};

use chrono::TimeDelta;
use fixtures::{append, stream, write};
use futures_util::future::join_all;
use journal::{
    Append, Appended, Durability, Journal, JournalError, Link, NewReceipt, Position,
    sqlite::{SqliteJournal, SqliteOptions},
    vault::{MasterKey, SqliteVault},
};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;

/// Batches are of 1 to so many appends.
const MOST: usize = 50;
/// In what is to be refused.
const MARKER: &str = "refused";

/// A way to the tables past the journal.
enum Tables {
    Sqlite(PathBuf),
    Postgres(String),
}

struct Stage {
    _directory: TempDir,
    journal: Arc<dyn Journal>,
    tables: Tables,
}

impl Stage {
    async fn on_sqlite() -> Self {
        let directory = TempDir::new().expect("a directory");
        let key = MasterKey::from_file(&directory.path().join("master.key"), true).expect("a master key");
        let vault = SqliteVault::init(directory.path().join("vault.db"), key).await.expect("a vault");
        let path = directory.path().join("journal.db");
        let journal = SqliteJournal::init(SqliteOptions::new(&path, Arc::new(vault))).await.expect("a journal");
        Self { _directory: directory, journal: Arc::new(journal), tables: Tables::Sqlite(path) }
    }

    async fn on_postgres() -> Self {
        let directory = TempDir::new().expect("a directory");
        let url = test_postgres::database();
        let journal = postgres::open(directory.path(), &url, Durability::Unsafe).await;
        Self { _directory: directory, journal, tables: Tables::Postgres(url) }
    }

    async fn sql(&self, sql: String) {
        match &self.tables {
            Tables::Sqlite(path) => {
                let mut connection = SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.expect("a connection");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.expect("the statement");
                connection.close().await.expect("closed");
            }
            Tables::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await.expect("a connection");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.expect("the statement");
            }
        }
    }

    /// Has the database refuse rows with the marker, in one of several ways.
    async fn refuse(&self, way: usize) {
        let (table, row) = match way % 2 {
            0 => ("events", format!("NEW.event_type = '{MARKER}'")),
            _ => ("receipts", format!("NEW.key LIKE '%{MARKER}'")),
        };
        self.sql(match self.tables {
            Tables::Sqlite(_) => {
                // What the database does besides: takes back the statement, nothing, or the whole transaction.
                let action = ["ABORT", "FAIL", "ROLLBACK"][way / 2 % 3];
                let when = ["BEFORE", "AFTER"][way / 6 % 2];
                format!("CREATE TRIGGER trial {when} INSERT ON {table} WHEN {row} BEGIN SELECT RAISE({action}, 'refused'); END")
            }
            Tables::Postgres(_) => {
                // An ordinary error, one that says that it may be tried again, and the end of the connection.
                let fault = [
                    "RAISE EXCEPTION 'refused'",
                    "RAISE EXCEPTION 'refused' USING ERRCODE = 'serialization_failure'",
                    "RAISE EXCEPTION 'refused' USING ERRCODE = 'disk_full'",
                ][way / 2 % 3];
                let when = ["BEFORE", "AFTER"][way / 6 % 2];
                format!(
                    "CREATE OR REPLACE FUNCTION journal.trial() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {fault}; END $$; \
                     CREATE TRIGGER trial {when} INSERT ON journal.{table} FOR EACH ROW WHEN ({row}) EXECUTE FUNCTION journal.trial()"
                )
            }
        })
        .await;
    }

    async fn permit(&self, way: usize) {
        let table = ["events", "receipts"][way % 2];
        self.sql(match self.tables {
            Tables::Sqlite(_) => "DROP TRIGGER trial".into(),
            Tables::Postgres(_) => format!("DROP TRIGGER trial ON journal.{table}"),
        })
        .await;
    }
}

/// An append of two streams and a receipt; `marked` has what is refused as its second event, and in its receipt.
fn request(marked: bool) -> Append {
    let mut append = append(vec![write(&stream(), 0, 2), write(&stream(), 0, 1)]);
    let key = Uuid::new_v4();
    if marked {
        append.writes[0].events[1].name = MARKER.into();
    }
    append.receipt = Some(NewReceipt {
        actor: "acc_1".into(),
        operation: "workshopPublish".into(),
        key: if marked { format!("{key} {MARKER}") } else { key.to_string() },
        fingerprint: vec![1],
        outcome: json!(null),
        expires_at: None,
    });
    append
}

fn ids(append: &Append) -> Vec<Uuid> {
    append.writes.iter().flat_map(|write| &write.events).map(|event| event.id).collect()
}

/// Every answer says what is in the tables.
async fn check(journal: &dyn Journal, appends: &[Append], answers: &[Result<Appended, JournalError>], after: Position) {
    let history = journal.read(after, u32::MAX).await.expect("read");
    assert!(history.iter().zip(after.0 + 1..).all(|(event, position)| event.position == Position(position)), "a gap");
    for (append, answer) in appends.iter().zip(answers) {
        let ids = ids(append);
        let found: Vec<Position> = history.iter().filter(|event| ids.contains(&event.event_id)).map(|event| event.position).collect();
        let receipt = append.receipt.as_ref().expect("a receipt");
        let kept = journal.receipt(&receipt.actor, &receipt.operation, &receipt.key).await.expect("an answer");
        match answer {
            Ok(appended) => {
                assert_eq!((found.len(), found.last()), (ids.len(), Some(&appended.position)), "an acknowledged append");
                assert!(kept.is_some(), "its receipt");
            }
            Err(error) => assert!(found.is_empty() && kept.is_none(), "it is there, but was told: {error}"),
        }
    }
}

async fn fail_at_each_statement(stage: Stage) {
    let journal = stage.journal.as_ref();
    for size in 1..=MOST {
        // The first, one in the middle, and the last of a batch.
        for (number, at) in [0, size / 2, size - 1].into_iter().enumerate() {
            let way = size * 3 + number;
            let before = journal.head().await.expect("head");
            stage.refuse(way).await;
            let appends: Vec<Append> = (0..size).map(|number| request(number == at)).collect();
            let answers = join_all(appends.iter().map(|append| journal.append(append.clone()))).await;
            assert!(answers[at].is_err(), "batch of {size}, fault at {at} in way {way}: it was refused");
            check(journal, &appends, &answers, before).await;
            stage.permit(way).await;
            // Nothing is left of it: what failed can be tried again, and is written.
            let failed: Vec<Append> =
                appends.iter().zip(&answers).filter(|(_, answer)| answer.is_err()).map(|(append, _)| append.clone()).collect();
            let between = journal.head().await.expect("head");
            let again = join_all(failed.iter().map(|append| journal.append(append.clone()))).await;
            assert!(again.iter().all(Result::is_ok), "batch of {size}, fault at {at} in way {way}: {again:?}");
            check(journal, &failed, &again, between).await;
            assert_eq!(journal.head().await.expect("head").0, before.0 + 3 * i64::try_from(size).expect("few"), "each once");
        }
    }
    let reached = journal.verify(Link::default(), u32::MAX).await.expect("verified");
    assert_eq!(reached.position, journal.head().await.expect("head"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_at_any_statement_of_a_batch_leaves_nothing_by_halves_on_sqlite() {
    fail_at_each_statement(Stage::on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_at_any_statement_of_a_batch_leaves_nothing_by_halves_on_postgres() {
    fail_at_each_statement(Stage::on_postgres().await).await;
}

/// Writes the next event as a process would have whose clock is an hour ahead.
async fn from_the_future(stage: &Stage) {
    let journal = stage.journal.as_ref();
    let head = journal.head().await.expect("head");
    let last = journal.read_raw(Position(head.0 - 1), 1).await.expect("read").remove(0);
    let mut next = last.clone();
    next.position += 1;
    next.sequence += 1;
    next.event_id = Uuid::now_v7().to_string();
    next.recorded_at += TimeDelta::hours(1).num_microseconds().expect("an hour");
    let hash = hex::encode(next.hash_after(journal.id(), &last.hash.as_slice().try_into().expect("a hash")));
    let (table, hash) = match stage.tables {
        Tables::Sqlite(_) => ("events", format!("x'{hash}'")),
        Tables::Postgres(_) => ("journal.events", format!("'\\x{hash}'")),
    };
    stage
        .sql(format!(
            "INSERT INTO {table} VALUES ({}, '{}', '{}', '{}', {}, '{}', '{}', '{}', '{}', {}, {hash})",
            next.position,
            next.event_id,
            next.aggregate_type,
            next.aggregate_id,
            next.sequence,
            next.event_type,
            next.event_version,
            next.payload,
            next.metadata,
            next.recorded_at
        ))
        .await;
}

async fn time_never_goes_back(journal: &dyn Journal) {
    for _ in 0..3 {
        journal.append(request(false)).await.expect("an append");
    }
    let history = journal.read(Position(0), u32::MAX).await.expect("read");
    assert_eq!(history.len(), 3 + 1 + 9);
    assert!(history.is_sorted_by_key(|event| event.recorded_at), "time goes back");
    assert!(history[4].recorded_at - history[2].recorded_at >= TimeDelta::hours(1), "not before the event that it follows");
    let reached = journal.verify(Link::default(), u32::MAX).await.expect("verified");
    assert_eq!(reached.position, journal.head().await.expect("head"));
}

#[tokio::test]
async fn a_clock_set_back_by_an_hour_does_not_set_back_the_journal_on_postgres() {
    let stage = Stage::on_postgres().await;
    stage.journal.append(request(false)).await.expect("an append");
    // Another process wrote it: this one has to find out.
    from_the_future(&stage).await;
    time_never_goes_back(stage.journal.as_ref()).await;
}

#[tokio::test]
async fn a_clock_set_back_by_an_hour_does_not_set_back_the_journal_on_sqlite() {
    let stage = Stage::on_sqlite().await;
    stage.journal.append(request(false)).await.expect("an append");
    from_the_future(&stage).await;
    stage.journal.close().await;
    let Tables::Sqlite(path) = &stage.tables else { unreachable!() };
    let key = MasterKey::from_file(&path.with_file_name("master.key"), false).expect("the master key");
    let vault = SqliteVault::init(path.with_file_name("vault-again.db"), key).await.expect("a vault");
    let again = SqliteJournal::init(SqliteOptions::new(path, Arc::new(vault))).await.expect("a journal");
    time_never_goes_back(&again).await;
    again.close().await;
}
