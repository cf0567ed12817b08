//! What roles ask of those who hold them.

use commands::{Outcome, Request, identity::ProtectionChange};
use domain::identity::{AnyRole, Role};
use serde_json::{Value, json};

use crate::{
    platform::{PASSWORD, Person, Platform},
    second_factor::{CONFIRM, ENROLL, shown},
    socket::Socket,
};

const PROTECT: &str = "mutation($input: RoleProtectInput!) { roleProtect(input: $input) {
    protection { role secondFactorRequired networks } errors { code field } } }";
const PROTECTIONS: &str = "{ roleProtections { role secondFactorRequired networks } }";
const RESET: &str = "mutation($input: SecondFactorResetInput!) { secondFactorReset(input: $input) {
    account { hasSecondFactor } errors { code field } } }";
const EVENTS: &str = "subscription { events { __typename } }";
const CLUSTERS: &str = "{ clusters { edges { cursor } } }";

/// As a part of the program does it, from nowhere.
async fn confine(platform: &Platform, role: Role, networks: &[&str]) {
    let change = ProtectionChange { second_factor: None, networks: Some(networks.iter().map(|text| (*text).to_owned()).collect()) };
    let outcome = platform.services.commands.identity.protect_role(&Request::system("test"), AnyRole::from(role), change).await;
    assert!(matches!(outcome, Ok(Outcome::Accepted(_))));
}

/// The recovery codes of who has turned a second factor on.
async fn enroll(platform: &Platform, person: &Person) -> Value {
    let data = platform.data(Some(person), ENROLL, json!({ "p": PASSWORD })).await;
    let secret = data["totpEnroll"]["secret"].as_str().unwrap_or_else(|| panic!("{data}"));
    let data = platform.data(Some(person), CONFIRM, json!({ "c": shown(secret) })).await;
    assert_eq!(data["totpConfirm"]["errors"], json!([]));
    data["totpConfirm"]["recoveryCodes"].clone()
}

#[tokio::test]
async fn a_role_is_told_to_need_a_second_factor_and_who_holds_it_is_told_so() {
    let platform = Platform::start().await;
    let (ada, root) = (platform.person("ada", &[Role::Author]).await, platform.person("root", &[Role::Administrator]).await);
    let input = json!({ "input": { "role": "author", "secondFactorRequired": true } });
    let data = platform.data(Some(&root), PROTECT, input).await;
    let expected = json!({ "role": "author", "secondFactorRequired": true, "networks": [] });
    assert_eq!(data["roleProtect"], json!({ "protection": expected, "errors": [] }));
    let listed = platform.data(Some(&root), PROTECTIONS, Value::Null).await;
    assert!(listed["roleProtections"].as_array().expect("a list").contains(&expected), "{listed}");
    for query in ["{ me { id } }", "{ permissions { name } }", "{ accessTokens { edges { cursor } } }", "{ sessions { edges { cursor } } }"]
    {
        assert_eq!(platform.code(Some(&ada), query, Value::Null).await, "SECOND_FACTOR_REQUIRED", "{query}");
    }
    let mut socket = Socket::of(&platform, &ada).await;
    socket.subscribe("1", "subscription { leaderboardChanged(period: ALL) { __typename } }", Value::Null).await;
    let refused = socket.hear().await;
    assert!(refused.to_string().contains("SECOND_FACTOR_REQUIRED"), "{refused}");
    enroll(&platform, &ada).await;
    assert_eq!(platform.data(Some(&ada), "{ me { hasSecondFactor } }", Value::Null).await["me"]["hasSecondFactor"], true);
}

