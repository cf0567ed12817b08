mod ahead;

use domain::{
    Decider,
    environments::environment::{Environment, EnvironmentEvent, Failure, Placement, Request, TeardownReason},
    kernel::{AccountId, EnvironmentId, SessionId, WorkshopId},
};

use super::{
    Entity, EnvironmentState as State, Filter, Model, by_node, filtered, find, find_many, latest_of_session, latest_of_sessions, live,
    total,
};
use crate::{
    column::Word,
    fixtures::{World, catch_up, digest, id, recorded, rows, second},
    read_model::{MissingRow, ReadModel},
};

const SESSION: SessionId = SessionId(id(5));

fn requested(session: SessionId) -> EnvironmentEvent {
    let (learner, workshop) = (AccountId(id(6)), WorkshopId(id(7)));
    EnvironmentEvent::Requested(Request { session, learner, workshop, content: digest("a"), expires_at: second(1000) })
}

fn placed(node: &str) -> EnvironmentEvent {
    EnvironmentEvent::Placed(Placement { driver: "sandbox".into(), node: node.into(), reason: "the only one".into() })
}

fn step(attempt: u32) -> EnvironmentEvent {
    EnvironmentEvent::StepStarted { step: "home".into(), attempt }
}

fn failed() -> EnvironmentEvent {
    EnvironmentEvent::StepFailed { step: "home".into(), attempt: 1, failure: Failure::Transient, reason: "no answer".into() }
}

fn succeeded() -> EnvironmentEvent {
    EnvironmentEvent::StepSucceeded { step: "home".into(), attempt: 2 }
}

fn teardown() -> EnvironmentEvent {
    EnvironmentEvent::TeardownStarted { session: SESSION, reason: TeardownReason::SessionFinished }
}

fn torn_down() -> EnvironmentEvent {
    EnvironmentEvent::TornDown { session: SESSION, reason: TeardownReason::SessionFinished }
}

fn stuck() -> EnvironmentEvent {
    EnvironmentEvent::Stuck { session: SESSION, reason: "busy".into() }
}

const fn ready() -> EnvironmentEvent {
    EnvironmentEvent::Ready { session: SESSION }
}

/// The row after a request at position 1 and these.
fn row_after(events: &[EnvironmentEvent]) -> Model {
    let events = [requested(SESSION)].into_iter().chain(events.iter().cloned());
    let events: Vec<_> = (1..).zip(events).map(|(position, event)| recorded(position, id(1), event)).collect();
    rows(&Entity, &events).remove(0)
}

fn blank() -> Model {
    Model {
        environment: id(1),
        session: SESSION.0,
        learner: id(6),
        workshop: id(7),
        state: Word(State::Provisioning),
        driver: None,
        node: None,
        reason: None,
        step: None,
        attempt: None,
        failure: None,
        teardown: None,
        requested: 1,
        requested_at: second(1),
        ready_at: None,
        took: None,
        ended_at: None,
        expires_at: second(1000),
    }
}

fn on(node: &str) -> Model {
    Model { driver: Some("sandbox".into()), node: Some(node.into()), reason: Some("the only one".into()), ..blank() }
}

#[test]
fn an_environment_is_made_step_by_step() {
    let tried = |attempt| Model { step: Some("home".into()), attempt: Some(attempt), ..on("here") };
    assert_eq!(row_after(&[]), blank());
    assert_eq!(row_after(&[placed("here"), step(1)]), tried(1));
    assert_eq!(row_after(&[placed("here"), step(1), failed()]), Model { failure: Some("no answer".into()), ..tried(1) });
    let made = [placed("here"), step(1), failed(), step(2), succeeded(), ready()];
    assert_eq!(row_after(&made[..5]), tried(2), "what went well in the end is no failure");
    assert_eq!(row_after(&made), Model { state: Word(State::Ready), ready_at: Some(second(7)), took: Some(6000), ..tried(2) });
}

#[test]
fn an_environment_that_is_lost_is_as_it_was_when_it_was_asked_for() {
    let lost = EnvironmentEvent::Lost { session: SESSION };
    let again = Model { took: Some(3000), ..blank() };
    assert_eq!(row_after(&[placed("here"), step(1), ready(), lost.clone()]), again);
    let made = [placed("here"), ready(), lost, placed("here"), ready()];
    assert_eq!(row_after(&made).took, Some(2000), "how long it took the first time");
}

