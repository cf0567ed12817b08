//! What only the `PostgreSQL` engine promises.

mod fixtures;
#[path = "fixtures/postgres.rs"]
mod postgres;

use std::time::Duration;

use fixtures::{append, stream, write};
use futures_util::future::join_all;
use journal::{
    Durability, History, Journal, JournalError, Link, Position,
    postgres::{PostgresHistory, PostgresJournal, PostgresOptions},
};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;
use test_postgres::{Server, ServerOptions};

/// Only ends a test that would hang.
const DEADLINE: Duration = Duration::from_mins(1);

async fn refused(connection: &mut PgConnection, sql: &str) -> String {
    let refused = connection.execute(AssertSqlSafe(sql.to_owned())).await.expect_err("a refusal");
    refused.to_string()
}

#[tokio::test]
async fn nobody_changes_history() {
    let directory = TempDir::new().expect("a directory");
    let url = test_postgres::database();
    let journal = postgres::open(directory.path(), &url, Durability::Unsafe).await;
    journal.append(append(vec![write(&stream(), 0, 3)])).await.expect("append");
    let changes = ["UPDATE journal.events SET payload = '{}'", "DELETE FROM journal.events", "TRUNCATE journal.events"];
    let mut connection = PgConnection::connect(&url).await.expect("a connection");
    for change in changes {
        assert!(refused(&mut connection, change).await.contains("append-only"), "even a superuser by accident");
    }
    connection.execute("SET ROLE nalabo_app").await.expect("the role");
    for change in changes.into_iter().chain(["ALTER TABLE journal.events DISABLE TRIGGER ALL", "DROP TABLE journal.events"]) {
        let refused = refused(&mut connection, change).await;
        assert!(refused.contains("permission denied") || refused.contains("must be owner"), "{refused}");
    }
    assert_eq!(journal.head().await.expect("head"), Position(3));
}

#[tokio::test]
async fn working_connections_have_the_role() {
    let directory = TempDir::new().expect("a directory");
    let url = test_postgres::database();
    let journal = postgres::open(directory.path(), &url, Durability::Unsafe).await;
    journal.append(append(vec![write(&stream(), 0, 1)])).await.expect("append");
    // Rights that only that role can miss.
    let mut connection = PgConnection::connect(&url).await.expect("a connection");
    connection.execute("REVOKE INSERT ON journal.events FROM nalabo_app").await.expect("revoked");
    let refused = journal.append(append(vec![write(&stream(), 0, 1)])).await;
    assert!(matches!(&refused, Err(JournalError::Unusable(what)) if what.contains("events")), "{refused:?}");
    postgres::open(directory.path(), &url, Durability::Unsafe).await;
    journal.append(append(vec![write(&stream(), 0, 1)])).await.expect("the owner has granted it again");
}

#[tokio::test]
async fn a_damaged_stream_is_told_to_who_asked_for_it_alone() {
    let directory = TempDir::new().expect("a directory");
    let url = test_postgres::database();
    let journal = postgres::open(directory.path(), &url, Durability::Unsafe).await;
    let streams: Vec<_> = (0..20).map(|_| stream()).collect();
    journal.append(append(streams.iter().map(|stream| write(stream, 0, 2)).collect())).await.expect("append");
    let mut connection = PgConnection::connect(&url).await.expect("a connection");
    connection.execute("ALTER TABLE journal.events DISABLE TRIGGER ALL").await.expect("as an owner may");
    connection.execute("UPDATE journal.events SET event_version = 'x' WHERE position = 6").await.expect("damaged");
    let loaded = join_all(streams.iter().map(|stream| journal.load(stream, 0))).await;
    for (number, events) in loaded.into_iter().enumerate() {
        match events {
            Ok(events) => assert_eq!((number == 2, events.len()), (false, 2), "stream {number}"),
            Err(JournalError::Corrupt { at, .. }) => assert_eq!((number, at.as_str()), (2, "position 6")),
            Err(other) => panic!("expected damage of one stream, got {other:?}"),
        }
    }
}

