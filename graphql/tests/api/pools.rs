//! Environments that are made ahead of their sessions.

use chrono::TimeDelta;
use commands::{Accepted, Outcome, Request};
use domain::{
    environments::environment::{EnvironmentCommand as Do, Placement},
    identity::Role,
    kernel::{EnvironmentId, RunId, WorkshopId},
    workshops::workshop::Workshop,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::platform::{Person, Platform, content};

const POOL: &str = "query($id: ID!) { environmentPool(workshopId: $id) { workshop { id } reserved ready preparing claimed claimedAt } }";
const RESERVE: &str = "mutation($input: EnvironmentPoolReserveInput!) { environmentPoolReserve(input: $input) {
    pool { reserved } errors { code field message } stale } }";

/// Has one made ahead, as far as it should be.
async fn ahead(platform: &Platform, workshop: &str, is_ready: bool) -> EnvironmentId {
    let (request, id): (_, WorkshopId) = (Request::system("test"), workshop.parse().expect("an id"));
    let commands = &platform.services.commands;
    let Workshop::Live(live) = commands.workshops.workshop(id).await.expect("readable") else { panic!("it is there") };
    let content = live.published.expect("it is published").1.content;
    let stocked = commands.environments.stock(&request, id, &content, 9, TimeDelta::hours(1)).await;
    let Ok(Outcome::Accepted(Accepted { value: environment, .. })) = stocked else { panic!("{stocked:?}") };
    let placed = || Do::Place(Placement { driver: "sandbox".into(), node: "here".into(), reason: "the only one".into() });
    commands.environments.record(&request, environment, placed).await.expect("placed");
    if is_ready {
        commands.environments.record(&request, environment, || Do::MarkReady).await.expect("ready");
    }
    environment
}

async fn reserve(platform: &Platform, by: &Person, workshop: &str, count: u32) -> Value {
    let input = json!({ "input": { "workshopId": workshop, "count": count } });
    platform.data(Some(by), RESERVE, input).await["environmentPoolReserve"].clone()
}

#[tokio::test]
async fn administrators_say_how_many_are_made_ahead_and_see_what_there_is() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator, Role::Author]).await;
    let learner = platform.person("ada", &[]).await;
    let workshop = platform.workshop(&admin, "pipes", content()).await;
    let pool = async || {
        platform.level().await;
        platform.data(Some(&admin), POOL, json!({ "id": workshop })).await["environmentPool"].clone()
    };
    let none = json!({ "workshop": { "id": workshop }, "reserved": 0, "ready": 0, "preparing": 0, "claimed": 0, "claimedAt": null });
    assert_eq!(pool().await, none);
    assert_eq!(reserve(&platform, &admin, &workshop, 2).await, json!({ "pool": { "reserved": 2 }, "errors": [], "stale": false }));
    let message = "expected at most 50 environments that are made ahead";
    let refused = json!([{ "code": "POOL_TOO_LARGE", "field": "count", "message": message }]);
    assert_eq!(reserve(&platform, &admin, &workshop, 51).await["errors"], refused);

    let (ready, _) = (ahead(&platform, &workshop, true).await, ahead(&platform, &workshop, false).await);
    let now = pool().await;
    assert_eq!((&now["reserved"], &now["ready"], &now["preparing"]), (&json!(2), &json!(1), &json!(1)), "{now}");
    let unseen = platform.data(Some(&learner), "query($id: ID!) { environment(id: $id) { id } }", json!({ "id": ready.to_string() })).await;
    assert_eq!(unseen["environment"], Value::Null, "it is nobody's");
    let session = platform.session(&learner, &workshop).await;
    platform.level().await;
    let query = "query($id: ID!) { session(id: $id) { environment { id state } } }";
    let given = platform.data(Some(&learner), query, json!({ "id": session })).await["session"]["environment"].clone();
    assert_eq!(given, json!({ "id": ready.to_string(), "state": "PROVISIONING" }));
    let now = pool().await;
    assert_eq!((&now["ready"], &now["preparing"], &now["claimed"]), (&json!(0), &json!(1), &json!(1)), "{now}");
    assert!(now["claimedAt"].is_string(), "{now}");
}

#[tokio::test]
async fn pools_are_for_administrators_and_of_workshops_that_are_there() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    let author = platform.person("grace", &[Role::Author]).await;
    let workshop = platform.workshop(&author, "pipes", content()).await;
    let input = json!({ "input": { "workshopId": workshop, "count": 1 } });
    for (somebody, code) in [(Some(&author), "FORBIDDEN"), (None, "UNAUTHENTICATED")] {
        assert_eq!(platform.code(somebody, RESERVE, input.clone()).await, code);
        assert_eq!(platform.code(somebody, POOL, json!({ "id": workshop })).await, code);
    }
    let nowhere = WorkshopId(uuid::Uuid::nil()).to_string();
    let refused = reserve(&platform, &admin, &nowhere, 1).await;
    assert_eq!((&refused["pool"], &refused["errors"][0]["code"]), (&Value::Null, &json!("WORKSHOP_NOT_FOUND")));
    assert_eq!(platform.data(Some(&admin), POOL, json!({ "id": nowhere })).await["environmentPool"], Value::Null);
    assert_eq!(platform.code(Some(&admin), POOL, json!({ "id": "env_1" })).await, "BAD_USER_INPUT");
}

#[tokio::test]
async fn what_runs_need_is_shown_beside_what_is_reserved() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator, Role::Author]).await;
    let workshop = platform.workshop(&admin, "pipes", content()).await;
    let (id, run): (WorkshopId, _) = (workshop.parse().expect("an id"), RunId(Uuid::now_v7()));
    let needed = platform.services.commands.environments.need(&Request::system("test"), id, run, 3).await;
    assert!(matches!(needed, Ok(Outcome::Accepted(_))));
    platform.level().await;
    let query = "query($id: ID!) { environmentPool(workshopId: $id) { reserved needed } }";
    let data = platform.data(Some(&admin), query, json!({ "id": workshop })).await;
    assert_eq!(data["environmentPool"], json!({ "reserved": 0, "needed": 3 }));
}
