//! Environments that are made ahead of their sessions.

use domain::{
    Decider,
    environments::environment::{Environment, EnvironmentEvent as Did, Preparation, Request, TeardownReason},
    kernel::{AccountId, Timestamp, WorkshopId},
};

use super::{Entity, Model, SESSION, State, blank, ready, requested};
use crate::{
    column::Word,
    environments::environments::{Ahead, NOBODY, ahead, starts_since, waiting_before},
    fixtures::{World, catch_up, digest, id, recorded, rows, second},
};

fn prepared() -> Did {
    Did::Prepared(Preparation { session: SESSION, workshop: WorkshopId(id(7)), content: digest("a"), expires_at: second(500) })
}

fn claimed() -> Did {
    let (learner, workshop) = (AccountId(id(6)), WorkshopId(id(7)));
    Did::Claimed(Request { session: SESSION, learner, workshop, content: digest("a"), expires_at: second(1000) })
}

fn row_after(events: &[Did]) -> Model {
    let events: Vec<_> = (1..).zip(events.iter().cloned()).map(|(position, event)| recorded(position, id(1), event)).collect();
    rows(&Entity, &events).remove(0)
}

#[test]
fn for_its_learner_it_begins_when_it_is_taken() {
    let nobodys = Model { learner: NOBODY, expires_at: second(500), ..blank() };
    assert_eq!(row_after(&[prepared()]), nobodys);
    let made = Model { state: Word(State::Ready), ready_at: Some(second(2)), took: Some(1000), ..nobodys };
    assert_eq!(row_after(&[prepared(), ready()]), made);
    let taken = Model { requested: 3, requested_at: second(3), ..blank() };
    assert_eq!(row_after(&[prepared(), ready(), claimed()]), taken);
    let again = Model { state: Word(State::Ready), ready_at: Some(second(4)), took: Some(1000), ..taken };
    assert_eq!(row_after(&[prepared(), ready(), claimed(), ready()]), again);
}

#[tokio::test]
async fn those_that_are_nobodys_are_counted_apart() {
    let world = World::new().await;
    let (lost, reason) = (Did::Lost { session: SESSION }, TeardownReason::ProvisioningFailed);
    let failed = [prepared(), Did::TeardownStarted { session: SESSION, reason }, Did::TornDown { session: SESSION, reason }];
    let histories = [
        vec![prepared()],
        vec![prepared(), ready()],
        vec![prepared(), ready(), lost],
        vec![prepared(), ready(), claimed(), ready()],
        failed.to_vec(),
        vec![requested(SESSION)],
    ];
    for (number, events) in (1..).zip(histories) {
        world.append(Environment::STREAM, id(number), &events).await;
    }
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, world.head().await).await;
    let db = projections.db();
    assert_eq!(ahead(db, WorkshopId(id(7))).await.expect("counted"), Ahead { preparing: 2, ready: 1 });
    assert_eq!(ahead(db, WorkshopId(id(8))).await.expect("counted"), Ahead::default());
    assert_eq!(waiting_before(db, i64::MAX).await.expect("counted"), 1);
    let starts = starts_since(db, Timestamp::UNIX_EPOCH).await.expect("counted");
    assert_eq!((starts.ready, starts.failed), (1, 0), "only what sessions have asked for");
}
