//! Asking too often, by whoever is no person who may do anything.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use domain::identity::Role;
use graphql::{Quotas, Rates};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::platform::Platform;

const QUOTA: u32 = 8;
const TYPE: &str = "{ __typename }";
const CREATE: &str = "mutation($input: ServiceAccountCreateInput!) { serviceAccountCreate(input: $input) { token } }";
const PROTECT: &str = "mutation($input: RoleProtectInput!) { roleProtect(input: $input) { errors { code } } }";

async fn status(platform: &Platform, token: &str) -> StatusCode {
    let request = platform.http().bearer_auth(token).json(&json!({ "query": TYPE }));
    request.send().await.expect("an answer").status()
}

/// Sees that somebody is answered, and refused once they have asked too often: soon, since what may be asked grows again meanwhile.
async fn is_counted(platform: &Platform, token: &str) {
    assert_eq!(status(platform, token).await, StatusCode::OK);
    let mut asked = 1;
    while status(platform, token).await != StatusCode::TOO_MANY_REQUESTS {
        asked += 1;
        assert!(asked < 10 * QUOTA, "nobody counts");
    }
    assert!(asked >= QUOTA, "{asked}");
}

#[tokio::test]
async fn programs_and_who_has_yet_to_set_up_a_second_factor_are_counted_as_accounts_are() {
    let quotas = Quotas { account: QUOTA, ..Quotas::default() };
    let platform = Platform::with(|options| options.rates = Arc::new(Rates::new(&quotas))).await;
    let root = platform.person("root", &[Role::Administrator]).await;
    let input = json!({ "name": "nightly reports", "scopes": ["cluster:read"], "expiresAt": Utc::now() + TimeDelta::days(30) });
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let created = platform.data(Some(&root), CREATE, json!({ "input": input })).await;
        tokens.push(created["serviceAccountCreate"]["token"].as_str().expect("a token").to_owned());
    }
    let (ada, bob) = (platform.person("ada", &[Role::Support]).await, platform.person("bob", &[Role::Support]).await);
    let protect = json!({ "input": { "role": "support", "secondFactorRequired": true } });
    assert_eq!(platform.data(Some(&root), PROTECT, protect).await["roleProtect"]["errors"], json!([]));
    assert_eq!(platform.code(Some(&ada), "{ permissions { name } }", Value::Null).await, "SECOND_FACTOR_REQUIRED");
    is_counted(&platform, &tokens[0]).await;
    assert_eq!(status(&platform, &tokens[1]).await, StatusCode::OK, "another is another");
    is_counted(&platform, &bob.token).await;
    assert_eq!(status(&platform, &ada.token).await, StatusCode::OK);
}
