//! What is special about a vault in a schema.

use std::time::{Duration, Instant};

use sqlx::{Connection, Executor, PgConnection};
use test_postgres::{Server, ServerOptions};

use super::{ANN, EVENT, Opened, VaultError, open_in, other_key};
use crate::vault::PostgresVault;

/// What an erasure by another process may take to be felt.
const FORGOTTEN: Duration = Duration::from_secs(5);

#[tokio::test]
async fn an_erasure_by_another_process_is_felt_within_five_seconds() {
    let here = Opened::postgres().await;
    let sealed = here.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    let there = open_in(here.directory.path(), here.url.as_deref()).await.expect("a second process");
    assert!(there.open(ANN, &sealed).await.expect("opened").is_some());
    here.erase_subject(ANN).await.expect("erased");
    let erased = Instant::now();
    while there.open(ANN, &sealed).await.expect("opened").is_some() {
        assert!(erased.elapsed() < FORGOTTEN, "still remembered");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(matches!(there.seal(ANN, EVENT, b"Ann").await, Err(VaultError::Erased(ANN))));
}

#[tokio::test]
async fn the_vault_goes_on_after_its_database_was_away() {
    let mut server = Server::start(&ServerOptions::default()).expect("a server");
    let vault = Opened::at(Some(server.create_database().expect("a database"))).await;
    let sealed = vault.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    server.kill();
    let begun = Instant::now();
    let refused = vault.secret("new", 32).await.map(drop).expect_err("there is no database");
    assert!(matches!(refused, VaultError::Unavailable(_)), "{refused}");
    assert!(begun.elapsed() < FORGOTTEN, "it took {:?}", begun.elapsed());
    server.restart();
    for _ in 0..20 {
        vault.refresh_find(b"none").await.expect("no broken connection is left");
    }
    assert!(vault.open(ANN, &sealed).await.expect("opened").is_some());
}

#[tokio::test]
async fn a_statement_that_waits_too_long_fails_and_its_connection_is_let_go() {
    let vault = Opened::postgres().await;
    let mut other = PgConnection::connect(vault.url.as_deref().expect("an address")).await.expect("a connection");
    other.execute("BEGIN; LOCK TABLE vault.secrets IN ACCESS EXCLUSIVE MODE").await.expect("locked");
    let refused = vault.secret("new", 32).await.map(drop).expect_err("it waits for a lock");
    assert!(matches!(refused, VaultError::Unavailable(_)), "{refused}");
    other.execute("ROLLBACK").await.expect("unlocked");
    vault.secret("new", 32).await.expect("a secret");
}

#[tokio::test]
async fn no_password_is_shown() {
    let url = test_postgres::database().replacen("nalabo@", "nalabo:hunter2@", 1);
    let vault = PostgresVault::init(&url, other_key()).await.expect("a vault");
    assert!(!format!("{vault:?}").contains("hunter2"), "{vault:?}");
    assert!(format!("{vault:?}").contains("schema vault of test_"), "{vault:?}");
    for wrong in [url.replacen("postgres://", "mysql://", 1), "postgres://a:hunter2@[::1".to_owned(), format!("{url}_none")] {
        let refused = PostgresVault::init(&wrong, other_key()).await.expect_err("no such database");
        assert!(!format!("{refused} {refused:?}").contains("hunter2"), "{refused:?}");
    }
}

#[tokio::test]
async fn a_vault_of_a_newer_build_is_refused() {
    let vault = Opened::postgres().await;
    let mut other = PgConnection::connect(vault.url.as_deref().expect("an address")).await.expect("a connection");
    other.execute("UPDATE vault._sqlx_migrations SET version = 999 WHERE version = 2").await.expect("changed");
    let refused = open_in(vault.directory.path(), vault.url.as_deref()).await.map(drop);
    assert!(matches!(refused, Err(VaultError::Schema { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_make_one_vault_at_once() {
    let url = test_postgres::database();
    let all = futures_util::future::join_all((0..6).map(|_| PostgresVault::init(&url, other_key()))).await;
    for vault in all {
        vault.expect("a vault");
    }
}
