//! What only the `SQLite` engine promises.

mod fixtures;

use std::{
    fs::{File, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use fixtures::{append, stream, write};
use journal::{
    History, Journal, JournalError, Link, Position,
    sqlite::{Durability, SqliteJournal, SqliteOptions, Synchronous},
    vault::{MasterKey, SqliteVault},
};
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

struct Place {
    directory: TempDir,
    options: SqliteOptions,
}

impl Place {
    async fn init() -> Self {
        let directory = TempDir::new().expect("a directory");
        let key = MasterKey::from_file(&directory.path().join("master.key"), true).expect("a master key");
        let vault = SqliteVault::init(directory.path().join("vault.db"), key).await.expect("a vault");
        let options = SqliteOptions::new(directory.path().join("journal.db"), Arc::new(vault));
        Self { directory, options }
    }

    async fn open(&self) -> Result<SqliteJournal, JournalError> {
        SqliteJournal::init(self.options.clone()).await
    }

    /// A journal of `events` events, closed.
    async fn filled(events: usize) -> Self {
        let place = Self::init().await;
        let journal = place.open().await.expect("a journal");
        journal.append(append(vec![write(&stream(), 0, events)])).await.expect("append");
        journal.close().await;
        place
    }

    fn at(&self, path: impl AsRef<Path>) -> SqliteOptions {
        SqliteOptions { path: path.as_ref().to_owned(), ..self.options.clone() }
    }

    async fn sql(&self, sql: &'static str) -> Result<(), sqlx::Error> {
        let mut connection = SqliteConnection::connect(&format!("sqlite://{}", self.options.path.display())).await?;
        sqlx::raw_sql(sql).execute(&mut connection).await?;
        connection.close().await
    }
}

fn told<T: std::fmt::Debug>(outcome: Result<T, JournalError>) -> JournalError {
    outcome.expect_err("a refusal")
}

#[tokio::test]
async fn the_database_refuses_to_change_history() {
    let place = Place::filled(3).await;
    for forbidden in ["UPDATE events SET payload = '{}' WHERE position = 2", "DELETE FROM events WHERE position = 3"] {
        let refused = place.sql(forbidden).await.expect_err("a refusal").to_string();
        assert!(refused.contains("events are append-only"), "{refused}");
    }
    let gap = "INSERT INTO events VALUES (5, 'x', 'trial', 'x', 1, 'Forged', '1', '{}', '{}', 1, zeroblob(32))";
    let refused = place.sql(gap).await.expect_err("a refusal").to_string();
    assert!(refused.contains("positions are contiguous"), "{refused}");
}

#[tokio::test]
async fn stored_columns_are_those_of_postgres_es() {
    let place = Place::filled(1).await;
    let mut connection = SqliteConnection::connect(&format!("sqlite://{}", place.options.path.display())).await.expect("a connection");
    let row: (String, String, i64, String, String, String, String) =
        sqlx::query_as("SELECT aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata FROM events")
            .fetch_one(&mut connection)
            .await
            .expect("a row");
    assert_eq!((row.0.as_str(), row.2, row.3.as_str(), row.4.as_str()), ("workshop", 1, "StepCompleted", "2"));
    let metadata: std::collections::HashMap<String, String> = serde_json::from_str(&row.6).expect("a map of text to text");
    assert_eq!(metadata["actor"], "system:test");
}

#[tokio::test]
async fn changed_history_does_not_verify() {
    let place = Place::filled(600).await;
    place.sql("DROP TRIGGER events_are_never_changed; UPDATE events SET event_type = 'Forged' WHERE position = 10").await.expect("changed");
    let journal = place.open().await.expect("the latest events are as they were");
    match told(journal.verify(Link::default(), 1000).await) {
        JournalError::Corrupt { at, .. } => assert_eq!(at, "position 10"),
        other => panic!("expected damage, got {other:?}"),
    }
    journal.close().await;
    place.sql("UPDATE events SET event_type = 'Forged' WHERE position = 590").await.expect("changed");
    assert!(matches!(told(place.open().await), JournalError::Corrupt { at, .. } if at == "position 590"));
}

#[tokio::test]
async fn a_second_process_is_locked_out() {
    let place = Place::init().await;
    let journal = place.open().await.expect("a journal");
    let lock = PathBuf::from(format!("{}.lock", place.options.path.display()));
    assert!(matches!(told(place.open().await), JournalError::Locked { path } if path == lock));
    journal.close().await;
    place.open().await.expect("free again").close().await;
    let foreign = File::open(&lock).expect("the lock file");
    foreign.try_lock().expect("free");
    assert!(matches!(told(place.open().await), JournalError::Locked { .. }));
}

#[tokio::test]
async fn an_unusable_directory_is_named() {
    let place = Place::init().await;
    let file = place.directory.path().join("master.key");
    let below_a_file = SqliteJournal::init(place.at(file.join("journal.db"))).await;
    assert!(matches!(told(below_a_file), JournalError::Path { path, .. } if path == file));

    let mut read_only = place.directory.path().join("read-only");
    std::fs::create_dir(&read_only).expect("a directory");
    std::fs::set_permissions(&read_only, Permissions::from_mode(0o555)).expect("permissions");
    if File::create(read_only.join("probe")).is_ok() {
        // Permissions do not bind the superuser; the kernel's own directories do.
        read_only = PathBuf::from("/proc/sys");
    }
    let refused = told(SqliteJournal::init(place.at(read_only.join("journal.db"))).await);
    assert!(matches!(&refused, JournalError::Path { path, .. } if *path == read_only), "{refused:?}");
}

#[tokio::test]
async fn what_can_lose_events_must_be_accepted() {
    let place = Place::init().await;
    for (level, setting) in [(Synchronous::Off, "synchronous=OFF"), (Synchronous::Normal, "synchronous=NORMAL")] {
        let risky = SqliteOptions { synchronous: Some(level), ..place.options.clone() };
        match told(SqliteJournal::init(risky.clone()).await) {
            JournalError::NotDurable { setting: told, wanted } => {
                assert_eq!((told.as_str(), wanted.as_str()), (setting, "synchronous=FULL"));
            }
            other => panic!("expected a refusal, got {other:?}"),
        }
        let accepted = SqliteOptions { durability: Durability::Unsafe, ..risky };
        SqliteJournal::init(accepted).await.expect("accepted").close().await;
    }
    let extra = SqliteOptions { synchronous: Some(Synchronous::Extra), ..place.options.clone() };
    SqliteJournal::init(extra).await.expect("durable").close().await;
}

#[tokio::test]
async fn a_damaged_file_is_told() {
    let place = Place::filled(300).await;
    let whole = std::fs::read(&place.options.path).expect("bytes");
    let truncated = &whole[..whole.len() / 2];
    let mut scribbled = whole.clone();
    scribbled[4096..].fill(0xa5);
    for damaged in [truncated, &scribbled, b"not a database, but a letter to my grandmother"] {
        std::fs::write(&place.options.path, damaged).expect("written");
        let refused = told(place.open().await);
        assert!(matches!(refused, JournalError::Corrupt { .. }), "{refused:?}");
    }
    std::fs::write(&place.options.path, whole).expect("written");
    assert_eq!(place.open().await.expect("whole again").head().await.expect("head"), Position(300));
}

#[tokio::test]
async fn tables_of_a_newer_build_are_refused() {
    let place = Place::filled(1).await;
    place
        .sql(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', TRUE, x'00', 0)",
        )
        .await
        .expect("inserted");
    let refused = told(place.open().await);
    assert!(matches!(&refused, JournalError::Schema { what, .. } if what.contains("9999")), "{refused:?}");
}

#[tokio::test]
async fn leases_of_the_process_before_are_free() {
    let place = Place::init().await;
    let minute = std::time::Duration::from_mins(1);
    let journal = place.open().await.expect("a journal");
    let before = journal.lease("saga", "a", minute).await.expect("lease").expect("free");
    journal.close().await;
    let journal = place.open().await.expect("a journal");
    let after = journal.lease("saga", "b", minute).await.expect("lease").expect("nobody can hold it");
    assert!(after.epoch > before.epoch);
}
