//! What callers are told when something is not as it should be here.

use serde_json::{Value, json};

use crate::platform::{PASSWORD, Platform};

const REGISTER: &str =
    "mutation($input: AccountRegisterInput!) { accountRegister(input: $input) { account { id } errors { code } stale } }";

fn registration(email: &str) -> Value {
    json!({ "input": { "email": email, "displayName": "Ada", "password": PASSWORD } })
}

#[tokio::test]
async fn late_read_models_make_an_answer_stale_and_not_an_error() {
    let platform = Platform::start().await;
    let late = platform.late().await;
    let data = late.data(None, REGISTER, registration("ada@example.org")).await;
    assert_eq!(data["accountRegister"], json!({ "account": null, "errors": [], "stale": true }));
    // It was done: somewhere else it can be read.
    let ada = platform.sign_in("ada@example.org").await;
    assert_eq!(platform.data(Some(&ada), "{ me { id } }", json!({})).await["me"]["id"], ada.id);
    // Roles come from the journal, so that a late node lets in whom it should.
    assert_eq!(late.data(Some(&ada), "{ me { id } }", json!({})).await["me"], Value::Null);
}

#[tokio::test]
async fn what_may_work_later_says_so() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    platform.services.journal.close().await;
    let answer = platform.answer(None, REGISTER, registration("eve@example.org")).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!((&extensions["code"], &extensions["retryable"]), (&json!("UNAVAILABLE"), &json!(true)));
    assert!(extensions["correlationId"].is_string());

    let response = platform.http().bearer_auth(&ada.token).json(&json!({ "query": "{ me { id } }" })).send().await.expect("an answer");
    assert_eq!(response.status(), reqwest::StatusCode::SERVICE_UNAVAILABLE);
    let id = response.headers()["x-request-id"].to_str().expect("text").to_owned();
    let body: Value = response.json().await.expect("JSON");
    assert_eq!(body["errors"][0]["extensions"]["correlationId"], id);
}
