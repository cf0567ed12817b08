use domain::{
    Decider,
    kernel::{AccountId, WorkshopId},
    workshops::workshop::{Workshop, WorkshopEvent},
};

use super::{Entity, Model, find, page};
use crate::{
    column::Json,
    fixtures::{World, catch_up, digest, id, outline, recorded, rows, second},
};

fn published(version: u32) -> WorkshopEvent {
    WorkshopEvent::Published { version, content: digest("a"), outline: outline(&format!("Docker {version}")) }
}

#[test]
fn each_version_is_a_row_that_stays() {
    let drafted =
        WorkshopEvent::Drafted { author: AccountId(id(9)), slug: "docker".into(), content: digest("a"), outline: outline("Docker") };
    let revised = WorkshopEvent::Revised { revision: 2, content: digest("b"), outline: outline("Docker!") };
    let events = [drafted, published(1), revised, published(2), WorkshopEvent::Archived];
    let events: Vec<_> = (1..).zip(events).map(|(position, event)| recorded(position, id(1), event)).collect();
    let row = |version: i64, at| Model {
        workshop: id(1),
        version,
        content: "a".repeat(64),
        outline: Json(outline(&format!("Docker {version}"))),
        published_at: second(at),
    };
    assert_eq!(rows(&Entity, &events), [row(1, 2), row(2, 4)]);
}

#[tokio::test]
async fn versions_are_listed_latest_first_and_by_workshop() {
    let world = World::new().await;
    world.append(Workshop::STREAM, id(1), &[published(1), published(2), published(3)]).await;
    world.append(Workshop::STREAM, id(2), &[published(1)]).await;
    let projections = world.open_with(vec![Box::new(Entity)], "rows.db", 2).await;
    catch_up(&projections, world.head().await).await;
    let db = projections.db();
    let numbers = |page: &crate::Page<Model>| page.rows.iter().map(|row| row.version).collect::<Vec<_>>();
    let first = page(db, WorkshopId(id(1)), None, 2).await.expect("a page");
    assert_eq!((numbers(&first), first.more), (vec![3, 2], true));
    let second = page(db, WorkshopId(id(1)), Some(2), 2).await.expect("a page");
    assert_eq!((numbers(&second), second.more), (vec![1], false));
    assert!(find(db, WorkshopId(id(2)), 1).await.expect("a query").is_some());
    assert!(find(db, WorkshopId(id(2)), 2).await.expect("a query").is_none());
}
