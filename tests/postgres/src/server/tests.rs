use super::{Server, ServerOptions};

#[test]
fn what_is_committed_survives_a_kill() {
    let mut server =
        Server::start(&ServerOptions { durable: true, settings: vec!["wal_level=minimal".into(), "max_wal_senders=0".into()] })
            .expect("a server");
    let url = server.create_database().expect("a database");
    let name = url.rsplit('/').next().expect("a name").to_owned();
    assert_eq!(server.sql(&name, "SHOW fsync").expect("an answer"), "on");
    assert_eq!(server.sql(&name, "SHOW wal_level").expect("an answer"), "minimal");
    server.sql(&name, "CREATE TABLE numbers AS SELECT 7 AS number").expect("a table");
    server.kill();
    assert!(server.sql(&name, "SELECT 1").is_err(), "it is down");
    server.restart();
    assert_eq!(server.sql(&name, "SELECT number FROM numbers").expect("an answer"), "7");
    let data = server.data().expect("a folder");
    drop(server);
    assert!(!data.exists(), "nothing is left");
}

#[test]
fn a_server_that_is_not_there_is_said_to_be_missing() {
    let why = Server::at("postgres://nalabo@127.0.0.1:1").expect_err("nobody listens there");
    assert!(why.contains("127.0.0.1"), "{why}");
}