/// As in production: one role owns the tables, another runs the application.
#[tokio::test]
async fn the_application_runs_without_owning_anything() {
    let directory = TempDir::new().expect("a directory");
    let url = test_postgres::database();
    let role = format!("application_{}", uuid::Uuid::new_v4().simple());
    let mut connection = PgConnection::connect(&url).await.expect("a connection");
    connection.execute(AssertSqlSafe(format!("CREATE ROLE {role} LOGIN"))).await.expect("a role");
    let own_url = url.replacen("//nalabo@", &format!("//{role}@"), 1);
    let too_early = PostgresJournal::init(postgres::options(directory.path(), &own_url).await).await;
    assert!(matches!(&too_early, Err(JournalError::Unusable(what)) if what.contains("owner")), "{too_early:?}");
    postgres::open(directory.path(), &url, Durability::Unsafe).await.close().await;
    connection.execute(AssertSqlSafe(format!("GRANT nalabo_app TO {role}"))).await.expect("granted");
    let journal = postgres::open(directory.path(), &own_url, Durability::Unsafe).await;
    journal.append(append(vec![write(&stream(), 0, 3)])).await.expect("append");
    assert_eq!(journal.verify(Link::default(), 10).await.expect("verified").position, Position(3));
}

#[tokio::test]
async fn a_stock_client_loads_our_streams() {
    let directory = TempDir::new().expect("a directory");
    let url = test_postgres::database();
    let journal = postgres::open(directory.path(), &url, Durability::Unsafe).await;
    let one = stream();
    journal.append(append(vec![write(&one, 0, 3), write(&stream(), 0, 1)])).await.expect("append");
    let mut connection = PgConnection::connect(&url).await.expect("a connection");
    connection.execute("SET search_path TO journal").await.expect("set");
    let rows: Vec<(String, String, i64, String, String, serde_json::Value, serde_json::Value)> = sqlx::query_as(
        "SELECT aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata FROM events
         WHERE aggregate_type = $1 AND aggregate_id = $2 ORDER BY sequence",
    )
    .bind(&*one.kind)
    .bind(one.id.to_string())
    .fetch_all(&mut connection)
    .await
    .expect("rows");
    assert_eq!(rows.iter().map(|row| row.2).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(rows[0].5["text"], "größer");
    assert!(rows[0].6.as_object().expect("a map").values().all(serde_json::Value::is_string));
}

#[tokio::test]
async fn what_can_lose_events_must_be_accepted() {
    let directory = TempDir::new().expect("a directory");
    let server = Server::start(&ServerOptions { durable: true, ..ServerOptions::default() }).expect("a server");
    let url = server.create_database().expect("a database");
    let durable = PostgresOptions { durability: Durability::Full, ..postgres::options(directory.path(), &url).await };
    PostgresJournal::init(durable.clone()).await.expect("durable").close().await;
    let risky = PostgresOptions { url: format!("{url}?options=-c%20synchronous_commit%3Doff"), ..durable };
    match PostgresJournal::init(risky).await {
        Err(JournalError::NotDurable { setting, wanted }) => {
            assert_eq!((setting.as_str(), wanted.as_str()), ("synchronous_commit=off", "synchronous_commit=on"));
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
    let forgetful = Server::start(&ServerOptions::default()).expect("a server");
    let url = forgetful.create_database().expect("a database");
    let accepted = postgres::options(directory.path(), &url).await;
    let refused = PostgresJournal::init(PostgresOptions { durability: Durability::Full, ..accepted.clone() }).await;
    assert!(matches!(&refused, Err(JournalError::NotDurable { setting, .. }) if setting == "fsync=off"), "{refused:?}");
    PostgresJournal::init(accepted).await.expect("accepted");
}

#[tokio::test]
async fn tables_of_a_newer_build_are_refused() {
    let directory = TempDir::new().expect("a directory");
    let url = test_postgres::database();
    postgres::open(directory.path(), &url, Durability::Unsafe).await.close().await;
    let mut connection = PgConnection::connect(&url).await.expect("a connection");
    let later = "INSERT INTO journal._sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', TRUE, '', 0)";
    connection.execute(later).await.expect("inserted");
    let refused = PostgresJournal::init(postgres::options(directory.path(), &url).await).await;
    assert!(matches!(&refused, Err(JournalError::Schema { what, .. }) if what.contains("9999")), "{refused:?}");
    let refused = PostgresHistory::init(&url).await;
    assert!(matches!(&refused, Err(JournalError::Schema { what, .. }) if what.contains("9999")), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_start_at_once() {
    let directory = TempDir::new().expect("a directory");
    let (one, other) = (test_postgres::database(), test_postgres::database());
    let mut opened = Vec::new();
    for url in [&one, &one, &other, &one, &other] {
        let options = postgres::options(directory.path(), url).await;
        opened.push(tokio::spawn(PostgresJournal::init(options)));
    }
    let journals = join_all(opened).await.into_iter().map(|journal| journal.expect("no panic").expect("a journal"));
    let ids: Vec<_> = journals.map(|journal| journal.id()).collect();
    assert!(ids[0] == ids[1] && ids[1] == ids[3] && ids[2] == ids[4] && ids[0] != ids[2], "{ids:?}");
}

#[tokio::test]
async fn a_password_is_never_shown() {
    let directory = TempDir::new().expect("a directory");
    let urls = [
        "postgres://nalabo:hunter2@127.0.0.1:1/nothing",
        "postgres://nalabo:hunter2@127.0.0.1:nowhere/nothing",
        "hunter2",
        "postgres://nalabo:hunter2@127.0.0.1/nothing?sslmode=hunter2",
    ];
    for url in urls {
        let options = postgres::options(directory.path(), url).await;
        let shown = format!("{options:?} {:?} {:?}", PostgresJournal::init(options.clone()).await, PostgresHistory::init(url).await);
        assert!(shown.contains("Err("), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[tokio::test]
async fn a_history_is_read_beside_a_server() {
    let directory = TempDir::new().expect("a directory");
    let url = test_postgres::database();
    let none = PostgresHistory::init(&url).await;
    assert!(matches!(&none, Err(JournalError::Schema { .. })), "{none:?}");
    let journal = postgres::open(directory.path(), &url, Durability::Unsafe).await;
    let history = PostgresHistory::init(&url).await.expect("a history");
    journal.append(append(vec![write(&stream(), 0, 3)])).await.expect("append");
    assert_eq!(history.head().await.expect("head"), Position(3));
    assert_eq!(history.read(Position(0), 10).await.expect("read"), journal.read(Position(0), 10).await.expect("read"));
    assert_eq!(history.id(), journal.id());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_others_move_is_seen() {
    let directory = TempDir::new().expect("a directory");
    let url = test_postgres::database();
    let (one, other) = (
        postgres::open(directory.path(), &url, Durability::Unsafe).await,
        postgres::open(directory.path(), &url, Durability::Unsafe).await,
    );
    let mut head = other.watch_head();
    for _ in 0..5 {
        let appended = one.append(append(vec![write(&stream(), 0, 2)])).await.expect("append");
        let seen = tokio::time::timeout(DEADLINE, head.wait_for(|head| *head >= appended.position)).await;
        seen.expect("in time").expect("open");
        let appended = other.append(append(vec![write(&stream(), 0, 1)])).await.expect("append after another's");
        assert_eq!(other.verify(Link::default(), 100).await.expect("one chain").position, appended.position);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_is_one_for_all_processes() {
    let directory = TempDir::new().expect("a directory");
    let url = test_postgres::database();
    let (one, other) = (
        postgres::open(directory.path(), &url, Durability::Unsafe).await,
        postgres::open(directory.path(), &url, Durability::Unsafe).await,
    );
    let minute = Duration::from_mins(1);
    one.lease("runner", "a", minute).await.expect("lease").expect("free");
    assert_eq!(other.lease("runner", "b", minute).await.expect("lease"), None);
    one.close().await;
    assert_eq!(other.lease("runner", "b", minute).await.expect("lease"), None, "a process that closed may be back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tip_of_another_history_is_noticed() {
    let directory = TempDir::new().expect("a directory");
    let url = test_postgres::database();
    let one = postgres::open(directory.path(), &url, Durability::Unsafe).await;
    one.append(append(vec![write(&stream(), 0, 3)])).await.expect("append");
    // As after a failover to a standby that lacked the last event, and another node's append there.
    let database = url.rsplit('/').next().expect("a name");
    let lose = "ALTER TABLE journal.events DISABLE TRIGGER USER; DELETE FROM journal.events WHERE position = 3; \
                ALTER TABLE journal.events ENABLE TRIGGER USER";
    test_postgres::shared().expect("a server").sql(database, lose).expect("lost");
    let other = postgres::open(directory.path(), &url, Durability::Unsafe).await;
    assert_eq!(other.append(append(vec![write(&stream(), 0, 1)])).await.expect("append").position, Position(3));

    assert_eq!(one.append(append(vec![write(&stream(), 0, 1)])).await.expect("append").position, Position(4));
    assert_eq!(other.verify(Link::default(), 100).await.expect("one chain").position, Position(4));
}

/// What queues up while a transaction is under way is put together to follow it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appends_that_wait_for_one_another_are_answered_in_their_order() {
    let directory = TempDir::new().expect("a directory");
    let url = test_postgres::database();
    let journal = postgres::open(directory.path(), &url, Durability::Unsafe).await;
    let mut other = PgConnection::connect(&url).await.expect("a connection");
    for _ in 0..5 {
        let before = journal.head().await.expect("head").0;
        other.execute("BEGIN; SELECT journal.enter()").await.expect("nobody can write");
        let (one, two) = (stream(), stream());
        let appends = [
            append(vec![write(&one, 0, 1)]),
            append(vec![write(&one, 1, 2), write(&two, 0, 1)]),
            append(vec![write(&two, 0, 1)]), // the second of two first ones
            append(vec![write(&one, 3, 1)]),
            append(vec![write(&two, 5, 1)]), // after events that are not there
            append(vec![write(&two, 1, 1)]),
        ];
        let release = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            other.execute("ROLLBACK").await.expect("released");
        };
        let (answers, ()) = tokio::join!(join_all(appends.into_iter().map(|append| journal.append(append))), release);
        let positions: Vec<_> = answers.iter().map(|answer| answer.as_ref().ok().map(|appended| appended.position.0 - before)).collect();
        assert_eq!(positions, [Some(1), Some(4), None, Some(5), None, Some(6)], "{answers:?}");
        assert!(matches!(answers[2], Err(JournalError::Conflict { expected: 0, actual: 1, .. })), "{:?}", answers[2]);
        assert!(matches!(answers[4], Err(JournalError::Conflict { expected: 5, actual: 1, .. })), "{:?}", answers[4]);
        assert_eq!(journal.verify(Link::default(), 1000).await.expect("one chain").position.0, before + 6);
    }
}

/// A caller that has given up was told that nothing is written, though others have queued behind it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_append_that_is_withdrawn_leaves_no_trace() {
    let directory = TempDir::new().expect("a directory");
    let url = test_postgres::database();
    let journal = postgres::open(directory.path(), &url, Durability::Unsafe).await;
    let mut other = PgConnection::connect(&url).await.expect("a connection");
    other.execute("BEGIN; SELECT journal.enter()").await.expect("nobody can write");
    let after = |millis: u64| {
        let journal = &journal;
        async move {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            let append = append(vec![write(&stream(), 0, 2)]);
            let ids: Vec<_> = append.writes[0].events.iter().map(|event| event.id).collect();
            (ids, journal.append(append).await)
        }
    };
    let release = async {
        tokio::time::sleep(Duration::from_millis(1250)).await;
        other.execute("ROLLBACK").await.expect("released");
    };
    let (first, second, third, fourth, ()) = tokio::join!(after(0), after(50), after(700), after(750), release);
    let history = journal.read(Position(0), 100).await.expect("read");
    for (ids, answer) in [first, second, third, fourth] {
        let there = history.iter().filter(|event| ids.contains(&event.event_id)).count();
        assert_eq!(there, if answer.is_ok() { 2 } else { 0 }, "{answer:?}");
    }
    let reached = journal.verify(Link::default(), 1000).await.expect("one chain");
    assert_eq!(usize::try_from(reached.position.0), Ok(history.len()));
}
