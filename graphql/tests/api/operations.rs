//! What operators do about environments, and sessions that take longer.

use commands::Request;
use domain::{
    environments::environment::{EnvironmentCommand as Do, TeardownReason},
    identity::Role,
    kernel::EnvironmentId,
};
use serde_json::{Value, json};

use crate::{
    placement::environment,
    platform::{Person, Platform, content},
};

const EXTEND: &str =
    "mutation($input: SessionExtendInput!) { sessionExtend(input: $input) { session { expiresAt } errors { code field message } } }";

async fn operate(platform: &Platform, by: &Person, mutation: &str, environment: EnvironmentId) -> Value {
    let kind = format!("{}{}", mutation[..1].to_uppercase(), &mutation[1..]);
    let query = format!(
        "mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ environment {{ state failure }} errors {{ code field }} stale }} }}"
    );
    let input = json!({ "input": { "environmentId": environment.to_string() } });
    platform.data(Some(by), &query, input).await[mutation].clone()
}

async fn get_stuck(platform: &Platform, environment: EnvironmentId) {
    let get_stuck = || Do::GetStuck { reason: "a finalizer remains".into() };
    platform.services.commands.environments.record(&Request::system("test"), environment, get_stuck).await.expect("stuck");
}

#[tokio::test]
async fn an_environment_is_forced_down_helped_on_and_given_up() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator, Role::Author]).await;
    let learner = platform.person("ada", &[]).await;
    let workshop = platform.workshop(&admin, "pipes", content()).await;
    let id = environment(&platform, &learner, &workshop).await;
    let went_well =
        |state: &str, failure: Value| json!({ "environment": { "state": state, "failure": failure }, "errors": [], "stale": false });
    let refused = |code: &str| json!({ "environment": null, "errors": [{ "code": code, "field": "environmentId" }], "stale": false });
    assert_eq!(operate(&platform, &admin, "environmentRetry", id).await, refused("WRONG_STATE"));
    assert_eq!(operate(&platform, &admin, "environmentForceTeardown", id).await, went_well("TEARING_DOWN", Value::Null));
    get_stuck(&platform, id).await;
    assert_eq!(operate(&platform, &admin, "environmentForceTeardown", id).await, refused("WRONG_STATE"));
    assert_eq!(operate(&platform, &admin, "environmentRetry", id).await, went_well("TEARING_DOWN", Value::Null));
    get_stuck(&platform, id).await;
    assert_eq!(operate(&platform, &admin, "environmentSkip", id).await, went_well("TORN_DOWN", json!("a finalizer remains")));
    let nowhere = EnvironmentId(uuid::Uuid::nil());
    assert_eq!(operate(&platform, &admin, "environmentSkip", nowhere).await, refused("NOT_FOUND"));
    let state = platform.services.commands.environments.environment(id).await.expect("readable");
    assert!(state.made().is_none(), "{state:?}");

    let input = json!({ "input": { "environmentId": id.to_string() } });
    for mutation in ["environmentRetry", "environmentSkip", "environmentForceTeardown"] {
        let kind = format!("{}{}", mutation[..1].to_uppercase(), &mutation[1..]);
        let query = format!("mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ stale }} }}");
        for (somebody, code) in [(Some(&learner), "FORBIDDEN"), (None, "UNAUTHENTICATED")] {
            assert_eq!(platform.code(somebody, &query, input.clone()).await, code, "{mutation}");
        }
    }
}

#[tokio::test]
async fn a_session_takes_longer_within_its_workshops_overtime() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator, Role::Author]).await;
    let (learner, stranger) = (platform.person("ada", &[]).await, platform.person("eve", &[]).await);
    let mut longer = content();
    longer["environment"]["kubernetes"] = json!({ "overtimeMinutes": 30 });
    let workshop = platform.workshop(&admin, "pipes", longer).await;
    let session = platform.session(&learner, &workshop).await;
    let expires = "query($id: ID!) { session(id: $id) { expiresAt environment { expiresAt } } }";
    let there = |data: &Value| !data["session"]["environment"].is_null();
    let before = platform.until(&learner, expires, json!({ "id": session }), there).await["session"]["expiresAt"].clone();
    let extend = async |by: &Person, minutes: u32| {
        let input = json!({ "input": { "sessionId": session, "minutes": minutes } });
        platform.data(Some(by), EXTEND, input).await["sessionExtend"].clone()
    };
    assert_eq!(extend(&stranger, 1).await["errors"][0]["code"], "NOT_FOUND");
    let refused = extend(&learner, 31).await;
    let message = "expected from 1 to 30 minutes, by which the session can be extended yet";
    assert_eq!(refused["errors"], json!([{ "code": "EXTENSION_INVALID", "field": "minutes", "message": message }]));
    let after = extend(&learner, 30).await["session"]["expiresAt"].clone();
    assert_ne!(after, before);
    let together = |data: &Value| data["session"]["environment"]["expiresAt"] == after && data["session"]["expiresAt"] == after;
    platform.until(&learner, expires, json!({ "id": session }), together).await;
    assert_eq!(extend(&learner, 1).await["errors"][0]["code"], "EXTENSION_INVALID");
    assert_eq!(extend(&admin, 60).await["errors"], json!([]));
    let forced = || Do::BeginTeardown { reason: TeardownReason::Forced };
    let id = platform.data(Some(&learner), "query($id: ID!) { session(id: $id) { environment { id } } }", json!({ "id": session })).await;
    let id: EnvironmentId = id["session"]["environment"]["id"].as_str().expect("an id").parse().expect("an id");
    platform.services.commands.environments.record(&Request::system("test"), id, forced).await.expect("begun");
    assert_eq!(extend(&admin, 60).await["errors"], json!([]), "a session goes on without its environment");
}
