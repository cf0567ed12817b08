//! Tickets for terminals.

use commands::Request;
use domain::{
    environments::environment::{EnvironmentCommand as Do, Placement},
    identity::Role,
    kernel::EnvironmentId,
};
use serde_json::{Value, json};

use crate::platform::{Platform, content, pages};

const TICKET: &str = "mutation($input: TerminalTicketIssueInput!) { terminalTicketIssue(input: $input) {
    ticket expiresAt url errors { code field message } } }";
const ENVIRONMENT: &str = "query($id: ID!) { session(id: $id) { environment { id state node driver session { id } } } }";

async fn made(platform: &Platform, environment: &str) {
    let id: EnvironmentId = environment.parse().expect("an id");
    let placement = Placement { driver: "sandbox".into(), node: "here".into(), reason: "the only one".into() };
    let environments = &platform.services.commands.environments;
    let place = || Do::Place(placement.clone());
    environments.record(&Request::system("test"), id, place).await.expect("placed");
    environments.record(&Request::system("test"), id, || Do::MarkReady).await.expect("ready");
    platform.level().await;
}

#[tokio::test]
async fn a_ticket_is_for_ones_own_environment_that_is_ready() {
    let platform = Platform::start().await;
    let author = platform.person("author", &[Role::Author, Role::Administrator]).await;
    let learner = platform.person("learner", &[]).await;
    let workshop = platform.workshop(&author, "pipes", content()).await;
    let session = platform.session(&learner, &workshop).await;
    let there = |data: &Value| !data["session"]["environment"].is_null();
    let data = platform.until(&learner, ENVIRONMENT, json!({ "id": session }), there).await;
    assert_eq!(data["session"]["environment"]["state"], "PROVISIONING");
    let id = data["session"]["environment"]["id"].as_str().expect("an id").to_owned();
    let input = json!({ "input": { "environmentId": id } });

    let data = platform.data(Some(&learner), TICKET, input.clone()).await;
    assert_eq!(data["terminalTicketIssue"]["errors"][0]["code"], "WRONG_STATE");
    made(&platform, &id).await;
    let data = platform.data(Some(&learner), TICKET, input.clone()).await;
    let payload = &data["terminalTicketIssue"];
    assert!(payload["ticket"].as_str().is_some_and(|ticket| ticket.starts_with(&learner.id) && ticket.ends_with(&id)));
    assert_eq!(payload["url"], format!("/terminal/{id}"));
    assert!(payload["expiresAt"].is_string());

    // Not even an administrator gets into somebody else's.
    let data = platform.data(Some(&author), TICKET, input.clone()).await;
    let error = &data["terminalTicketIssue"]["errors"][0];
    assert_eq!((&error["code"], &data["terminalTicketIssue"]["ticket"]), (&json!("NOT_FOUND"), &Value::Null));
    let nowhere = json!({ "input": { "environmentId": format!("env_{}", "0".repeat(32)) } });
    let missing = platform.data(Some(&author), TICKET, nowhere).await;
    assert_eq!(&missing["terminalTicketIssue"]["errors"][0], error);
    assert_eq!(platform.code(None, TICKET, input).await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn where_an_environment_is_only_operators_see() {
    let platform = Platform::start().await;
    let author = platform.person("author", &[Role::Author]).await;
    let (learner, admin) = (platform.person("learner", &[]).await, platform.person("root", &[Role::Administrator]).await);
    let workshop = platform.workshop(&author, "pipes", content()).await;
    let session = platform.session(&learner, &workshop).await;
    let variables = json!({ "id": session });
    let data = platform.until(&learner, ENVIRONMENT, variables.clone(), |data| !data["session"]["environment"].is_null()).await;
    let id = data["session"]["environment"]["id"].as_str().expect("an id").to_owned();
    made(&platform, &id).await;
    let seen = async |by| platform.data(Some(by), ENVIRONMENT, variables.clone()).await["session"]["environment"].clone();
    let expected = |node: Value| json!({ "id": id, "state": "READY", "driver": "sandbox", "node": node, "session": { "id": session } });
    assert_eq!(seen(&learner).await, expected(Value::Null));
    assert_eq!(seen(&admin).await, expected(json!("here")));
    let node = platform.data(Some(&author), "query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
    assert_eq!(node["node"], Value::Null);
}

#[tokio::test]
async fn a_workshop_without_an_environment_has_none() {
    let platform = Platform::start().await;
    let author = platform.person("author", &[Role::Author]).await;
    let workshop = platform.workshop(&author, "pages", pages(1)).await;
    let session = platform.session(&author, &workshop).await;
    assert_eq!(platform.data(Some(&author), ENVIRONMENT, json!({ "id": session })).await["session"]["environment"], Value::Null);
}
