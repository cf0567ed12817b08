use domain::{
    Decider,
    environments::environment::{Environment, EnvironmentEvent, Request, TeardownReason},
    kernel::{AccountId, SessionId, WorkshopId},
};

use sea_orm::EntityTrait;

use super::{EnvironmentState as State, Starts, live_by_state, rank, starts_since};
use crate::{
    environments::environments::Entity,
    fixtures::{World, catch_up, digest, id, second},
};

const SESSION: SessionId = SessionId(id(5));

fn requested() -> EnvironmentEvent {
    let (learner, workshop) = (AccountId(id(6)), WorkshopId(id(7)));
    EnvironmentEvent::Requested(Request { session: SESSION, learner, workshop, content: digest("a"), expires_at: second(1000) })
}

#[test]
fn a_percentile_is_the_nearest_rank() {
    assert_eq!(
        [0, 1, 2, 3, 100, 101].map(|count| (rank(count, 50), rank(count, 99))),
        [(0, 0), (0, 0), (0, 1), (1, 2), (49, 98), (50, 99)]
    );
}

#[tokio::test]
async fn environments_are_counted_by_how_it_went() {
    let ready = EnvironmentEvent::Ready { session: SESSION };
    let failed = |reason| EnvironmentEvent::TeardownStarted { session: SESSION, reason };
    let gone = |reason| EnvironmentEvent::TornDown { session: SESSION, reason };
    let (broken, finished) = (TeardownReason::ProvisioningFailed, TeardownReason::SessionFinished);
    let lives = [
        vec![requested()],
        vec![requested(), ready.clone()],
        vec![requested(), ready.clone(), EnvironmentEvent::Lost { session: SESSION }],
        vec![requested(), ready, failed(finished), gone(finished)],
        vec![requested(), failed(broken)],
        vec![requested(), failed(TeardownReason::NoCapacity), gone(TeardownReason::NoCapacity)],
    ];
    let world = World::new().await;
    for (environment, events) in (1..).zip(&lives) {
        world.append(Environment::STREAM, id(environment), events).await;
    }
    let projections = world.open("rows.db", 5).await;
    catch_up(&projections, world.head().await).await;
    let db = projections.db();

    let by_state = [(State::Provisioning, 2), (State::Ready, 1), (State::TearingDown, 1)];
    assert_eq!(live_by_state(db).await.expect("rows"), by_state);
    let starts = starts_since(db, second(0)).await.expect("numbers");
    assert_eq!((starts.ready, starts.failed), (3, 1), "one that was lost was ready once");
    let mut took = took(db).await;
    took.sort_unstable();
    assert_eq!((starts.p50, starts.p99), (Some(took[1]), Some(took[2])));
    assert_eq!(starts_since(db, chrono::Utc::now() + chrono::TimeDelta::days(1)).await.expect("numbers"), Starts::default());
}

/// How long each took that was ready.
async fn took(db: &sea_orm::DatabaseConnection) -> Vec<i64> {
    let rows = Entity::find().all(db).await.expect("rows");
    rows.into_iter().filter_map(|row| row.took).collect()
}
