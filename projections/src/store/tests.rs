use sea_orm::ConnectionTrait;

use super::{Purpose, Store, is_there};
use crate::place::Generation;

#[tokio::test]
async fn queries_on_postgres_cannot_write_and_find_their_own_schema_first() {
    let generation = Generation::Schema { url: test_postgres::database(), name: "read_models_0000000000000001".into() };
    let store = Store::init(&generation, 1, Purpose::Serving).await.expect("a store");
    assert!(!is_there(&generation, &store).await.expect("a query"));
    store.writer.execute_unprepared("CREATE SCHEMA read_models_0000000000000001").await.expect("a schema");
    store.writer.execute_unprepared("CREATE TABLE here (id bigint)").await.expect("a table");
    assert!(is_there(&generation, &store).await.expect("a query"));
    store.reader.execute_unprepared("SELECT id FROM read_models_0000000000000001.here").await.expect("the table in its schema");
    let refused = store.reader.execute_unprepared("INSERT INTO here VALUES (1)").await.expect_err("a connection that only reads");
    assert!(refused.to_string().contains("read-only"), "{refused}");
}