#[tokio::test]
async fn a_sign_in_from_before_the_factor_shows_a_code_itself() {
    let platform = Platform::start().await;
    let (ada, root) = (platform.person("ada", &[Role::Author]).await, platform.person("root", &[Role::Administrator]).await);
    let before = platform.sign_in(&ada.email).await;
    let input = json!({ "input": { "role": "author", "secondFactorRequired": true } });
    platform.data(Some(&root), PROTECT, input).await;
    let codes = enroll(&platform, &ada).await;
    let me = "{ me { hasSecondFactor } }";
    assert_eq!(platform.data(Some(&ada), me, Value::Null).await["me"]["hasSecondFactor"], true);
    assert_eq!(platform.code(Some(&before), me, Value::Null).await, "SECOND_FACTOR_REQUIRED");
    let step_up = "mutation($input: StepUpInput!) { stepUp(input: $input) { errors { code } } }";
    let shown = json!({ "input": { "currentPassword": PASSWORD, "code": codes[0] } });
    assert_eq!(platform.data(Some(&before), step_up, shown).await["stepUp"]["errors"], json!([]));
    assert_eq!(platform.data(Some(&before), me, Value::Null).await["me"]["hasSecondFactor"], true);
}

#[tokio::test]
async fn a_role_permits_nothing_from_elsewhere_on_sockets_that_are_open_too() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[Role::Analyst, Role::Administrator]).await;
    let mut socket = Socket::of(&platform, &ada).await;
    socket.subscribe("1", EVENTS, Value::Null).await;
    confine(&platform, Role::Administrator, &["10.0.0.0/8"]).await;
    assert_eq!(platform.code(Some(&ada), CLUSTERS, Value::Null).await, "NETWORK_NOT_ALLOWED");
    confine(&platform, Role::Analyst, &["10.0.0.0/8"]).await;
    let mut heard = socket.hear().await;
    while heard["type"] == "next" && heard["payload"]["errors"].is_null() {
        heard = socket.hear().await;
    }
    assert!(heard.to_string().contains("NETWORK_NOT_ALLOWED") && !heard.to_string().contains("10.0"), "{heard}");
    confine(&platform, Role::Administrator, &["10.0.0.0/8", "127.0.0.0/8"]).await;
    platform.data(Some(&ada), CLUSTERS, Value::Null).await;
}

#[tokio::test]
async fn administrators_do_not_shut_themselves_out_and_bad_networks_are_told() {
    let platform = Platform::start().await;
    let root = platform.person("root", &[Role::Administrator]).await;
    let input = |networks: Value| json!({ "input": { "role": "administrator", "networks": networks } });
    for (networks, code) in [(json!(["10.0.0.0/8"]), "NETWORKS_EXCLUDE_YOU"), (json!(["the office"]), "NETWORKS_INVALID")] {
        let data = platform.data(Some(&root), PROTECT, input(networks)).await;
        assert_eq!(data["roleProtect"], json!({ "protection": null, "errors": [{ "code": code, "field": "networks" }] }));
    }
    let data = platform.data(Some(&root), PROTECT, input(json!(["127.0.0.1"]))).await;
    assert_eq!(data["roleProtect"]["protection"]["networks"], json!(["127.0.0.1/32"]));
}

#[tokio::test]
async fn an_administrator_turns_off_what_somebody_has_lost() {
    let platform = Platform::start().await;
    let (ada, root) = (platform.person("ada", &[]).await, platform.person("root", &[Role::Administrator]).await);
    enroll(&platform, &ada).await;
    let mut socket = Socket::of(&platform, &ada).await;
    let input = json!({ "input": { "accountId": ada.id, "reason": "lost their telephone" } });
    assert_eq!(platform.code(Some(&ada), RESET, input.clone()).await, "FORBIDDEN");
    let data = platform.data(Some(&root), RESET, input.clone()).await;
    assert_eq!(data["secondFactorReset"], json!({ "account": { "hasSecondFactor": false }, "errors": [] }));
    assert_eq!(socket.closed().await, 4403);
    platform.sign_in(&ada.email).await;
    let again = platform.data(Some(&root), RESET, input).await;
    assert_eq!(again["secondFactorReset"]["errors"][0]["code"], "SECOND_FACTOR_OFF");
}
