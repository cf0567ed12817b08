use sea_orm::{EntityTrait, TransactionTrait, entity::prelude::*};
use uuid::Uuid;

use super::{VARIABLES, create, delete, load, upsert};
use crate::{fixtures::id, store::Store};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "parts")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub whole: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub text: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

fn part(number: i64, text: &str) -> Model {
    Model { whole: id(1), number, text: text.into() }
}

#[tokio::test]
async fn more_rows_than_one_statement_takes_are_written_loaded_and_deleted_by_composite_keys() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = Store::init(&directory.path().join("rows.db"), 1).await.expect("a store");
    let tx = store.writer.begin().await.expect("a transaction");
    create::<Entity>(&tx, &[]).await.expect("a table");
    let count = i64::try_from(VARIABLES).expect("a small number");
    upsert::<Entity>(&tx, (0..count).map(|number| part(number, "old")).collect()).await.expect("rows");
    upsert::<Entity>(&tx, (0..10).map(|number| part(number, "new")).collect()).await.expect("rows in place of rows");

    let wanted: Vec<_> = (5..count + 5).map(|number| (id(1), number)).chain([(id(2), 7)]).collect();
    let rows = load::<Entity>(&tx, &wanted).await.expect("rows");
    assert_eq!(rows.len(), VARIABLES - 5, "those there are under the wanted keys");
    assert_eq!(rows[&(id(1), 9)], part(9, "new"));
    assert_eq!(rows[&(id(1), 10)], part(10, "old"));

    delete::<Entity>(&tx, &wanted).await.expect("rows to delete");
    tx.commit().await.expect("a commit");
    assert_eq!(Entity::find().count(&store.reader).await.expect("a count"), 5);
}

#[tokio::test]
async fn queries_cannot_write() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = Store::init(&directory.path().join("rows.db"), 1).await.expect("a store");
    let tx = store.writer.begin().await.expect("a transaction");
    create::<Entity>(&tx, &[]).await.expect("a table");
    tx.commit().await.expect("a commit");
    let refused = Entity::delete_many().exec(&store.reader).await.expect_err("a connection that only reads");
    assert!(refused.to_string().contains("readonly"), "{refused}");
}
