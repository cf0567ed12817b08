use domain::{
    Decider,
    environments::pool::{Pool, PoolEvent as Did},
    kernel::{EnvironmentId, RunId, WorkshopId},
};

use super::{Entity, Model, find, kept};
use crate::fixtures::{World, catch_up, digest, id, recorded, rows, second};

const ONE: EnvironmentId = EnvironmentId(id(11));

fn stocked() -> Did {
    Did::Stocked { environment: ONE, content: digest("a") }
}

const fn reserved(count: u32, previous: u32) -> Did {
    Did::Reserved { count, previous }
}

const fn needed(total: u32) -> Did {
    Did::Needed { run: RunId(id(21)), count: total, total }
}

#[test]
fn a_pool_is_filled_and_emptied() {
    let claimed = Did::Claimed { environment: ONE };
    let history = [reserved(2, 0), needed(3), stocked(), stocked(), stocked(), claimed, Did::Dropped { environment: ONE }];
    let events: Vec<_> = (1..).zip(history).map(|(position, event)| recorded(position, id(1), event)).collect();
    let expected = Model { workshop: id(1), reserved: 2, needed: 3, stocked: 1, claimed: 1, claimed_at: Some(second(6)) };
    assert_eq!(rows(&Entity, &events), [expected]);
}

#[tokio::test]
async fn pools_that_have_or_should_have_something_are_looked_after() {
    let world = World::new().await;
    let empty = [reserved(1, 0), reserved(0, 1)];
    let left = [reserved(1, 0), stocked(), reserved(0, 1)];
    world.append(Pool::STREAM, id(1), &[reserved(3, 0)]).await;
    world.append(Pool::STREAM, id(2), &empty).await;
    world.append(Pool::STREAM, id(3), &left).await;
    world.append(Pool::STREAM, id(4), &[needed(2)]).await;
    world.append(Pool::STREAM, id(5), &[needed(2), needed(0)]).await;
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, world.head().await).await;
    let db = projections.db();
    let workshops: Vec<_> = kept(db).await.expect("rows").into_iter().map(|row| row.workshop).collect();
    assert_eq!(workshops, [id(1), id(3), id(4)]);
    assert_eq!(find(db, WorkshopId(id(2))).await.expect("readable").map(|row| row.reserved), Some(0));
    assert_eq!(find(db, WorkshopId(id(9))).await.expect("readable"), None);
}
