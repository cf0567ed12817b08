//! What is special about a vault in a file.

use sqlx::{Connection, Executor, SqliteConnection};
use tempfile::TempDir;

use super::{ANN, EVENT, Opened, VaultError, open_in, other_key};
use crate::vault::{SqliteVault, Vault};

#[tokio::test]
async fn an_erased_key_is_in_no_file() {
    let vault = Opened::init().await;
    vault.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    let wrapped = vault.wrapped(ANN).await.flatten().expect("a key");
    let on_disk = || {
        let files = std::fs::read_dir(vault.directory.path()).expect("a directory");
        let bytes: Vec<u8> = files.flat_map(|file| std::fs::read(file.expect("a file").path()).expect("bytes")).collect();
        bytes.windows(wrapped.len()).any(|window| window == wrapped)
    };
    assert!(on_disk());
    vault.erase_subject(ANN).await.expect("erased");
    assert!(!on_disk());
    assert_eq!(vault.wrapped(ANN).await, Some(None));
}

#[tokio::test]
async fn a_destroyed_secret_is_in_no_file_once_nobody_reads_the_log() {
    let vault = Opened::init().await;
    vault.secret("month-01", 32).await.expect("a secret");
    let url = format!("sqlite://{}", vault.directory.path().join("vault.db").display());
    let mut reader = SqliteConnection::connect(&url).await.expect("a connection");
    let wrapped: Vec<u8> =
        sqlx::query_scalar("SELECT wrapped FROM secrets WHERE name = 'month-01'").fetch_one(&mut reader).await.expect("a key");
    let on_disk = || {
        let files = std::fs::read_dir(vault.directory.path()).expect("a directory");
        let bytes: Vec<u8> = files.flat_map(|file| std::fs::read(file.expect("a file").path()).expect("bytes")).collect();
        bytes.windows(wrapped.len()).any(|window| window == wrapped)
    };
    reader.execute("BEGIN").await.expect("begun");
    reader.execute("SELECT * FROM secrets").await.expect("read");
    let unfinished = vault.destroy_secret("month-01").await.expect_err("the log is read");
    assert!(matches!(&unfinished, VaultError::UnfinishedSecret(name) if name == "month-01"), "{unfinished}");
    assert!(vault.known_secret("month-01").await.expect("looked up").is_none(), "the key is gone all the same");
    assert!(on_disk());
    reader.execute("ROLLBACK").await.expect("ended");
    assert!(!vault.destroy_secret("month-01").await.expect("finished"));
    assert!(!on_disk());
}

#[tokio::test]
async fn a_second_process_is_kept_out() {
    let vault = Opened::init().await;
    let refused = open_in(vault.directory.path(), None).await.map(drop).expect_err("locked");
    assert!(matches!(&refused, VaultError::Locked { path } if path.ends_with("vault.db.lock")), "{refused}");
    vault.again().await;
}

#[tokio::test]
async fn an_erasure_is_unfinished_while_the_log_is_read_and_can_be_finished() {
    let vault = Opened::init().await;
    let sealed = vault.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    let url = format!("sqlite://{}", vault.directory.path().join("vault.db").display());
    let mut reader = SqliteConnection::connect(&url).await.expect("a connection");
    reader.execute("BEGIN").await.expect("begun");
    reader.execute("SELECT * FROM subject_keys").await.expect("read");
    assert!(matches!(vault.erase_subject(ANN).await, Err(VaultError::Unfinished(ANN))));
    assert!(vault.open(ANN, &sealed).await.expect("opened").is_none(), "the key is gone all the same");
    reader.execute("ROLLBACK").await.expect("ended");
    vault.erase_subject(ANN).await.expect("finished");
    let log = std::fs::metadata(vault.directory.path().join("vault.db-wal")).map_or(0, |log| log.len());
    assert_eq!(log, 0, "the log is empty");
}

#[tokio::test]
async fn a_file_that_is_no_vault_is_told() {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("vault.db");
    std::fs::write(&path, b"this is no database, however long it may be").expect("written");
    assert!(matches!(SqliteVault::init(&path, other_key()).await, Err(VaultError::Corrupt { .. })));
    std::fs::remove_file(&path).expect("removed");
    open_in(directory.path(), None).await.expect("a vault").close().await;
    let mut bytes = std::fs::read(&path).expect("bytes");
    let end = bytes.len();
    bytes[4096..end].fill(0xff);
    std::fs::write(&path, bytes).expect("written");
    let damaged = open_in(directory.path(), None).await.map(drop);
    assert!(matches!(damaged, Err(VaultError::Corrupt { .. })), "{damaged:?}");
}

#[tokio::test]
async fn a_damaged_key_is_told() {
    let vault = Opened::init().await;
    let sealed = vault.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    let vault = vault.again().await;
    let url = format!("sqlite://{}", vault.directory.path().join("vault.db").display());
    let mut other = SqliteConnection::connect(&url).await.expect("a connection");
    other.execute("UPDATE subject_keys SET wrapped = zeroblob(72)").await.expect("damaged");
    assert!(matches!(vault.open(ANN, &sealed).await, Err(VaultError::Corrupt { .. })));
}

#[tokio::test]
async fn a_vault_of_a_newer_build_is_refused() {
    let vault = Opened::init().await;
    vault.close().await;
    let url = format!("sqlite://{}", vault.directory.path().join("vault.db").display());
    let mut other = SqliteConnection::connect(&url).await.expect("a connection");
    other.execute("UPDATE _sqlx_migrations SET version = 999 WHERE version = 3").await.expect("changed");
    let refused = open_in(vault.directory.path(), None).await.map(drop);
    assert!(matches!(refused, Err(VaultError::Schema { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_vault_of_an_older_build_learns_the_name_of_its_master_key() {
    let vault = Opened::init().await;
    vault.close().await;
    let url = format!("sqlite://{}", vault.directory.path().join("vault.db").display());
    let mut other = SqliteConnection::connect(&url).await.expect("a connection");
    other.execute("UPDATE vault SET master_key = NULL").await.expect("forgotten");
    let refused = vault.with(other_key()).await.map(drop).expect_err("a wrong key");
    assert!(matches!(refused, VaultError::WrongMasterKey { wanted: None, .. }), "{refused}");
    open_in(vault.directory.path(), None).await.expect("opened").close().await;
    let refused = vault.with(other_key()).await.map(drop).expect_err("a wrong key");
    assert!(matches!(refused, VaultError::WrongMasterKey { wanted: Some(_), .. }), "{refused}");
}

#[tokio::test]
async fn a_look_makes_no_vault_and_takes_no_lock() {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("vault.db");
    assert!(matches!(SqliteVault::look(&path, other_key()).await, Err(VaultError::Path { path: told, .. }) if told == path));
    assert_eq!(std::fs::read_dir(directory.path()).expect("a directory").count(), 0);
    SqliteVault::init(&path, other_key()).await.expect("a vault").close().await;
    let look = SqliteVault::look(&path, other_key()).await.expect("a look");
    SqliteVault::init(&path, other_key()).await.expect("nobody keeps it out").close().await;
    look.close().await;
}

#[tokio::test]
async fn a_vault_of_an_older_build_is_not_brought_up_to_date_by_a_look() {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("vault.db");
    SqliteVault::init(&path, other_key()).await.expect("a vault").close().await;
    let mut connection = SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.expect("a connection");
    connection.execute("DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)").await.expect("deleted");
    connection.close().await.expect("closed");
    let refused = SqliteVault::look(&path, other_key()).await.expect_err("it is older");
    assert!(matches!(&refused, VaultError::Schema { what, .. } if what.contains("nalabo migrate")), "{refused}");
}
