use std::collections::BTreeMap;

use sea_orm::{EntityTrait, IdenStatic, TransactionTrait, entity::prelude::*};
use uuid::Uuid;

use super::{ROWS, VARIABLES, create, delete, index, indexed, insert, load, replace, upsert};
use crate::{
    column::Json,
    fixtures::{Engine, id, stored},
    paging,
};

mod kinds {
    use sea_orm::entity::prelude::*;

    use crate::column::Json;

    /// One column of each type that read models have.
    #[derive(Clone, Debug, Default, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "kinds")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub text: Option<String>,
        pub uuid: Option<Uuid>,
        pub day: Option<Date>,
        pub at: Option<DateTimeUtc>,
        pub json: Option<Json<Vec<String>>>,
        pub flag: Option<bool>,
        pub number: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

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
    for engine in Engine::ALL {
        let (_place, store) = stored(engine).await;
        let tx = store.writer.begin().await.expect("a transaction");
        create::<Entity>(&tx).await.expect("a table");
        let count = i64::try_from(VARIABLES.max(ROWS) + 100).expect("a small number");
        insert::<Entity>(&tx, &(0..count).map(|number| part(number, "old")).collect::<Vec<_>>()).await.expect("rows");
        upsert::<Entity>(&tx, &(0..10).map(|number| part(number, "new")).collect::<Vec<_>>()).await.expect("rows in place of rows");
        let savepoint = tx.begin().await.expect("a savepoint");
        assert!(insert::<Entity>(&savepoint, &[part(3, "third")]).await.is_err(), "there is a row under this key");
        savepoint.rollback().await.expect("a savepoint");

        let wanted: Vec<_> = (5..count + 5).map(|number| (id(1), number)).chain([(id(2), 7)]).collect();
        let rows = load::<Entity, _>(&tx, &wanted).await.expect("rows");
        let rows: BTreeMap<_, _> = rows.into_iter().map(|row| (row.number, row)).collect();
        assert_eq!(i64::try_from(rows.len()).expect("a small number"), count - 5, "those there are under the wanted keys");
        assert_eq!(rows[&9], part(9, "new"));
        assert_eq!(rows[&10], part(10, "old"));

        delete::<Entity>(&tx, &wanted).await.expect("rows to delete");
        tx.commit().await.expect("a commit");
        assert_eq!(Entity::find().count(&store.reader).await.expect("a count"), 5);
        store.close().await;
    }
}

#[tokio::test]
async fn values_of_every_type_come_back_from_either_database_as_they_were() {
    for engine in Engine::ALL {
        let (_place, store) = stored(engine).await;
        let tx = store.writer.begin().await.expect("a transaction");
        create::<kinds::Entity>(&tx).await.expect("a table");
        let full = kinds::Model {
            id: 1,
            text: Some("quotes \" ' \\ and\nlines, ключ 🗝 {\"$1\": ?}".into()),
            uuid: Some(id(u128::MAX)),
            day: Some("2026-02-28".parse().expect("a day")),
            at: Some("2026-02-28T23:59:59.123456Z".parse().expect("an instant")),
            json: Some(Json(vec!["a \"b\"".into(), String::new()])),
            flag: Some(true),
            number: Some(i64::MIN),
        };
        let empty = kinds::Model { id: 2, ..kinds::Model::default() };
        let rows = [full, empty];
        upsert::<kinds::Entity>(&tx, &rows).await.expect("rows");
        let mut loaded = load::<kinds::Entity, _>(&tx, &[1, 2, 3]).await.expect("rows");
        loaded.sort_unstable_by_key(|row| row.id);
        assert_eq!(loaded, rows, "{engine:?}");
        tx.commit().await.expect("a commit");
        store.close().await;
    }
}

#[tokio::test]
async fn a_replaced_row_keeps_the_columns_that_are_left_out() {
    for engine in Engine::ALL {
        let (_place, store) = stored(engine).await;
        let tx = store.writer.begin().await.expect("a transaction");
        create::<kinds::Entity>(&tx).await.expect("a table");
        index::<kinds::Entity>(&tx, &[paging::index::<kinds::Entity>(&[kinds::Column::Number, kinds::Column::Id])])
            .await
            .expect("an index");
        let row = |text: &str, number| kinds::Model { id: 1, text: Some(text.into()), number: Some(number), ..kinds::Model::default() };
        insert::<kinds::Entity>(&tx, &[row("old", 7)]).await.expect("a row");
        let indexed = indexed::<kinds::Entity>(&[paging::index::<kinds::Entity>(&[kinds::Column::Number, kinds::Column::Id])]);
        assert_eq!(indexed.iter().map(IdenStatic::as_str).collect::<Vec<_>>(), ["number"], "without the key");
        replace::<kinds::Entity>(&tx, &[row("new", 8)], &indexed).await.expect("a row in place of a row");
        assert_eq!(load::<kinds::Entity, _>(&tx, &[1]).await.expect("rows"), [row("new", 7)], "{engine:?}");
        tx.commit().await.expect("a commit");
        store.close().await;
    }
}

#[tokio::test]
async fn queries_cannot_write() {
    let (_place, store) = stored(Engine::Sqlite).await;
    let tx = store.writer.begin().await.expect("a transaction");
    create::<Entity>(&tx).await.expect("a table");
    tx.commit().await.expect("a commit");
    let refused = Entity::delete_many().exec(&store.reader).await.expect_err("a connection that only reads");
    assert!(refused.to_string().contains("readonly"), "{refused}");
}

#[test]
fn chunks_are_powers_of_two_and_leave_nothing_out() {
    let all: Vec<u32> = (0..1000).collect();
    let lengths: Vec<_> = super::cut(&all, 300).map(<[u32]>::len).collect();
    assert_eq!(lengths, [256, 256, 256, 128, 64, 32, 8]);
    assert_eq!(super::cut(&all, 300).flatten().copied().collect::<Vec<_>>(), all);
    assert_eq!(super::cut::<u32>(&[], 300).count(), 0);
}
