use sea_orm::{EntityTrait, TransactionTrait};

use super::{Kept, Totals};
use crate::{
    fixtures::{Engine, histories::start, id, recorded, rows, second, stored},
    learning::{learners, sessions},
};
use domain::learning::session::SessionEvent;

/// A row before and after a page.
type Change<R> = (Option<R>, Option<R>);

fn session() -> sessions::Model {
    let started = recorded(1, id(1), SessionEvent::Started(start(1, second(0))));
    rows(&sessions::Entity, &[started]).remove(0)
}

/// The totals after pages of changes.
async fn after(pages: &[&[Change<sessions::Model>]]) -> Vec<learners::Model> {
    let (_place, store) = stored(Engine::Sqlite).await;
    let totals: Box<dyn Totals<sessions::Model>> = Kept::<learners::Entity>::boxed();
    let tx = store.writer.begin().await.expect("a transaction");
    totals.create(&tx).await.expect("a table");
    for changes in pages {
        let mut sum = totals.begin();
        for (before, after) in *changes {
            for (row, times) in before.iter().map(|row| (row, -1)).chain(after.iter().map(|row| (row, 1))) {
                sum.add(row, times);
            }
        }
        sum.write(&tx, false).await.expect("totals");
    }
    learners::Entity::find().all(&tx).await.expect("rows")
}

#[tokio::test]
async fn a_total_follows_rows_that_come_change_and_go() {
    let (first, second) = (session(), sessions::Model { session: id(2), completed: 2, ..session() });
    let more = sessions::Model { completed: 3, ..first.clone() };
    let totals =
        after(&[&[(None, Some(first.clone())), (None, Some(second.clone()))], &[(Some(first), Some(more)), (Some(second), None)]]).await;
    assert_eq!(totals.len(), 1);
    assert_eq!((totals[0].active, totals[0].steps_completed), (1, 3));
}

#[tokio::test]
async fn what_comes_to_nothing_leaves_no_row_however_it_was_cut_into_pages() {
    let row = session();
    assert_eq!(after(&[&[(None, Some(row.clone()))], &[(Some(row.clone()), None)]]).await, []);
    assert_eq!(after(&[&[(None, Some(row.clone())), (Some(row), None)]]).await, []);
}

#[tokio::test]
async fn previews_add_nothing() {
    let preview = sessions::Model { version: None, ..session() };
    assert_eq!(after(&[&[(None, Some(preview))]]).await, []);
}
