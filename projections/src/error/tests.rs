use std::{
    io::{Error, ErrorKind},
    sync::Arc,
};

use sea_orm::{ConnectionTrait, Database, DbErr, RuntimeErr, sqlx};

use super::is_unavailable;

#[test]
fn a_connection_that_breaks_off_is_told_from_an_answer_that_is_wrong() {
    let query = |error| DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)));
    for error in [sqlx::Error::Io(Error::from(ErrorKind::UnexpectedEof)), sqlx::Error::PoolTimedOut, sqlx::Error::WorkerCrashed] {
        assert!(is_unavailable(&query(error)));
    }
    for error in [query(sqlx::Error::RowNotFound), query(sqlx::Error::ColumnNotFound("x".into())), DbErr::Type("x".into())] {
        assert!(!is_unavailable(&error), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_ends_a_connection_is_unavailable() {
    let db = Database::connect(test_postgres::database()).await.expect("a connection");
    let ended = db.execute_unprepared("SELECT pg_terminate_backend(pg_backend_pid())").await.expect_err("it is ended");
    assert!(is_unavailable(&ended), "{ended}");
    let wrong = db.execute_unprepared("SELECT 1 / 0").await.expect_err("it cannot be answered");
    assert!(!is_unavailable(&wrong), "{wrong}");
}
