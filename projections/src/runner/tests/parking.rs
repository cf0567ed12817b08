use chrono_tz::Tz;
use domain::{
    Decider,
    identity::{
        Role,
        account::{Account, AccountEvent},
        sign_in::{SignIn, SignInEvent},
    },
    kernel::AccountId,
};
use journal::Position;
use sea_orm::EntityTrait;
use serde_json::json;

use super::{
    super::{PAGE, ReadModelStatus},
    fixtures::{self, registered, sign_in_many},
};
use crate::{
    ProjectionError, RebuildOptions,
    fixtures::{World, catch_up, id},
    identity::{accounts, sign_ins},
    projector::Projector,
    rebuild_into, registry,
};

fn parked(status: &[ReadModelStatus]) -> Vec<(&'static str, Position)> {
    status.iter().filter(|status| status.parked.is_some()).map(|status| (status.name, status.position)).collect()
}

fn reason(status: &[ReadModelStatus], name: &str) -> String {
    status.iter().find(|status| status.name == name).and_then(|status| status.parked.clone()).expect("a parked read model")
}

#[tokio::test]
async fn an_event_that_cannot_be_decoded_parks_those_that_read_its_streams_and_nobody_else() {
    let world = World::new().await;
    world.append(Account::STREAM, id(1), &[registered(1)]).await;
    let last_good = sign_in_many(&world, 1..=3).await;
    let bad = world.append_raw(Account::STREAM, id(2), vec![("AccountRegistered".into(), json!({ "Registered": {} }))]).await;
    world.append(Account::STREAM, id(3), &[registered(3)]).await;
    let head = sign_in_many(&world, 4..=6).await;

    let projections = world.open("rows.db", PAGE).await;
    catch_up(&projections, head).await;

    let audit = ["audit_entries", "audit_subjects", "activity"].map(|name| (name, last_good));
    assert_eq!(parked(&projections.status()), [[("accounts", last_good)].as_slice(), &audit].concat());
    let told = reason(&projections.status(), "accounts");
    assert!(told.contains(&format!("event {bad} of account/")) && told.contains("Registered"), "{told}");
    assert!(projections.is_level(), "readiness does not depend on what is parked");
    assert_eq!(accounts::total(projections.db()).await.expect("a query"), 1, "nothing after the event was guessed");
    assert_eq!(sign_ins::open_of(projections.db(), AccountId(id(1))).await.expect("a query").len(), 6);
}

#[tokio::test]
async fn a_missing_row_parks_and_the_reason_outlives_the_process() {
    let world = World::new().await;
    let granted = AccountEvent::RoleRevoked { role: Role::Author.into(), within: None, grants: [Role::Learner].iter().collect() };
    let head = world.append(Account::STREAM, id(1), &[granted]).await;
    let projections = world.open("rows.db", PAGE).await;
    catch_up(&projections, head).await;
    assert_eq!(parked(&projections.status()), [("accounts", Position(0))]);
    let before = reason(&projections.status(), "accounts");
    projections.reload().await.expect("checkpoints");
    assert_eq!(reason(&projections.status(), "accounts"), before, "as it was committed");
    projections.close().await;

    let projections = world.open("rows.db", PAGE).await;
    assert_eq!(parked(&projections.status()), [], "a new process tries again");
    let head = sign_in_many(&world, 1..=2).await;
    catch_up(&projections, head).await;
    assert_eq!(reason(&projections.status(), "accounts"), before);
}

#[tokio::test]
async fn when_all_are_parked_nobody_waits_for_them() {
    let world = World::new().await;
    let granted = AccountEvent::RoleRevoked { role: Role::Author.into(), within: None, grants: [Role::Learner].iter().collect() };
    let head = world.append(Account::STREAM, id(1), &[granted]).await;
    let projections = world.open_with(vec![Box::new(accounts::Entity)], "rows.db", PAGE).await;
    catch_up(&projections, head).await;
    assert_eq!((parked(&projections.status()).len(), projections.is_level()), (1, true));
}

#[tokio::test]
async fn rows_that_the_database_refuses_are_traced_to_the_event_and_the_others_go_on() {
    let world = World::new().await;
    let last_good = sign_in_many(&world, 1..=7).await;
    let head = sign_in_many(&world, 101..=110).await;
    let mut models = registry::read_models(Tz::UTC);
    models.insert(0, Box::new(fixtures::Entity) as Box<dyn Projector>);
    let projections = world.open_with(models, "rows.db", PAGE).await;
    catch_up(&projections, head).await;

    assert_eq!(parked(&projections.status()), [("badges", last_good)]);
    let told = reason(&projections.status(), "badges");
    assert!(told.contains("event 8 of sign_in/") && told.contains("UNIQUE"), "{told}");
    assert_eq!(fixtures::Entity::find().all(projections.db()).await.expect("rows").len(), 7, "all before that event");
    assert_eq!(sign_ins::open_of(projections.db(), AccountId(id(1))).await.expect("a query").len(), 17);
}

#[tokio::test]
async fn a_parked_read_model_that_can_go_on_again_catches_up() {
    let world = World::new().await;
    sign_in_many(&world, 1..=7).await;
    let head = sign_in_many(&world, 101..=101).await;
    let models = || -> Vec<Box<dyn Projector>> { vec![Box::new(sign_ins::Entity), Box::new(fixtures::Entity)] };
    let projections = world.open_with(models(), "rows.db", PAGE).await;
    catch_up(&projections, head).await;
    assert_eq!(parked(&projections.status()), [("badges", Position(7))]);
    // The badge becomes free, as if a fault had been mended.
    fixtures::Entity::delete_by_id(id(1)).exec(&projections.store.writer).await.expect("a row to delete");
    projections.close().await;

    let closed = SignInEvent::Closed { account: AccountId(id(1)) };
    let head = world.append(SignIn::STREAM, id(2), &[closed]).await;
    let projections = world.open_with(models(), "rows.db", 1).await;
    catch_up(&projections, head).await;
    assert_eq!(parked(&projections.status()), []);
    let badges = fixtures::Entity::find().all(projections.db()).await.expect("rows");
    let holders: Vec<_> = badges.iter().map(|row| row.sign_in.as_u128()).collect();
    assert_eq!(holders, [3, 4, 5, 6, 7, 101], "the one closed is deleted, the late one has its badge");
}

#[tokio::test]
async fn a_rebuild_that_is_not_whole_is_an_error() {
    let world = World::new().await;
    world.append_raw(Account::STREAM, id(2), vec![("AccountRegistered".into(), json!({ "Registered": {} }))]).await;
    let rebuilt = rebuild_into(&world.file("anew.db"), world.journal.clone(), RebuildOptions::default()).await;
    assert!(matches!(rebuilt.err(), Some(ProjectionError::Parked { name: "accounts", position: Position(0), .. })));
    assert!(!world.file("anew.db").exists(), "nothing half-built stays");
}
