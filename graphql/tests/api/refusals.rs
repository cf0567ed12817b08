//! Refusals are found in the audit whatever else was recorded of a request, and though nobody waited to hear of them.

use std::time::Duration;

use commands::{Accepted, Outcome, Request, identity::ImportedAccount};
use domain::identity::Role;
use graphql::Services;
use serde_json::{Value, json};

use crate::{
    audit::found,
    platform::{Person, Platform},
    socket::Socket,
};

const SUSPEND: &str = "mutation($input: AccountSuspendInput!) { accountSuspend(input: $input) { errors { code } } }";
const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { errors { code } } }";
const REVISE_AND_GUESS: &str = "mutation($profile: ProfileReviseInput!, $guess: SignInInput!) {
    profileRevise(input: $profile) { errors { code } } guess: signIn(input: $guess) { errors { code } } }";

const IMPORTED: &str = "an imported horse";
/// Of bcrypt, of that password.
const HASH: &str = "$2b$10$BWS5govEAZq28EZATib6TOmvyuNyMVNdKc8P6o64T8AQKw6jxVES6";

fn told(entries: &[Value]) -> Vec<Value> {
    entries.iter().map(|entry| json!([entry["action"], entry["outcome"], entry["reason"]])).collect()
}

#[tokio::test]
async fn who_is_refused_though_their_password_was_hashed_anew_is_found() {
    let platform = Platform::start().await;
    let root = platform.person("root", &[Role::Administrator]).await;
    let (email, display_name) = ("ada@example.org".to_owned(), "Ada".to_owned());
    let account = ImportedAccount { email: email.clone(), display_name, password_hash: HASH.into() };
    let imported = platform.services.commands.identity.import_account(&Request::system("test"), account).await;
    let Ok(Outcome::Accepted(Accepted { value: ada, .. })) = imported else { panic!("it was not imported") };
    let ada = ada.to_string();
    let suspended = platform.data(Some(&root), SUSPEND, json!({ "input": { "accountId": ada, "reason": "shared with others" } })).await;
    assert_eq!(suspended["accountSuspend"]["errors"], json!([]));
    let refused = platform.data(None, SIGN_IN, json!({ "input": { "email": email, "password": IMPORTED } })).await;
    assert_eq!(refused["signIn"]["errors"], json!([{ "code": "SUSPENDED" }]));

    for (action, expected) in [
        ("passwordRehash", json!(["passwordRehash", "ACCEPTED", null])),
        ("signIn", json!(["signIn", "REFUSED", "SUSPENDED"])),
        ("accountSuspend", json!(["accountSuspend", "ACCEPTED", null])),
    ] {
        assert_eq!(told(&found(&platform, &root, json!({ "subject": ada, "action": action })).await), [expected]);
    }
}

/// A node whose read models have seen nothing and will not: who changes something there waits a minute for the answer.
async fn slow(platform: &Platform) -> Platform {
    let late = platform.late().await;
    let services = Services { settings: platform.services.settings.clone(), ..late.services.clone() };
    platform.beside(services, late.directory).await
}

/// Waits until somebody is called so.
async fn called(platform: &Platform, person: &Person, name: &str) {
    platform.until(person, "{ me { displayName } }", json!({}), |data| data["me"]["displayName"] == name).await;
}

/// What the audit has of somebody's guesses, once it has so many.
async fn guesses(platform: &Platform, root: &Person, by: &Person, count: usize) -> Vec<Value> {
    let noted = async {
        loop {
            let entries = found(platform, root, json!({ "actor": by.id, "action": "signIn", "outcome": "REFUSED" })).await;
            if entries.len() >= count {
                return entries;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), noted).await.expect("so many notes")
}

#[tokio::test]
async fn who_goes_before_they_are_answered_is_found_with_what_was_not_recorded() {
    let platform = Platform::start().await;
    let (ada, root) = (platform.person("ada", &[]).await, platform.person("root", &[Role::Administrator]).await);
    let slow = slow(&platform).await;
    let asked = |name: &str| json!({ "profile": { "displayName": name }, "guess": { "email": root.email, "password": "a guess" } });
    let gone = json!(["signIn", "REFUSED", "GONE"]);

    let body = json!({ "query": REVISE_AND_GUESS, "variables": asked("Ada by HTTP") });
    let waiting = tokio::spawn(slow.http().bearer_auth(&ada.token).json(&body).send());
    called(&platform, &ada, "Ada by HTTP").await;
    waiting.abort();
    assert_eq!(told(&guesses(&platform, &root, &ada, 1).await), std::slice::from_ref(&gone));

    let mut socket = Socket::of(&slow, &ada).await;
    socket.subscribe("1", REVISE_AND_GUESS, asked("Ada by socket")).await;
    called(&platform, &ada, "Ada by socket").await;
    socket.say(json!({ "type": "complete", "id": "1" })).await;
    assert_eq!(told(&guesses(&platform, &root, &ada, 2).await), [gone.clone(), gone]);

    let revised = found(&platform, &root, json!({ "actor": ada.id, "action": "profileRevise" })).await;
    let done = json!(["profileRevise", "ACCEPTED", null]);
    assert_eq!(told(&revised), [done.clone(), done], "its events tell of it");
}