#[test]
fn an_environment_goes_and_may_get_stuck_on_the_way() {
    let going = Model { state: Word(State::TearingDown), teardown: Some(Word(TeardownReason::SessionFinished)), ..on("here") };
    assert_eq!(row_after(&[placed("here"), teardown()]), going);
    let held_up = Model { state: Word(State::Stuck), failure: Some("busy".into()), ..going.clone() };
    assert_eq!(row_after(&[placed("here"), teardown(), stuck()]), held_up);
    assert_eq!(row_after(&[placed("here"), teardown(), stuck(), EnvironmentEvent::Resolved]), going);
    let gone = Model { state: Word(State::TornDown), ended_at: Some(second(4)), ..going };
    assert_eq!(row_after(&[placed("here"), teardown(), torn_down()]), gone);
    let skipped = EnvironmentEvent::Skipped { session: SESSION, reason: TeardownReason::SessionFinished };
    let given_up = Model { failure: Some("busy".into()), ended_at: Some(second(5)), ..gone };
    assert_eq!(row_after(&[placed("here"), teardown(), stuck(), skipped]), given_up, "what was wrong with it stays known");
}

#[test]
fn an_environment_that_is_extended_goes_later() {
    let expires_at = second(100);
    assert_eq!(row_after(&[EnvironmentEvent::Extended { expires_at }]), Model { expires_at, ..blank() });
}

#[test]
fn nothing_follows_an_environment_that_was_never_asked_for() {
    for event in [placed("here"), step(1), succeeded(), failed(), ready(), teardown(), torn_down(), stuck(), EnvironmentEvent::Resolved] {
        assert_eq!(Entity.fold(&id(1), None, &recorded(1, id(1), event)), Err(MissingRow));
    }
}

#[tokio::test]
async fn the_one_requested_last_is_the_sessions_and_what_stands_is_listed() {
    let world = World::new().await;
    let other = SessionId(id(50));
    let lives = [
        (9, vec![requested(SESSION), placed("here"), teardown(), torn_down()]),
        (3, vec![requested(SESSION), placed("there"), ready()]),
        (4, vec![requested(other), placed("here"), teardown(), stuck()]),
        (2, vec![requested(SessionId(id(51)))]),
    ];
    for (environment, events) in &lives {
        world.append(Environment::STREAM, id(*environment), events).await;
    }
    let projections = world.open("rows.db", 5).await;
    catch_up(&projections, world.head().await).await;
    let db = projections.db();

    let latest = latest_of_sessions(db, &[SESSION, other, SessionId(id(99))]).await.expect("rows");
    assert_eq!(latest.len(), 2);
    assert_eq!((latest[&SESSION].environment, latest[&other].environment), (id(3), id(4)));
    assert_eq!(latest_of_session(db, SESSION).await.expect("a query").as_ref(), Some(&latest[&SESSION]));
    let numbers = |page: &crate::Page<Model>| page.rows.iter().map(|row| row.environment.as_u128()).collect::<Vec<_>>();
    let first = live(db, None, 2).await.expect("a page");
    assert_eq!((numbers(&first), first.more), (vec![2, 4], true));
    let second = live(db, first.rows.last().map(|row| row.requested), 2).await.expect("a page");
    assert_eq!((numbers(&second), second.more), (vec![3], false));
    assert_eq!(numbers(&by_node(db, "here", None, 5).await.expect("a page")), [4]);
    let all = filtered(db, &Filter::default(), None, 5).await.expect("a page");
    assert_eq!((numbers(&all), total(db, &Filter::default()).await.expect("a number")), (vec![2, 4, 3, 9], 4), "what is gone as well");
    let here = Filter { node: Some("here".into()), state: None };
    assert_eq!(numbers(&filtered(db, &here, None, 5).await.expect("a page")), [4, 9]);
    let gone = Filter { state: Some(State::TornDown), ..here };
    assert_eq!(numbers(&filtered(db, &gone, None, 5).await.expect("a page")), [9]);
    assert!(find(db, EnvironmentId(id(9))).await.expect("a query").is_some());
    assert_eq!(find_many(db, &[EnvironmentId(id(9)), EnvironmentId(id(3))]).await.expect("rows").len(), 2);
}
